import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ask } from '../../src/domain/ask.ts'
import { type Limit, windowStart } from '../../src/domain/limit.ts'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import {
  agent,
  approvalWith,
  askWith,
  clock,
  codes,
  createSetting,
  DAY,
  inputWith,
  newOpenid,
  policyOf,
  recorded,
  requestAnother,
  useWechatPay,
} from './setting.ts'

useWechatPay()

const colleague: Person = { ...agent, id: 'U0AGENT2' }
const limits = { perUser: null, perRequester: null, perStock: null, lookups: null }
const atMost = (change: Partial<Limit>): Limit => ({ count: null, quota: null, days: 1, ...change })

const perKind: [
  keyof Policy['limits'],
  Partial<Limit>,
  string | null,
  (n: number) => Partial<Ask>,
  Person,
][] = [
  ['perUser', { count: 2 }, 'openid', () => ({ openid: 'oTESToneUser0000000000000000' }), colleague],
  ['perUser', { quota: 2999 }, 'openid', () => ({ openid: 'oTESToneUser0000000000000000' }), colleague],
  ['perRequester', { count: 2 }, null, () => ({}), agent],
  ['perRequester', { quota: 2999 }, null, () => ({}), agent],
  ['perStock', { count: 2 }, 'stock', () => ({}), colleague],
  ['perStock', { quota: 2999 }, 'stock', () => ({}), colleague],
]

test.each(perKind)('holds the limit %s of %j, and refuses at %s', async (kind, limit, field, ask, second) => {
  const { grants, ledger } = await createSetting({ policy: { limits: { ...limits, [kind]: atMost(limit) } } })
  const request = (n: number, person: Person) =>
    requestAnother(grants, inputWith({ person, ask: askWith(ask(n)) }))
  const { grant } = recorded(await request(1, agent))
  recorded(await request(2, second))
  const refused = await request(3, second)
  expect(codes(refused)).toEqual([[field, 'limit-reached']])
  expect(refused).toMatchObject({
    problems: [
      {
        refusal: {
          measure: limit.count ? 'count' : 'quota',
          max: limit.count ?? limit.quota,
          used: limit.count ? 2 : 2000,
          adding: limit.count ? 1 : 1000,
        },
      },
    ],
  })
  // What was cancelled gives its place back, and tomorrow is another day.
  await ledger.write((tx) => tx.step(grant.id, 'cancel', 'U0'))
  recorded(await request(4, second))
  expect(codes(await request(5, second))).toHaveLength(1)
  clock.forward(DAY)
  recorded(await request(6, second))
})

test('goes on counting a stock whose key in the policy was changed', async () => {
  const setting = await createSetting({
    policy: { limits: { ...limits, perStock: atMost({ count: 1 }) } },
  })
  await setting.give()
  const stocks = setting.policy.stocks.map((stock) => ({ ...stock, key: `${stock.key}-renamed` }))
  setting.policy = { ...setting.policy, stocks }
  const refused = await requestAnother(
    setting.grants,
    inputWith({ ask: askWith({ openid: newOpenid(), stock: 'withdraw-10-renamed' }) }),
  )
  expect(codes(refused)).toEqual([['stock', 'limit-reached']])
})

test('lets a person decide once a rule has been used up', async () => {
  const rule = {
    name: 'small',
    stocks: ['withdraw-10'],
    reasons: ['outage'],
    upToQuota: 1000,
    perRequester: atMost({ count: 2 }),
    perUser: null,
  }
  const approval = approvalWith({ automatic: [rule] })
  const { grants } = await createSetting({ policy: { approval } })
  const state = async (ask: Partial<Ask>, person = agent) =>
    recorded(await grants.request(inputWith({ ask: askWith(ask), person }))).grant.state
  expect(await state({ stock: 'withdraw-50' })).toBe('pending')
  expect(await state({ reason: 'apology', note: 'sorry' })).toBe('pending')
  expect([await state({}), await state({}), await state({})]).toEqual(['approved', 'approved', 'pending'])
  expect(await state({}, colleague)).toBe('approved')
})

test('lets a person decide once the user got what a rule gives, by whatever decision', async () => {
  const rule = { name: 'once', stocks: null, reasons: null, upToQuota: null, perRequester: null }
  const approval = approvalWith({ automatic: [{ ...rule, perUser: atMost({ count: 1 }) }] })
  const setting = await createSetting({ policy: { approval: approvalWith() } })
  const { openid } = await setting.give()
  setting.policy = policyOf({ approval })
  const grant = await setting.give({ openid, stock: 'withdraw-50' })
  expect(grant).toMatchObject({
    state: 'pending',
    approvalReason: { code: 'rule-used-up', rule: 'once', by: 'user', limit: { count: 1 } },
  })
  expect(await setting.give({})).toMatchObject({ state: 'approved', approvedByRule: 'once' })
})

test('counts the days of a limit by the calendar, over a change of the clocks', async () => {
  // Clocks in New York are put forward on 14 March 2027: that day lasts 23 hours.
  const at = (time: string) => clock.forward(Date.parse(time) - clock.now())
  const perUser = { ...atMost({ count: 1 }), days: 1 }
  const setting = await createSetting({
    policy: { timezone: 'America/New_York', limits: { ...limits, perUser } },
  })
  await setting.grants.putInForce(setting.policy)
  const ask = async () => (await requestAnother(setting.grants, inputWith({ ask: askWith({ openid }) }))).kind
  const openid = askWith().openid
  at('2027-03-13T23:59:59-05:00')
  expect(await ask()).toBe('recorded')
  at('2027-03-14T00:00:00-05:00')
  expect([await ask(), await ask()]).toEqual(['recorded', 'refused'])
  at('2027-03-14T23:59:59-04:00')
  expect(await ask()).toBe('refused')
  at('2027-03-15T00:00:00-04:00')
  expect(await ask()).toBe('recorded')
})

test('counts the days before by the time zone that the policy has by now', async () => {
  const at = (time: string) => clock.forward(Date.parse(time) - clock.now())
  const perUser = atMost({ count: 1 })
  const setting = await createSetting({
    policy: { timezone: 'Asia/Shanghai', limits: { ...limits, perUser } },
  })
  const { openid } = askWith()
  const ask = async () => (await requestAnother(setting.grants, inputWith({ ask: askWith({ openid }) }))).kind
  // 13 March in New York.
  at('2028-03-14T11:30:00+08:00')
  expect(await ask()).toBe('recorded')
  at('2028-03-14T13:30:00+08:00')
  expect(await ask()).toBe('refused')
  setting.policy = policyOf({
    hash: 'in New York',
    timezone: 'America/New_York',
    limits: { ...limits, perUser },
  })
  await setting.grants.putInForce(setting.policy)
  // Until every grant is counted on its day there, it may be on either.
  expect(await ask()).toBe('refused')
  expect(await setting.grants.moveDays()).toBe(1)
  expect(await setting.grants.moveDays()).toBe(0)
  expect([await ask(), await ask()]).toEqual(['recorded', 'refused'])
})

test('counts by the days of the ledger while another replica is ahead with a policy of another time zone', async () => {
  const at = (time: string) => clock.forward(Date.parse(time) - clock.now())
  const perUser = atMost({ count: 1 })
  const setting = await createSetting({ policy: { limits: { ...limits, perUser } } })
  const inNewYork = policyOf({
    hash: 'in New York',
    timezone: 'America/New_York',
    limits: { ...limits, perUser },
  })
  const { openid } = askWith()
  const ask = async () => (await requestAnother(setting.grants, inputWith({ ask: askWith({ openid }) }))).kind
  // 13 March in New York, from noon on.
  at('2028-03-14T00:00:00+08:00')
  await setting.grants.putInForce(inNewYork)
  expect(await ask()).toBe('recorded')
  at('2028-03-14T13:00:00+08:00')
  setting.policy = inNewYork
  expect([await ask(), await ask()]).toEqual(['recorded', 'refused'])
})

test('tells beforehand what would become of an ask, and records nothing', async () => {
  const perUser = atMost({ count: 1 })
  const { grants, sql } = await createSetting({ policy: { limits: { ...limits, perUser } } })
  const ask = askWith()
  expect(await grants.preview(agent, ask)).toMatchObject({
    kind: 'automatic',
    rule: 'all',
    limits: [{ kind: 'user', limit: perUser, used: { count: 0, quota: 0 } }],
  })
  expect(await sql('select * from grants')).toEqual([])
  recorded(await grants.request(inputWith({ ask })))
  expect(await grants.preview(agent, ask)).toMatchObject({ kind: 'refused', problems: [{ field: 'openid' }] })
})

test('lets no sequence of asks pass a limit', async () => {
  const setting = await createSetting()
  const { grants, ledger, sql } = setting
  const users = [newOpenid(), newOpenid()]
  const limit = fc.option(
    fc
      .record({
        count: fc.option(fc.integer({ min: 1, max: 4 })),
        quota: fc.option(fc.integer({ min: 500, max: 9000 })),
        days: fc.integer({ min: 1, max: 2 }),
      })
      .filter(({ count, quota }) => count !== null || quota !== null),
  )
  const asks = fc.array(
    fc.record({
      openid: fc.constantFrom(...users),
      stock: fc.constantFrom('withdraw-10', 'withdraw-50'),
      person: fc.constantFrom(agent, colleague),
      wait: fc.constantFrom(0, 0, 0, DAY / 2),
      cancels: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  const perKind = fc.record({ perUser: limit, perRequester: limit, perStock: limit })
  await fc.assert(
    fc.asyncProperty(perKind, asks, async (chosen, sequence) => {
      setting.policy = policyOf({ limits: { ...chosen, lookups: null } })
      const before = clock.now()
      for (const { openid, stock, person, wait, cancels } of sequence) {
        clock.forward(wait)
        const outcome = await requestAnother(grants, inputWith({ person, ask: askWith({ openid, stock }) }))
        const { timezone } = setting.policy
        const rows = await sql(`select subject, stock, requester, quota, created_at from grants
          where created_at >= ${before} and state = 'approved'`)
        const groups = { perUser: 'subject', perRequester: 'requester', perStock: 'stock' } as const
        for (const [kind, column] of Object.entries(groups)) {
          const set = chosen[kind as keyof typeof groups]
          if (!set) continue
          const since = windowStart(clock.now(), set.days, timezone)
          const counted = Map.groupBy(
            rows.filter(({ created_at }) => Number(created_at) >= since),
            (row) => row[column],
          )
          for (const group of counted.values()) {
            expect(group.length).toBeLessThanOrEqual(set.count ?? Number.POSITIVE_INFINITY)
            const quota = group.reduce((sum, row) => sum + Number(row.quota), 0)
            expect(quota).toBeLessThanOrEqual(set.quota ?? Number.POSITIVE_INFINITY)
          }
        }
        if (cancels && outcome.kind === 'recorded')
          await ledger.write((tx) => tx.step(outcome.grant.id, 'cancel', 'U0'))
      }
      clock.forward(3 * DAY)
    }),
    { numRuns: 25 },
  )
})
