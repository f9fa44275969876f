import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import type { Sitting } from './sitting.ts'
import { asked, englishPolicy, OPENID } from './stories.ts'

test('gives a coupon by the keyboard alone, in a form that comes late', async ({ open }) => {
  const world = await startDesk()
  // So that something else stands where the form will be.
  world.slack.fault({ name: 'web_api_hang', method: 'users.info' })
  const ada = await open(world, 'U0AGENT1')
  const { keyboard } = ada.page
  await tabTo(ada, 'Message #support, or / for a command')
  await keyboard.type('/w')
  await ada.page.getByRole('option', { name: '/withdraw-coupon' }).waitFor()
  await keyboard.press('Tab')
  await keyboard.type('send')
  await keyboard.press('Enter')
  const first = ada.field('User’s openid')
  await expect.poll(() => first.evaluate((field) => field === document.activeElement)).toBe(true)
  await keyboard.type(OPENID)
  await tabTo(ada, 'Coupon')
  await keyboard.type('¥10')
  await ada.page.getByRole('option', { name: '¥10' }).waitFor()
  await keyboard.press('Enter')
  await tabTo(ada, 'Reason')
  await keyboard.press('ArrowDown')
  await ada.page.getByRole('option', { name: 'Outage' }).waitFor()
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  expect(await ada.field('Reason').inputValue()).toBe('Apology')
  await ada.modal.getByRole('button', { name: 'Give coupon' }).waitFor()
  await tabTo(ada, 'Give coupon')
  await keyboard.press('Enter')
  await ada.modal.getByText('To pass on to the user:').waitFor()
  await keyboard.press('Escape')
  await ada.modal.waitFor({ state: 'hidden' })
  await ada.page.getByRole('link', { name: 'Withdraw Coupon 1 unread' }).waitFor()
  await tabTo(ada, 'Withdraw Coupon 1 unread')
  await keyboard.press('Enter')
  await ada.message('Issued · ¥10 · oUpF…jWeS6o').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test('approves by the keyboard alone; Esc says no', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const { keyboard } = lea.page
  const question = lea.page.getByRole('alertdialog', { name: 'Approve?' })
  await lea.message('Waiting for approval').waitFor()
  await tabTo(lea, 'Approve')
  await keyboard.press('Enter')
  await question.waitFor()
  await keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  expect(await focused(lea)).toBe('Approve')
  // Before the browser has told that the first question is closed, which it does a little later.
  await lea.page.evaluate(() => {
    const approve = document.activeElement as HTMLButtonElement
    approve.click()
    document.querySelector<HTMLDialogElement>('dialog.confirm')?.close()
    approve.click()
  })
  await question.waitFor()
  await keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  expect(await focused(lea)).toBe('Approve')
  await keyboard.press('Space')
  await question.waitFor()
  await keyboard.press('Enter')
  await lea.message('Issued', 'approved by @Lea').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test('closes the list of a select by Esc, and the form by the next', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  const { keyboard } = ada.page
  await ada.command('send')
  await ada.modal.waitFor()
  await tabTo(ada, 'Coupon')
  await keyboard.press('ArrowDown')
  await ada.page.getByRole('option', { name: '¥50' }).waitFor()
  await keyboard.press('Escape')
  await ada.page.getByRole('option', { name: '¥50' }).waitFor({ state: 'hidden' })
  expect(await ada.modal.isVisible()).toBe(true)
  await keyboard.press('Escape')
  await ada.modal.waitFor({ state: 'hidden' })
  await keyboard.press('ArrowUp')
  expect(await ada.composer.inputValue()).toBe('/withdraw-coupon send')
})

test('types Chinese through an input method, in which Enter takes a character and sends nothing', async ({
  open,
}) => {
  const world = await startDesk()
  const xiaoyu = await open(world, 'U0AGENT2')
  const keys = await xiaoyu.page.context().newCDPSession(xiaoyu.page)
  await xiaoyu.composer.click()
  await keys.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 })
  await world.slack.person('U0LEAD1').say('Meanwhile', 'C0SUPPORT')
  expect(await xiaoyu.composer.inputValue()).toBe('nihao')
  await keys.send('Input.insertText', { text: '你好' })
  await xiaoyu.message('Meanwhile').waitFor()
  expect(await xiaoyu.composer.inputValue()).toBe('你好')
  await xiaoyu.page.keyboard.press('Enter')
  await xiaoyu.message('你好').waitFor()
})

/** Goes forward by Tab until something of this name has the focus. */
async function tabTo(sitting: Sitting, name: string): Promise<void> {
  const passed: string[] = []
  for (let steps = 0; steps < 60; steps += 1) {
    await sitting.page.keyboard.press('Tab')
    passed.push(await focused(sitting))
    if (passed.at(-1) === name) return
  }
  expect.fail(`Tab never came to ${name}, only to ${passed.join(' | ')}`)
}

/** The name of what has the focus, as a screen reader tells it. */
async function focused({ page }: Sitting): Promise<string> {
  const focus = page.locator(':focus').last()
  // Between the end of the page and its beginning.
  if ((await focus.count()) === 0) return ''
  const shown = await focus.ariaSnapshot()
  return /"((?:[^"\\]|\\.)*)"/.exec(shown)?.[1] ?? shown
}
