import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { openForm, startWorld, textOf } from './world.ts'

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6a'

test('asks an operator in the alerts channel, who erases the person, and whoever asked hears of it', async () => {
  const world = await startWorld({ slack: { rates: false } })
  const { slack } = world
  const agent = slack.person('U0AGENT1')
  await openForm(world, agent, `${openid} withdraw-10 outage SUP-12`)
  await agent.submit()
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')

  const auditor = slack.person('U0AUDIT1')
  const before = auditor.messages('C0SUPPORT').length
  await auditor.command('/withdraw-coupon', `erase ${openid}`)
  const told = await slack.waitFor(() => textOf(auditor.messages('C0SUPPORT')[before]) || null)
  expect(told).toContain('Nothing is erased yet')
  const alert = await slack.waitFor(() =>
    slack.channelMessages('C0ALERTS1').find((message) => textOf(message).includes(zhCN.erasure.title)),
  )
  expect(textOf(alert)).toContain('U0AUDIT1')
  expect(textOf(alert)).not.toContain(openid)

  const lead = slack.person('U0LEAD1')
  const press = { actionId: 'confirm_erasure', messageTs: alert.ts, channel: 'C0ALERTS1' }
  expect((await lead.press(press)).confirm?.text).toBe(zhCN.erasure.confirmText)
  await slack.waitFor(() =>
    textOf(lead.messages('C0ALERTS1').at(-1)).includes(en.refusal.roleMissing('operator')),
  )
  expect(world.recorded()[0]?.openid).toBe(openid)

  await slack.person('U0OPS001').press(press)
  await slack.waitFor(() => world.recorded()[0]?.openid === null)
  const decided = await slack.waitFor(() =>
    slack
      .channelMessages('C0ALERTS1')
      .find((message) => message.ts === alert.ts && !textOf(message).includes('confirm_erasure')),
  )
  expect(textOf(decided)).toContain('U0OPS001')
  await slack.waitFor(() => textOf(auditor.dm().at(-1)).includes('is erased, as <@U0OPS001> confirmed'))
})
