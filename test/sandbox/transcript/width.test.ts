import fc from 'fast-check'
import { expect, test } from 'vitest'
import { padded, widthOf, wrapped } from '../../../src/sandbox/transcript/width.ts'

test('counts two columns for a Chinese character and its punctuation', () => {
  expect(widthOf('openid')).toBe(6)
  expect(widthOf('优惠券，')).toBe(8)
  expect(widthOf('¥10.00 … “x”')).toBe(12)
  expect(padded('优惠', 6)).toBe('优惠  ')
})

test('breaks between words, and within Chinese anywhere but before punctuation that closes', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  expect(wrapped('发放一张优惠券，可用', 14)).toEqual(['发放一张优惠', '券，可用'])
  expect(wrapped('给用户（小雨）', 8)).toEqual(['给用户', '（小雨）'])
})

test('keeps facts in a row whole, where they fit', () => {
  expect(wrapped('sent today 2:18 AM · expires in 29 days · by @ada', 26)).toEqual([
    'sent today 2:18 AM ·',
    'expires in 29 days ·',
    'by @ada',
  ])
})

test('cuts only what is wider than a line by itself', () => {
  expect(wrapped('id 0123456789', 8)).toEqual(['id', '01234567', '89'])
})

test('keeps every character but spaces, and every line within its width', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '券', '，', '（', '·', '\n') })
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 20 }), (given, width) => {
      const lines = wrapped(given, width)
      expect(lines.join('').replace(/\s/g, '')).toBe(given.replace(/\s/g, ''))
      expect(lines.filter((line) => widthOf(line) > width)).toEqual([])
    }),
  )
})
