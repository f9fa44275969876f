import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { openOn } from '../ledger/engines.ts'
import { newGrant } from '../ledger/grants.ts'
import {
  clock,
  createSetting,
  DAY,
  HOUR,
  newOpenid,
  type Setting,
  sentTo,
  startOwnWechatPay,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

const LEASE = 30_000

test('sends nothing again a day after the first attempt, but asks people to look', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'server-error', times: 2 })
  const grant = await give()
  await issue()
  clock.forward(DAY - HOUR)
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ flag: { kind: 'checking', reason: 'no-answer' }, attempts: 2 })

  // It was due in time, but the app was down until now.
  clock.forward(HOUR)
  await passWaits()
  await issue()
  expect(sentTo(grant).calls).toHaveLength(2)
  const flag = { kind: 'needs-look', reason: 'no-outcome-in-24h', last: { reason: 'no-answer' } }
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag })
  await passWaits()
  expect(await issue()).toBe(0)
})

test('plans no repeat that would come a day after the first attempt', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'server-error', times: 2 })
  const grant = await give()
  await issue()
  clock.forward(DAY - 1000)
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({
    state: 'issuing',
    flag: { kind: 'needs-look', reason: 'no-outcome-in-24h', last: { reason: 'no-answer' } },
  })
  await passWaits()
  expect(await issue()).toBe(0)
})

test('sends nothing again when the process died over the attempt a day ago', async () => {
  const { give, ledger, issue, now, passLeases } = await createSetting()
  const grant = await give()
  await ledger.claimDue({ worker: 'the one that died', lease: LEASE })
  clock.forward(DAY)
  await passLeases()
  await issue()
  expect(sentTo(grant).calls).toHaveLength(0)
  const flag = { kind: 'needs-look', reason: 'no-outcome-in-24h', last: { reason: 'lost' } }
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag })
  expect((await ledger.attemptsOf(grant.id)).map(({ outcome }) => outcome)).toEqual(['lost', 'not-sent'])
})

test('counts the day from the first attempt that was not taken back', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'too-many-requests' })
  wechatpay().fault({ name: 'server-error' })
  const grant = await give()
  await issue()
  expect((await now(grant)).firstAttemptAt).toBeNull()
  clock.forward(2 * DAY)
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({
    state: 'issuing',
    flag: { kind: 'checking', reason: 'no-answer' },
    firstAttemptAt: clock.now(),
  })
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('takes up what a crash cut off under the same number, and gives one coupon', async () => {
  const { give, ledger, grants, issue, now, passLeases } = await createSetting()
  const grant = await give()
  await ledger.claimDue({ worker: 'the one that died', lease: LEASE })
  expect(await grants.issueDue()).toBe(0)
  await passLeases()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued', attempts: 2 })
  expect(sentTo(grant).coupons).toMatchObject([{ send_request_no: grant.sendRequestNo }])
})

/** A worker that has its answers, but writes nothing down before it is let. */
function slowWorker({ worker, ledger }: Setting) {
  const gate = Promise.withResolvers<void>()
  const write: Ledger['write'] = async (fn) => {
    await gate.promise
    return ledger.write(fn)
  }
  const { grants } = worker({ worker: 'slow', ledger: { ...ledger, write } })
  return { grants, goOn: gate.resolve }
}

/** Such a worker that was given a coupon. */
async function createGiven() {
  const setting = await createSetting()
  const slow = slowWorker(setting)
  const grant = await setting.give()
  await slow.grants.issueDue()
  await expect.poll(() => sentTo(grant).calls[0]?.status).toBe(200)
  return { ...setting, slow, grant }
}

test('lets a worker whose lease ran out write nothing', async () => {
  const setting = await createSetting()
  const { give, issue, now, ledger, passLeases } = setting
  const slow = slowWorker(setting)
  wechatpay().fault({ name: 'server-error', after: true })
  const grant = await give()
  await slow.grants.issueDue()
  await expect.poll(() => sentTo(grant).calls[0]?.status).toBe(500)

  wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
  await passLeases()
  await issue()
  const after = await now(grant)
  const flag = { kind: 'needs-look', reason: 'refused-after-unknown', code: 'RULE_LIMIT' }
  expect(after).toMatchObject({ state: 'issuing', attempts: 2, flag })
  const attempts = await ledger.attemptsOf(grant.id)
  expect(attempts).toMatchObject([
    { outcome: 'lost', worker: 'slow' },
    { outcome: 'refused', worker: 'worker-1' },
  ])
  slow.goOn()
  expect(await slow.grants.drain(5000)).toBe(true)
  expect(await now(grant)).toEqual(after)
  expect(await ledger.attemptsOf(grant.id)).toEqual(attempts)
})

test('sends nothing for what it claimed long ago, as somebody else may be sending it by now', async () => {
  const { give, now, ledger, passWaits, worker, issue } = await createSetting()
  const claimDue: Ledger['claimDue'] = async (of, first) => {
    const claimed = await ledger.claimDue(of, first)
    if (claimed.length > 0) clock.forward(of.lease - 1000)
    return claimed
  }
  const stopped = worker({ worker: 'stopped', ledger: { ...ledger, claimDue } })
  const grant = await give()
  await stopped.grants.issueDue()
  expect(await stopped.grants.drain(5000)).toBe(true)
  expect(sentTo(grant).calls).toEqual([])
  expect(await now(grant)).toMatchObject({ state: 'approved', maybeExecutedAt: null })
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('leaves to people, and sends not, what was restored and is not offered any more', async () => {
  const { url, ledger: older } = await openOn('sqlite', { now: clock.now })
  const grant = await older.write((tx) => tx.recordGrant(newGrant({ openid: newOpenid() }), []))
  const folder = mkdtempSync(join(tmpdir(), 'restored-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backup.sqlite')
  await backUp({ url, file, now: clock.now })
  const ledger = await openLedger({ url: `file:${file}`, role: 'tool', now: clock.now })
  onTestFinished(() => ledger.close())
  const { worker } = await createSetting({ policy: { stocks: [] } })
  const { grants } = worker({ ledger })
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'paused' }], by: 'U0OPERATOR' }))
  expect(await grants.issueDue()).toBe(1)
  expect(await grants.drain(5000)).toBe(true)
  expect(sentTo(grant).calls).toEqual([])
  const flag = { kind: 'needs-look', reason: 'restored' }
  expect(await ledger.grant(grant.id)).toMatchObject({ state: 'issuing', flag })
  expect(await ledger.attemptsOf(grant.id)).toMatchObject([{ outcome: 'not-sent' }])
})

test('keeps a coupon that a worker learned of after its lease ran out', async () => {
  const { slow, grant, issue, now, ledger, passLeases } = await createGiven()

  wechatpay().fault({ name: 'limits-before-idempotency' })
  await passLeases()
  await issue()
  expect((await now(grant)).flag).toMatchObject({ reason: 'refused-after-unknown', code: 'RULE_LIMIT' })
  slow.goOn()
  await slow.grants.drain(5000)
  const [coupon, ...more] = sentTo(grant).coupons
  expect(more).toEqual([])
  expect(await now(grant)).toMatchObject({ state: 'issued', couponId: coupon?.coupon_id, flag: null })
  expect((await ledger.attemptsOf(grant.id))[0]).toMatchObject({ outcome: 'lost' })
})

test('says what is so, and tells the operators, when a coupon comes after people have settled its grant as not given', async () => {
  const { slow, grant, now, ledger, log, news, grants } = await createGiven()
  const refusal = { code: 'SETTLED', message: 'by people', requestId: null }
  await ledger.write((tx) => tx.step(grant.id, 'refuse', 'U0OPERATOR', { refusal }))
  slow.goOn()
  await slow.grants.drain(5000)
  const couponId = sentTo(grant).coupons[0]?.coupon_id
  expect(await now(grant)).toMatchObject({ state: 'issued', couponId, refusal: null })
  expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject({ kind: 'correct', actor: 'wechatpay' })
  await grants.tellNews()
  expect(news.map((notice) => notice.news)).toEqual([{ kind: 'issued-after-all', grantId: grant.id }])
  expect(log.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { couponId } }])
})

test('tells the operators of a coupon that comes after the end and is recorded with another grant', async () => {
  const { slow, grant, now, ledger, news, grants } = await createGiven()
  const couponId = sentTo(grant).coupons[0]?.coupon_id ?? ''
  const refusal = { code: 'SETTLED', message: 'by people', requestId: null }
  await ledger.write((tx) => tx.step(grant.id, 'refuse', 'U0OPERATOR', { refusal }))
  const other = await ledger.write((tx) => tx.recordGrant(newGrant({ openid: newOpenid() }), []))
  await ledger.claimDue({ worker: 'w', lease: LEASE })
  await ledger.write((tx) => tx.step(other.id, 'issue', 'U0OPERATOR', { couponId }))
  slow.goOn()
  await slow.grants.drain(5000)
  expect(await now(grant)).toMatchObject({ state: 'refused', couponId: null })
  expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject({
    kind: 'coupon-after-end',
    data: { couponId },
  })
  await grants.tellNews()
  expect(news.map((notice) => notice.news)).toEqual([
    { kind: 'coupon-after-end', grantId: grant.id, couponId },
  ])
})

test('leaves a grant to people that is given the coupon of another one', async () => {
  const { give, issue, now, ledger, passWaits, log } = await createSetting()
  wechatpay().fault({ name: 'reset-after' })
  const grant = await give()
  await issue()
  const couponId = sentTo(grant).coupons[0]?.coupon_id ?? ''
  const other = await ledger.write((tx) => tx.recordGrant(newGrant({ openid: newOpenid() }), []))
  await ledger.claimDue({ worker: 'w', lease: LEASE })
  await ledger.write((tx) => tx.step(other.id, 'issue', 'wechatpay', { couponId }))
  await passWaits()
  await issue()
  const flag = { kind: 'needs-look', reason: 'coupon-of-another', grantId: other.id }
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag })
  expect(log.filter(({ level }) => level === 'error')).toHaveLength(1)
  await passWaits()
  expect(await issue()).toBe(0)
})

test('records an outcome that the ledger could not take for a moment', async () => {
  const { give, now, open, worker, log } = await createSetting()
  const hasty = worker({ ledger: await open({ now: clock.now, writeWithin: 300 }) })
  const other = await open({ writeWithin: 60_000 })
  wechatpay().fault({ name: 'slow', ms: 2000 })
  const grant = await give()
  await hasty.grants.issueDue()
  // Until the answer has come and found no way into the ledger.
  const messages = () => log.map(({ message }) => message)
  await other.write(async () => {
    await expect.poll(messages).toContain('ledger not written, trying again')
  })
  await hasty.grants.drain(60_000)
  expect(await now(grant)).toMatchObject({ state: 'issued', couponId: sentTo(grant).coupons[0]?.coupon_id })
})

test('cancels a grant whose stock left the policy before anything was sent that counts', async () => {
  const setting = await createSetting()
  const { give, issue, now, ledger, passWaits } = setting
  wechatpay().fault({ name: 'too-many-requests' })
  const takenBack = await give()
  await issue()
  const fresh = await give()
  setting.policy = { ...setting.policy, stocks: setting.policy.stocks.slice(1) }
  await passWaits()
  expect(await issue()).toBe(2)
  for (const grant of [takenBack, fresh]) {
    expect(await now(grant)).toMatchObject({ state: 'cancelled' })
    const end = { kind: 'cancel', actor: 'policy', data: { reason: 'stock-left-policy' } }
    expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject(end)
  }
  expect(sentTo(takenBack).calls).toHaveLength(1)
  expect(sentTo(fresh).calls).toEqual([])
})

test('goes on with a grant whose stock left the policy after its first attempt', async () => {
  const setting = await createSetting()
  const { give, issue, now, passWaits } = setting
  wechatpay().fault({ name: 'reset-before' })
  const grant = await give()
  await issue()
  setting.policy = { ...setting.policy, stocks: [] }
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('cancels a grant whose stock has other ids by now, and sends neither', async () => {
  const setting = await createSetting()
  const { give, issue, now } = setting
  for (const change of [{ stockId: '1304490000000061' }, { appid: 'wx1' }, { mchid: '1' }]) {
    const { policy } = setting
    const grant = await give()
    setting.policy = { ...policy, stocks: policy.stocks.map((stock) => ({ ...stock, ...change })) }
    await issue()
    expect(await now(grant)).toMatchObject({ state: 'cancelled' })
    expect(sentTo(grant).calls).toEqual([])
    setting.policy = policy
  }
})

test.each([
  [{ name: 'server-error' }, '500 SYSTEM_ERROR 系统异常，请稍后重试'],
  [{ name: 'bad-gateway-html' }, '502'],
  [{ name: 'reset-before' }, /connection was (reset|closed)/],
  [{ name: 'too-many-requests' }, /^429 FREQUENCY_LIMITED/],
  [{ name: 'missing-signature', headers: 'all' }, /^headers-stripped: /],
] as const)('keeps in words why an attempt failed, in log, trail and attempt: %j', async (fault, words) => {
  const { give, issue, ledger, log } = await createSetting()
  wechatpay().fault(fault)
  const grant = await give()
  await issue()
  const told = [
    (await ledger.attemptsOf(grant.id))[0]?.detail,
    (await ledger.eventsOf(grant.id)).flatMap(({ data }) => ('result' in data ? [data.why] : []))[0],
    log.find(({ message }) => message === 'attempt ended')?.fields.why,
  ]
  for (const why of told) {
    if (typeof words === 'string') expect(why).toBe(words)
    else expect(why).toMatch(words)
    expect(why).not.toContain(grant.openid)
  }
})

test('keeps in words why no connection could be made', async () => {
  const own = await startOwnWechatPay()
  const { give, issue, ledger } = await createSetting({ client: own.client })
  await own.leave()
  const grant = await give()
  await issue()
  const [attempt] = await ledger.attemptsOf(grant.id)
  expect(attempt).toMatchObject({ outcome: 'not-executed', maybeExecuted: false })
  expect(attempt?.detail).toMatch(/refused \(ECONNREFUSED\)$/)
})
