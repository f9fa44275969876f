import { expect, test } from 'vitest'
import { englishIn } from '../english-in.ts'
import { answer, ask, CHANNEL, card, OPENID, press } from './approvers.ts'
import { createWorld, examplePolicy, startWorld, textOf, told, type World } from './world.ts'

const HOUR = 3_600_000
/** A clock that the story moves. */
function movable() {
  let shift = 0
  return {
    now: () => Date.now() + shift,
    forward: (ms: number) => {
      shift += ms
    },
  }
}
const thread = ({ slack }: World) => slack.channelMessages(CHANNEL).filter(({ thread_ts }) => thread_ts)

test.concurrent('expires while the app is down, and tells both sides once it is back', async ({
  onTestFinished: finished,
}) => {
  const clock = movable()
  const world = await createWorld({ now: clock.now, finished })
  const app = await world.start()
  const ada = await ask(world)
  await card(world, '等待审批')
  await app.stop(1000)
  clock.forward(25 * HOUR)
  await world.start()
  await told(world, ada, 'Nobody decided in time')
  const expired = await card(world, '已失效')
  expect(textOf(expired)).not.toContain('"action_id":"approve"')
})

test.concurrent('tells who decides too late that it has expired, also before the clock’s own work came by', async ({
  onTestFinished: finished,
}) => {
  const clock = movable()
  const world = await startWorld({ now: clock.now, finished })
  const ada = await ask(world)
  const asked = await card(world, '等待审批')
  clock.forward(24 * HOUR)
  await press(world, 'U0LEAD1', 'approve', asked)
  await answer(world, 'U0LEAD1', 'Nothing was changed', 'Expired')
  await told(world, ada, 'Nobody decided in time')
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('reminds approvers in the thread of the card, as often as the policy says', async ({
  onTestFinished: finished,
}) => {
  const clock = movable()
  const world = await startWorld({ now: clock.now, finished })
  await ask(world)
  const asked = await card(world, '等待审批')
  expect(thread(world)).toEqual([])
  clock.forward(2 * HOUR)
  await world.slack.waitFor(() => thread(world).length === 1)
  expect(thread(world)[0]).toMatchObject({ thread_ts: asked.ts })
  expect(thread(world)[0]?.text).toContain('<!subteam^S0LEADS1>')
  clock.forward(3 * HOUR)
  await press(world, 'U0LEAD1', 'more:history', asked)
  expect(thread(world)).toHaveLength(1)
  clock.forward(HOUR)
  await world.slack.waitFor(() => thread(world).length === 2)
  await press(world, 'U0LEAD1', 'approve', asked)
  await card(world, '已发放')
  clock.forward(8 * HOUR)
  await press(world, 'U0LEAD1', 'more:openid', asked)
  await answer(world, 'U0LEAD1', OPENID)
  expect(thread(world)).toHaveLength(2)
})

test.concurrent('shows why an approved coupon waits, lets an approver cancel it, and cancels what waits too long', async ({
  onTestFinished: finished,
}) => {
  const clock = movable()
  const world = await startWorld({ now: clock.now, finished })
  world.wechatpay.fault({
    name: 'refuse',
    code: 'NO_AUTH',
    times: 'always',
    match: { method: 'POST' },
  } as never)
  const ada = await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  const held = await card(world, '已批准，等待发放', '商户号没有发放此券的权限')
  await told(world, ada, 'Approved, waiting')

  await press(world, 'U0LEAD2', 'cancel_issue', held)
  const wanglei = world.slack.person('U0LEAD2')
  await world.slack.waitFor(() => wanglei.view()?.callback_id === 'cancel')
  wanglei.fill({ why_input: '换一种方式补偿' })
  expect(await wanglei.submit()).toEqual({ kind: 'updated' })
  const message = await told(world, ada, 'Cancelled by <@U0LEAD2>')
  expect(textOf(message)).toContain('换一种方式补偿')

  const second = await ask(world, { by: 'U0AGENT2', text: 'oUpF8uMuAJO_M2pxb1Q9zNjOther withdraw-50 outage' })
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批', '<@U0AGENT2>'))
  await card(world, '已批准，等待发放', '<@U0AGENT2>')
  clock.forward(7 * 24 * HOUR)
  await told(world, second, '未能在策略规定的时间内发放')
  await card(world, '已取消', '<@U0AGENT2>')
})

test.concurrent('refuses at once what nobody could decide, and says why', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  await slack.setGroup('S0LEADS1', ['U0LEAD1', 'U0GONE01', 'U0GUEST1'])
  const lea = slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', `send ${OPENID} withdraw-50 outage`)
  await slack.waitFor(() => lea.view()?.callback_id === 'give')
  await lea.submit()
  await slack.waitFor(() => textOf(lea.view()).includes('Nobody could decide this'))
  expect(textOf(lea.view())).toContain('Nothing was recorded')
  expect(world.recorded()).toEqual([])
})

const unusable: [string, Parameters<World['slack']['setChannel']>[1], string][] = [
  ['the app is not in the channel', { members: ['U0LEAD1'] }, 'This app is not in the channel'],
  ['another organisation reads the channel', { isExternal: true }, 'is shared with another organisation'],
  ['the channel is archived', { isArchived: true }, 'is archived'],
]
for (const [what, change, says] of unusable)
  test.concurrent(`refuses an ask while ${what}`, async ({ onTestFinished: finished }) => {
    const world = await startWorld({ finished })
    world.slack.setChannel(CHANNEL, change)
    const ada = world.slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-50 outage`)
    await world.slack.waitFor(() => ada.view()?.callback_id === 'give')
    await ada.submit()
    await world.slack.waitFor(() => textOf(ada.view()).includes(says))
    expect(world.recorded()).toEqual([])
  })

test.concurrent('takes up a change of the policy while it runs, and keeps the old one while the file is broken', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const alerts = () => slack.channelMessages('C0ALERTS1').map((message) => textOf(message))
  world.setPolicy(examplePolicy.replace('approvals: 1  ', 'approvals: none'))
  await slack.waitFor(() => alerts().some((text) => text.includes('策略文件无法使用')))
  const [broken = ''] = alerts().filter((text) => text.includes('策略文件无法使用'))
  expect(broken).toContain('approval.approvals: 应为整数，现为文本 → 请写需要几人批准，例如 1')
  expect(englishIn(broken)).toEqual([])
  await ask(world)
  const asked = await card(world, '等待审批', '需 1 人批准（<!subteam^S0LEADS1>）')

  world.setPolicy(examplePolicy.replace('approvals: 1  ', 'approvals: 2  '))
  await slack.waitFor(() => alerts().some((text) => text.includes('策略已更新')))
  expect(alerts().at(-1)).toContain('`approval.approvals`：1 → 2')
  await press(world, 'U0LEAD1', 'approve', asked)
  await card(world, '已发放')
  await ask(world, { text: 'oUpF8uMuAJO_M2pxb1Q9zNjOther withdraw-50 outage' })
  await card(world, '等待审批', '需 2 人批准')
})

test.concurrent('makes a message of unknown origin the card, or takes it away', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  // The first post arrives, its answer does not, and the channel can't be looked through.
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', channel: CHANNEL, acted: true })
  slack.fault({
    name: 'web_api_error',
    method: 'conversations.history',
    channel: CHANNEL,
    error: 'missing_scope',
  })
  await ask(world)
  await slack.waitFor(() => slack.channelMessages(CHANNEL).length >= 2)
  const copies = slack.channelMessages(CHANNEL)
  await slack.waitFor(() => slack.traffic().some(({ name }) => name === 'conversations.history'))
  const stray = copies[0] ?? expect.fail('no copy')
  await press(world, 'U0LEAD1', 'approve', stray)
  await answer(world, 'U0LEAD1', 'Approved: ¥50 for')
  await slack.waitFor(() => slack.channelMessages(CHANNEL).length === 1)
  await card(world, '已发放')
  expect(textOf({ blocks: slack.channelMessages(CHANNEL) })).not.toContain('"action_id":"approve"')
  expect(world.wechatpay.coupons()).toHaveLength(1)
})
