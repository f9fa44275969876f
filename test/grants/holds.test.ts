import { expect, test } from 'vitest'
import type { FaultSpec } from '../../src/sandbox/wechatpay/index.ts'
import { clock, createSetting, DAY, newOpenid, sentTo, useWechatPay, wechatpay } from './setting.ts'

useWechatPay()

const unauthorised: FaultSpec = { name: 'refuse', code: 'SIGN_ERROR', status: 401, signed: false }
const MINUTE = 60_000

test('holds everything by a 401, tries once a minute, and goes on after the repair', async () => {
  const { give, issue, now, grants, passWaits, sql, told } = await createSetting()
  wechatpay().fault({ ...unauthorised, times: 3 })
  const first = await give()
  await issue()
  expect(await now(first)).toMatchObject({
    state: 'approved',
    hold: { reason: 'SIGN_ERROR' },
    flag: null,
    maybeExecutedAt: null,
  })
  const later = [await give(), await give({ stock: 'withdraw-50' })]
  for (const grant of later) expect(grant.hold?.reason).toBe('SIGN_ERROR')
  expect(await issue()).toBe(0)

  for (let minutes = 0; minutes < 2; minutes++) {
    await passWaits()
    expect(await issue()).toBe(1)
    expect(await issue()).toBe(0)
    const [hold] = await sql('select probe_at from holds where ended_at is null')
    const probeIn = Number(hold?.probe_at) - Date.now()
    expect(probeIn).toBeGreaterThan(MINUTE - 5000)
    expect(probeIn).toBeLessThanOrEqual(MINUTE)
    await grants.tellHolds()
  }
  // The oldest is tried again and again.
  expect(sentTo(first).calls).toHaveLength(3)
  expect(told).toMatchObject([{ kind: 'all', reason: 'SIGN_ERROR', endedAt: null, waiting: 3 }])

  await passWaits()
  await issue()
  expect(await now(first)).toMatchObject({ state: 'issued' })
  // What waited is due at once.
  expect(await issue()).toBe(2)
  for (const grant of later) expect(await now(grant)).toMatchObject({ state: 'issued', hold: null })
  await grants.tellHolds()
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { kind: 'all', endedAt: clock.now() }])
})

test.each([
  'NO_AUTH',
  'NOAUTH',
  'APPID_MCHID_NOT_MATCH',
  'MCH_NOT_EXISTS',
])('holds a stock by %s, and no other', async (code) => {
  const { give, issue, now, grants, passWaits, told } = await createSetting()
  wechatpay().fault({ name: 'refuse', code })
  const first = await give()
  await issue()
  const held = await give()
  const free = await give({ stock: 'withdraw-50' })
  expect(await issue()).toBe(1)
  expect(await now(first)).toMatchObject({ state: 'approved', hold: { reason: code } })
  expect(await now(held)).toMatchObject({ state: 'approved', hold: { reason: code } })
  expect(await now(free)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'stock', stock: 'withdraw-10', reason: code, waiting: 2 }])
  await passWaits()
  expect(await issue()).toBe(1)
  expect(await issue()).toBe(1)
  expect(await now(held)).toMatchObject({ state: 'issued' })
})

test('ends the hold of a 401 by an answer about a stock, which only a good signature gets', async () => {
  const { give, issue, now, ledger, passWaits } = await createSetting()
  wechatpay().fault(unauthorised)
  wechatpay().fault({ name: 'refuse', code: 'NO_AUTH' })
  const grant = await give()
  await issue()
  await passWaits()
  await issue()
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'stock', stock: 'withdraw-10' }])
  expect(await now(grant)).toMatchObject({ state: 'approved', hold: { reason: 'NO_AUTH' } })
})

test('does not end the hold of a 401 by a call that was never sent', async () => {
  const setting = await createSetting()
  const { give, issue, ledger, passWaits, policy } = setting
  setting.policy = {
    ...policy,
    stocks: policy.stocks.map((stock) => ({ ...stock, stockId: 'longer-than-any-stock-id' })),
  }
  await ledger.write((tx) => tx.beginHold({ kind: 'all', reason: 'SIGN_ERROR', message: '' }))
  const grant = await give()
  await passWaits()
  expect(await issue()).toBe(1)
  expect(sentTo(grant).calls).toEqual([])
  const scopes = (await ledger.openHolds()).map(({ kind }) => kind)
  expect(scopes.toSorted()).toEqual(['all', 'stock'])
})

test('does not end a hold by an answer to what was sent before it', async () => {
  const { give, grants, issue, now, ledger } = await createSetting()
  wechatpay().fault({ name: 'slow', ms: 80 })
  const before = await give()
  await grants.issueDue()
  clock.forward(1)
  await ledger.write((tx) => tx.beginHold({ kind: 'all', reason: 'SIGN_ERROR', message: '' }))
  expect(await issue()).toBe(0)
  expect(await now(before)).toMatchObject({ state: 'issued' })
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'all' }])
})

test('makes an unknown outcome wait for the repair as well, and keeps it open', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'reset-after' })
  wechatpay().fault({ ...unauthorised, times: 2 })
  const grant = await give()
  await issue()
  await passWaits()
  await issue()
  const flag = { kind: 'checking', reason: 'setup', code: 'SIGN_ERROR' }
  expect(await now(grant)).toMatchObject({ state: 'issuing', hold: { reason: 'SIGN_ERROR' }, flag })
  const fresh = await give()
  expect(await issue()).toBe(0)
  // The oldest is the probe, whether its outcome is in doubt or not.
  await passWaits()
  expect(await issue()).toBe(1)
  await passWaits()
  expect(await issue()).toBe(1)
  expect(await now(grant)).toMatchObject({ state: 'issued', hold: null, flag: null })
  expect(await now(fresh)).toMatchObject({ state: 'approved', hold: null })
  expect(sentTo(grant).coupons).toHaveLength(1)
})

const untrusted: FaultSpec[] = [
  { name: 'bad-signature', times: 3 },
  { name: 'missing-signature', times: 3 },
  { name: 'stale-timestamp', times: 3 },
  { name: 'unknown-serial' },
]

test.each(untrusted)('holds first attempts, and only those, by %j', async (fault) => {
  const { give, issue, now, ledger, grants, passWaits, sql, told } = await createSetting()
  wechatpay().fault(fault)
  const open = await give()
  for (let tries = 1; tries < (typeof fault.times === 'number' ? fault.times : 1); tries++) {
    await issue()
    expect(await ledger.openHolds()).toEqual([])
    await passWaits()
  }
  await issue()
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'first-attempts', reason: 'untrusted-answers', endedAt: null }])
  const fresh = await give()
  expect(fresh.hold?.reason).toBe('untrusted-answers')
  expect(await issue()).toBe(0)

  // What is open goes on, and its answer ends the hold.
  expect(await now(open)).toMatchObject({ state: 'issuing', hold: null, flag: { kind: 'checking' } })
  await sql('update grants set due_at = 0')
  await issue()
  expect(await now(open)).toMatchObject({ state: 'issued' })
  expect(sentTo(open).coupons).toHaveLength(1)
  expect(await issue()).toBe(1)
  expect(await now(fresh)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { kind: 'first-attempts', endedAt: clock.now() }])
})

test('counts untrusted answers in a row, whatever gives no answer or no signature in between', async () => {
  const { give, issue, ledger } = await createSetting()
  const faults: FaultSpec[] = [
    { name: 'bad-signature' },
    { name: 'server-error' },
    { name: 'bad-signature' },
    { name: 'refuse', code: 'PARAM_ERROR', signed: false },
    { name: 'bad-signature' },
  ]
  for (const fault of faults) {
    expect(await ledger.openHolds()).toEqual([])
    wechatpay().fault(fault)
    await give()
    await issue()
  }
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'first-attempts' }])
})

test.each<FaultSpec | null>([
  null,
  { name: 'refuse', code: 'RULE_LIMIT', signed: true },
])('begins to count untrusted answers anew after one that was verified (%j)', async (between) => {
  const { give, issue, ledger } = await createSetting()
  for (let times = 0; times < 3; times++) {
    wechatpay().fault({ name: 'bad-signature', times: 2 })
    for (let tries = 0; tries < 2; tries++) {
      await give()
      await issue()
    }
    if (between) wechatpay().fault(between)
    await give()
    await issue()
  }
  expect(await ledger.openHolds()).toEqual([])
})

test('does not take an unsigned refusal for proof that answers can be verified', async () => {
  const { give, issue, ledger, passWaits } = await createSetting()
  wechatpay().fault({ name: 'unknown-serial' })
  await give()
  await issue()
  for (const signed of [false, true]) {
    expect(await ledger.openHolds()).toMatchObject([{ kind: 'first-attempts' }])
    wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT', signed, match: { method: 'POST' } })
    wechatpay().fault({ name: 'bad-signature', times: 3, match: { method: 'GET' } })
    await passWaits()
    await issue()
  }
  expect(await ledger.openHolds()).toEqual([])
})

test.each<FaultSpec>([
  { name: 'refuse', code: 'NO_AUTH', status: 403 },
  { name: 'refuse', code: 'RULE_LIMIT', status: 403 },
  { name: 'refuse', code: 'ALREADY_EXISTS', status: 400 },
  { name: 'refuse', code: 'FREQUENCY_LIMITED', status: 429 },
  { name: 'refuse', code: 'SYSTEM_ERROR', status: 500 },
  { name: 'refuse', code: 'SOMETHING_NEW', status: 422 },
  { name: 'odd-answer', top: { coupon_id: 7 } },
])('takes %j for proof that answers can be verified, as it is signed', async (fault) => {
  const { give, issue, ledger, passWaits } = await createSetting()
  wechatpay().fault({ name: 'unknown-serial' })
  await give()
  await issue()
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'first-attempts' }])
  wechatpay().fault({ ...fault, match: { method: 'POST' } })
  wechatpay().fault({ name: 'bad-signature', times: 3, match: { method: 'GET' } })
  await passWaits()
  await issue()
  const scopes = (await ledger.openHolds()).map(({ kind }) => kind)
  expect(scopes).not.toContain('first-attempts')
})

test.each<FaultSpec>([
  { name: 'refuse', code: 'NO_AUTH', status: 403 },
  { name: 'refuse', code: 'FREQUENCY_LIMITED', status: 429 },
  { name: 'refuse', code: 'SYSTEM_ERROR', status: 500, times: 3 },
  { name: 'odd-answer', top: { data: 'none' } },
])('takes a look-up that is answered by %j for proof as well', async (fault) => {
  const { give, issue, ledger, sql } = await createSetting()
  wechatpay().fault({ name: 'unknown-serial' })
  await give()
  await issue()
  await sql('update grants set due_at = null')
  await give()
  wechatpay().fault({ ...fault, match: { method: 'GET' } })
  clock.forward(MINUTE)
  await issue()
  expect(await ledger.openHolds()).toEqual([])
})

test('looks once a minute whether answers can be trusted again, though nothing is repeated any more', async () => {
  const { give, grants, issue, now, ledger, passWaits, told } = await createSetting()
  wechatpay().fault({ name: 'unknown-serial', times: 'always' })
  const before = wechatpay().calls().length
  const lost = await give()
  await issue()
  const fresh = [await give(), await give()]
  clock.forward(DAY)
  await passWaits()
  await issue()
  expect(await now(lost)).toMatchObject({ state: 'issuing', flag: { kind: 'needs-look' } })
  const looks = () =>
    wechatpay()
      .calls()
      .slice(before)
      .filter(({ method }) => method === 'GET').length
  expect(looks()).toBe(1)
  // Once a minute, however often it is asked for what is due, or whether the app is ready.
  expect(await issue()).toBe(0)
  await expect(grants.proveTrust()).rejects.toThrow()
  expect(looks()).toBe(1)
  clock.forward(MINUTE)
  expect(await issue()).toBe(0)
  expect(looks()).toBe(2)
  expect(sentTo(fresh[0] ?? lost).calls).toEqual([])

  wechatpay().clearFaults()
  clock.forward(MINUTE)
  expect(await issue()).toBe(2)
  expect(await ledger.openHolds()).toEqual([])
  for (const grant of fresh) expect(await now(grant)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'first-attempts', endedAt: clock.now() }])
})

test('holds again at once when look-ups can be verified, but what is sent still can not', async () => {
  const { give, grants, issue, now, ledger } = await createSetting()
  wechatpay().fault({ name: 'bad-signature', times: 4, match: { method: 'POST' } })
  for (let times = 0; times < 3; times++) {
    await give()
    await issue()
  }
  const waiting = await give()
  // Not talked out of it by who asks often whether the app is ready.
  await expect(grants.proveTrust()).rejects.toThrow()
  expect(await issue()).toBe(0)
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'first-attempts' }])
  clock.forward(MINUTE)
  expect(await issue()).toBe(1)
  expect(await now(waiting)).toMatchObject({ state: 'issuing', flag: { reason: 'untrusted' } })
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'first-attempts' }])
})

test('ends the hold though nobody waits for it, and though users are refused without a signature', async () => {
  const { give, issue, ledger, sql } = await createSetting()
  wechatpay().fault({ name: 'unknown-serial' })
  await give()
  await issue()
  await sql('update grants set due_at = null')
  wechatpay().fault({
    name: 'refuse',
    code: 'USER_NOT_EXISTS',
    signed: false,
    times: 'always',
    match: { path: '/v3/marketing' },
  })
  clock.forward(MINUTE)
  await issue()
  expect(await ledger.openHolds()).toEqual([])
})

test('ends the hold of another process that can not verify answers, once a minute at most', async () => {
  const setting = await createSetting()
  const { give, issue, now, ledger } = setting
  await issue()
  const gets = () =>
    wechatpay()
      .calls()
      .filter(({ method }) => method === 'GET').length
  const before = gets()
  const hold = { kind: 'first-attempts', reason: 'untrusted-answers', message: '' } as const
  clock.forward(MINUTE)
  // By a clock that is ahead of this one.
  clock.forward(MINUTE)
  await ledger.write((tx) => tx.beginHold(hold))
  clock.forward(-MINUTE)
  const grant = await give()
  for (let times = 0; times < 3; times++) expect(await issue()).toBe(0)
  expect(gets() - before).toBe(1)
  clock.forward(MINUTE)
  expect(await issue()).toBe(1)
  expect(await now(grant)).toMatchObject({ state: 'issued' })
  expect(gets() - before).toBe(2)
})

test('tells a hold again that could not be told, but not at once', async () => {
  const told: string[] = []
  let isAway = true
  const { give, issue, grants, sql } = await createSetting({
    notifier: {
      async tellHold(hold) {
        told.push(hold.kind)
        if (isAway) throw new Error('Slack is away')
        return null
      },
    },
  })
  wechatpay().fault(unauthorised)
  await give({ openid: newOpenid() })
  await issue()
  expect(await grants.tellHolds()).toBe(0)
  expect(await grants.tellHolds()).toBe(0)
  expect(told).toEqual(['all'])
  isAway = false
  await sql('update holds set due_at = 0 where due_at is not null')
  expect(await grants.tellHolds()).toBe(1)
  expect(await grants.tellHolds()).toBe(0)
  expect(told).toEqual(['all', 'all'])
})
