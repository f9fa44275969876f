import { execFile, spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWechatPay, type WechatPay } from '../../src/wechatpay/index.ts'
import { requestTarget } from '../../src/wechatpay/routes.ts'
import {
  type AnswerSignature,
  createSigner,
  faultOf,
  randomNonce,
  requestMessage,
  signatureOf,
} from '../../src/wechatpay/signatures.ts'
import {
  type AnsweringServer,
  answerSigned,
  ISSUED,
  JSON_BODY,
  MERCHANT_SERIAL,
  merchant,
  optionsFor,
  QUERY,
  signedHeaders,
  startAnswering,
} from './answering-server.ts'
import { ANSWER_VECTOR, REQUEST_VECTOR, VECTOR_PUBLIC_KEY } from './vectors.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
let server: AnsweringServer
let client: WechatPay

beforeAll(async () => {
  server = await startAnswering((request, response) =>
    answerSigned(
      response,
      200,
      request.method === 'POST' ? ISSUED : { data: [], offset: 0, limit: 20, total_count: 0 },
    ),
  )
  client = createWechatPay(optionsFor(server.url))
})
afterAll(async () => {
  await client.close()
  await server.close()
})

function authorizationOf(header: string | undefined): Record<string, string> {
  const [kind, fields = ''] = (header ?? '').split(' ')
  expect(kind).toBe('WECHATPAY2-SHA256-RSA2048')
  return Object.fromEntries([...fields.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
}

test('writes the message that openssl signed by hand', () => {
  const { signature, openid, ...signed } = REQUEST_VECTOR
  expect(requestTarget(PATH, { openid })).toBe(signed.target)
  const message = Buffer.from(requestMessage(signed))
  const bytes = Buffer.from(signature, 'base64')
  expect(verify('sha256', message, createPublicKey(VECTOR_PUBLIC_KEY), bytes)).toBe(true)
})

test('names merchant, serial, time and nonce beside the signature', async () => {
  const sign = createSigner({
    mchid: '9800064',
    serial: MERCHANT_SERIAL,
    key: createPrivateKey(merchant().privateKey),
    now: () => 1554208460_999,
    nonce: () => '593BEC0C930BF1AFEB40B4A08C8FB242',
  })
  expect(authorizationOf(await sign('GET', '/v3/certificates', ''))).toEqual({
    mchid: '9800064',
    nonce_str: '593BEC0C930BF1AFEB40B4A08C8FB242',
    timestamp: '1554208460',
    serial_no: MERCHANT_SERIAL,
    signature: expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/),
  })
})

test('makes nonces of 32 letters and digits, never the same', () => {
  const nonces = Array.from({ length: 1000 }, randomNonce)
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9A-Za-z]{32}$/)
  expect(new Set(nonces).size).toBe(1000)
})

const openids = fc
  .string({
    unit: fc.integer({ min: 0x21, max: 0xffff }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  })
  // Two halves by chance make one character of four bytes, which the client refuses.
  .map((text) => text.replace(/[\s\p{C}\u{10000}-\u{10ffff}]/gu, '').slice(0, 128))
  .filter((text) => text !== '' && text !== '.' && text !== '..')

test('signs what arrives, whatever the openid and the query', async () => {
  const key = createPublicKey(merchant().publicKey)
  const query = fc.record({ offset: fc.nat(), limit: fc.integer({ min: 1 }) }, { requiredKeys: [] })
  await fc.assert(
    fc.asyncProperty(openids, fc.option(query), async (openid, pages) => {
      if (pages) await client.chain(PATH).get({ openid, query: { ...QUERY, ...pages } })
      else await client.chain(PATH).post({ openid, json: JSON_BODY })
      const { method, url, headers, body } = server.requests.at(-1) ?? expect.fail('nothing arrived')
      const { timestamp = '', nonce_str: nonce = '', signature = '' } = authorizationOf(headers.authorization)
      const message = `${method}\n${url}\n${timestamp}\n${nonce}\n${body}\n`
      expect(verify('sha256', Buffer.from(message), key, Buffer.from(signature, 'base64'))).toBe(true)
      expect(decodeURIComponent(url.split('/')[5] ?? '')).toBe(openid)
      expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000)
    }),
    { numRuns: 60 },
  )
})

test('sends the headers that WeChat Pay asks for', async () => {
  await client.chain(PATH).post({ openid: 'o1', json: JSON_BODY })
  expect(server.requests.at(-1)?.headers).toMatchObject({
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'user-agent': expect.stringContaining('withdraw-coupon'),
    'wechatpay-serial': optionsFor().publicKey?.id,
  })
  await client.chain(PATH).get({ openid: 'o1', query: QUERY })
  expect(server.requests.at(-1)?.headers).not.toHaveProperty('content-type')
  expect(server.requests.at(-1)?.body).toBe('')
})

test('sends the same bytes for the same call, in whatever order its fields are given', async () => {
  await client.chain(PATH).post({ openid: 'o1', json: JSON_BODY })
  const { send_request_no, appid, stock_id, mchid } = JSON_BODY
  await client.chain(PATH).post({ json: { send_request_no, appid, stock_id, mchid }, openid: 'o1' })
  const [first, second] = server.requests.slice(-2)
  expect(second?.body).toBe(first?.body)
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

test.runIf(hasOpenssl)('makes signatures that openssl verifies, and the same ones', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signing-'))
  try {
    await client.chain(PATH).post({ openid: 'o2882656/Xq|0', json: JSON_BODY })
    const { method, url, headers, body } = server.requests.at(-1) ?? expect.fail('nothing arrived')
    const { timestamp, nonce_str, signature = '' } = authorizationOf(headers.authorization)
    const file = (name: string) => join(folder, name)
    await writeFile(file('message'), `${method}\n${url}\n${timestamp}\n${nonce_str}\n${body}\n`)
    await writeFile(file('signature'), Buffer.from(signature, 'base64'))
    await writeFile(file('public.pem'), merchant().publicKey)
    await writeFile(file('private.pem'), merchant().privateKey, { mode: 0o600 })
    const openssl = promisify(execFile)
    const verifying = ['dgst', '-sha256', '-verify', file('public.pem'), '-signature', file('signature')]
    expect((await openssl('openssl', [...verifying, file('message')])).stdout).toContain('Verified OK')
    const signing = ['dgst', '-sha256', '-sign', file('private.pem'), file('message')]
    const { stdout } = await openssl('openssl', signing, { encoding: 'buffer' })
    expect(stdout.toString('base64')).toBe(signature)
  } finally {
    await rm(folder, { recursive: true })
  }
})

const key = createPublicKey(VECTOR_PUBLIC_KEY)
const { body: text, ...vector } = ANSWER_VECTOR
const signature: AnswerSignature = { ...vector, serial: 'PUB_KEY_ID_0' }
const body = Buffer.from(text)
const now = 1554209980_000

test('believes the answer that openssl signed by hand', () => {
  expect(faultOf(signature, body, key, now)).toBeUndefined()
})

test.each([
  [299_999, undefined],
  [-299_999, undefined],
  [300_000, 'time'],
  [-300_000, 'time'],
])('answers %i ms away from now with %s', (away, fault) => {
  expect(faultOf(signature, body, key, now + away)).toBe(fault)
})

test('does not believe an answer of which any byte is another', () => {
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(body)
      changed[at] = (changed[at] ?? 0) ^ change
      expect(faultOf(signature, changed, key, now)).toBe('signature')
    }),
  )
})

test.each<[string, Partial<AnswerSignature>]>([
  ['another nonce', { nonce: 'c5ac7061fccab6bf3e254dcf98995b8d' }],
  ['another time', { timestamp: '1554209981' }],
  ['a test signature', { signature: `WECHATPAY/SIGNTEST/${signature.signature.slice(19)}` }],
  ['no base64', { signature: '???' }],
])('does not believe an answer with %s', (_, change) => {
  expect(faultOf({ ...signature, ...change }, body, key, now)).toBe('signature')
})

test('does not believe an answer by the key of another', () => {
  expect(faultOf(signature, body, generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey, now)).toBe(
    'signature',
  )
})

const lowered = Object.fromEntries(
  Object.entries(signedHeaders('')).map(([name, value]) => [name.toLowerCase(), value]),
)

test.each([
  'wechatpay-timestamp',
  'wechatpay-nonce',
  'wechatpay-serial',
  'wechatpay-signature',
])('finds no signature when %s is missing, empty or doubled', (name) => {
  expect(signatureOf(lowered)).toBeDefined()
  for (const value of [undefined, '', ['a', 'b']])
    expect(signatureOf({ ...lowered, [name]: value })).toBeUndefined()
})

test.each([
  'wechatpay-timestamp',
  'wechatpay-nonce',
  'wechatpay-serial',
  'wechatpay-signature',
  'wechatpay-signature-type',
])('reads %s without the blanks round it, and twice the same as once', (name) => {
  const value = lowered[name] ?? ''
  for (const odd of [`${value} `, ` ${value}`, `\t${value} \t`, [value, `${value} `]])
    expect(signatureOf({ ...lowered, [name]: odd })).toEqual(signatureOf(lowered))
})

test('finds no signature of another kind, or with a time that is none', () => {
  expect(signatureOf({ ...lowered, 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' })).toBeUndefined()
  expect(signatureOf({ ...lowered, 'wechatpay-timestamp': '1e9' })).toBeUndefined()
  expect(signatureOf({ ...lowered, 'wechatpay-signature-type': undefined })).toBeDefined()
})
