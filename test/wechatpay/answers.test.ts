import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWechatPay, type WechatPay, WechatPayError } from '../../src/wechatpay/index.ts'
import {
  type AnsweringServer,
  ISSUED,
  JSON_BODY,
  merchant,
  OPENID,
  optionsFor,
  QUERY,
  signedHeaders,
  startAnswering,
} from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const APIV3_KEY = 'canary0123456789canary0123456789'
let server: AnsweringServer
let client: WechatPay
let answer: { status: number; body: string; headers?: Record<string, string> }
let lines: unknown[] = []

beforeAll(async () => {
  server = await startAnswering((_, response) => {
    response.writeHead(answer.status, answer.headers ?? signedHeaders(answer.body)).end(answer.body)
  })
})
afterAll(() => server.close())
beforeEach(() => {
  lines = []
  const log = (fields: object, message: string) => void lines.push({ ...fields, message })
  const logger = { debug: log, info: log, warn: log, error: log }
  client = createWechatPay({ ...optionsFor(server.url), apiv3Key: APIV3_KEY, logger })
})
afterEach(() => client.close())

async function failure(): Promise<WechatPayError> {
  return client[PATH].post({ openid: OPENID, json: JSON_BODY }).then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )
}

/** Everything that a logger, a crash report or a curious person could get out of an error. */
function everythingIn(error: unknown): string {
  const parts: string[] = []
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const all = Object.getOwnPropertyNames(one).map((name) => String(Reflect.get(one as object, name)))
    parts.push(...all, inspect(one, { depth: 9, showHidden: true }), JSON.stringify(one), String(one))
  }
  return parts.join('\n')
}

function expectNoCanary(error: unknown): void {
  const text = everythingIn(error) + inspect(lines, { depth: 9 })
  const keyLine = merchant().privateKey.split('\n')[5] ?? expect.fail('no such line')
  for (const canary of [OPENID, encodeURIComponent(OPENID), APIV3_KEY, keyLine, OPENID.slice(0, 16)]) {
    expect(text).not.toContain(canary)
  }
}

test.each<[string, typeof answer, object]>([
  [
    'a missing header',
    { status: 400, body: '{"code":"INVALID_REQUEST","message":"Http头缺少Accept或User-Agent"}', headers: {} },
    { name: 'RefusedError', code: 'INVALID_REQUEST' },
  ],
  [
    'a malformed Authorization',
    { status: 401, body: '{"code":"SIGN_ERROR","message":"Http头Authorization值格式错误"}', headers: {} },
    { name: 'SetupError', scope: 'all', code: 'SIGN_ERROR' },
  ],
  [
    'a wrong signature',
    {
      status: 401,
      body: JSON.stringify({
        code: 'SIGN_ERROR',
        message: '错误的签名，验签失败',
        detail: {
          detail: { issue: 'sign not match' },
          field: 'signature',
          location: 'authorization',
          sign_information: {
            method: 'POST',
            url: `/v3/users/${OPENID}/coupons`,
            truncated_sign_message: `POST\n/v3/users/${OPENID.slice(0, 18)}`,
          },
        },
      }),
      headers: {},
    },
    { name: 'SetupError', scope: 'all' },
  ],
  [
    'a 401 that is no JSON',
    { status: 401, body: '<html>', headers: {} },
    { name: 'SetupError', scope: 'all' },
  ],
  [
    'an unknown path',
    { status: 404, body: '', headers: {} },
    { name: 'UnexpectedAnswerError', status: 404, mayHaveBeenExecuted: true },
  ],
  [
    'a wrong method',
    { status: 405, body: '', headers: {} },
    { name: 'UnexpectedAnswerError', status: 405, mayHaveBeenExecuted: true },
  ],
  [
    'a page of a proxy',
    { status: 403, body: '<html>blocked</html>', headers: {} },
    {
      name: 'UnexpectedAnswerError',
      mayHaveBeenExecuted: true,
      message: `POST ${PATH}: 403 (no words of WeChat Pay)`,
    },
  ],
  [
    'an unknown code',
    { status: 403, body: '{"code":"BRAND_NEW","message":"x"}', headers: {} },
    { name: 'UnexpectedAnswerError', code: 'BRAND_NEW', mayHaveBeenExecuted: true },
  ],
  [
    'a code that is no text',
    { status: 400, body: '{"code":{"a":1}}', headers: {} },
    { name: 'UnexpectedAnswerError' },
  ],
  [
    'a code of the table with a 500',
    { status: 500, body: '{"code":"RULE_LIMIT"}', headers: {} },
    { name: 'NoAnswerError', reason: 'server', mayHaveBeenExecuted: true },
  ],
  [
    'SYSTEM_ERROR with a 400',
    { status: 400, body: '{"code":"SYSTEM_ERROR"}', headers: {} },
    { name: 'UnexpectedAnswerError', mayHaveBeenExecuted: true },
  ],
  [
    'a 429 of any body',
    { status: 429, body: 'slow down', headers: {} },
    { name: 'NoAnswerError', reason: 'busy', mayHaveBeenExecuted: false },
  ],
  [
    'a redirection',
    { status: 302, body: '', headers: { Location: 'https://example.com/' } },
    { name: 'UnexpectedAnswerError', mayHaveBeenExecuted: true },
  ],
  [
    'a 503',
    { status: 503, body: '{"code":"SERVICE_UNAVAILABLE"}', headers: {} },
    { name: 'NoAnswerError', reason: 'server' },
  ],
])('tells %s for what it is', async (_, given, told) => {
  answer = given
  const error = await failure()
  expect(error).toBeInstanceOf(WechatPayError)
  expect(error).toMatchObject({ status: given.status, ...told })
  expectNoCanary(error)
})

test('does not believe a refusal whose signature does not fit', async () => {
  const body = '{"code":"RULE_LIMIT","message":"x"}'
  answer = { status: 403, body, headers: signedHeaders(`${body} `) }
  const error = await failure()
  expect(error).toMatchObject({
    name: 'UntrustedAnswerError',
    reason: 'signature',
    status: 403,
    mayHaveBeenExecuted: true,
  })
  expect(error.code).toBeUndefined()
})

test.each([
  'hello',
  '',
  '[]',
  'null',
  '{}',
  '{"coupon_id":""}',
  '{"coupon_id":7}',
  '{"expire_time":"2021-05-20T13:29:35Z"}',
])('tells a signed 200 with %j for unexpected, and may have been executed', async (body) => {
  answer = { status: 200, body }
  expect(await failure()).toMatchObject({
    name: 'UnexpectedAnswerError',
    status: 200,
    mayHaveBeenExecuted: true,
    requestId: '08F78BB5AF0610D302189F8FDC0428-0',
  })
})

test.each([
  ['"20 May 2021"'],
  ['""'],
  ['null'],
  ['1621488575'],
  ['{"a":1}'],
  ['"2021-02-30T00:00:00Z"'],
])('keeps the coupon id when expire_time is %s', async (time) => {
  answer = { status: 200, body: `{"coupon_id":"C1","expire_time":${time}}` }
  const issued = await client[PATH].post({ openid: OPENID, json: JSON_BODY })
  expect(issued.coupon_id).toBe('C1')
  expect(issued.expire_time).toBeUndefined()
  const warned = lines.some((line) => JSON.stringify(line).includes('"dropped":["expire_time"]'))
  expect(warned).toBe(time !== 'null')
})

test('passes unknown states on and leaves unknown fields out', async () => {
  const row = {
    coupon_id: 'C1',
    coupon_state: 'BRAND_NEW',
    send_time: '2021-05-20T13:29:35Z',
    send_quota: 1000,
    use_quota: 0,
  }
  const body = JSON.stringify({ data: [{ ...row, more: 1 }], offset: 1, limit: 10, total_count: 1, more: {} })
  answer = { status: 200, body }
  expect(await client[PATH].get({ openid: OPENID, query: QUERY })).toEqual({
    data: [row],
    offset: 1,
    limit: 10,
    total_count: 1,
  })
})

test.each([
  '[]',
  '{"data":"C1"}',
  '{"data":{},"offset":0,"limit":1,"total_count":1}',
])('tells the list %s for unexpected', async (body) => {
  answer = { status: 200, body }
  const error = await client[PATH].get({ openid: OPENID, query: QUERY }).catch((error) => error)
  expect(error).toMatchObject({ name: 'UnexpectedAnswerError', mayHaveBeenExecuted: false })
})

test('takes a list without rows for an empty page', async () => {
  answer = { status: 200, body: '{"offset":0,"limit":20,"total_count":0}' }
  expect(await client[PATH].get({ openid: OPENID, query: QUERY })).toMatchObject({ data: [] })
})

test('holds neither secrets nor the openid in any part of an error, whatever WeChat Pay repeats', async () => {
  const message = `用户 ${OPENID} or ${encodeURIComponent(OPENID)} (${OPENID.slice(0, 20)}…) ${APIV3_KEY} ${merchant().privateKey}`
  const detail = {
    field: OPENID,
    value: OPENID,
    issue: `${OPENID.toUpperCase()} is not valid`,
    location: 'path',
  }
  for (const status of [400, 401, 403, 404, 429, 500]) {
    for (const code of ['PARAM_ERROR', 'NO_AUTH', 'UNKNOWN', OPENID]) {
      const body = JSON.stringify({ code, message, detail })
      answer = { status, body, headers: { 'Request-ID': OPENID } }
      expectNoCanary(await failure())
    }
  }
})

test('holds neither secrets nor the openid in an error of the connection', async () => {
  const { url } = server
  const dispatcher = {
    dispatch: () => {
      const inner = Object.assign(new Error(`connect ${url}/users/${OPENID}`), {
        code: 'ECONNREFUSED',
        path: OPENID,
      })
      throw Object.assign(new Error(`cannot reach ${OPENID} with ${APIV3_KEY}`, { cause: inner }), {
        opts: { path: OPENID },
      })
    },
  }
  const failing = createWechatPay({
    ...optionsFor(url),
    apiv3Key: APIV3_KEY,
    dispatcher: dispatcher as never,
  })
  const error = await failing[PATH].post({ openid: OPENID, json: JSON_BODY }).catch((error) => error)
  expect(error).toMatchObject({
    name: 'NoAnswerError',
    cause: { message: 'cannot reach [openid] with [secret]', cause: { code: 'ECONNREFUSED' } },
  })
  expectNoCanary(error)
  await failing.close()
})

test('names neither the openid nor any field of a person in its log lines', async () => {
  answer = { status: 200, body: JSON.stringify(ISSUED) }
  await client[PATH].post({ openid: OPENID, json: JSON_BODY })
  expect(lines).toEqual([
    {
      method: 'POST',
      path: PATH,
      status: 200,
      requestId: '08F78BB5AF0610D302189F8FDC0428-0',
      message: 'answered by WeChat Pay',
    },
  ])
  expectNoCanary(undefined)
})

test('does not need a signature type, which older answers lack', async () => {
  const body = JSON.stringify(ISSUED)
  const { 'Wechatpay-Signature-Type': _, ...headers } = signedHeaders(body)
  answer = { status: 200, body, headers }
  expect(await client[PATH].post({ openid: OPENID, json: JSON_BODY })).toEqual(ISSUED)
})

test('believes an answer whose headers a proxy has padded with blanks', async () => {
  const body = JSON.stringify(ISSUED)
  const padded = Object.entries(signedHeaders(body)).map(([name, value]) => [name, ` \t${value} \t `])
  answer = { status: 200, body, headers: Object.fromEntries(padded) }
  expect(await client[PATH].post({ openid: OPENID, json: JSON_BODY })).toEqual(ISSUED)
  const refusal = '{"code":"RULE_LIMIT","message":""}'
  const spaced = {
    ...signedHeaders(refusal),
    'Wechatpay-Serial': `${signedHeaders('')['Wechatpay-Serial']} `,
  }
  answer = { status: 403, body: refusal, headers: spaced }
  expect(await failure()).toMatchObject({ name: 'RefusedError', isVerified: true })
})

test.each<[number, string]>([
  [403, '{"code":"RULE_LIMIT","message":""}'],
  [403, '{"code":"NO_AUTH","message":""}'],
  [401, '{"code":"SIGN_ERROR","message":""}'],
  [400, '{"code":"SOMETHING_NEW","message":""}'],
  [400, '{"code":"ALREADY_EXISTS","message":""}'],
  [404, ''],
  [429, '{"code":"FREQUENCY_LIMITED","message":""}'],
  [500, '{"code":"SYSTEM_ERROR","message":""}'],
  [502, '<html>'],
  [200, '{"coupon":1}'],
  [200, 'no JSON'],
  [302, ''],
])('knows of an answer with %i %s whether it was verified', async (status, body) => {
  answer = { status, body }
  expect(await failure()).toMatchObject({ isVerified: true })
  answer = { status, body, headers: {} }
  expect(await failure()).toMatchObject({ isVerified: false })
  const blank = { ...signedHeaders(body), 'Wechatpay-Signature': ' ' }
  answer = { status, body, headers: blank }
  expect(await failure()).toMatchObject({ isVerified: false })
})

const ROW = {
  coupon_id: 'C1',
  coupon_state: 'VALID',
  send_time: '2021-05-20T13:29:35.120+08:00',
  send_quota: 1000,
  use_quota: 0,
}
const listOf = async (body: unknown) => {
  answer = { status: 200, body: JSON.stringify(body) }
  return client[PATH].get({ openid: OPENID, query: QUERY })
}

test.each<[keyof typeof ROW, unknown[]]>([
  ['coupon_state', [undefined, null, 7, '', {}]],
  ['send_time', [undefined, null, 'yesterday', '2021-05-20 13:29:35', 1621488575, '2021-02-30T00:00:00Z']],
  ['send_quota', [undefined, null, 'much', 1.5, -1, {}]],
  ['use_quota', [undefined, null, 'much', 1.5, -1, []]],
])('takes an odd %s for not known, and shows the coupon and the others', async (name, values) => {
  for (const value of values) {
    const page = await listOf({
      data: [ROW, { ...ROW, coupon_id: 'C2', [name]: value }, ROW],
      total_count: 3,
    })
    expect(page.data).toEqual([ROW, { ...ROW, coupon_id: 'C2', [name]: undefined }, ROW])
  }
})

test('needs nothing but a coupon_id to show a coupon', async () => {
  const page = await listOf({ data: [{ coupon_id: 'C1' }, { coupon_id: 'C2', new_field: 1 }] })
  expect(page.data).toEqual([{ coupon_id: 'C1' }, { coupon_id: 'C2' }])
})

test('counts the rows without a coupon_id, and keeps the others', async () => {
  const rows = [null, 'C0', 7, [], {}, { ...ROW, coupon_id: '' }, { ...ROW, coupon_id: null }, ROW]
  expect(await listOf({ data: rows })).toMatchObject({ data: [ROW], unreadable: 7 })
})

test.each([undefined, null, []])('takes data that is %j for no coupons', async (data) => {
  expect(await listOf({ data, offset: 0, limit: 20, total_count: 0 })).toMatchObject({ data: [] })
})

test.each([
  ['12', 12],
  [12, 12],
  [undefined, undefined],
  [null, undefined],
  ['twelve', undefined],
  [-1, undefined],
  [1.5, undefined],
])('reads a total_count, an offset and a limit of %j as %j', async (given, read) => {
  const page = await listOf({ data: [], total_count: given, offset: given, limit: given })
  expect([page.total_count, page.offset, page.limit]).toEqual([read, read, read])
})

test.each([
  '2021-05-20T13:29:35.120+08:00',
  '2021-05-20T13:29:35+08:00',
  '2021-05-20T05:29:35.120Z',
  '2021-05-20T05:29:35Z',
])('reads the time %s', async (send_time) => {
  expect((await listOf({ data: [{ ...ROW, send_time }] })).data).toEqual([{ ...ROW, send_time }])
})

test.each([
  ['header', 'Wechatpay-Serial', { name: 'SetupError', scope: 'all' }],
  ['body', 'stock_id', { name: 'SetupError', scope: 'stock' }],
  ['body', 'appid', { name: 'SetupError', scope: 'stock' }],
  ['query', 'mchid', { name: 'SetupError', scope: 'stock' }],
  // Of a body the document writes a JSON Pointer.
  ['body', '/stock_id', { name: 'SetupError', scope: 'stock' }],
  ['body', '/appid', { name: 'SetupError', scope: 'stock' }],
  ['body', '/send_request_no', { name: 'RefusedError' }],
  ['Header', 'Wechatpay-Serial', { name: 'SetupError', scope: 'all' }],
  ['authorization', 'signature', { name: 'SetupError', scope: 'all' }],
  ['path', 'openid', { name: 'RefusedError' }],
  ['body', 'send_request_no', { name: 'RefusedError' }],
  [7, null, { name: 'RefusedError' }],
])('tells a PARAM_ERROR of the %s %s for %j', async (location, field, expected) => {
  const body = JSON.stringify({ code: 'PARAM_ERROR', message: '参数错误', detail: { field, location } })
  answer = { status: 400, body }
  expect(await failure()).toMatchObject({ ...expected, code: 'PARAM_ERROR', mayHaveBeenExecuted: false })
})
