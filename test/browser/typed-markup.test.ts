import { expect, vi } from 'vitest'
import { startDesk, test } from './desk.ts'
import type { Sitting } from './sitting.ts'
import { englishPolicy, OPENID } from './stories.ts'

const MARKUP = `<img src=x onerror=window.ran=1><script>window.ran=1</script>"'>&amp;`

test('draws markup as text that people type as a message, a command, an openid or a note', async ({
  open,
}) => {
  const world = await startDesk({ policy: englishPolicy })
  const [ada, lea] = [await open(world, 'U0AGENT1'), await open(world, 'U0LEAD1')]
  await ada.say(MARKUP)
  for (const one of [ada, lea]) await one.message(MARKUP).waitFor()
  await ada.say(`/${MARKUP}`)
  await ada.page.getByRole('alert').getByText('is not a valid command').waitFor()
  await ada.command(MARKUP)
  await ada.message('Only visible to you', '<img').waitFor()
  await ada.command('send')
  await ada.fill({
    'User’s openid': MARKUP,
    Coupon: '50',
    Reason: 'Apology',
    Note: MARKUP,
    Ticket: MARKUP,
  })
  // What was chosen before draws the form anew, maybe only after the press: then one presses again.
  await vi.waitFor(
    async () => {
      await ada.press('Submit')
      await ada.modal
        .getByRole('alert')
        .getByText('This has a space at position 4')
        .waitFor({ timeout: 5000 })
    },
    { timeout: 60_000 },
  )
  await ada.fill({ 'User’s openid': OPENID, Ticket: 'SUP-12' })
  await ada.press('Ask for approval')
  await ada.modal.getByText('Nothing is issued until it is approved').waitFor()
  await lea.go('coupon-approvals')
  await lea.message('Waiting for approval', MARKUP).waitFor()
  await lea.press('Reject…', { on: lea.message('Waiting for approval') })
  await lea.fill({ 'In your own words': MARKUP })
  await lea.press('Reject')
  await lea.message('Rejected by @Lea', MARKUP).waitFor()
  for (const one of [ada, lea]) await ranNothing(one)
})

test('makes links only of addresses that lead elsewhere, and marks nothing as a mention that is typed', async ({
  open,
}) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.say(
    'see https://example.com/?q="><img/src=x/onerror=window.ran=1> and <javascript:window.ran=1|this> <@U0LEAD1> <!channel>',
  )
  const said = ada.message('see https://example.com/')
  await said.getByText('<javascript:window.ran=1|this> <@U0LEAD1> <!channel>').waitFor()
  expect(await said.locator('.mention').count()).toBe(0)
  for (const link of await said.getByRole('link').all())
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/example\.com\//)

  const posted = await fetch(new URL('chat.postMessage', world.slack.apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${world.slack.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      channel: 'C0SUPPORT',
      text: 'From the app <javascript:window.ran=1|free coupons> <data:text/html,x|more> <https://example.com/a|a page>',
    }),
  })
  expect(await posted.json()).toMatchObject({ ok: true })
  const message = ada.message('From the app')
  await message.waitFor()
  expect(await message.getByRole('link').allTextContents()).toEqual(['a page'])
  expect(await message.getByRole('link').getAttribute('rel')).toBe('noopener noreferrer')
  await ranNothing(ada)
})

async function ranNothing({ page }: Sitting): Promise<void> {
  expect(await page.evaluate(() => 'ran' in window)).toBe(false)
  expect(await page.locator('body :is(img, iframe, object, script, style, [onerror])').count()).toBe(0)
}
