import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { answer, ask, CHANNEL, card, press } from './approvers.ts'
import { atRest, createWorld, openForm, startWorld, textOf, textsOf, told, type World } from './world.ts'

const OTHER = 'oUpF8uMuAJO_M2pxb1Q9zNjOTHER'
const other = { text: `${OTHER} withdraw-50 apology SUP-13` }
const alerts = ({ slack }: World) => slack.channelMessages('C0ALERTS1')
const alerted = (world: World, words: string) =>
  world.slack.waitFor(() => alerts(world).find((message) => textOf(message).includes(words)))

test.concurrent('shows an ask as not yet asked while its channel takes no messages, and asks once it does', {
  timeout: 60_000,
}, async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = await ask(world)
  await card(world, zhCN.approval.title.pending)
  // The app has just seen that the channel serves.
  slack.setChannel(CHANNEL, { isArchived: true })
  await ada.close()
  await ask(world, other)
  const closed = zhCN.channels.closedTitle
  await alerted(world, closed)
  const notAsked = en.approval.title.notAsked
  const message = await told(world, ada, notAsked, 'Operators were told.', `<#${CHANNEL}>`)
  expect(textOf(message)).toContain(en.approval.cancelOwn)
  expect(textOf(message)).not.toContain('Waiting for approval in')
  await slack.waitFor(() => textOf(ada.view()).includes(notAsked))
  expect(textOf(alerts(world).at(-1))).toContain(zhCN.channels.check.is_archived)

  const ops = slack.person('U0OPS001')
  await ops.command('/withdraw-coupon', 'stuck')
  const stuck = await answer(world, 'U0OPS001', 'is_archived')
  expect(textsOf(stuck).join('\n')).toContain(`<#${CHANNEL}>`)
  await ada.command('/withdraw-coupon', 'mine')
  await answer(world, 'U0AGENT1', en.approval.title.notAsked)

  // Whoever asks by now is refused at once, with the reason.
  await ada.close()
  await ada.command('/withdraw-coupon', 'send oUpF8uMuAJO_M2pxb1Q9zNjTHIRD withdraw-50 apology SUP-14')
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
  await ada.submit()
  await slack.waitFor(() => textOf(ada.view()).includes(en.refusal.channel('archived')))
  expect(world.recorded()).toHaveLength(2)
  expect(alerts(world).filter((one) => textOf(one).includes(closed))).toHaveLength(1)

  slack.setChannel(CHANNEL, { isArchived: false })
  await slack.waitFor(() => slack.channelMessages(CHANNEL).some((one) => textOf(one).includes('jOTHER')), {
    timeout: 40_000,
  })
  await told(world, ada, en.approval.title.pending)
  await alerted(world, zhCN.channels.openTitle)
  await ops.command('/withdraw-coupon', 'stuck')
  await answer(world, 'U0OPS001', en.stuck.none)
})

test.concurrent('goes on in a new message when the one before can not be changed any more', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = await ask(world)
  const first = await card(world, zhCN.approval.title.pending)
  const direct = await told(world, ada, 'Waiting for approval')
  await atRest(world)
  for (const { channel } of [first, direct])
    slack.fault({ name: 'web_api_error', method: 'chat.update', channel, error: 'edit_window_closed' })
  await press(world, 'U0LEAD1', 'approve', first)
  await told(world, ada, 'Issued · ¥', en.card.replaces)
  await card(world, zhCN.card.replaces, zhCN.approval.title.issued)
  expect(slack.channelMessages(CHANNEL)).toHaveLength(2)
  await press(world, 'U0LEAD2', 'approve', first)
  await answer(world, 'U0LEAD2', zhCN.decided.already)
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('measures in /metrics since when nothing can be told, so that the alert fires', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  Object.assign(world.env, { METRICS_PORT: '0' })
  const { metricsPort } = await world.startAt()
  const metrics = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const lag = async (what: 'card' | 'notice') =>
    Number(new RegExp(`^withdraw_coupon_${what}_lag_seconds (.*)$`, 'm').exec(await metrics())?.[1])
  world.slack.fault({ name: 'web_api_500', method: 'chat.postMessage', times: 1000 })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OTHER} withdraw-10 outage`)
  await ada.submit()
  await world.slack.waitFor(() => world.wechatpay.coupons().length > 0)
  const path = join(new URL(world.env.DATABASE_URL ?? '').pathname)
  const ledger = new DatabaseSync(path)
  finished(() => ledger.close())
  // Tried again only later: what is due by then says nothing.
  await expect
    .poll(() => ledger.prepare('select tries from cards where kind = ?').get('dm')?.tries, {
      timeout: 60_000,
    })
    .toBeGreaterThan(2)
  expect(await lag('card')).toBeGreaterThan(1)
  ledger.exec('update cards set lags_since = lags_since - 300000 where due_at is not null')
  expect(await lag('card')).toBeGreaterThan(300)
  expect(await lag('card')).toBeLessThan(600)
  world.slack.clearFaults()
  await expect.poll(() => lag('card'), { timeout: 60_000 }).toBe(0)
})
