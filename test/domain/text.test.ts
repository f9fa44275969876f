import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cleanLine,
  cleanOrNull,
  cleanText,
  cut,
  didYouMean,
  formatFen,
  inOneLine,
  labelledLines,
  saidLines,
} from '../../src/domain/text.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

test.each([
  ['control characters', 'a\0b\u0007c\u0090d', 'abcd'],
  ['what a terminal would obey', 'a\u001b[31mred\u001b[0m\u009b2Jb\u001b]0;title\u0007', 'aredb]0;title'],
  ['what turns the direction of a line', 'a\u202eb\u2066c\u2069', 'abc'],
  ['what no screen shows', 'a\u200b\ufeff\u2060b\u{e0041}', 'ab'],
  ['halves of characters', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
  ['kinds of line breaks', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
  ['tabs and space around it', ' \ta\tb \n', 'a b'],
])('takes out or makes plain %s', (_, typed, kept) => {
  expect(cleanText(typed)).toBe(kept)
})

test('keeps what people write: accents, emoji of several parts, marks of writing from right to left', () => {
  const text = 'Zoë 👩‍👩‍👧 ❤️ 用户说“不对” עברית\u200f!'
  expect(cleanText(text)).toBe(text)
  expect(cleanOrNull(' \u200b\n ')).toBeNull()
  expect(cleanOrNull(null)).toBeNull()
  // Fillers and blanks that look like nothing say nothing.
  for (const blank of [
    '\u3164',
    '\u2800\u2800',
    '\u00ad',
    '\u115f\u034f',
    '\u200d',
    '\ufe0f',
    '\u3000',
    '\u061c',
  ])
    expect(cleanOrNull(blank)).toBeNull()
})

test('puts several lines into one between the app’s own words', () => {
  expect(cleanLine('a\n\n  b\nc')).toBe('a / b / c')
  expect(inOneLine(`for ${OPENID}\nplease`, 100)).toBe('for oUpF…jWeS6o / please')
  expect(inOneLine('x'.repeat(200), 10)).toBe('xxxxxxxxx…')
})

test('quotes each line of what somebody said, and not without end', () => {
  expect(saidLines('wrong amount')).toBe('“wrong amount”')
  expect(saidLines('sorry\nApproved by Lea, today')).toBe('“sorry\n“Approved by Lea, today”')
  const long = saidLines(Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n'))
  expect(long.split('\n')).toHaveLength(12)
  expect(long.endsWith('“…”')).toBe(true)
  expect(saidLines('x'.repeat(3000))).toHaveLength(2900)
  expect(saidLines('x'.repeat(3000)).endsWith('x…”')).toBe(true)
  expect(labelledLines('one line')).toBe('one line')
  expect(labelledLines('two\nlines')).toBe('\n“two\n“lines”')
})

test('cuts with an ellipsis and never half of a character', () => {
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('abcd', 3)).toBe('ab…')
  expect(cut('a😀bc', 3)).toBe('a…')
})

test('cleans long texts of any kind in one pass', () => {
  for (const unit of ['\u001b[', ' \n', '\u200b', '\n', ' ', 'o', 'o-', '-o', '\u001b]'])
    for (const draw of [cleanText, saidLines, (text: string) => inOneLine(text, 100)])
      expect(draw(unit.repeat(200_000 / unit.length)).length).toBeLessThanOrEqual(200_000)
})

const words = ['send', 'list', 'help', 'withdraw-10', 'requesters', 'approvers']

test.each([
  ['lsit', 'list'],
  ['lst', 'list'],
  ['HELP', 'help'],
  ['withdraw10', 'withdraw-10'],
  ['requester', 'requesters'],
  ['aprovers', 'approvers'],
])('takes %s for %s', (typed, meant) => {
  expect(didYouMean(typed, words)).toBe(meant)
})

test.each(['', 'refund', 'x', '发放', 'y'.repeat(5000)])('guesses nothing for %j', (typed) => {
  expect(didYouMean(typed, words)).toBeNull()
})

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
