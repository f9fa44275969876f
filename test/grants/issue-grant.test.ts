import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { FaultSpec } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import {
  clientOptions,
  createSetting,
  sentTo,
  startOwnWechatPay,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

/** For what is never answered in time; what is answered is waited for as long as it takes on a busy machine. */
const hasty = { timeouts: { total: 1000 } }

/** A client that waits as long as the app's does. */
function patient() {
  const client = createWechatPay(clientOptions())
  onTestFinished(() => client.close())
  return client
}

/** What a grant is after one attempt that met a fault. `coupons`: really given by then. */
type Met = [fault: FaultSpec, coupons: number]

const issued: Met[] = [
  [{ name: 'slow', ms: 20 }, 1],
  [{ name: 'certificate-rotated' }, 1],
  [{ name: 'extra-fields', bytes: 200_000 }, 1],
  [{ name: 'limits-before-idempotency', times: 1 }, 1],
]

test.each(issued)('issues a coupon all the same: %j', async (fault, coupons) => {
  const { give, issue, now } = await createSetting()
  wechatpay().fault(fault)
  const grant = await give()
  await issue()
  const [coupon] = sentTo(grant).coupons
  expect(await now(grant)).toMatchObject({
    state: 'issued',
    couponId: coupon?.coupon_id,
    couponExpiresAt: Date.parse(coupon?.expire_time ?? ''),
    flag: null,
    maybeExecutedAt: null,
  })
  expect(sentTo(grant).coupons).toHaveLength(coupons)
})

test('issues a coupon whose expiry time WeChat Pay does not tell', async () => {
  const { give, issue, now } = await createSetting()
  wechatpay().fault({ name: 'expire-time-missing' })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued', couponExpiresAt: null })
})

const unknown: Met[] = [
  [{ name: 'no-answer-before' }, 0],
  [{ name: 'no-answer-after' }, 1],
  [{ name: 'reset-before' }, 0],
  [{ name: 'reset-after' }, 1],
  [{ name: 'slow', ms: 4000 }, 0],
  [{ name: 'server-error' }, 0],
  [{ name: 'server-error', after: true }, 1],
  [{ name: 'bad-gateway-html' }, 0],
  [{ name: 'bad-gateway-html', after: true }, 1],
  [{ name: 'bad-signature' }, 1],
  [{ name: 'missing-signature' }, 1],
  [{ name: 'missing-signature', headers: 'all' }, 1],
  [{ name: 'signtest-signature' }, 1],
  [{ name: 'stale-timestamp' }, 1],
  [{ name: 'unknown-serial' }, 1],
]

test.each(
  unknown,
)('keeps on checking when the outcome is unknown, and never gives two: %j', async (fault, coupons) => {
  const isSilent = fault.name === 'slow' || fault.name.startsWith('no-answer')
  const { give, issue, now, passWaits, worker } = await createSetting(isSilent ? { client: hasty } : {})
  wechatpay().fault(fault)
  const grant = await give()
  await issue()
  const open = await now(grant)
  expect(open).toMatchObject({ state: 'issuing', flag: { kind: 'checking' }, couponId: null })
  expect(open.maybeExecutedAt).not.toBeNull()
  expect(sentTo(grant).coupons).toHaveLength(coupons)
  expect(await issue()).toBe(0)

  // What is slow has been given by then, and the number is known.
  await expect.poll(() => sentTo(grant).coupons.length).toBeGreaterThanOrEqual(fault.name === 'slow' ? 1 : 0)
  await passWaits()
  await worker({ wechatpay: patient() }).issue()
  const [coupon] = sentTo(grant).coupons
  expect(await now(grant)).toMatchObject({ state: 'issued', couponId: coupon?.coupon_id, flag: null })
  expect(sentTo(grant).coupons).toHaveLength(1)
})

const refusals = [
  'PARAM_ERROR',
  'INVALID_REQUEST',
  'RULE_LIMIT',
  'RULELIMIT',
  'USER_ACCOUNT_ABNORMAL',
  'NOT_ENOUGH',
  'REQUEST_BLOCKED',
  'USER_AL_GET_COUPON',
  'RESOURCE_NOT_EXISTS',
  'USER_NOT_EXISTS',
]

test.each(refusals)('ends a grant by %s, signed or not, when nothing was in doubt', async (code) => {
  for (const signed of [true, false]) {
    const { give, issue, now, passWaits } = await createSetting()
    wechatpay().fault({ name: 'refuse', code, message: '不行', signed })
    const grant = await give()
    await issue()
    const refused = await now(grant)
    expect(refused).toMatchObject({ state: 'refused', refusal: { code }, flag: null, couponId: null })
    expect(refused.refusal?.message).toContain('不行')
    expect(refused.refusal?.requestId).toMatch(/^\S+$/)
    await passWaits()
    await issue()
    expect(sentTo(grant).calls).toHaveLength(1)
  }
})

test.each([
  'ALREADY_EXISTS',
  'RESOURCE_ALREADY_EXISTS',
])('never ends a grant by %s: something exists under its number', async (code) => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'refuse', code })
  wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag: { kind: 'needs-look', reason: code } })
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag: { kind: 'needs-look', reason: code } })
})

test('keeps a refusal that no table knows open, for people to look at', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'refuse', code: 'SOMETHING_NEW', status: 403 })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({
    state: 'issuing',
    flag: { kind: 'needs-look', reason: 'unexpected' },
  })
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued', flag: null })
})

test('takes a grant back when WeChat Pay is too busy, and asks again later and later', async () => {
  // In the middle of the spread.
  const deps = { random: () => 0.5 }
  const { give, issue, now, sql, passWaits } = await createSetting({ deps })
  wechatpay().fault({ name: 'too-many-requests', times: 2 })
  const grant = await give()
  const waits = []
  for (let tries = 0; tries < 2; tries++) {
    await issue()
    expect(await now(grant)).toMatchObject({ state: 'approved', flag: null, maybeExecutedAt: null })
    const [row] = await sql('select due_at from grants')
    waits.push(Number(row?.due_at) - Date.now())
    expect(await issue()).toBe(0)
    await passWaits()
  }
  expect(waits[0]).toBeGreaterThan(500)
  expect(waits[1]).toBeGreaterThan(2500)
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued', attempts: 3 })
})

test('takes a grant back when WeChat Pay can not be reached', async () => {
  const own = await startOwnWechatPay()
  const { give, issue, now } = await createSetting({ client: own.client })
  await own.leave()
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'approved', flag: null, maybeExecutedAt: null })
})

test('does not take the echo of a lost coupon for a refusal, and gives no second coupon', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'reset-after' })
  wechatpay().fault({ name: 'limits-before-idempotency' })
  const grant = await give()
  await issue()
  for (let tries = 0; tries < 3; tries++) {
    await passWaits()
    await issue()
    expect(await now(grant)).toMatchObject({
      state: 'issuing',
      flag: { kind: 'needs-look', reason: 'refused-after-unknown', code: 'RULE_LIMIT' },
    })
  }
  expect(sentTo(grant).coupons).toHaveLength(1)
})

test('is not talked out of an unknown outcome by a later 401 or 429', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'reset-after' })
  wechatpay().fault({ name: 'refuse', code: 'SIGN_ERROR', status: 401, signed: false })
  wechatpay().fault({ name: 'too-many-requests' })
  wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
  const grant = await give()
  await issue()
  const { maybeExecutedAt } = await now(grant)
  const later = [
    { reason: 'setup', code: 'SIGN_ERROR' },
    { reason: 'other', code: 'busy' },
    { reason: 'refused-after-unknown', code: 'RULE_LIMIT' },
  ]
  for (const flag of later) {
    await passWaits()
    await issue()
    expect(await now(grant)).toMatchObject({ state: 'issuing', maybeExecutedAt, flag })
  }
})

test('sends the same number and the same body in every attempt, whatever the policy says by then', async () => {
  const setting = await createSetting()
  const { give, issue, passWaits, now } = setting
  wechatpay().fault({ name: 'server-error', times: 3 })
  const grant = await give()
  for (let tries = 0; tries < 4; tries++) {
    await issue()
    await passWaits()
    setting.policy = {
      ...setting.policy,
      stocks: setting.policy.stocks.map((stock) => ({ ...stock, stockId: '1', quota: 1 })),
    }
  }
  const { openid, mchid, stockId: stock_id, appid, sendRequestNo: send_request_no } = grant
  const body = JSON.stringify({ mchid, stock_id, appid, send_request_no })
  const { calls, coupons } = sentTo(grant)
  expect(calls.map(({ bodySha256 }) => bodySha256)).toEqual(
    Array(4).fill(createHash('sha256').update(body).digest('hex')),
  )
  expect(calls.every(({ nonceSeenBefore, verified }) => verified && !nonceSeenBefore)).toBe(true)
  expect(coupons).toMatchObject([{ openid, send_request_no, stock_id }])
  expect(await now(grant)).toMatchObject({ state: 'issued', attempts: 4 })
})

test('keeps what people must look at flagged so, since when it was, until it is settled', async () => {
  const { give, issue, now, passWaits } = await createSetting()
  wechatpay().fault({ name: 'refuse', code: 'ALREADY_EXISTS' })
  wechatpay().fault({ name: 'server-error' })
  const grant = await give()
  await issue()
  const { flag } = await now(grant)
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ flag, attempts: 2 })
})

test('writes no openid and no secret into its log', async () => {
  const { give, issue, log, passWaits } = await createSetting()
  wechatpay().fault({ name: 'refuse', code: 'PARAM_ERROR' })
  wechatpay().fault({ name: 'server-error' })
  const grants = [await give(), await give()]
  await issue()
  await passWaits()
  await issue()
  const written = inspect(log, { depth: 10 })
  expect(written).toContain(grants[0]?.id)
  for (const { openid } of grants) expect(written).not.toContain(openid)
  expect(written).not.toContain(clientOptions().privateKey.split('\n')[2])
})
