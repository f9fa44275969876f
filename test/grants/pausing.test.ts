import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import type { Operator } from '../../src/grants/index.ts'
import { engines } from '../ledger/engines.ts'
import { policyWith } from '../slack/builders.ts'
import { agent, clock, createSetting, sentTo, useWechatPay, wechatpay } from './setting.ts'

useWechatPay()

const roles = { ...policyWith().roles, operator: ['U0OPS001'] }
const ops: Person = { id: 'U0OPS001', email: null, groups: [], standing: 'member' }
const by = { person: ops }
const unauthorised = { name: 'refuse', code: 'SIGN_ERROR', status: 401, signed: false } as const

test.each(engines)('sends nothing from a pause on, and everything once it is over (%s)', async (engine) => {
  const { give, grants, issue, now, sql } = await createSetting({ engine, policy: { roles } })
  const before = await give()
  expect(await grants.pause({ by, stock: null, reason: 'budget checked' })).toMatchObject({
    kind: 'paused',
    hold: { kind: 'paused', reason: 'paused', message: 'budget checked', begunBy: ops.id, waiting: 1 },
  })
  const after = await give({ stock: 'withdraw-50' })
  expect(after.hold).toMatchObject({ reason: 'paused' })
  expect(await now(before)).toMatchObject({ state: 'approved', hold: { reason: 'paused' } })
  expect(await issue()).toBe(0)

  expect(await grants.resume({ by, stock: null })).toMatchObject({ kind: 'resumed', holds: [] })
  expect(await issue()).toBe(2)
  for (const grant of [before, after]) {
    expect(await now(grant)).toMatchObject({ state: 'issued', hold: null })
    expect(sentTo(grant).coupons).toHaveLength(1)
  }
  expect(
    await sql(
      `select kind, actor from events where kind in ('paused', 'resumed') and grant_id is null order by id`,
    ),
  ).toEqual([
    { kind: 'paused', actor: ops.id },
    { kind: 'resumed', actor: ops.id },
  ])
})

test.each(engines)('tells before an ask that it would have to wait (%s)', async (engine) => {
  const { grants } = await createSetting({ engine, policy: { roles } })
  const preview = (stock: string) =>
    grants.preview(agent, {
      openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
      stock,
      reason: 'outage',
      note: null,
      ticket: null,
    })
  expect(await preview('withdraw-10')).toMatchObject({ kind: 'automatic', hold: null })
  await grants.pause({ by, stock: 'withdraw-10', reason: null })
  expect(await preview('withdraw-10')).toMatchObject({ kind: 'automatic', hold: 'paused' })
  expect(await preview('withdraw-50')).not.toMatchObject({ hold: 'paused' })
})

test('resumes what was paused where the clock is ahead', async () => {
  const { give, grants, now } = await createSetting({ policy: { roles } })
  clock.forward(60_000)
  await grants.pause({ by, stock: null, reason: null })
  clock.forward(-60_000)
  const grant = await give()
  expect(await grants.resume({ by, stock: null })).toMatchObject({ kind: 'resumed', holds: [] })
  expect((await now(grant)).hold).toBeNull()
})

test('pauses a stock and no other', async () => {
  const { give, grants, issue, now } = await createSetting({ policy: { roles } })
  await grants.pause({ by, stock: 'withdraw-10', reason: null })
  const paused = await give()
  const other = await give({ stock: 'withdraw-50' })
  expect(await issue()).toBe(1)
  expect(await now(other)).toMatchObject({ state: 'issued' })
  expect(await now(paused)).toMatchObject({ state: 'approved', hold: { reason: 'paused' } })
  expect(await grants.resume({ by, stock: null })).toMatchObject({
    kind: 'not-paused',
    isKnown: true,
    holds: [{ kind: 'paused', stock: 'withdraw-10' }],
  })
  for (const [stock, isKnown] of [
    ['withdraw-50', true],
    ['nix', false],
  ] as const)
    expect(await grants.resume({ by, stock })).toMatchObject({ kind: 'not-paused', isKnown })
  await grants.resume({ by, stock: 'withdraw-10' })
  expect(await issue()).toBe(1)
})

test('resumes a stock that left the policy while it was paused', async () => {
  const setting = await createSetting({ policy: { roles } })
  const { grants } = setting
  await grants.pause({ by, stock: 'withdraw-50', reason: null })
  const { policy } = setting
  setting.policy = { ...policy, stocks: policy.stocks.filter(({ key }) => key !== 'withdraw-50') }
  expect(await grants.resume({ by, stock: 'withdraw-50' })).toMatchObject({ kind: 'resumed' })
  expect(await grants.resume({ by, stock: 'withdraw-50' })).toMatchObject({ isKnown: false })
})

test('repeats nothing during a pause, not even what may be a coupon', async () => {
  const { give, grants, issue, now, passWaits } = await createSetting({ policy: { roles } })
  wechatpay().fault({ name: 'reset-after' })
  const grant = await give()
  await issue()
  await grants.pause({ by, stock: null, reason: null })
  await passWaits()
  expect(await issue()).toBe(0)
  expect(await now(grant)).toMatchObject({ state: 'issuing', hold: { reason: 'paused' } })
  await grants.resume({ by, stock: null })
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued', attempts: 2 })
  expect(sentTo(grant).coupons).toHaveLength(1)
})

test('lets no probe through a pause, and finds the fault again after it', async () => {
  const { give, grants, issue, now, passWaits } = await createSetting({ policy: { roles } })
  wechatpay().fault({ ...unauthorised, times: 2 })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ hold: { reason: 'SIGN_ERROR' } })
  await grants.pause({ by, stock: 'withdraw-10', reason: null })
  expect(await now(grant)).toMatchObject({ hold: { reason: 'paused' } })
  await grants.pause({ by, stock: null, reason: null })
  await passWaits()
  expect(await issue()).toBe(0)

  await grants.resume({ by, stock: null })
  expect(await now(grant)).toMatchObject({ hold: { reason: 'paused' } })
  expect(await issue()).toBe(0)
  await grants.resume({ by, stock: 'withdraw-10' })
  expect(await now(grant)).toMatchObject({ hold: { reason: 'SIGN_ERROR' } })
  // Only the probe goes out.
  await give()
  expect(await issue()).toBe(1)
  expect(await issue()).toBe(0)
  expect(sentTo(grant).calls).toHaveLength(2)
})

test('tells the operators of a pause and of its end', async () => {
  const { grants, told } = await createSetting({ policy: { roles } })
  await grants.pause({ by, stock: null, reason: 'why' })
  await grants.tellHolds()
  await grants.resume({ by: { commandLine: 'root' }, stock: null })
  await grants.tellHolds()
  expect(told).toMatchObject([
    { kind: 'paused', begunBy: ops.id, endedBy: null },
    { kind: 'paused', begunBy: ops.id, endedBy: 'cli:root' },
  ])
})

test('pauses once, whoever says so again', async () => {
  const { grants, sql } = await createSetting({ policy: { roles } })
  await grants.pause({ by, stock: null, reason: 'first' })
  expect(await grants.pause({ by: { commandLine: 'root' }, stock: null, reason: 'second' })).toMatchObject({
    kind: 'already',
    hold: { message: 'first', begunBy: ops.id },
  })
  expect(await sql(`select 1 from holds where ended_at is null`)).toHaveLength(1)
})

test('lets nobody pause, resume or look who is no operator', async () => {
  const { grants, sql } = await createSetting({ policy: { roles } })
  const refused = { kind: 'refused', refusal: { code: 'role-missing', role: 'operator' } }
  const nobody = { person: agent }
  expect(await grants.pause({ by: nobody, stock: null, reason: null })).toEqual(refused)
  expect(await grants.stuck({ by: nobody })).toEqual(refused)
  await grants.pause({ by, stock: null, reason: null })
  expect(await grants.resume({ by: nobody, stock: null })).toEqual(refused)
  expect(await sql('select 1 from holds where ended_at is null')).toHaveLength(1)
  expect(await grants.pause({ by, stock: 'lsit', reason: null })).toMatchObject({
    kind: 'refused',
    refusal: { code: 'stock-unknown', stock: 'lsit' },
  })
})

test('rests everything after "too many", longer each time, until another answer comes', async () => {
  const { give, grants, issue, ledger, now, sql } = await createSetting()
  wechatpay().fault({ name: 'refuse', code: 'FREQUENCY_LIMITED', status: 429, times: 2 })
  const first = await give()
  const due = () => sql(`update grants set due_at = 0 where due_at is not null`)
  const rest = async () => Math.round((await ledger.slotIn()) / 1000)
  await issue()
  expect(await now(first)).toMatchObject({ state: 'approved', attempts: 1 })
  expect(await rest()).toBe(1)
  const second = await give()
  expect(await grants.issueDue()).toBe(0)
  expect(await now(second)).toMatchObject({ attempts: 0 })
  await due()
  await sql('update pace set next_us = 0')
  await sql(`update grants set due_at = null where id = '${second.id}'`)
  await issue()
  expect(await rest()).toBe(2)
  await due()
  await sql('update pace set next_us = 0')
  await issue()
  expect(await now(first)).toMatchObject({ state: 'issued' })
  expect(await sql('select slowed from pace')).toEqual([{ slowed: 0 }])
})

test.each(engines)('keeps one pace for all workers of a ledger (%s)', async (engine) => {
  const { give, grants, worker, ledger } = await createSetting({ engine, deps: { rate: 0.1 } })
  const second = worker({ worker: 'worker-2' })
  for (let count = 0; count < 4; count++) await give()
  const begun = await Promise.all([grants.issueDue(), second.grants.issueDue()])
  expect(begun.toSorted()).toEqual([0, 1])
  expect(await ledger.slotIn()).toBeGreaterThan(0)
  await Promise.all([grants.drain(5000), second.grants.drain(5000)])
})

test.each(
  engines,
)('ends by a button the pause it was drawn for, and none that began later (%s)', async (engine) => {
  const { grants, ledger } = await createSetting({ engine, policy: { roles } })
  const first = await grants.pause({ by, stock: null, reason: 'first' })
  const pause = 'hold' in first ? first.hold.id : ''
  expect(await grants.resume({ by, stock: null, pause })).toMatchObject({
    kind: 'resumed',
    hold: { id: pause },
  })
  expect(await grants.resume({ by, stock: null, pause })).toMatchObject({
    kind: 'over',
    over: { id: pause, endedBy: ops.id },
    holds: [],
  })
  const other = { commandLine: 'root' }
  await grants.pause({ by: other, stock: null, reason: 'coupons given twice' })
  expect(await grants.resume({ by, stock: null, pause })).toMatchObject({
    kind: 'over',
    over: { id: pause },
    holds: [{ begunBy: 'cli:root', message: 'coupons given twice' }],
  })
  expect(await grants.resume({ by, stock: null, pause: 'of-another-ledger' })).toMatchObject({
    kind: 'over',
    over: null,
  })
  expect(await ledger.openHolds()).toHaveLength(1)
})

test.each(
  engines,
)('carries an order out once, however often and wherever it arrives (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: { roles } })
  const second = setting.worker({ ledger: await setting.open({ now: clock.now }), worker: 'worker-2' })
  const pauses = await Promise.all(
    [setting, second, setting, second].map(({ grants }) =>
      grants.pause({ by, stock: null, reason: null, order: 'T1' }),
    ),
  )
  expect(pauses.map(({ kind }) => kind).toSorted()).toEqual(['paused', 'repeated', 'repeated', 'repeated'])
  const resume = () => second.grants.resume({ by, stock: null, order: 'T2' })
  expect(await resume()).toMatchObject({ kind: 'resumed' })
  await setting.grants.pause({ by: { commandLine: 'root' }, stock: null, reason: null })
  expect(await resume()).toMatchObject({ kind: 'repeated', holds: [{ begunBy: 'cli:root' }] })
  expect(await setting.grants.pause({ by, stock: null, reason: null, order: 'T1' })).toMatchObject({
    kind: 'repeated',
  })
  expect(await setting.ledger.openHolds()).toMatchObject([{ begunBy: 'cli:root' }])
})

test('ends no pause by an order that arrived before it began, though there was nothing to end then', async () => {
  const { grants, ledger } = await createSetting({ policy: { roles } })
  expect(await grants.resume({ by, stock: null, order: 'T3' })).toMatchObject({ kind: 'not-paused' })
  await grants.pause({ by, stock: null, reason: null })
  expect(await grants.resume({ by, stock: null, order: 'T3' })).toMatchObject({ kind: 'repeated' })
  expect(await ledger.openHolds()).toHaveLength(1)
})

test.each([
  {},
  { isCutOff: true as const },
])('carries no order out later that was refused as Slack did not tell who gave it (%o)', async (cut) => {
  const { grants, ledger } = await createSetting({ policy: { roles } })
  const unknown = { person: { ...ops, groups: null, ...cut } }
  const resume = (who: Operator) => grants.resume({ by: who, stock: null, order: 'T5' })
  const pause = (who: Operator) => grants.pause({ by: who, stock: null, reason: null, order: 'T6' })
  expect(await resume(unknown)).toMatchObject({ kind: 'refused' })
  expect(await pause(unknown)).toMatchObject({ kind: 'refused' })
  expect(await pause(by)).toMatchObject({ kind: 'repeated', holds: [] })
  await grants.pause({ by, stock: null, reason: null })
  expect(await resume(by)).toMatchObject({ kind: 'repeated' })
  expect(await ledger.openHolds()).toHaveLength(1)
})

test('forgets orders after a day, when nobody can repeat them any more', async () => {
  const { grants, sql } = await createSetting({ policy: { roles } })
  await grants.resume({ by, stock: null, order: 'old' })
  await sql(`update orders set at = at - ${24 * 60 * 60 * 1000 + 1000}`)
  await grants.resume({ by, stock: null, order: 'new' })
  expect(await sql('select id from orders')).toEqual([{ id: 'new' }])
})

test('pauses by the button of a fault what that fault stops, and nothing once it is over', async () => {
  const { give, grants, issue, ledger, passWaits } = await createSetting({ policy: { roles } })
  wechatpay().fault({ ...unauthorised, times: 1 })
  await give()
  await issue()
  const [fault] = await ledger.openHolds()
  const press = () => grants.pause({ by, stock: null, reason: null, fault: fault?.id ?? '' })
  expect(await press()).toMatchObject({ kind: 'paused', hold: { kind: 'paused' } })
  expect(await press()).toMatchObject({ kind: 'already' })
  await grants.resume({ by, stock: null })
  await passWaits()
  await issue()
  expect(await ledger.openHolds()).toEqual([])
  expect(await press()).toMatchObject({ kind: 'over', over: { id: fault?.id } })
  expect(await ledger.openHolds()).toEqual([])
})
