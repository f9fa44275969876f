import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import { giveCoupon } from './stories.ts'

test('shows the raw traffic both ways: filtered, opened, copied, without secrets', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await giveCoupon(ada)
  const traffic = await ada.tool('Traffic')
  const entries = traffic.locator('summary')
  await traffic.getByLabel('Filter by text').fill('views.OPEN')
  await expect
    .poll(() => entries.allInnerTexts())
    .toEqual([expect.stringMatching(/^← app\s+views\.open.*200.*ms$/s)])
  await traffic
    .getByRole('status')
    .getByText(/^1 of \d+$/)
    .waitFor()
  await entries.click()
  await traffic.getByText('Answered').waitFor()
  await traffic.locator('pre').first().getByText('"trigger_id"').waitFor()
  await traffic.getByRole('button', { name: 'Copy' }).first().click()
  await traffic.getByRole('button', { name: 'Copied' }).waitFor()
  const copied = JSON.parse(await ada.page.evaluate(() => navigator.clipboard.readText()))
  expect(copied).toMatchObject({ trigger_id: expect.any(String), view: expect.anything() })

  await traffic.getByLabel('Filter by text').fill('')
  await traffic.getByLabel('Kind').selectOption('command')
  await expect.poll(() => entries.allInnerTexts()).toEqual([expect.stringContaining('/withdraw-coupon')])
  const page = await ada.page.content()
  for (const secret of [world.slack.botToken, world.slack.appToken, world.slack.signingSecret])
    expect(page).not.toContain(secret)
})

test('shows a failed delivery as failed, with the fault that was switched on', async ({ open }) => {
  const world = await startDesk({ transport: 'http' })
  const ada = await open(world, 'U0AGENT1')
  const faults = await ada.tool('Slack faults')
  await faults.getByRole('button', { name: 'Unsigned' }).click()
  await faults.getByText('unsigned × 1').waitFor()
  await ada.command('help')
  await ada.page
    .getByRole('alert')
    .getByText('/withdraw-coupon failed with the error "dispatch_failed"')
    .waitFor()
  const traffic = await ada.tool('Traffic')
  await traffic.getByLabel('failed only').check()
  await expect
    .poll(() => traffic.locator('summary').allInnerTexts())
    .toEqual([expect.stringMatching(/→ app\s+\/withdraw-coupon.*unsigned.*401/s)])
  await ada.command('help')
  await ada.message('What you can do here').waitFor()
})
