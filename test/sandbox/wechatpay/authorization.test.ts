import { expect, test } from 'vitest'
import { isSigned, OPENID, openSandbox, sha256 } from './caller.ts'

const CERTIFICATES = '/v3/certificates'
const seconds = () => Math.floor(Date.now() / 1000)
const signError = (message: string) => ({ code: 'SIGN_ERROR', message })
const MALFORMED = signError('Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》')
const TOO_OLD = signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
const WRONG_SERIAL = signError('商户证书序列号有误。')

test('asks for User-Agent and Accept before anything else', async () => {
  const { call } = await openSandbox()
  for (const missing of ['user-agent', 'accept']) {
    const reply = await call('GET', '/no/such/path', {
      headers: { [missing]: undefined, authorization: undefined },
    })
    expect(reply.status).toBe(400)
    expect(reply.json).toEqual({ code: 'INVALID_REQUEST', message: 'Http头缺少Accept或User-Agent' })
    expect(reply.headers['wechatpay-signature']).toBeUndefined()
  }
})

test('answers unknown paths and wrong methods with nothing in them', async () => {
  const { call, couponsPath } = await openSandbox()
  const outcomes: unknown[] = []
  for (const [method, path] of [
    ['GET', '/v3/no-such-thing'],
    ['POST', '/v3/marketing/withdraw-favor/users//coupons'],
    ['POST', CERTIFICATES],
    ['DELETE', couponsPath(OPENID)],
  ] as const) {
    const reply = await call(method, path, { headers: { authorization: undefined } })
    outcomes.push([
      reply.status,
      reply.text,
      reply.headers['content-type'],
      reply.headers['wechatpay-signature'],
    ])
  }
  expect(outcomes.map((outcome) => JSON.stringify(outcome))).toEqual(
    [404, 404, 405, 405].map((status) => JSON.stringify([status, '', undefined, undefined])),
  )
})

test('refuses a missing or malformed Authorization', async () => {
  const { call, sandbox } = await openSandbox()
  const good = `mchid="${sandbox.info.mchid}",nonce_str="${'n'.repeat(32)}",timestamp="${seconds()}",serial_no="${sandbox.info.merchantSerial}",signature="QUJD"`
  const malformed = [
    undefined,
    '',
    'Bearer token',
    good,
    `WECHATPAY2-SHA256-RSA2048 ${good.replace('signature=', 'sign=')}`,
    `WECHATPAY2-SHA256-RSA2048 ${good},mchid="1"`,
    `WECHATPAY2-SHA256-RSA2048 ${good.replace('n'.repeat(32), 'short')}`,
    `WECHATPAY2-SHA256-RSA2048 ${good.replace(/timestamp="\d+"/, 'timestamp="17"')}`,
    `WECHATPAY2-SHA256-RSA2048 ${good.replaceAll('"', '')}`,
  ]
  for (const authorization of malformed) {
    const reply = await call('GET', CERTIFICATES, { headers: { authorization } })
    expect([authorization, reply.status, reply.json]).toEqual([authorization, 401, MALFORMED])
    expect(reply.headers['wechatpay-signature']).toBeUndefined()
  }
})

test('checks the time before the serial, and the serial before the signature', async () => {
  const { call } = await openSandbox()
  const serial = 'ABCDEF0123456789ABCDEF0123456789ABCDEF01'
  const old = await call('GET', CERTIFICATES, { timestamp: seconds() - 302, serial, signedBody: 'x' })
  expect([old.status, old.json]).toEqual([401, TOO_OLD])
  const ahead = await call('GET', CERTIFICATES, { timestamp: seconds() + 302 })
  expect([ahead.status, ahead.json]).toEqual([401, TOO_OLD])
  const unknown = await call('GET', CERTIFICATES, { serial, signedBody: 'x' })
  expect([unknown.status, unknown.json]).toEqual([401, WRONG_SERIAL])
  const otherMerchant = await call('GET', CERTIFICATES, { mchid: '1900000009' })
  expect([otherMerchant.status, otherMerchant.json]).toEqual([401, WRONG_SERIAL])
  expect((await call('GET', CERTIFICATES, { timestamp: seconds() - 290 })).status).toBe(200)
})

test('says what was expected to be signed when the signature is wrong', async () => {
  const { call, couponsPath, ids, sandbox } = await openSandbox()
  const path = couponsPath(OPENID)
  const timestamp = seconds()
  const nonce = 'N'.repeat(32)
  const json = { ...ids, send_request_no: '号1' }
  const reply = await call('POST', path, { json, timestamp, nonce, signedBody: '{}' })
  const message = `POST\n${path}\n${timestamp}\n${nonce}\n${JSON.stringify(json)}\n`
  expect(reply.status).toBe(401)
  expect(reply.json).toEqual({
    code: 'SIGN_ERROR',
    message: '错误的签名，验签失败',
    detail: {
      detail: { issue: 'sign not match' },
      field: 'signature',
      location: 'authorization',
      sign_information: {
        method: 'POST',
        url: path,
        sign_message_length: Buffer.byteLength(message),
        truncated_sign_message: expect.stringContaining(`POST\n${path}\n${timestamp}\n${nonce}\n{"mchid"`),
      },
    },
  })
  expect(reply.headers['wechatpay-signature']).toBeUndefined()
  expect(reply.headers['request-id']).toMatch(/-0$/)
  expect(sandbox.coupons()).toEqual([])
})

test('checks the signature over the query as it stood on the wire', async () => {
  const { call, couponsPath, ids } = await openSandbox()
  const query = `mchid=${ids.mchid}&appid=${ids.appid}&stock_id=%31${ids.stock_id.slice(1)}`
  expect((await call('GET', `${couponsPath(OPENID)}?${query}`)).status).toBe(200)
})

test('accepts the short nonce that another client sends', async () => {
  const { call } = await openSandbox()
  expect((await call('GET', CERTIFICATES, { nonce: '5vxsfsy0qzo' })).status).toBe(200)
})

test('accepts a nonce that it saw before and records that', async () => {
  const { call, sandbox } = await openSandbox()
  const nonce = 'N'.repeat(32)
  expect((await call('GET', CERTIFICATES, { nonce })).status).toBe(200)
  expect((await call('GET', CERTIFICATES, { nonce })).status).toBe(200)
  expect(sandbox.calls().map(({ nonceSeenBefore }) => nonceSeenBefore)).toEqual([false, true])
})

test('records every request with what became of it', async () => {
  const { call, couponsPath, ids, sandbox } = await openSandbox()
  const body = JSON.stringify({ ...ids, send_request_no: 'A1' })
  const good = await call('POST', couponsPath(OPENID), { body })
  await call('GET', '/nowhere?a=1')
  expect(isSigned(sandbox, good)).toBe(true)
  const common = { userAgent: 'sandbox-test/1', wechatpaySerial: sandbox.info.publicKeyId, faults: [] }
  expect(sandbox.calls()).toMatchObject([
    {
      ...common,
      method: 'POST',
      path: couponsPath(OPENID),
      query: '',
      bodySha256: sha256(body),
      bodyBytes: Buffer.byteLength(body),
      verified: true,
      status: 200,
      requestId: good.headers['request-id'],
    },
    { ...common, method: 'GET', path: '/nowhere', query: 'a=1', bodyBytes: 0, verified: false, status: 404 },
  ])
})

test('refuses a body of more than a megabyte', async () => {
  const { call, couponsPath } = await openSandbox()
  const sent = call('POST', couponsPath(OPENID), { body: 'x'.repeat(1024 * 1024 + 1) })
  // The connection may be closed while the rest of the body is still on its way.
  const outcome = await sent.then(({ status }) => status).catch((error: NodeJS.ErrnoException) => error.code)
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(outcome)
})
