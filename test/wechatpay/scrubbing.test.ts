import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createScrubber } from '../../src/wechatpay/answers.ts'
import { merchant, OPENID } from './answering-server.ts'

const APIV3_KEY = 'canary0123456789canary0123456789'
const scrub = createScrubber([merchant().privateKey, APIV3_KEY])

test('takes out the openid as it is, encoded, encoded twice, in another case and cut off', () => {
  const openid = 'oX/4|2882656_Xq0v(A7bWm)R3d'
  const encoded = encodeURIComponent(openid)
  const forms = [
    openid,
    encoded,
    encoded.toLowerCase(),
    encodeURIComponent(encoded),
    openid.toUpperCase(),
    openid.slice(0, 14),
  ]
  const strict = encoded.replace('(', '%28').replace(')', '%29')
  for (const form of [...forms, strict, encoded.slice(0, 20)]) {
    expect(scrub.text(`before ${form} after`, openid)).toBe('before [openid] after')
  }
})

test('takes out the secrets whole and line by line', () => {
  const lines = merchant().privateKey.trim().split('\n')
  expect(scrub.text(`key ${APIV3_KEY}!`)).toBe('key [secret]!')
  for (const line of lines.slice(1, -2)) expect(scrub.text(`a ${line} b`)).toBe('a [secret] b')
  expect(scrub.text(merchant().privateKey)).not.toContain(lines[2])
  const ofOneLine = createScrubber([merchant().privateKey.replaceAll('\n', '\\r\\n')])
  for (const line of lines.slice(1, -2)) expect(ofOneLine.text(`a ${line} b`)).toBe('a [secret] b')
})

test('takes out any openid wherever it stands', () => {
  const openids = fc.string({ minLength: 11, maxLength: 128 }).filter((text) => !'[openid]'.includes(text))
  fc.assert(
    fc.property(fc.string(), openids, fc.string(), (before, openid, after) => {
      for (const form of [openid, encodeURIComponent(openid)]) {
        expect(scrub.text(`${before}${form}${after}`, openid)).not.toContain(form)
      }
    }),
  )
})

test('leaves a text alone that holds nothing of it', () => {
  expect(scrub.text('RULE_LIMIT 用户已达上限', OPENID)).toBe('RULE_LIMIT 用户已达上限')
})

test('copies of an error what helps: name, message, code and causes, not its other properties', () => {
  const inner = Object.assign(new Error(`read ${OPENID}`), { code: 'ECONNRESET', socket: { path: OPENID } })
  const outer = new TypeError(`send ${OPENID}`, { cause: inner })
  const copy = scrub.error(outer, OPENID)
  expect(copy).toMatchObject({
    name: 'TypeError',
    message: 'send [openid]',
    cause: { message: 'read [openid]', code: 'ECONNRESET' },
  })
  expect(inspect(copy, { depth: 9, showHidden: true })).not.toContain(OPENID)
})

test('tells the first of several errors as the cause', () => {
  const several = new AggregateError(
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    '',
  )
  expect(scrub.error(several)).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

test('ends at causes that go round, and takes what is no error', () => {
  const round = new Error('a')
  round.cause = new Error('b', { cause: round })
  expect(inspect(scrub.error(round))).toContain('b')
  expect(scrub.error(`text ${OPENID}`, OPENID)?.message).toBe('text [openid]')
  expect(scrub.error(undefined)).toBeUndefined()
})
