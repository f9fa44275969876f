import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CountedHold } from '../../src/domain/hold.ts'
import type { LimitKind } from '../../src/domain/limit.ts'
import type { Policy } from '../../src/domain/policy.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { engines } from '../ledger/engines.ts'
import {
  agent,
  askWith,
  clock,
  createSetting,
  inputWith,
  newOpenid,
  policyOf,
  requestAnother,
  useWechatPay,
  wechatpay,
} from './setting.ts'

// What stands on the ledger's locks, on both engines.
useWechatPay()

const none: Policy['limits'] = { perUser: null, perRequester: null, perStock: null, lookups: null }
const key = { user: 'perUser', requester: 'perRequester', stock: 'perStock' } as const

const races = fc.record({
  kind: fc.constantFrom<LimitKind>('user', 'requester', 'stock'),
  measure: fc.constantFrom('count' as const, 'quota' as const),
  left: fc.integer({ min: 0, max: 3 }),
  before: fc.integer({ min: 0, max: 2 }),
  asks: fc.integer({ min: 2, max: 12 }),
})

test.each(
  engines,
)('lets only as many have the last of a limit as there are, of many at once (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const second = setting.worker({ ledger: await setting.open({ now: clock.now }) })
  for (const { kind, measure, left, before, asks } of fc.sample(races, { numRuns: 8, seed: 20261124 })) {
    // Each race on a user, a requester and a stock of its own.
    const id = newOpenid()
    const stock = { ...policyOf().stocks[0], key: id, stockId: id } as Policy['stocks'][number]
    const max = (left + before) * (measure === 'quota' ? stock.quota : 1)
    const limit = { count: null, quota: null, days: 1, [measure]: Math.max(1, max) }
    setting.policy = policyOf({
      stocks: [stock],
      roles: { ...setting.policy.roles, requester: [`U${id}`, ...setting.policy.roles.requester] },
      limits: { ...none, [key[kind]]: limit },
    })
    const input = () =>
      inputWith({
        person: { ...agent, id: kind === 'requester' ? `U${id}` : agent.id },
        ask: askWith({ stock: id, ...(kind === 'user' && { openid: id }) }),
      })
    for (let count = 0; count < before; count++) await requestAnother(setting.grants, input())
    const outcomes = await Promise.all(
      Array.from({ length: asks }, (_, index) =>
        requestAnother(index % 2 ? setting.grants : second.grants, input()),
      ),
    )
    const given = outcomes.filter((outcome) => outcome.kind === 'recorded')
    const refused = outcomes.filter((outcome) => outcome.kind === 'refused')
    const expected = Math.min(asks, Math.max(measure === 'count' ? 1 : 0, left + before) - before)
    expect({ kind, measure, left, before, asks, given: given.length }).toMatchObject({
      given: Math.max(0, expected),
    })
    expect(given.length + refused.length).toBe(asks)
    for (const { problems } of refused)
      expect(problems).toMatchObject([{ refusal: { code: 'limit-reached', limit: kind, measure } }])
  }
})

test.each(engines)('records a form once that arrives at two replicas at once (%s)', async (engine) => {
  const { grants, worker, open, ledger } = await createSetting({ engine })
  const second = worker({ ledger: await open({ now: clock.now }) })
  const input = inputWith()
  const changed = { ...input, ask: { ...input.ask, stock: 'withdraw-50' } }
  const both = await Promise.all([grants.request(input), second.grants.request(changed)])
  const ids = both.map((outcome) => (outcome.kind === 'recorded' ? outcome.grant.id : outcome))
  expect(ids[0]).toEqual(ids[1])
  expect(await ledger.openGrantsOf({ openid: input.ask.openid })).toHaveLength(1)
})

test.each(engines)('asks "another one?" of one of two who give the same at once (%s)', async (engine) => {
  const { grants, worker, open } = await createSetting({ engine })
  const second = worker({ ledger: await open({ now: clock.now }) })
  const ask = askWith()
  const both = await Promise.all([
    grants.request(inputWith({ ask })),
    second.grants.request(inputWith({ ask, person: { ...agent, id: 'U0AGENT2' } })),
  ])
  expect(both.map(({ kind }) => kind).toSorted()).toEqual(['another', 'recorded'])
})

test('says within two seconds that the ledger is busy, and records nothing', async () => {
  await Promise.all(
    engines.map(async (engine) => {
      const { grants, open, ledger, wakes } = await createSetting({
        engine,
        ledger: { writeWithin: undefined },
      })
      const other = await open({ writeWithin: 60_000 })
      const more = Promise.withResolvers<void>()
      const had = Promise.withResolvers<void>()
      const blocking = other.write(async () => {
        had.resolve()
        await more.promise
      })
      await had.promise
      const input = inputWith()
      // By timers of this process, which a busy machine makes late in their order.
      const order: unknown[] = []
      const passing = [1500, 2500].map((ms) => sleep(ms).then(() => order.push(ms)))
      order.push(await grants.request(input))
      await Promise.all(passing)
      expect(order).toEqual([1500, { kind: 'busy' }, 2500])
      more.resolve()
      await blocking
      expect(wakes()).toBe(0)
      expect(await ledger.openGrantsOf({ openid: input.ask.openid })).toEqual([])
      // The same form again is recorded now.
      expect(await grants.request(input)).toMatchObject({ kind: 'recorded', repeated: false })
    }),
  )
})

test('is not sure when the answer of a commit is lost, and shows what was recorded when asked again', async () => {
  // By the one connection that reads as well, so that no other is dropped without knowing it.
  const options = { writeWithin: 5000 }
  const { worker, ledger, sql, grants } = await createSetting({ engine: 'postgres', ledger: options })
  const dropping: Ledger = {
    ...ledger,
    write: (fn) =>
      ledger.write(async (tx) => {
        const result = await fn(tx)
        await sql(`select pg_terminate_backend(pid) from pg_stat_activity
          where pid <> pg_backend_pid() and datname = current_database()`)
        return result
      }),
  }
  const unlucky = worker({ ledger: dropping }).grants
  const input = inputWith()
  expect(await unlucky.request(input)).toEqual({ kind: 'not-sure' })
  expect(await grants.request(input)).toMatchObject({ kind: 'recorded' })
  expect(await ledger.openGrantsOf({ openid: input.ask.openid })).toHaveLength(1)
  expect(await unlucky.list({ person: agent, openid: newOpenid(), stock: null, page: 1 })).toEqual({
    kind: 'busy',
  })
})

test.each(engines)('tells operators of a hold once, whichever replica does (%s)', async (engine) => {
  const told: CountedHold[] = []
  const { ledger, worker, open, grants } = await createSetting({
    engine,
    notifier: {
      async tellHold(hold) {
        told.push(hold)
        await more.promise
        return { channel: 'C0ALERTS1', ts: '1' }
      },
    },
  })
  const more = Promise.withResolvers<void>()
  const second = worker({ ledger: await open({ now: clock.now }) })
  await ledger.write((tx) => tx.beginHold({ kind: 'all', reason: 'SIGN_ERROR', message: '' }))
  const first = grants.tellHolds()
  await expect.poll(() => told.length).toBe(1)
  expect(await second.grants.tellHolds()).toBe(0)
  // Ended before its begin was told: the end is told after it, in the same place.
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'all' }] }))
  expect(await second.grants.tellHolds()).toBe(0)
  more.resolve()
  expect(await first).toBe(2)
  expect(told.map(({ endedAt }) => endedAt !== null)).toEqual([false, true])
})

test.each(
  engines,
)('tells on a grant that another of the same user and stock must be settled first (%s)', async (engine) => {
  const { give, issue, now, grants, ledger, drawn, passWaits } = await createSetting({ engine })
  const openid = newOpenid()
  wechatpay().fault({ name: 'reset-after', match: { openid } })
  wechatpay().fault({ name: 'server-error', match: { openid } })
  const first = await give({ openid })
  const waiting = await give({ openid })
  const shown = async (of: { id: string }) => {
    await grants.drawDue()
    return drawn.findLast(({ grant }) => grant.id === of.id)?.grant
  }
  expect(await shown(waiting)).toMatchObject({ state: 'approved', hold: null })

  await issue()
  const { flag } = await now(first)
  expect(await shown(first)).toMatchObject({ state: 'issuing', flag: { kind: 'checking' } })
  expect(await shown(waiting)).toMatchObject({
    state: 'approved',
    hold: { reason: 'same-user', at: flag?.at },
  })
  // Another stock and another user have nothing to do with it; one more of the same has, from its record on.
  for (const other of [await give({ openid, stock: 'withdraw-50' }), await give()]) {
    expect(other.hold).toBeNull()
    expect((await shown(other))?.hold).toBeNull()
    await ledger.write((tx) => tx.step(other.id, 'cancel', 'U0'))
  }
  expect(await now(waiting)).toMatchObject({ hold: { reason: 'same-user' } })
  const late = await give({ openid })
  expect(late.hold?.reason).toBe('same-user')
  expect((await shown(late))?.hold?.reason).toBe('same-user')

  // Asked in vain once more: that is news of the first, not of those that wait.
  const drawings = () => drawn.filter(({ grant }) => grant.id === waiting.id).length
  const before = drawings()
  await passWaits()
  expect(await issue()).toBe(1)
  expect(await shown(first)).toMatchObject({ attempts: 2 })
  expect(drawings()).toBe(before)

  // Settled without the queue, which might begin the next one at once.
  await ledger.write((tx) => tx.step(first.id, 'issue', 'wechatpay', { couponId: openid }))
  expect(await shown(first)).toMatchObject({ state: 'issued' })
  for (const grant of [waiting, late])
    expect(await shown(grant)).toMatchObject({ state: 'approved', hold: null })
  const kinds = (await ledger.eventsOf(waiting.id)).map(({ kind, data }) => [
    kind,
    'reason' in data && data.reason,
  ])
  expect(kinds.slice(2)).toEqual([
    ['held', 'same-user'],
    ['resumed', 'same-user'],
  ])
  expect((await now(waiting)).version).toBe(kinds.length)
  await issue()
  expect(await now(waiting)).toMatchObject({ state: 'issued', hold: null })
})

test.each(engines)('tells so as well when a crash leaves the outcome open (%s)', async (engine) => {
  const { give, ledger, grants, drawn, passLeases } = await createSetting({ engine })
  const openid = newOpenid()
  const first = await give({ openid })
  const waiting = await give({ openid })
  const shown = async () => {
    await grants.drawDue()
    return drawn.findLast(({ grant }) => grant.id === waiting.id)?.grant.hold?.reason ?? null
  }
  await ledger.claimDue({ worker: 'the one that died', lease: 1000 })
  expect(await shown()).toBeNull()
  await passLeases()
  await ledger.endLost()
  expect(await shown()).toBe('same-user')
  // A real hold is told before it.
  await ledger.write((tx) => tx.beginHold({ kind: 'all', reason: 'SIGN_ERROR', message: '' }))
  expect(await shown()).toBe('SIGN_ERROR')
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'all' }] }))
  expect(await shown()).toBe('same-user')
  await ledger.write((tx) => tx.step(first.id, 'issue', 'wechatpay', { couponId: openid }))
  expect(await shown()).toBeNull()
})
