import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { createWorld, openForm, told, type World } from './world.ts'

const ADA = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const XIAOYU = 'oUpF8uMuAJO_M2pxb1Q9zNjOTHER'

async function give(world: World, id: string, openid: string) {
  const person = world.slack.person(id)
  await openForm(world, person, `${openid} withdraw-10 outage`)
  await person.submit()
  return person
}

/** Ada's message hangs at Slack. */
async function hang(world: World) {
  world.slack.fault({ name: 'web_api_hang', method: 'chat.postMessage' })
  const ada = await give(world, 'U0AGENT1', ADA)
  await world.slack.waitFor(() =>
    world.slack.traffic().some(({ name, answer }) => name === 'chat.postMessage' && !answer),
  )
  return ada
}

test.concurrent('tells one person what became of a coupon while the message to another hangs', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  // Longer than this test waits.
  world.env.SLACK_TIMEOUT = '30'
  await world.start()
  const ada = await hang(world)
  const xiaoyu = await give(world, 'U0AGENT2', XIAOYU)
  await told(world, xiaoyu, zhCN.approval.title.issued)
  expect(ada.dm()).toEqual([])
})

test.concurrent('tells all others before it stops while a message hangs, and that one after the next start, once', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const app = await world.start()
  const ada = await hang(world)
  world.wechatpay.fault({ name: 'slow', ms: 500, match: { method: 'POST' } })
  const xiaoyu = await give(world, 'U0AGENT2', XIAOYU)
  await world.slack.waitFor(
    () => world.wechatpay.calls().filter(({ method }) => method === 'POST').length === 2,
  )
  await app.stop(6000)
  expect(xiaoyu.dm().map(({ text }) => text)).toEqual([expect.stringContaining(zhCN.approval.title.issued)])
  await world.start()
  await told(world, ada, en.approval.title.issued)
  expect(ada.dm()).toHaveLength(1)
  expect(xiaoyu.dm()).toHaveLength(1)
  expect(world.wechatpay.coupons()).toHaveLength(2)
})
