import { expect } from 'vitest'
import { textOf } from '../stories/world.ts'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { giveCoupon, OPENID } from './stories.ts'

test('shows at each field what is wrong there, and takes the form once it is right', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.command('send')
  await ada.press('Submit')
  await ada.modal.getByText('Please complete this required field').nth(2).waitFor()
  await expect
    .poll(() => ada.field('User’s openid').evaluate((field) => field === document.activeElement))
    .toBe(true)
  expect(await ada.modal.getByText('Please complete this required field').count()).toBe(3)
  await checked(ada, 'a form with errors')
  await ada.field('Coupon').click()
  await ada.page.getByRole('listbox').getByRole('option').first().waitFor()
  await checked(ada, 'a select')
  await ada.page.keyboard.press('Escape')

  await ada.fill({
    'User’s openid': 'oUpF8uMuAJO M2pxb1Q9zNjWeS6o',
    Coupon: 'Fee-free withdrawal ¥10',
    Reason: 'Something else',
    Ticket: 'twelve',
  })
  await ada.modal.getByText('⛔').first().waitFor()
  await ada.press('Submit')
  const wrong = ada.field('User’s openid')
  await expect.poll(() => wrong.getAttribute('aria-invalid')).toBe('true')
  expect(await wrong.evaluate(describedBy)).toContain('This has a space at position 12')
  expect(await ada.field('Note').evaluate(describedBy)).toContain('This reason needs a note')
  expect(await ada.field('Ticket').evaluate(describedBy)).toContain('It should look like')
  expect(world.wechatpay.coupons()).toEqual([])

  await ada.fill({ 'User’s openid': OPENID, Note: 'A word to the wise', Ticket: 'SUP-12' })
  await ada.press('Give coupon')
  await ada.modal.getByText('To pass on to the user:').waitFor()
})

test('asks before the same user gets another one; Esc takes only that question away', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await giveCoupon(ada)
  await ada.command(`send ${OPENID} withdraw-10 outage`)
  await ada.fill({ Note: 'The second time this week' })
  await ada.press('Give coupon')
  const question = ada.page.getByRole('dialog', { name: 'Another one?' })
  await question.getByText('@Ada gave this user the same coupon').waitFor()
  await question.getByText('2 / 3').waitFor()
  await ada.page.keyboard.press('Escape')
  await ada.page.getByRole('dialog', { name: 'Give a coupon' }).waitFor()
  expect(await ada.field('Note').inputValue()).toBe('The second time this week')
  expect(await ada.field('User’s openid').inputValue()).toBe(OPENID)
  expect(world.wechatpay.coupons()).toHaveLength(1)

  await ada.press('Give coupon')
  await question.waitFor()
  await ada.press('Give another')
  await ada.modal.getByText('To pass on to the user:').waitFor()
  await ada.page.keyboard.press('Escape')
  await ada.modal.waitFor({ state: 'hidden' })
  expect(world.wechatpay.coupons()).toHaveLength(2)
})

test('keeps what is being typed while the form is drawn anew', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.command(`send ${OPENID} withdraw-10 apology`)
  await ada.modal.getByRole('button', { name: 'Give coupon' }).waitFor()
  const note = ada.field('Note')
  await note.click()
  await ada.page.keyboard.type('Half sentence')
  for (let back = 0; back < ' sentence'.length; back += 1) await ada.page.keyboard.press('ArrowLeft')
  world.slack.person('U0AGENT1').fill({ stock_select: 'withdraw-50' })
  await ada.modal.getByRole('button', { name: 'Ask for approval' }).waitFor()
  await ada.page.keyboard.type(' a')
  expect(await note.inputValue()).toBe('Half a sentence')
  await ada.press('Ask for approval')
  await ada.modal.getByText('Nothing is issued until it is approved').waitFor()
  await world.slack.waitFor(() =>
    textOf(world.slack.channelMessages('C0APPROVE').at(-1)).includes('Half a sentence'),
  )
})

test('keeps the list of a select open while errors beside it are put right', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.command('send')
  await ada.press('Submit')
  const errors = ada.modal.getByText('Please complete this required field')
  await errors.nth(2).waitFor()
  await ada.field('Coupon').click()
  await ada.page.keyboard.type('¥10')
  await ada.page.getByRole('option', { name: '¥50' }).waitFor({ state: 'detached' })
  world.slack.person('U0AGENT1').fill({ openid_input: OPENID, stock_select: 'withdraw-50' })
  await expect.poll(() => errors.count()).toBe(1)
  expect(await ada.field('Coupon').inputValue()).toBe('¥10')
  await ada.page.keyboard.press('Enter')
  expect(await ada.field('Coupon').inputValue()).toBe('Fee-free withdrawal ¥10 · up to ¥10.00')
})

test('takes the option that is pressed, though the list changes before the pointer is up again', async ({
  open,
}) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.command('send')
  await ada.field('Coupon').click()
  const option = ada.page.getByRole('option', { name: '¥50' })
  await option.hover()
  await ada.page.keyboard.type('¥50')
  await ada.page.mouse.down()
  // Longer than the list waits for what is typed.
  await ada.page.waitForTimeout(400)
  await ada.page.mouse.up()
  await expect.poll(() => ada.field('Coupon').inputValue()).toContain('Fee-free withdrawal ¥50')
})

test('keeps what is being typed while others write', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await ada.composer.click()
  await ada.page.keyboard.type('Good ')
  await world.slack.person('U0LEAD1').say('Is anybody there?', 'C0SUPPORT')
  await ada.message('Is anybody there?').waitFor()
  await ada.page.keyboard.type('morning')
  await ada.page.keyboard.press('Enter')
  await ada.message('Good morning').waitFor()
})

/** What a screen reader adds to the name of a field. */
function describedBy(field: Element): string {
  const ids = field.getAttribute('aria-describedby')?.split(' ') ?? []
  return ids.map((id) => document.getElementById(id)?.textContent).join(' ')
}
