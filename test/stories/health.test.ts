import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { readVersion } from '../../src/version.ts'
import { ask, card } from './approvers.ts'
import { createWorld, openForm, told, transports, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

/** Starts the app with health and metrics at a port of their own, or only at PORT. */
async function start(world: World, env: Record<string, string>) {
  Object.assign(world.env, env)
  const { app, port, metricsPort } = await world.startAt()
  const get = async (path: string, at = metricsPort ?? port) => {
    const answer = await fetch(`http://127.0.0.1:${at}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  return { app, port, metricsPort, get }
}

for (const transport of transports)
  test.concurrent(`is ready while it runs, and from the begin of its stop only alive (${transport})`, async ({
    expect,
    onTestFinished: finished,
  }) => {
    const world = await createWorld({ finished, transport })
    const { app, get, port } = await start(world, { PORT: '0' })
    expect(await get('/healthz')).toEqual({
      status: 200,
      text: JSON.stringify({ ok: true, version: readVersion() }),
    })
    const all = { ready: true, checks: { ledger: 'ok', slack: 'ok', keys: 'ok' } }
    // A check that a busy machine keeps from its second is asked again.
    await expect.poll(() => get('/readyz')).toEqual({ status: 200, text: JSON.stringify(all) })

    world.wechatpay.fault({ name: 'slow', ms: 5000 })
    const ada = world.slack.person('U0AGENT1')
    await openForm(world, ada, `${OPENID} withdraw-10 outage`)
    await ada.submit()
    await world.slack.waitFor(() => world.wechatpay.calls().length > 0)
    const stopped: Promise<boolean> = app.stop(60_000)
    expect(await get('/readyz')).toEqual({
      status: 503,
      text: JSON.stringify({ ready: false, checks: { app: 'stopping' } }),
    })
    expect((await get('/healthz')).status).toBe(200)
    if (transport === 'http') {
      const late = async () =>
        (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST' })).status
      await expect.poll(late, { interval: 20 }).toBe(503)
    }
    expect(await stopped).toBe(true)
    await expect(get('/healthz')).rejects.toThrow('fetch failed')
    expect(world.wechatpay.coupons()).toHaveLength(1)
  })

test.concurrent('is not ready while nothing of Slack can arrive, and alive all the same', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { get } = await start(world, { PORT: '0' })
  world.slack.fault({ name: 'web_api_500', method: 'apps.connections.open', times: 100 })
  world.slack.cutSockets()
  await expect
    .poll(async () => (await get('/readyz')).text, { interval: 20 })
    .toBe(
      JSON.stringify({
        ready: false,
        checks: { ledger: 'ok', slack: 'nothing of Slack can arrive', keys: 'ok' },
      }),
    )
  expect((await get('/healthz')).status).toBe(200)
})

test.concurrent('is not ready while no answer of WeChat Pay can be verified', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const { WECHATPAY_PUBLIC_KEY: _pem, WECHATPAY_PUBLIC_KEY_ID: _id, ...env } = world.env
  for (const name of Object.keys(world.env)) delete world.env[name]
  Object.assign(world.env, env)
  const right = await start(world, { PORT: '0', WECHATPAY_APIV3_KEY: world.wechatpay.info.apiV3Key })
  const keys = async () => JSON.parse((await right.get('/readyz')).text).checks.keys
  await expect.poll(keys, { timeout: 10_000 }).toBe('ok')
  await right.app.stop(1000)
  const wrong = await start(world, { WECHATPAY_APIV3_KEY: 'x'.repeat(32) })
  await expect
    .poll(async () => {
      const told = await wrong.get('/readyz')
      return [told.status, JSON.parse(told.text).checks.keys]
    })
    .toEqual([503, 'answers of WeChat Pay can not be verified'])
})

test.concurrent('is not ready while answers are signed by another key than the configured one, and then is', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const platform = { name: 'signed-by', key: 'platform-certificate', times: 'always' } as const
  world.wechatpay.fault(platform)
  const { get } = await start(world, { PORT: '0' })
  const keys = async () => {
    const told = await get('/readyz')
    return [told.status, JSON.parse(told.text).checks.keys]
  }
  await expect.poll(keys).toEqual([503, 'answers of WeChat Pay can not be verified'])
  expect(JSON.stringify(world.log)).toContain(world.wechatpay.info.platformSerial)
  world.wechatpay.clearFaults()
  await expect.poll(async () => (await get('/readyz')).status, { timeout: 15_000 }).toBe(200)
})

test.concurrent('says that WeChat Pay refuses the signature, and not that answers can not be verified', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  world.wechatpay.fault({ name: 'refuse', code: 'SIGN_ERROR', status: 401, signed: false, times: 'always' })
  const { get } = await start(world, { PORT: '0' })
  const told = await get('/readyz')
  expect([told.status, JSON.parse(told.text).checks.keys]).toEqual([
    503,
    'WeChat Pay refuses the signature of this app',
  ])
})

test.concurrent('tells figures without naming anybody', async ({ expect, onTestFinished: finished }) => {
  const world = await createWorld({ finished })
  const { get } = await start(world, { PORT: '0', METRICS_PORT: '0' })
  await ask(world)
  await card(world, '等待审批')
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `oUpF8uMuAJO_M2pxb1Q9zNjWeS7o withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, 'Issued · ¥')
  await expect.poll(async () => (await get('/readyz')).status).toBe(200)
  const { status, text } = await get('/metrics')
  expect(status).toBe(200)
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    )
  expect(value('withdraw_coupon_grants{state="pending"}')).toBe(1)
  expect(value('withdraw_coupon_grants{state="issued"}')).toBe(1)
  expect(value('withdraw_coupon_oldest_grant_seconds{state="pending"}')).toBeGreaterThan(0)
  expect(value('withdraw_coupon_wechatpay_call_seconds_count{method="POST",outcome="answered"}')).toBe(1)
  expect(value('withdraw_coupon_slack_ack_seconds_count{kind="submission"}')).toBe(2)
  expect(value('withdraw_coupon_slack_ack_seconds_count{kind="command"}')).toBe(2)
  for (const check of ['ledger', 'slack', 'keys'])
    expect(value(`withdraw_coupon_ready{check="${check}"}`)).toBe(1)
  expect(value('withdraw_coupon_event_loop_delay_seconds{quantile="0.5"}')).toBeLessThan(5)
  for (const secret of ['oUpF', 'U0AGENT1', ...Object.values(world.env).filter((text) => text.length > 8)])
    expect(text).not.toContain(secret)
})

test.concurrent('tells figures to this machine only, unless METRICS_HOST says to whom else', async ({
  onTestFinished: finished,
}) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4')?.address
  const at = (port: number | null) => fetch(`http://${outside}:${port}/metrics`).then(({ status }) => status)
  for (const env of [{ METRICS_PORT: '0' }, { PORT: '0' }]) {
    const world = await createWorld({ finished })
    const port = (started: { port: number | null; metricsPort: number | null }) =>
      started.metricsPort ?? started.port
    const first = await start(world, env)
    expect((await first.get('/metrics')).status).toBe(200)
    // A machine without a network has nobody outside.
    if (outside) await expect(at(port(first))).rejects.toThrow('fetch failed')
    await first.app.stop(1000)
    const second = await start(world, { ...env, METRICS_HOST: '0.0.0.0' })
    expect((await second.get('/metrics')).status).toBe(200)
    if (outside) expect(await at(port(second))).toBe(200)
    await second.app.stop(1000)
  }
})

test.concurrent('does not start at an address that is not this machine’s, and says which variable', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  Object.assign(world.env, { METRICS_PORT: '0', METRICS_HOST: '192.0.2.1' })
  await expect(world.startAt()).rejects.toThrow('METRICS_HOST is no address of this machine (EADDRNOTAVAIL)')
})

test.concurrent('shows no metrics where Slack, and with it everybody, reaches it', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, transport: 'http' })
  const without = await start(world, {})
  expect((await without.get('/metrics')).status).toBe(404)
  await without.app.stop(1000)
  const apart = await start(world, { METRICS_PORT: '0' })
  expect((await apart.get('/metrics', apart.port)).status).toBe(404)
  expect((await apart.get('/metrics')).status).toBe(200)
  expect((await apart.get('/slack/events')).status).toBe(404)
})
