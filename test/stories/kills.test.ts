import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { shortOpenid } from '../../src/domain/wechatpay-ids.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { insertApproved } from '../bench/ledgers.ts'
import { runMain } from '../run-main.ts'
import { createWorld, examplePolicy, openForm, startWorld, textOf, told, type World } from './world.ts'

type Finished = Parameters<typeof runMain>[0]['finished']

/** Everybody may give as often as they like; people by their ids, since twenty looks at a group a minute are Slack's limit. */
const policy = examplePolicy
  .replace('requesters: [S0AGENTS, S0LEADS1]', 'requesters: [U0AGENT1, U0LEAD1, U0AUDIT1]')
  .replaceAll('S0AGENTS', 'U0AGENT1')
  .replaceAll('S0LEADS1', 'U0LEAD2')
  .replace('approvals: 2', 'approvals: 1')
  .replace(/per_requester: \{ count: 3, days: 1 \}.*/, '')
  .replace(/^ {2}per_(user|requester|stock):.*$/gm, '')

async function run(world: World, finished: Finished) {
  const app = runMain({ env: world.env, cwd: dirname(world.env.POLICY_FILE ?? ''), finished })
  await app.logged('ready')
  return {
    ...app,
    async kill() {
      app.process.kill('SIGKILL')
      await app.ended
    },
  }
}

/** Whatever the app has told of a user, in messages and views. */
function everTold({ slack }: World, openid: string): string[] {
  return slack
    .traffic()
    .filter(({ name }) => ['chat.postMessage', 'chat.update', 'views.update'].includes(name))
    .map(({ request }) => Object.values(Object(request)).map(String).join())
    .filter((shown) => shown.includes(shortOpenid(openid)))
}

const issuedTo = (openid: string) => `${en.approval.title.issued} · ¥10 · ${shortOpenid(openid)}`
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { interval: 2, timeout: 60_000 })

const sends = ({ wechatpay }: World) => wechatpay.calls().filter(({ method }) => method === 'POST')

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

// Here, since the ten seconds for which Slack is waited for pass beside the kills.
test.concurrent.for([
  ['though it has posted', true],
  ['and has not posted', false],
] as const)('tells the result in one message when Slack never answers, %s', async ([, acted], {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  world.slack.fault({ name: 'web_api_hang', method: 'chat.postMessage', acted })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await world.slack.waitFor(() => ada.dm().some(({ text }) => text.includes(issuedTo(OPENID))), {
    timeout: 60_000,
  })
  expect(ada.dm()).toHaveLength(1)
  expect(world.recorded()).toMatchObject([{ coupon_id: world.wechatpay.coupons()[0]?.coupon_id }])
})

/** Submits a form, and kills the app once the coupon exists and its answer is held back. */
async function killedBeforeTheAnswer(finished: Finished, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ finished, policy, ...options })
  const { slack, wechatpay } = world
  const app = await run(world, finished)
  wechatpay.fault({ name: 'no-answer-after', match: { method: 'POST' } })
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await until(() => wechatpay.coupons().length === 1)
  await told(world, ada, en.approval.title.issuing)
  await app.kill()
  return { world, ada }
}

test.concurrent('tells of the one coupon though it was killed between its issuing and its answer', {}, async ({
  onTestFinished: finished,
}) => {
  const { world, ada } = await killedBeforeTheAnswer(finished)
  await run(world, finished)
  await told(world, ada, issuedTo(OPENID))
  expect(ada.dm()).toHaveLength(1)
  const [coupon, ...others] = world.wechatpay.coupons()
  expect(others).toEqual([])
  await world.slack.waitFor(() => textOf(ada.view()).includes(issuedTo(OPENID)))
  expect(new Set(sends(world).map(({ bodySha256 }) => bodySha256)).size).toBe(1)
  expect(world.recorded()).toMatchObject([{ state: 'issued', attempts: 2, coupon_id: coupon?.coupon_id }])
})

test.concurrent('keeps a grant open and flagged when the repeat is refused for the coupon that it gave itself', {}, async ({
  onTestFinished: finished,
}) => {
  const { world, ada } = await killedBeforeTheAnswer(finished, {
    wechatpay: { stocks: [{ stock_id: '1304490000000059', quota: 1000, per_user: 1 }] },
  })
  world.wechatpay.fault({ name: 'limits-before-idempotency', match: { method: 'POST' } })
  await run(world, finished)
  const message = await told(world, ada, en.approval.title.needsLook)
  expect(textOf(message)).toContain(JSON.stringify(en.card.needsLookText).slice(1, -1))
  // It goes on asking, and each refusal says no more than the one before.
  await until(() => sends(world).length === 3 && sends(world)[2]?.status === 403)
  await until(() => world.recorded()[0]?.attempts === 3)
  expect(world.recorded()[0]?.state).toBe('issuing')
  expect(JSON.parse(world.recorded()[0]?.flag ?? 'null')).toMatchObject({ kind: 'needs-look' })
  expect(world.wechatpay.coupons()).toHaveLength(1)
  expect(ada.dm()).toHaveLength(1)
  expect(ada.dm()[0]?.text).toContain(en.approval.title.needsLook)
  expect(everTold(world, OPENID).join()).not.toContain(en.approval.title.refused)
})

test.concurrent('finds the message that it had posted when it was killed', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, policy })
  const { slack } = world
  const app = await run(world, finished)
  slack.fault({ name: 'web_api_hang', method: 'chat.postMessage', acted: true })
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await slack.waitFor(() => ada.dm().length === 1)
  await app.kill()
  await run(world, finished)
  await told(world, ada, issuedTo(OPENID))
  expect(ada.dm()).toHaveLength(1)
})

test.concurrent('leaves in doubt by a kill what was sent and not answered, and nothing else of what was due', async ({
  onTestFinished: finished,
}) => {
  const due = 200
  const world = await createWorld({ finished, policy })
  const { env, wechatpay } = world
  const { mchid, appid, stockId } = wechatpay.info
  const database = new DatabaseSync(env.DATABASE_URL?.slice('file:'.length) ?? '')
  database.exec(insertApproved({ from: 1, count: due, mchid, appid, stockId }))
  database.close()
  wechatpay.fault({ name: 'no-answer-after', times: 'always', match: { method: 'POST' } })
  env.WECHATPAY_RATE = '500'
  const app = await run(world, finished)
  let before = 0
  const isAll = () => {
    const isStill = sends(world).length > 0 && sends(world).length === before
    before = sends(world).length
    return isStill
  }
  await vi.waitUntil(isAll, { interval: 1000, timeout: 60_000 })
  await app.kill()
  const sent = sends(world).length
  expect(sent).toBeLessThan(due)
  const inDoubt = world.recorded().filter(({ state }) => state === 'issuing')
  expect(inDoubt).toHaveLength(sent)

  wechatpay.clearFaults()
  await run(world, finished)
  await vi.waitUntil(() => world.recorded().every(({ state }) => state === 'issued'), {
    interval: 100,
    timeout: 60_000,
  })
  expect(wechatpay.coupons()).toHaveLength(due)
  const sentTwice = world.recorded().filter(({ attempts }) => attempts > 1)
  expect(sentTwice.map(({ id }) => id)).toEqual(inDoubt.map(({ id }) => id))
})
