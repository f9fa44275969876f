import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import {
  type FaultSpec,
  startWechatPaySandbox,
  type WechatPaySandbox,
} from '../../src/sandbox/wechatpay/index.ts'
import {
  allCoupons,
  createWechatPay,
  NoAnswerError,
  RefusedError,
  SetupError,
  type WechatPay,
  type WechatPayError,
  type WechatPayOptions,
} from '../../src/wechatpay/index.ts'
import { merchant } from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
let sandbox: WechatPaySandbox
let client: WechatPay
let numbers = 0

beforeAll(async () => {
  sandbox = await startWechatPaySandbox({
    keys: inject('wechatpayKeys'),
    stocks: [{ stock_id: 'once', quota: 1000, per_user: 1 }],
  })
})
afterAll(() => sandbox.close())
beforeEach(() => {
  client = createWechatPay(byPublicKey())
})
afterEach(async () => {
  sandbox.clearFaults()
  await client.close()
})

function merchantOptions(): WechatPayOptions {
  const { baseUrl, mchid, merchantSerial } = sandbox.info
  return { mchid, merchantSerial, privateKey: sandbox.privateKey, baseUrls: [baseUrl] }
}
function byPublicKey(): WechatPayOptions {
  return { ...merchantOptions(), publicKey: { id: sandbox.info.publicKeyId, pem: sandbox.publicKey } }
}
function byCertificates(): WechatPayOptions {
  return { ...merchantOptions(), apiv3Key: sandbox.info.apiV3Key }
}
function body(changes: { stock_id?: string; send_request_no?: string } = {}) {
  numbers += 1
  const { mchid, appid, stockId } = sandbox.info
  return { mchid, appid, stock_id: stockId, send_request_no: `number${numbers}`, ...changes }
}
function send(openid: string, json = body(), timeout?: number) {
  return client.chain(PATH).post({ openid, json, timeout })
}
async function failure(work: Promise<unknown>): Promise<WechatPayError> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )
}
const issuedTo = (openid: string) => sandbox.coupons().filter((coupon) => coupon.openid === openid).length

test('issues a coupon by each of the three ways to address it', async () => {
  const first = await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
    openid: 'ways1',
    json: body(),
  })
  const second = await client.chain(PATH).post({ openid: 'ways2', json: body() })
  const third = await client[PATH].post({ openid: 'ways3', json: body() })
  expect(new Set([first.coupon_id, second.coupon_id, third.coupon_id]).size).toBe(3)
  expect(first.expire_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/)
})

test('lists what was issued by each of the three ways to address it', async () => {
  const { coupon_id } = await send('lister')
  const { mchid, appid, stockId } = sandbox.info
  const input = { openid: 'lister', query: { mchid, appid, stock_id: stockId, offset: 0, limit: 10 } }
  const pages = [
    await client.v3.marketing.withdrawFavor.users._openid_.coupons.get(input),
    await client.chain(PATH).get(input),
    await client[PATH].get(input),
  ]
  for (const page of pages) {
    expect(page).toMatchObject({ total_count: 1, limit: 10, data: [{ coupon_id, coupon_state: 'VALID' }] })
  }
})

test('gets the same coupon when the same number is sent again', async () => {
  const json = body()
  expect(await send('again', json)).toEqual(await send('again', json))
  expect(issuedTo('again')).toBe(1)
})

test('says that something exists when a number comes with other data', async () => {
  const { send_request_no } = body()
  await send('other', body({ send_request_no }))
  const error = await failure(send('other', body({ send_request_no, stock_id: 'once' })))
  expect(error).toBeInstanceOf(RefusedError)
  expect(error).toMatchObject({ code: expect.stringContaining('EXISTS'), mayHaveBeenExecuted: true })
})

test('verifies by platform certificates that it downloads first', async () => {
  await client.close()
  client = createWechatPay(byCertificates())
  await Promise.all([send('certified1'), send('certified2')])
  const calls = sandbox.calls().slice(-3)
  expect(calls.map(({ path }) => path)[0]).toBe('/v3/certificates')
  expect(issuedTo('certified1')).toBe(1)
})

test('verifies by a platform certificate that was given', async () => {
  const pem = await readFile(join(sandbox.info.keys, 'wechatpay_cert.pem'), 'utf8')
  await client.close()
  client = createWechatPay({ ...merchantOptions(), publicKey: { id: sandbox.info.platformSerial, pem } })
  await send('given')
  expect(issuedTo('given')).toBe(1)
})

test('looks for the new certificate when the serial of an answer is unknown', async () => {
  await client.close()
  client = createWechatPay(byCertificates())
  await send('rotated0')
  sandbox.fault({ name: 'certificate-rotated' })
  await send('rotated1')
  expect(issuedTo('rotated1')).toBe(1)
})

const UNKNOWN_OUTCOMES: [FaultSpec, unknown, number][] = [
  [{ name: 'no-answer-before' }, { name: 'NoAnswerError', reason: 'timeout' }, 0],
  [{ name: 'no-answer-after' }, { name: 'NoAnswerError', reason: 'timeout' }, 1],
  [{ name: 'slow', ms: 4000 }, { name: 'NoAnswerError', reason: 'timeout' }, 0],
  [{ name: 'reset-before' }, { name: 'NoAnswerError', reason: 'broken' }, 0],
  [{ name: 'reset-after' }, { name: 'NoAnswerError', reason: 'broken' }, 1],
  [{ name: 'server-error' }, { name: 'NoAnswerError', reason: 'server', status: 500 }, 0],
  [{ name: 'server-error', after: true }, { name: 'NoAnswerError', reason: 'server', status: 500 }, 1],
  [{ name: 'bad-gateway-html' }, { name: 'NoAnswerError', reason: 'server', status: 502 }, 0],
  [{ name: 'bad-signature' }, { name: 'UntrustedAnswerError', reason: 'signature' }, 1],
  [{ name: 'signtest-signature' }, { name: 'UntrustedAnswerError', reason: 'signature' }, 1],
  [{ name: 'missing-signature' }, { name: 'UntrustedAnswerError', reason: 'headers' }, 1],
  [{ name: 'missing-signature', headers: 'all' }, { name: 'UntrustedAnswerError', reason: 'headers' }, 1],
  [{ name: 'stale-timestamp' }, { name: 'UntrustedAnswerError', reason: 'time' }, 1],
  [{ name: 'stale-timestamp', seconds: -301 }, { name: 'UntrustedAnswerError', reason: 'time' }, 1],
  [{ name: 'unknown-serial' }, { name: 'UntrustedAnswerError', reason: 'serial' }, 1],
  [{ name: 'extra-fields', bytes: 5_000_000 }, { name: 'UnexpectedAnswerError' }, 1],
  [{ name: 'refuse', code: 'SOMETHING_NEW', status: 400 }, { name: 'UnexpectedAnswerError', status: 400 }, 0],
]
test.each(
  UNKNOWN_OUTCOMES,
)('leaves the outcome of a POST open after %j and sends it once', async (fault, told, issued) => {
  const openid = `open${numbers}`
  const before = sandbox.calls().length
  // What a slow one is still to be answered with belongs to no other test.
  sandbox.fault({ ...fault, match: { openid } })
  const isSilent = ['no-answer-before', 'no-answer-after', 'slow'].includes(fault.name)
  const error = await failure(send(openid, body(), isSilent ? 1000 : undefined))
  expect(error).toMatchObject({ mayHaveBeenExecuted: true, ...(told as object) })
  expect(sandbox.calls()).toHaveLength(before + 1)
  expect(issuedTo(openid)).toBe(issued)
})

test('says of a 429 that nothing was executed', async () => {
  sandbox.fault({ name: 'too-many-requests' })
  const error = await failure(send('busy'))
  expect(error).toBeInstanceOf(NoAnswerError)
  expect(error).toMatchObject({ reason: 'busy', mayHaveBeenExecuted: false, status: 429 })
})

test.each(
  'PARAM_ERROR INVALID_REQUEST RULE_LIMIT RULELIMIT USER_ACCOUNT_ABNORMAL NOT_ENOUGH REQUEST_BLOCKED USER_AL_GET_COUPON RESOURCE_NOT_EXISTS USER_NOT_EXISTS'.split(
    ' ',
  ),
)('takes %s for a refusal, signed or not', async (code) => {
  for (const signed of [true, false]) {
    sandbox.fault({ name: 'refuse', code, signed, ...(code === 'RULELIMIT' && { status: 403 }) })
    const error = await failure(send('refused'))
    expect(error).toBeInstanceOf(RefusedError)
    expect(error).toMatchObject({ code, mayHaveBeenExecuted: false, requestId: expect.stringMatching(/./) })
    expect(error.message).toContain(code)
  }
})

test.each([
  'ALREADY_EXISTS',
  'RESOURCE_ALREADY_EXISTS',
])('never takes %s for a definite refusal', async (code) => {
  sandbox.fault({ name: 'refuse', code, status: 400 })
  const error = await failure(send('exists'))
  expect(error).toBeInstanceOf(RefusedError)
  expect(error).toMatchObject({ code, mayHaveBeenExecuted: true })
})

test.each([
  ['APPID_MCHID_NOT_MATCH', 'stock', 400],
  ['APPID_MCHID_NOT_MATCH', 'stock', 404],
  ['MCH_NOT_EXISTS', 'stock', 400],
  ['NO_AUTH', 'stock', 403],
  ['NOAUTH', 'stock', 403],
  ['SIGN_ERROR', 'all', 401],
])('takes %s for a fault of the set-up of %s', async (code, scope, status) => {
  sandbox.fault({ name: 'refuse', code, status, signed: false })
  const error = await failure(send('setup'))
  expect(error).toBeInstanceOf(SetupError)
  expect(error).toMatchObject({ code, scope, status, mayHaveBeenExecuted: false })
})

test('takes a refused signature for a fault of the whole set-up', async () => {
  const { privateKey } = merchant()
  await client.close()
  client = createWechatPay({ ...byPublicKey(), privateKey })
  const error = await failure(send('oWrongKey_0123456789abcdef'))
  expect(error).toMatchObject({ name: 'SetupError', scope: 'all', status: 401, code: 'SIGN_ERROR' })
  expect(error.message).not.toContain('oWrongKey_0123456789abcdef')
})

test('tells the refusal of a repeat whose first answer was lost, which speaks of that one call only', async () => {
  const json = body()
  sandbox.fault({ name: 'reset-after' })
  expect(await failure(send('lost', json))).toMatchObject({ reason: 'broken', mayHaveBeenExecuted: true })
  sandbox.fault({ name: 'limits-before-idempotency' })
  expect(await failure(send('lost', json))).toMatchObject({ name: 'RefusedError', code: 'RULE_LIMIT' })
  expect(issuedTo('lost')).toBe(1)
})

test('gets the coupon although its answer has 200 KB of unknown fields', async () => {
  sandbox.fault({ name: 'extra-fields', bytes: 200_000 })
  const issued = await send('large')
  expect(Object.keys(issued).sort()).toEqual(['coupon_id', 'expire_time'])
})

test('gets the coupon although its answer has no expire_time', async () => {
  sandbox.fault({ name: 'expire-time-missing' })
  expect(await send('timeless')).toEqual({ coupon_id: expect.any(String) })
})

test.each<FaultSpec>([
  { name: 'reset-before' },
  { name: 'server-error' },
  { name: 'bad-gateway-html' },
  { name: 'bad-signature' },
  { name: 'signtest-signature' },
  { name: 'missing-signature' },
])('gets a list at the second try after %j', async (fault) => {
  sandbox.fault(fault)
  const { mchid, appid, stockId } = sandbox.info
  const page = await client.chain(PATH).get({ openid: 'nobody', query: { mchid, appid, stock_id: stockId } })
  expect(page).toMatchObject({ total_count: 0, data: [] })
})

test('says of a list that fails that nothing was executed', async () => {
  sandbox.fault({ name: 'server-error', times: 'always' })
  const { mchid, appid, stockId } = sandbox.info
  const error = await failure(
    client.chain(PATH).get({ openid: 'nobody', query: { mchid, appid, stock_id: stockId } }),
  )
  expect(error).toMatchObject({ reason: 'server', mayHaveBeenExecuted: false })
})

test.each<FaultSpec | undefined>([
  undefined,
  { name: 'offset-start', start: 0 },
  { name: 'offset-start', start: 1 },
  { name: 'offset-start', start: 'row' },
  { name: 'pages-overlap', rows: 2 },
])('finds each coupon of a user once with %j', async (fault) => {
  const openid = `holder${numbers}`
  for (let count = 0; count < 7; count++) await send(openid)
  if (fault) sandbox.fault(fault)
  const found: string[] = []
  const { mchid, appid, stockId } = sandbox.info
  for await (const coupon of allCoupons(client, { openid, mchid, appid, stock_id: stockId, limit: 3 })) {
    found.push(coupon.coupon_id)
  }
  const issued = sandbox.coupons().filter((coupon) => coupon.openid === openid)
  expect(found.sort()).toEqual(issued.map((coupon) => coupon.coupon_id).sort())
})

test('finds all coupons though the total shrinks on the way', async () => {
  for (let count = 0; count < 5; count++) await send('shrinking')
  sandbox.fault({ name: 'total-count-shrinks', by: 2 })
  const found: string[] = []
  const { mchid, appid, stockId } = sandbox.info
  for await (const coupon of allCoupons(client, {
    openid: 'shrinking',
    mchid,
    appid,
    stock_id: stockId,
    limit: 2,
  })) {
    found.push(coupon.coupon_id)
  }
  expect(new Set(found).size).toBe(5)
  expect(found).toHaveLength(5)
})
