import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext, test, vi } from 'vitest'
import type { Person } from '../../src/sandbox/slack/index.ts'
import { zhCN } from '../../src/slack/words/zh-cn.ts'
import { placeOn } from '../ledger/engines.ts'
import { runMain } from '../run-main.ts'
import { card, press } from './approvers.ts'
import { createWorld, examplePolicy, textOf } from './world.ts'

/** Everybody may give as often as they like; people by their ids, since twenty looks at a group a minute are Slack's limit. */
// Each has two apps and people who wait: more at a time only wait for each other.
vi.setConfig({ maxConcurrency: 2 })

const policy = examplePolicy
  .replace('requesters: [S0AGENTS, S0LEADS1]', 'requesters: [U0AGENT1, U0LEAD1, U0AUDIT1]')
  .replaceAll('S0AGENTS', 'U0AGENT1')
  .replaceAll('S0LEADS1', 'U0LEAD2')
  // One person decides here.
  .replace('approvals: 2', 'approvals: 1')
  .replace(/per_requester: \{ count: 3, days: 1 \}.*/, '')
  .replace(/^ {2}per_(user|requester|stock):.*$/gm, '')

const openidOf = (number: number) => `oUpF8uMuAJO_M2pxb1Q9zNREPL${String(number).padStart(2, '0')}`

/** Two apps may share this world: one PostgreSQL and one Slack app; a call may take a second, a lease three. */
async function createShared({ onTestFinished: finished }: TestContext) {
  const place = await placeOn('postgres')
  const world = await createWorld({ policy, finished })
  Object.assign(world.env, { DATABASE_URL: place.url, WECHATPAY_TIMEOUT: '1', SLACK_TIMEOUT: '2' })
  const cwd = dirname(world.env.POLICY_FILE ?? '')
  const grants = () =>
    place.sql('select id, openid, state, coupon_id, attempts::int from grants order by id') as Promise<
      { id: string; openid: string; state: string; coupon_id: string | null; attempts: number }[]
    >
  return {
    ...world,
    sql: place.sql,
    grants,
    /** A replica of its own process, ready. */
    async replica() {
      const app = runMain({ env: world.env, cwd, finished })
      await app.logged('ready')
      return app
    },
    async allIssued(count: number) {
      await vi.waitUntil(
        async () => {
          const states = (await grants()).map(({ state }) => state)
          return states.length === count && states.every((state) => state === 'issued')
        },
        { interval: 50, timeout: 60_000 },
      )
    },
  }
}
type Shared = Awaited<ReturnType<typeof createShared>>

/** One coupon for each grant and no other, and each shown once, as issued. */
async function expectOneEach({ grants, wechatpay, slack }: Shared, people: Person[]): Promise<void> {
  const recorded = await grants()
  expect(
    wechatpay
      .coupons()
      .map(({ send_request_no, coupon_id }) => `${send_request_no} ${coupon_id}`)
      .sort(),
  ).toEqual(recorded.map(({ id, coupon_id }) => `${id} ${coupon_id}`))
  const shown = () => people.flatMap((person) => person.dm())
  await slack.waitFor(
    () =>
      recorded.every(({ coupon_id }) => shown().some((message) => textOf(message).includes(coupon_id ?? ''))),
    { timeout: 60_000, what: 'every requester told of the coupon' },
  )
  expect(shown()).toHaveLength(recorded.length)
}

/**
 * Asks as a person does, and tells what Slack told them: that it was recorded, or that it failed. A click in the moment
 * in which a socket closes does not arrive: Slack says so.
 */
async function ask(
  { slack }: Shared,
  person: Person,
  openid: string,
  what = 'withdraw-10 outage',
): Promise<'recorded' | 'failed'> {
  const before = person.view()?.id
  const answers = () => person.messages('C0SUPPORT').length
  const answered = answers()
  const opened = await person.command('/withdraw-coupon', `send ${openid} ${what}`)
  if (!opened.ok) return 'failed'
  const isForm = () => person.view()?.callback_id === 'give' && person.view()?.id !== before
  await slack.waitFor(() => isForm() || answers() > answered, { what: 'the form, or why there is none' })
  if (!isForm()) return 'failed'
  const { kind } = await person.submit()
  const told = person.view()?.callback_id
  await person.close()
  if (kind === 'updated' && told === 'recorded') return 'recorded'
  // Slack says that it failed, or the app that it could not be recorded just now: on a busy machine, say.
  expect(['failed', 'errors']).toContain(kind)
  return 'failed'
}

/** Asks again as long as it fails, as people do. */
async function give(world: Shared, person: Person, openid: string, what?: string): Promise<void> {
  await vi.waitUntil(async () => (await ask(world, person, openid, what)) === 'recorded', { timeout: 60_000 })
}

test.concurrent('has one effect of each ask, click and card, whichever of two replicas takes it', async (context) => {
  const world = await createShared(context)
  await world.start()
  await world.start()
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  for (let number = 0; number < 5; number++) await give(world, ada, openidOf(number))
  await give(world, ada, openidOf(5), 'withdraw-50 apology SUP-12')
  const asked = await card(world, zhCN.approval.title.pending)
  // Both at once, and again: as likely as not by different replicas.
  await Promise.all(Array.from({ length: 4 }, () => press(world, 'U0LEAD2', 'approve', asked)))
  await world.allIssued(6)
  await expectOneEach(world, [ada])
  expect(await world.sql(`select count(*)::int as n from decisions`)).toEqual([{ n: 1 }])
  expect(slack.channelMessages('C0APPROVE').filter(({ thread_ts }) => !thread_ts)).toHaveLength(1)
  // On a busy machine one may have been sent again, under its own number.
  expect(await world.sql(`select count(*)::int as n from attempts where outcome = 'issued'`)).toEqual([
    { n: 6 },
  ])
})

test.concurrent('takes over what a stalled replica had begun, which writes nothing when it wakes', async (context) => {
  const world = await createShared(context)
  const { wechatpay, slack } = world
  const ada = slack.person('U0AGENT1')
  const first = await world.replica()
  wechatpay.fault({ name: 'slow', ms: 400 })
  await give(world, ada, openidOf(0))
  await vi.waitUntil(() => wechatpay.calls().some(({ method }) => method === 'POST'), { interval: 2 })
  first.process.kill('SIGSTOP')
  await world.replica()
  await world.allIssued(1)
  const issued = await world.grants()
  expect(issued).toMatchObject([{ attempts: 2 }])
  const events = await world.sql('select kind from events order by id')
  first.process.kill('SIGCONT')
  await vi.waitUntil(() => first.log.some(({ msg }) => /attempt ended|outcome not recorded/.test(msg)), {
    timeout: 10_000,
  })
  expect(await world.grants()).toEqual(issued)
  const after = await world.sql('select kind from events order by id')
  expect(after.slice(events.length).map(({ kind }) => kind)).not.toContain('coupon-after-end')
  expect(after.filter(({ kind }) => kind === 'issue')).toHaveLength(1)
  await expectOneEach(world, [ada])
})

test.concurrent('keeps every ask that it acknowledged, and none that Slack said had failed, while replicas are restarted one after the other', async (context) => {
  const world = await createShared(context)
  const { slack } = world
  const people = ['U0AGENT1', 'U0LEAD1', 'U0AUDIT1'].map((id) => slack.person(id))
  let replicas = [await world.replica(), await world.replica()]
  const restarting = { isOver: false }
  const told = new Map<string, 'recorded' | 'failed'>()
  let asked = 0
  const asking = people.map(async (person) => {
    while (!restarting.isOver) {
      asked += 1
      const openid = openidOf(asked)
      told.set(openid, await ask(world, person, openid))
      // As fast as Slack lets messages be posted.
      await sleep(400)
    }
  })
  for (const replica of replicas) {
    const next = await world.replica()
    replica.process.kill('SIGTERM')
    expect(await replica.ended).toBe(0)
    replicas = [...replicas, next]
    await sleep(200)
  }
  restarting.isOver = true
  await Promise.all(asking)
  const recorded = [...told].filter(([, what]) => what === 'recorded').map(([openid]) => openid)
  expect(recorded.length).toBeGreaterThan(6)
  await world.allIssued(recorded.length)
  expect((await world.grants()).map(({ openid }) => openid).sort()).toEqual(recorded.sort())
  await expectOneEach(world, people)
})

test.concurrent('goes on when PostgreSQL has cut every connection', async (context) => {
  const world = await createShared(context)
  await world.start()
  const ada = world.slack.person('U0AGENT1')
  await give(world, ada, openidOf(0))
  await world.allIssued(1)
  await world.sql(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  // Whoever acts in the very moment is told that it failed, and acts again.
  await give(world, ada, openidOf(1))
  await world.allIssued(2)
  await expectOneEach(world, [ada])
})

test.concurrent('tells the operators once of a broken policy that both replicas read', async (context) => {
  const world = await createShared(context)
  await world.start()
  await world.start()
  world.setPolicy('stocks: nothing')
  await vi.waitUntil(
    () =>
      world.log.filter(({ msg }) => String(msg).startsWith('the policy file can not be used')).length === 2,
    { timeout: 15_000, interval: 50 },
  )
  await vi.waitUntil(
    async () => (await world.sql('select 1 from notices where due_at is not null')).length === 0,
    {
      timeout: 10_000,
      interval: 50,
    },
  )
  expect(world.slack.channelMessages('C0ALERTS1')).toHaveLength(1)
})
