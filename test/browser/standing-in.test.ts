import { expect } from 'vitest'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { readings } from './readings.ts'
import { asked } from './stories.ts'

/** Only the operator decides what is above ¥1, and after four hours the auditor, too. */
const bossDecides = (policy: string) =>
  policy
    .replace('above_quota: 10000', 'above_quota: 100')
    .replace(/\n {6}approvals: 2\n/, '\n      approvals: 1\n')
    .replace('# approvers: [S0LEADS1]', 'approvers: [U0OPS001]')
    .replace(/\n {2}# escalate: .*/, '\n  escalate: [{ after: 4h, add: [U0AUDIT1] }]')

test.for(
  readings,
)('has a stand-in decide from Home, and asks more people when the clock is moved ($title)', async (reading, {
  open,
}) => {
  const { words, page, look, lead } = reading
  const { approval } = words
  const world = await startDesk({
    policy: bossDecides(reading.policy),
    change({ people, channels }) {
      for (const person of people)
        if (['U0OPS001', 'U0AUDIT1'].includes(person.id)) person.locale = reading.locale
      channels.find(({ id }) => id === 'C0APPROVE')?.members.push('U0AUDIT1')
    },
  })
  await asked(world, 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o')
  const boss = await open(world, 'U0OPS001', { look })
  await boss.command(`${words.subcommands.away} 3h ${lead.name}`)
  await boss.message(page.onlyYou, lead.name).waitFor()

  const standIn = await open(world, lead.id, { look })
  await expect.poll(() => standIn.page.title()).toMatch(/^\(1\) /)
  await standIn.go('Withdraw Coupon')
  await standIn.message('@Olaf').waitFor()
  await standIn.press(page.home, { on: standIn.page.locator('main header') })
  const home = standIn.page.locator('main .home')
  await home.getByText(words.home.waiting(1, false)).waitFor()
  await home.getByText(approval.needs(1, 0, '@Olaf')).waitFor()
  await checked(standIn, 'Home')
  await standIn.press(approval.approve, { on: home, confirm: approval.confirmYes })
  await home.getByText(words.home.waiting(0, false)).waitFor()
  await standIn.go('coupon-approvals')
  await standIn.message(approval.title.issued, words.away.standing(lead.name, '@Olaf')).waitFor()

  await asked(world, 'oUpF8uMuAJO_M2pxb1Q9zNjWeR2k')
  const auditor = await open(world, 'U0AUDIT1', { look, route: { channel: 'C0APPROVE' } })
  const card = auditor.message(approval.title.pending, 'jWeR2k')
  await card.waitFor()
  await auditor.pane(page.behind)
  const clock = await auditor.tool(page.tools.clock)
  await clock.getByLabel(page.clock.hours).fill('4.1')
  await clock.getByRole('button', { name: page.clock.forward }).click()
  await auditor.pane(page.messages)
  await auditor.message(approval.title.pending, 'jWeR2k', '@Audrey').waitFor()
  await card.locator('.thread-link').click()
  const thread = auditor.page.getByRole('complementary', { name: page.thread })
  const [asksMore = ''] = words.escalation.told('@Audrey', 1, '\n').split('\n')
  await thread.getByText(asksMore).waitFor()
  await auditor.page.getByRole('button', { name: page.closeThread }).click()

  // The approver is back by then, and nobody decides for them.
  const late = standIn.message(approval.title.pending, 'jWeR2k')
  await standIn.press(approval.approve, { on: late, confirm: approval.confirmYes })
  await standIn.message(page.onlyYou, words.refusal.roleMissing('approver')).waitFor()
  await auditor.press(approval.approve, { on: card, confirm: approval.confirmYes })
  await auditor.message(approval.title.issued, 'jWeR2k', '@Audrey').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(2)
  await checked(auditor, 'a card that more people were asked about')
})
