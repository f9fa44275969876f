import { expect, test } from 'vitest'
import { createScrubber } from '../../src/wechatpay/answers.ts'
import { prepareCall } from '../../src/wechatpay/chained-calls.ts'
import { type ListQuery, routes, type SendCouponBody } from '../../src/wechatpay/routes.ts'
import { JSON_BODY, OPENID, QUERY } from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const scrub = createScrubber([])
const post = (json: Partial<SendCouponBody>, openid: unknown = OPENID, more: object = {}) =>
  prepareCall(PATH, 'post', routes[PATH].post, { openid, json: { ...JSON_BODY, ...json }, ...more }, scrub)
const get = (query: Partial<ListQuery>) =>
  prepareCall(PATH, 'get', routes[PATH].get, { openid: OPENID, query: { ...QUERY, ...query } }, scrub)

test('takes each field up to its longest', () => {
  post({
    mchid: '9'.repeat(32),
    stock_id: '9'.repeat(20),
    appid: 'w'.repeat(32),
    send_request_no: 'n'.repeat(32),
  })
  post({}, 'o'.repeat(128))
  expect(get({ offset: 0, limit: 1 }).target).toBe(
    `/v3/marketing/withdraw-favor/users/${OPENID}/coupons?mchid=9800064&stock_id=9865888&appid=wxd678efh567hg6787&offset=0&limit=1`,
  )
})

test.each<[Partial<SendCouponBody>, RegExp]>([
  [{ mchid: '' }, /json\.mchid is not 1 to 32 letters and digits/],
  [{ mchid: '9'.repeat(33) }, /json\.mchid/],
  [{ mchid: '98 00' }, /json\.mchid/],
  [{ stock_id: '' }, /json\.stock_id is shorter or smaller than 1/],
  [{ stock_id: '9'.repeat(21) }, /json\.stock_id is longer or larger than 20/],
  [{ stock_id: '98\n65' }, /json\.stock_id has a space or an invisible character/],
  [{ stock_id: '98\u200b65' }, /json\.stock_id has a space or an invisible character/],
  [{ appid: 'w'.repeat(33) }, /json\.appid/],
  [{ send_request_no: 'n'.repeat(33) }, /json\.send_request_no is not 1 to 32 letters and digits/],
  [{ send_request_no: 'a-b' }, /json\.send_request_no/],
  [{ send_request_no: 12 as unknown as string }, /json\.send_request_no is not of the type string/],
])('refuses %j by the name of the field', (json, words) => {
  expect(() => post(json)).toThrow(words)
})

test.each<[Partial<ListQuery>, RegExp]>([
  [{ offset: -1 }, /query\.offset/],
  [{ offset: 1.5 }, /query\.offset/],
  [{ limit: 0 }, /query\.limit/],
])('refuses the query %j by the name of the field', (query, words) => {
  expect(() => get(query)).toThrow(words)
})

test.each<[unknown]>([
  [''],
  ['o'.repeat(129)],
  ['.'],
  ['..'],
  ['o 1'],
  ['o1\n'],
  [7],
  [null],
])('refuses the openid %j', (openid) => {
  expect(() => post({}, openid)).toThrow(/openid/)
})

test('names field and position of an emoji and says what to do', () => {
  expect(() => post({ stock_id: 'ab😀' })).toThrow(
    /json\.stock_id has an emoji .* at position 3: take it out/,
  )
  expect(() => post({ appid: `w\ud83d` })).toThrow(/json\.appid has an emoji .* at position 2/)
  expect(() => post({}, '𠮷')).toThrow(
    /openid has an emoji or another character that WeChat Pay does not take/,
  )
})

test('names half a character by its field', () => {
  expect(() => post({}, `o\ud83d${OPENID}`, { more: 1 })).toThrow(
    /more is not a field.*openid has an emoji .* at position 2/,
  )
})

test('names every wrong field at once and repeats no value', () => {
  const call = () =>
    post({ mchid: 'canary one', stock_id: '' }, `${OPENID} x`, { [`${OPENID} x`]: 1, timeout: -1 })
  expect(call).toThrow(/mchid.*stock_id/)
  expect(call).toThrow(/timeout is not a number of milliseconds/)
  expect(call).not.toThrow(/canary one/)
  expect(call).not.toThrow(OPENID)
})

test('does not repeat an openid that was given as the name of a field', () => {
  const openid = 'oCanary2882656'
  const named: object = { [openid]: 1 }
  for (const call of [() => post(named, openid), () => post({}, openid, named)])
    expect(call).toThrow(/^(?!.*2882656).*is not a field of this call/)
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5'])('refuses the timeout %s', (timeout) => {
  expect(() => post({}, OPENID, { timeout })).toThrow(/timeout/)
})

test('refuses a signal that is none', () => {
  expect(() => post({}, OPENID, { signal: {} })).toThrow(/signal is not an AbortSignal/)
})
