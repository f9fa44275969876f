import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnswerSignature, faultOf, signatureOf } from '../../src/wechatpay/signatures.ts'
import { signedHeaders } from './answering-server.ts'
import { ANSWER_VECTOR, VECTOR_PUBLIC_KEY } from './vectors.ts'

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
