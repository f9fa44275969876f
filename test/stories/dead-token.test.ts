import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { createWorld, openForm, textOf, transports, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

async function start(world: World) {
  Object.assign(world.env, { METRICS_PORT: '0' })
  const { app, metricsPort } = await world.startAt()
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`)
    return { status: answer.status, slack: JSON.parse(await answer.text()).checks.slack }
  }
  return { app, ready, fatal: () => world.log.filter(({ level }) => level === 'fatal' || level === 60) }
}

for (const transport of transports)
  test.concurrent(`says that its token is dead to whoever asks, and goes on when it lives again (${transport})`, async ({
    expect,
    onTestFinished: finished,
  }) => {
    const world = await createWorld({ finished, transport })
    const { slack } = world
    const { ready, fatal } = await start(world)
    const ada = slack.person('U0AGENT1')
    await openForm(world, ada, `${OPENID} withdraw-10 outage`)
    await ada.close()
    slack.fault({ name: 'web_api_error', error: 'token_revoked', times: 1000 })

    // First it is only found out; from then on nobody is asked to try again.
    await ada.command('/withdraw-coupon', 'send')
    const isTold = (words: string) =>
      ada.messages('C0SUPPORT').some((message) => textOf(message).includes(words))
    await slack.waitFor(() => isTold(en.refusal.cutOff))
    const before = ada.messages('C0SUPPORT').length
    await ada.command('/withdraw-coupon', `list ${OPENID}`)
    await slack.waitFor(() => ada.messages('C0SUPPORT').length > before)
    expect(textOf(ada.messages('C0SUPPORT').at(-1))).toContain(en.refusal.cutOff)
    for (const message of ada.messages('C0SUPPORT'))
      expect(textOf(message)).not.toMatch(/try again in|Please try again/i)

    expect(await ready()).toEqual({
      status: 503,
      slack: 'Slack no longer accepts SLACK_BOT_TOKEN (token_revoked)',
    })
    expect(fatal()).toHaveLength(1)
    expect(fatal()[0]).toMatchObject({
      code: 'token_revoked',
      msg: expect.stringContaining('OAuth & Permissions'),
    })

    slack.clearFaults()
    await openForm(world, ada, `${OPENID} withdraw-10 outage`)
    expect(await ready()).toEqual({ status: 200, slack: 'ok' })
    expect(fatal()).toHaveLength(1)
  })

test.concurrent('finds out that its token died, and lives again, though nobody does anything', {
  timeout: 60_000,
}, async ({ expect, onTestFinished: finished }) => {
  const world = await createWorld({ finished })
  const { ready, fatal } = await start(world)
  world.slack.fault({ name: 'web_api_error', error: 'account_inactive', times: 1000 })
  const patient = { interval: 500, timeout: 25_000 }
  await expect
    .poll(ready, patient)
    .toEqual({ status: 503, slack: 'Slack no longer accepts SLACK_BOT_TOKEN (account_inactive)' })
  expect(fatal()).toHaveLength(1)
  world.slack.clearFaults()
  await expect.poll(ready, patient).toEqual({ status: 200, slack: 'ok' })
})

test.concurrent('is not ready while its app-level token is dead, says so once, and connects when it lives again', {
  timeout: 60_000,
}, async ({ expect, onTestFinished: finished }) => {
  const world = await createWorld({ finished })
  const { ready, fatal } = await start(world)
  world.slack.fault({
    name: 'web_api_error',
    error: 'token_revoked',
    method: 'apps.connections.open',
    times: 1000,
  })
  world.slack.cutSockets()
  await expect
    .poll(ready, { interval: 50, timeout: 10_000 })
    .toEqual({ status: 503, slack: 'Slack no longer accepts SLACK_APP_TOKEN (token_revoked)' })
  expect(fatal()).toHaveLength(1)
  expect(fatal()[0]).toMatchObject({ msg: expect.stringContaining('connections:write') })
  world.slack.clearFaults()
  await expect.poll(ready, { interval: 100, timeout: 40_000 }).toEqual({ status: 200, slack: 'ok' })
})

test('has words for it in both languages', () => {
  for (const words of [en, zhCN]) expect(words.refusal.cutOff).not.toMatch(/again in|稍后/)
})
