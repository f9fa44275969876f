import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { runMain } from '../run-main.ts'
import { atRest, createWorld, openForm, textOf, told, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const filled = `${OPENID} withdraw-10 outage`

const isSent = ({ wechatpay }: World) =>
  vi.waitUntil(() => wechatpay.calls().some(({ method }) => method === 'POST'), {
    interval: 5,
    timeout: 60_000,
  })

test.concurrent('finishes the attempt under way and tells its end before it stops by SIGTERM', {}, async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { slack, wechatpay } = world
  const app = runMain({ env: world.env, cwd: dirname(world.env.POLICY_FILE ?? ''), finished })
  await app.logged('ready')
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'slow', ms: 1000, match: { method: 'POST' } })
  await openForm(world, ada, filled)
  await ada.submit()
  await isSent(world)
  app.process.kill('SIGTERM')
  expect(await app.ended).toBe(0)
  const [coupon, ...others] = wechatpay.coupons()
  expect(others).toEqual([])
  expect(ada.dm().map(({ text }) => text)).toEqual([expect.stringContaining(en.approval.title.issued)])
  expect(world.recorded()).toMatchObject([{ state: 'issued', coupon_id: coupon?.coupon_id }])
  expect(textOf(ada.view())).toContain(en.approval.title.issued)
  expect(app.log.at(-1)?.msg).toBe('stopped')
  expect(app.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
})

test.concurrent('takes up at the next start what was not finished in time', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { slack, wechatpay } = world
  const app = await world.start()
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'no-answer-after', match: { method: 'POST' } })
  await openForm(world, ada, filled)
  await ada.submit()
  await isSent(world)
  const began = performance.now()
  expect(await app.stop(600)).toBe(false)
  // The call itself would be waited for ten seconds.
  expect(performance.now() - began).toBeLessThan(9000)
  expect(world.recorded()).toMatchObject([{ state: 'issuing' }])
  expect(textOf(ada.dm()[0])).not.toContain(en.approval.title.issued)

  await world.start()
  await told(world, ada, en.approval.title.issued)
  await slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.issued))
  expect(wechatpay.coupons()).toHaveLength(1)
  expect(ada.dm()).toHaveLength(1)
})

test.concurrent('begins no new call to WeChat Pay once it stops, however long an answer to Slack takes', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { slack, wechatpay } = world
  // So that there is always one to be begun, however long the asks take.
  wechatpay.fault({ name: 'too-many-requests', match: { method: 'POST' }, times: 'always' })
  const app = await world.start()
  const ada = slack.person('U0AGENT1')
  for (const last of ['a', 'b', 'c']) {
    await openForm(world, ada, `${OPENID.slice(0, -1)}${last} withdraw-10 outage`)
    expect(await ada.submit()).toEqual({ kind: 'updated' })
    await ada.close()
  }
  slack.fault({ name: 'web_api_hang', method: 'views.open', times: 10 })
  await ada.command('/withdraw-coupon', 'send')
  await slack.waitFor(() =>
    slack.traffic().some(({ name, answer, at }) => name === 'views.open' && !answer && at > 0),
  )
  const posts = () => wechatpay.calls().filter(({ method }) => method === 'POST').length
  const stopped = app.stop(3500)
  // What was claimed by now is on its way.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const begun = posts()
  await stopped
  expect(posts()).toBe(begun)
  expect(world.recorded().every(({ coupon_id }) => coupon_id === null)).toBe(true)
  expect(world.log.map(({ msg }) => msg)).toContain('stopping while answers to Slack are still under way')
  expect(world.recorded()).toHaveLength(3)
})

test.concurrent('waits for what another app does on the ledger, and then goes on with it', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { slack, wechatpay } = world
  const first = await world.start()
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'slow', ms: 300, match: { method: 'POST' } })
  await openForm(world, ada, filled)
  await ada.submit()
  await isSent(world)
  const second = world.start()
  await first.stop(5000)
  await second
  await told(world, ada, en.approval.title.issued)
  expect(wechatpay.coupons()).toHaveLength(1)
  expect(wechatpay.calls().filter(({ method }) => method === 'POST')).toHaveLength(1)
  expect(ada.dm()).toHaveLength(1)
})

test.concurrent('stops cleanly by SIGTERM though the ledger can not be written', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const folder = dirname(world.env.POLICY_FILE ?? '')
  const app = runMain({ env: world.env, cwd: folder, finished })
  await app.logged('ready')
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  await atRest(world)
  const ledger = new DatabaseSync(join(folder, 'ledger.sqlite'))
  finished(() => ledger.close())
  ledger.exec('update cards set due_at = 1; begin immediate')
  app.process.kill('SIGTERM')
  expect(await app.ended).toBe(0)
  // In whichever order: the log writes the one aside while the process ends with the other.
  expect(app.log.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['stopped', 'the last changes were not told: it is done at the next start']),
  )
})
