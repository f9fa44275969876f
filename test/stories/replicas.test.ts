import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext, test, vi } from 'vitest'
import type { Message, Person, View } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { placeOn } from '../ledger/engines.ts'
import { type Running, runMain } from '../run-main.ts'
import { card, press } from './approvers.ts'
import { createWorld, examplePolicy, textOf, textsOf } from './world.ts'

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

/** Two apps may share this world: one PostgreSQL and one Slack app; a lease is three calls of WeChat Pay long. */
async function createShared(
  { onTestFinished: finished }: TestContext,
  timeouts = { WECHATPAY_TIMEOUT: '1', SLACK_TIMEOUT: '2' },
) {
  const place = await placeOn('postgres', finished)
  const world = await createWorld({ policy, finished })
  Object.assign(world.env, { DATABASE_URL: place.url, ...timeouts })
  const cwd = dirname(world.env.POLICY_FILE ?? '')
  const grants = () =>
    place.sql(`select grants.id, openid, state, coupon_id, attempts::int
      from grants join subjects on subjects.id = grants.subject order by grants.id`) as Promise<
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

/** Whether it ended before what it had begun. */
function isCutShort({ log }: Running): boolean {
  return log.some(({ msg }) => /^stopping (?:with work|while answers to Slack are still) under way/.test(msg))
}

function hasLostSlack({ log }: Running): boolean {
  return log.some(({ msg }) => /pong wasn't received|^connected to Slack again/.test(msg))
}

/** One coupon for each grant and no other, and each shown once, as issued. */
async function expectOneEach({ grants, wechatpay }: Shared, people: Person[]): Promise<void> {
  const recorded = await grants()
  expect(
    wechatpay
      .coupons()
      .map(({ send_request_no, coupon_id }) => `${send_request_no} ${coupon_id}`)
      .sort(),
  ).toEqual(recorded.map(({ id, coupon_id }) => `${id} ${coupon_id}`))
  const isCard = ({ metadata }: Message) => metadata?.event_type === 'withdraw_coupon_card'
  const shown = () => people.flatMap((person) => person.dm().filter(isCard)).map(textOf)
  // Now and then: whoever looks at every change keeps Slack, in this process, from answering the apps.
  await vi.waitFor(
    () => {
      // A card's menu carries its grant.
      const issued = shown().filter((text) => text.includes('✅ '))
      expect(recorded.filter(({ id }) => !issued.some((text) => text.includes(`|${id}"`)))).toEqual([])
    },
    { interval: 200, timeout: 90_000 },
  )
  expect(shown()).toHaveLength(recorded.length)
}

/** The form that a command opened, or null when it was answered otherwise or, since the app was ended, not at all. */
async function open({ slack }: Shared, person: Person, openid: string, what: string): Promise<View | null> {
  const before = person.view()?.id
  const answers = () => person.messages('C0SUPPORT').length
  const answered = answers()
  const opened = await person.command('/withdraw-coupon', `send ${openid} ${what}`)
  if (!opened.ok) return null
  const form = () => {
    const view = person.view()
    return view?.callback_id === 'give' && view.id !== before ? view : null
  }
  await slack
    .waitFor(() => form() || answers() > answered, {
      timeout: 30_000,
      what: 'the form, or why there is none',
    })
    .catch(() => {})
  return form()
}

/**
 * Asks as a person does, and tells what they were told: that it was recorded, that it failed, or that nobody is sure, which
 * is told of what takes long and corrected by an app that lives. A click in the moment in which a socket closes does not
 * arrive: Slack says so.
 */
async function ask(
  world: Shared,
  person: Person,
  openid: string,
  what = 'withdraw-10 outage',
): Promise<'recorded' | 'failed' | 'unsure'> {
  const form = await open(world, person, openid, what)
  if (!form) return 'failed'
  // None that was given up opened late in its place.
  expect(form.state.values.openid?.openid_input?.value).toBe(openid)
  const { kind } = await person.submit()
  const isUnsure = () => {
    const shown = textsOf(person.view())
    return shown.includes(en.notice.notSure) || shown.includes(zhCN.notice.notSure)
  }
  if (isUnsure()) await world.slack.waitFor(() => !isUnsure(), { timeout: 30_000 }).catch(() => {})
  const shown = isUnsure() ? 'unsure' : person.view()?.callback_id
  await person.close()
  if (kind === 'updated' && (shown === 'recorded' || shown === 'unsure')) return shown
  // Slack says that it failed, or the app that it could not be recorded just now: on a busy machine, say.
  expect(['failed', 'errors']).toContain(kind === 'updated' && shown === 'notice' ? 'errors' : kind)
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
  expect(await world.sql(`select count(*)::int as n from events where kind = 'issue'`)).toEqual([{ n: 6 }])
})

test.concurrent('takes over what a stalled replica had begun, which writes nothing when it wakes', async (context) => {
  const world = await createShared(context)
  const { wechatpay, slack } = world
  const ada = slack.person('U0AGENT1')
  const first = await world.replica()
  // As long as a busy machine may need to stop it, and not as long as a call may take.
  wechatpay.fault({ name: 'slow', ms: 900 })
  await give(world, ada, openidOf(0))
  await vi.waitUntil(() => wechatpay.calls().some(({ method }) => method === 'POST'), {
    interval: 2,
    timeout: 60_000,
  })
  first.process.kill('SIGSTOP')
  await world.replica()
  await world.allIssued(1)
  const issued = await world.grants()
  expect(issued[0]?.attempts).toBeGreaterThan(1)
  const events = await world.sql('select kind from events order by id')
  first.process.kill('SIGCONT')
  await vi.waitUntil(() => first.log.some(({ msg }) => /attempt ended|outcome not recorded/.test(msg)), {
    timeout: 60_000,
  })
  expect(await world.grants()).toEqual(issued)
  const after = await world.sql('select kind from events order by id')
  expect(after.slice(events.length).map(({ kind }) => kind)).not.toContain('coupon-after-end')
  expect(after.filter(({ kind }) => kind === 'issue')).toHaveLength(1)
  await expectOneEach(world, [ada])
})

test.concurrent('keeps every ask that it acknowledged, and none that Slack said had failed, while replicas are restarted one after the other', {
  timeout: 300_000,
}, async (context) => {
  // Longer than elsewhere: nothing is taken over here, and a busy machine must not cut off what only takes long.
  const world = await createShared(context, { WECHATPAY_TIMEOUT: '3', SLACK_TIMEOUT: '5' })
  const { slack } = world
  const people = ['U0AGENT1', 'U0LEAD1', 'U0AUDIT1'].map((id) => slack.person(id))
  const old = [await world.replica(), await world.replica()]
  const replicas = [...old]
  const told = new Map<string, 'recorded' | 'failed' | 'unsure'>()
  const openids = (...answers: string[]) =>
    [...told].filter(([, answer]) => answers.includes(answer)).map(([openid]) => openid)
  let asked = 0
  for (const replica of old) {
    replicas.push(await world.replica())
    let hasEnded = false
    const asking = people.map(async (person) => {
      do {
        asked += 1
        const openid = openidOf(asked)
        told.set(openid, await ask(world, person, openid))
        // As fast as Slack lets messages be posted.
        await sleep(400)
      } while (!hasEnded)
    })
    const before = openids('recorded').length
    const stop = async () => {
      try {
        await vi.waitUntil(() => openids('recorded').length > before, { timeout: 60_000 })
        replica.process.kill('SIGTERM')
        const code = await replica.ended
        // What a busy machine keeps from its end is left to others, and said.
        expect(code === 0 || isCutShort(replica), replica.written()).toBe(true)
      } finally {
        hasEnded = true
      }
    }
    await Promise.all([stop(), ...asking])
  }
  const known = () => world.grants().then((grants) => grants.map(({ openid }) => openid))
  // What came of the rest is known once no replica holds it any more.
  await vi.waitUntil(async () => (await world.grants()).every(({ state }) => state === 'issued'), {
    interval: 100,
    timeout: 60_000,
  })
  const recorded = await known()
  expect(recorded).toEqual(expect.arrayContaining(openids('recorded')))
  expect(new Set(recorded).size).toBe(recorded.length)
  // A connection that is lost or cut takes acknowledgements with it, and only then.
  const isCertain = !replicas.some((replica) => isCutShort(replica) || hasLostSlack(replica))
  if (isCertain) expect(openids('failed').filter((openid) => recorded.includes(openid))).toEqual([])
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
    { timeout: 60_000, interval: 50 },
  )
  await vi.waitUntil(
    async () => (await world.sql('select 1 from notices where due_at is not null')).length === 0,
    {
      timeout: 60_000,
      interval: 50,
    },
  )
  expect(world.slack.channelMessages('C0ALERTS1')).toHaveLength(1)
})
