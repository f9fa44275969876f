import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanOpenid, looksLikeOpenid, openidProblem, shortOpenid } from '../../src/domain/openid.ts'

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
      expect(openidProblem(text)).toBeNull()
    }),
  )
})

test.each([
  ['', { kind: 'empty' }],
  ['o'.repeat(129), { kind: 'too-long', length: 129 }],
  ['abcd ef', { kind: 'character', character: ' ', position: 5 }],
  ['ab😀c', { kind: 'character', character: '😀', position: 3 }],
  ['oUpF８', { kind: 'character', character: '８', position: 5 }],
  ['a/../b', { kind: 'character', character: '/', position: 2 }],
])('names what is wrong with %j', (text, problem) => {
  expect(openidProblem(text)).toEqual(problem)
})

test('knows the openids of today by their look', () => {
  expect(looksLikeOpenid(openid)).toBe(true)
  expect(looksLikeOpenid(openid.slice(1))).toBe(false)
  expect(looksLikeOpenid(`p${openid.slice(1)}`)).toBe(false)
})

test('shortens to the first 4 and the last 6', () => {
  expect(shortOpenid(openid)).toBe('oUpF…jWeS6o')
})

test('never shows all of an openid, however short', () => {
  fc.assert(
    fc.property(anyOpenid, (text) => {
      const shown = shortOpenid(text).replace('…', '')
      expect(shown.length).toBeLessThan(text.length)
      expect(shown.length).toBeLessThanOrEqual(10)
    }),
  )
})
