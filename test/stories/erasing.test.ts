import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { press } from './approvers.ts'
import { clock, openForm, startWorld, textOf } from './world.ts'

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6a'

test('asks an operator in the alerts channel, who erases the person, and whoever asked hears of it', async () => {
  const { now, forward } = clock()
  const world = await startWorld({ now, slack: { rates: false } })
  const { slack } = world
  const agent = slack.person('U0AGENT1')
  await openForm(world, agent, `${openid} withdraw-10 outage SUP-12`)
  await agent.submit()
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')

  const auditor = slack.person('U0AUDIT1')
  await auditor.command('/withdraw-coupon', `erase ${openid}，subject-2`)
  const refused = await slack.waitFor(() => textOf(auditor.messages('C0SUPPORT')[0]) || null)
  expect(refused).toContain(en.notice.oneAtATime('`subject-2`'))
  const ask = async () => {
    const before = auditor.messages('C0SUPPORT').length
    await auditor.command('/withdraw-coupon', `erase ${openid}`)
    const told = await slack.waitFor(() => textOf(auditor.messages('C0SUPPORT')[before]) || null)
    expect(told).toContain('Nothing is erased yet')
    const asks = await slack.waitFor(() =>
      slack.channelMessages('C0ALERTS1').find((message) => textOf(message).includes(zhCN.erasure.title)),
    )
    expect(textOf(asks)).toContain('U0AUDIT1')
    expect(textOf(asks)).not.toContain(openid)
    return { actionId: 'confirm_erasure', messageTs: asks.ts, channel: 'C0ALERTS1' }
  }
  const isEnded = (ts: string, text: string) =>
    slack.waitFor(() =>
      textOf(slack.channelMessages('C0ALERTS1').find((one) => one.ts === ts)).includes(text),
    )
  const [lead, operator] = [slack.person('U0LEAD1'), slack.person('U0OPS001')]
  const hears = (person: typeof lead, text: string) =>
    slack.waitFor(() => textOf(person.messages('C0ALERTS1').at(-1)).includes(text))

  const first = await ask()
  expect((await lead.press(first)).confirm?.text).toBe(zhCN.erasure.confirmText)
  await hears(lead, en.refusal.roleMissing('operator'))
  // Who has left since does not count as the second person.
  slack.setPerson('U0AUDIT1', { isDeleted: true })
  forward(61_000)
  await operator.press(first)
  await hears(operator, en.erasure.lapsed('<@U0AUDIT1>'))
  await isEnded(first.messageTs, '申请人已不再是审计人员')
  expect(world.recorded()[0]?.openid).toBe(openid)

  slack.setPerson('U0AUDIT1', { isDeleted: false })
  forward(61_000)
  const second = await ask()
  await operator.press(second)
  await slack.waitFor(() => world.recorded()[0]?.openid === null)
  const card = await slack.waitFor(() =>
    agent.dm().find((message) => textOf(message).includes(`¥10 · ${en.erasure.user}`)),
  )
  for (const action of ['give_another', 'more:lookup']) {
    const before = agent.messages(card.channel).length
    await press(world, 'U0AGENT1', action, card)
    await slack.waitFor(() => textOf(agent.messages(card.channel)[before]).includes(en.erasure.gone))
  }
  await isEnded(second.messageTs, 'U0OPS001')
  await slack.waitFor(() =>
    auditor.dm().some((message) => textOf(message).includes('has been erased; <@U0OPS001> confirmed it')),
  )
})
