import { test } from 'vitest'
import type { App } from '../../src/app.ts'
import { createExchange, doctorWords, type Finding, press } from '../../src/doctor/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { doctor } from '../../src/tools/doctor.ts'
import { placeOn } from '../ledger/engines.ts'
import { runTool } from '../tools/run-tool.ts'
import { createWorld, startWorld, textOf, transports, type World } from './world.ts'

const WAIT = { timeout: 60_000, interval: 50 }

/** What somebody sees last in the support channel. */
function seen({ slack }: World, person: string): string {
  return textOf(slack.person(person).messages('C0SUPPORT').at(-1))
}

function alerts({ slack }: World): string[] {
  return slack.channelMessages('C0ALERTS1').map((message) => textOf(message))
}

test.concurrent('operators check the set-up from Slack in their language, and nobody else does', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const run = (person: string, text: string) =>
    slack.person(person).command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })
  await run('U0OPS001', 'doctor')
  await expect.poll(() => seen(world, 'U0OPS001'), WAIT).toContain('Nothing blocks the app')
  slack.setPerson('U0OPS001', { locale: 'zh-CN' })
  slack.setChannel('C0APPROVE', { isReadOnly: true })
  await run('U0OPS001', '检查')
  await expect.poll(() => seen(world, 'U0OPS001'), WAIT).toMatch(/不能在|may not post in/)
  await run('U0AGENT1', 'doctor')
  await expect.poll(() => seen(world, 'U0AGENT1'), WAIT).toContain(en.refusal.roleMissing('operator'))
  expect(seen(world, 'U0AGENT1')).not.toContain(doctorWords.en.title)
})

test.concurrent('starts all the same where the set-up is wrong, logs what to do, and tells the operators once a day', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, checksSetUp: true })
  world.slack.setChannel('C0APPROVE', { members: ['U0LEAD1'] })
  const app = await world.start()
  await expect.poll(() => alerts(world), WAIT).toHaveLength(1)
  expect(alerts(world)[0]).toContain('应用不在审批频道 #coupon-approvals')
  expect(alerts(world)[0]).toContain('/invite @Withdraw Coupon')
  expect(world.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      code: 'channel-not-joined',
      msg: expect.stringContaining('The app is not in the approval channel'),
      remedy: expect.stringContaining('/invite'),
    }),
  )
  await app.stop(1000)
  await world.start()
  await expect.poll(() => world.log.filter(({ msg }) => msg === 'set-up checked'), WAIT).toHaveLength(2)
  expect(alerts(world)).toHaveLength(1)
})

/** What an app says of processes that take a share of its clicks. */
async function consumers(app: App): Promise<Finding[]> {
  return (await app.examine()).filter(({ code }) => code === 'second-consumer')
}

test.concurrent('finds another app with the same app-level token and a ledger of its own, until it ends', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const stray = await createWorld({ finished })
  const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN } = world.env
  Object.assign(stray.env, { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN })
  const other = await stray.start()
  const app = await world.start()
  expect(await consumers(app)).toEqual([
    { code: 'second-consumer', values: { own: '2', counted: '4', apps: '1' } },
  ])
  await other.stop(1000)
  await expect.poll(() => world.slack.sockets(), WAIT).toBe(2)
  expect(await consumers(app)).toEqual([])
  expect(world.slack.sockets()).toBe(2)
})

test('takes replicas on one ledger for what they are, and finds the app that is none of them', async ({
  expect,
}) => {
  const [place, elsewhere] = await Promise.all([placeOn('postgres'), placeOn('postgres')])
  const world = await createWorld()
  const start = async (url: string) => {
    world.env.DATABASE_URL = url
    return world.start()
  }
  const first = await start(place.url)
  const second = await start(place.url)
  // A tool beside them is none.
  await place.open()
  for (const app of [first, second]) expect(await consumers(app)).toEqual([])
  const stray = await start(elsewhere.url)
  expect(await consumers(stray)).toEqual([
    { code: 'second-consumer', values: { own: '2', counted: '6', apps: '1' } },
  ])
  const third = await start(place.url)
  expect(await consumers(third)).toEqual([
    { code: 'second-consumer', values: { own: '6', counted: '8', apps: '3' } },
  ])
})

test.concurrent('is not ready while approvers can not be asked', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  Object.assign(world.env, { PORT: '0' })
  world.slack.setChannel('C0APPROVE', { isArchived: true })
  const { port } = await world.startAt()
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).json()
  await expect.poll(ready, WAIT).toMatchObject({
    ready: false,
    checks: { slack: "the app can't post in the approval channel: archived", ledger: 'ok', keys: 'ok' },
  })
  world.slack.setChannel('C0APPROVE', { isArchived: false })
  await expect.poll(ready, WAIT).toMatchObject({ ready: true, checks: { slack: 'ok' } })
})

for (const transport of transports)
  test.concurrent(`proves by a button that clicks arrive (${transport})`, async ({
    expect,
    onTestFinished: finished,
  }) => {
    const world = await startWorld({ finished, transport })
    const { slack, env } = world
    const asked = runTool(doctor, ['--press', 'U0OPS001', '--locale', 'en'], env)
    const olaf = slack.person('U0OPS001')
    const sent = await slack.waitFor(() => olaf.dm().find((message) => textOf(message).includes('Press me')))
    await olaf.press({ actionId: 'set_up_press', messageTs: sent.ts, channel: sent.channel })
    const { code, out, err } = await asked
    expect(err).toContain('press it while the app runs')
    expect(out).toMatch(/The running app answered a click, which reached it after \d+ ms/)
    expect(code).toBe(0)
    expect(olaf.dm().map((message) => message.text)).toEqual([
      expect.stringMatching(/^Your click has reached the app/),
    ])
  })

test.concurrent('takes the button away that nobody has pressed', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack, env } = world
  const { exchange, close } = createExchange(undefined)
  finished(close)
  const setup = {
    botToken: env.SLACK_BOT_TOKEN ?? '',
    transport: 'socket' as const,
    apiUrl: env.SLACK_API_URL,
  }
  const found = await press('U0OPS001', { setup, exchange, say() {}, within: 10 })
  expect(found.code).toBe('press-unanswered')
  expect(slack.person('U0OPS001').dm()).toEqual([])
  expect((await press('U0GONE01', { setup, exchange, say() {} })).code).toBe('press-unsent')
})
