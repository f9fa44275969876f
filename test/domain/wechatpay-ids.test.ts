import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanOpenid, openidProblem, shortOpenid, withoutOpenids } from '../../src/domain/wechatpay-ids.ts'

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const letters = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-']
const anyOpenid = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 128 })

test.each([
  ['spaces', `  ${openid}\n`],
  ['quotes', `"${openid}"`],
  ['Chinese quotes', `“${openid}”`],
  ['a no-break space and a zero-width space', `\u00a0${openid}\u200b`],
  ['a byte order mark', `\ufeff${openid}`],
  ['marks of direction', `\u202a${openid}\u202c`],
  ['an ideographic space', `\u3000${openid}`],
])('takes off %s around it', (_, typed) => {
  expect(cleanOpenid(typed)).toBe(openid)
})

test('changes nothing inside of what may be an openid', () => {
  fc.assert(
    fc.property(anyOpenid, (text) => {
      expect(cleanOpenid(text)).toBe(text)
      expect(openidProblem(text, { pattern: '^.+$', fits: () => true })).toBeNull()
    }),
  )
})

test.each([
  ['', { kind: 'empty' }],
  ['13800138000', { kind: 'length', length: 11 }],
  ['SUP-12', { kind: 'length', length: 6 }],
  [openid.slice(1), { kind: 'length', length: 27 }],
  [`${openid}x`, { kind: 'length', length: 29 }],
  ['o'.repeat(129), { kind: 'too-long', length: 129 }],
  [openid.toUpperCase(), { kind: 'start', character: 'O' }],
  ['4200002345202611290123456789', { kind: 'start', character: '4' }],
  ['abcd ef', { kind: 'character', character: ' ', position: 5 }],
  ['ab😀c', { kind: 'character', character: '😀', position: 3 }],
  ['oUpF８', { kind: 'character', character: '８', position: 5 }],
  ['a/../b', { kind: 'character', character: '/', position: 2 }],
])('names what is wrong with %j', (text, problem) => {
  expect(openidProblem(text, null)).toEqual(problem)
})

test('takes openids of 28 characters that begin with o', () => {
  expect(openidProblem(openid, null)).toBeNull()
})

test.each([
  `openid: ${openid}`,
  `openid=${openid}`,
  `OpenID：${openid}`,
  `用户标识：${openid}。`,
  `open_id = "${openid}",`,
  `"openid":"${openid}"`,
  `{"openid":"${openid}","appid":"wx0000000000000001"}`,
  `{ "openid" : "${openid}" }`,
  `https://example.com/users?openid=${openid}&page=2`,
  `<${openid}>`,
  `（${openid}）`,
  `${openid},`,
  `${openid}。`,
  `\`${openid}\``,
  `「${openid}」`,
  openid.replace('8', '８').replace('_', '＿'),
  `${openid.slice(0, 9)}\u200b${openid.slice(9)}`,
  `用户的openid是${openid}`,
  `OPENID ${openid}`,
  `openid -> ${openid}`,
  `- ${openid}`,
  `*${openid}*`,
  `${openid} (VIP)`,
  `https://example.com/u/${openid}?a=1`,
  `https://example.com/?openid=${openid}#top`,
  `openid=\\"${openid}\\"`,
  `<openid>${openid}</openid>`,
  `<openid><![CDATA[${openid}]]></openid>`,
  `${openid}\n${openid}`,
  `unionid=${openid.replace('o', 'oz').slice(0, 28)}&openid=${openid}`,
])('finds the openid in %j', (typed) => {
  expect(cleanOpenid(typed)).toBe(openid)
})

test.each([
  ['two openids', `${openid} ${openid.replace('8', '9')}`],
  ['two openids without a space', `${openid}${openid}`],
  ['a unionid', `unionid: ${openid}`],
  ['a letter of another alphabet before it', `ж${openid}`],
  ['a letter of another alphabet after it', `${openid}о`],
  ['a longer word', `x${openid}`],
])('chooses nothing of %s', (_, typed) => {
  expect(openidProblem(cleanOpenid(typed))).not.toBeNull()
})

test('says of a unionid that it is none', () => {
  for (const typed of ['unionid', `unionid: ${openid}`, `UnionID ${openid}`])
    expect(openidProblem(cleanOpenid(typed))).toEqual({ kind: 'union' })
})

test('cleans what is long and what is only spaces or quotes at once', () => {
  for (const text of [
    '“'.repeat(200_000),
    ' '.repeat(200_000),
    `${'" '.repeat(100_000)}x`,
    'openid'.repeat(50_000),
  ])
    expect(cleanOpenid(text).length).toBeLessThan(401)
})

test('shortens every openid within a text, and one that is known', () => {
  expect(withoutOpenids(`was ${openid}, id=${openid}!`)).toBe('was oUpF…jWeS6o, id=oUpF…jWeS6o!')
  expect(withoutOpenids(`_${openid}_ ${openid}-`)).toBe('_oUpF…jWeS6o_ oUpF…jWeS6o-')
  expect(withoutOpenids('of wx-1234567-89 again', 'wx-1234567-89')).toBe('of w…89 again')
  expect(withoutOpenids('12 of 123, 1', '12')).toBe('1… of 123, 1')
  expect(withoutOpenids('a (b', '(')).toBe('a (b')
  expect(withoutOpenids(`x${openid}`)).toBe(`x${openid}`)
})

test('shortens to the first 4 and the last 6', () => {
  expect(shortOpenid(openid)).toBe('oUpF…jWeS6o')
})

test('never shows all of an openid, however short', () => {
  fc.assert(
    fc.property(anyOpenid, (text) => {
      const shown = shortOpenid(text).replace('…', '')
      expect(shown.length).toBeLessThan(text.length)
      expect(shown.length).toBeLessThanOrEqual(text.length > 12 ? text.length * 0.36 : text.length / 2)
      expect(shown.length).toBeLessThanOrEqual(10)
    }),
  )
})
