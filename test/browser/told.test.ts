import { expect } from 'vitest'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { readings } from './readings.ts'
import { OPENID } from './stories.ts'

test.for(
  readings,
)('corrects a request in three clicks, has it decided from the list, and tells its end once ($title)', async (reading, {
  open,
}) => {
  const { words, page, look, policy, reasons } = reading
  const { title } = words.approval
  const world = await startDesk({ policy })
  const agent = await open(world, reading.agent.id, { look })
  await agent.command(`${words.subcommands.send} ${OPENID} withdraw-50 apology SUP-12 called three times`)
  await agent.press(words.form.ask)
  await agent.modal.getByText(title.pending).first().waitFor()
  await agent.press(words.close)
  await agent.go('Withdraw Coupon')
  const waiting = agent.message(title.pending, 'SUP-12')
  await waiting.waitFor()

  const clicks = await agent.countingClicks(async () => {
    await agent.press(words.card.change, { on: waiting })
    await agent.type({ [words.form.ticket]: 'SUP-13' })
    await agent.press(words.form.ask)
    await agent.modal.getByText(title.pending).first().waitFor()
    await agent.press(words.close)
  })
  expect(clicks).toBe(3)
  await agent.message(title.pending, 'SUP-13').waitFor()
  await agent.message(title.cancelled, 'SUP-12', words.approval.cancelledByPolicy.changed).waitFor()
  expect(world.recorded().map(({ state }) => state)).toEqual(['cancelled', 'pending'])
  const messages = agent.page.locator('main article.message')
  const before = await messages.count()
  await agent.go('support')
  await mark(0).waitFor()

  // With all that the card says to decide by.
  const lead = await open(world, reading.lead.id, { look })
  await lead.command(words.subcommands.pending)
  const { facts, approval } = words
  const limits = [facts.limit('user', 'count', 1, 3, 30), facts.limit('requester', 'quota', 5000, 20000, 7)]
  await lead
    .message(
      words.found.pendingTitle(1, false),
      title.pending,
      '¥50 · oUpF…jWeS6o',
      `${reading.agent.name} · ${reasons.apology}`,
      'SUP-13',
      'called three times',
      facts.first(30),
      ...limits.flatMap((limit) => limit.replaceAll('*', '').split('\n')),
      approval.needs(1, 0, '@leads'),
      approval.why({ code: 'no-rule' }),
      words.found.card,
    )
    .waitFor()
  await checked(lead, 'what waits')
  const list = lead.message(words.found.pendingTitle(1, false))
  await lead.press(approval.approve, { on: list, confirm: approval.confirmYes })
  await lead.message(words.found.pendingTitle(0, false)).waitFor()

  await mark(1).waitFor()
  await agent.go('Withdraw Coupon')
  await agent.message(`${title.issued} · ¥50`, words.card.passOnLabel, words.outcome.details).waitFor()
  // Every lasting message has followed, and one tells the end.
  await agent.message(title.issued, 'SUP-13', reading.lead.name).waitFor()
  expect(reading.locale).toContain(await agent.page.locator('html').getAttribute('lang'))
  expect(await messages.count()).toBe(before + 1)
  await checked(agent, 'the end')

  /** Where so many unread ones are told: in the list, or on a narrow screen on the way to it. */
  function mark(count: number) {
    const [app, channels] =
      count === 0
        ? ['Withdraw Coupon', page.channels]
        : [`Withdraw Coupon ${page.unreadCount(count)}`, `${page.channels} (${count})`]
    return look.width < 700
      ? agent.page.getByRole('button', { name: channels, exact: true })
      : agent.page.getByRole('link', { name: app, exact: true })
  }
})
