import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatFen } from '../../src/domain/text.ts'

test.each([
  [0, '¥0.00'],
  [1, '¥0.01'],
  [99, '¥0.99'],
  [1000, '¥10.00'],
  [100_000, '¥1,000.00'],
  [123_456_789, '¥1,234,567.89'],
  [-1005, '-¥10.05'],
])('writes %i fen as %s', (fen, written) => {
  expect(formatFen(fen)).toBe(written)
})

test('loses no fen', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (fen) => {
      expect(Number(formatFen(fen).replaceAll(/[¥,.]/g, ''))).toBe(fen)
    }),
  )
})
