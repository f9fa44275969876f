import { expect, test } from 'vitest'
import { parseAway } from '../../../src/slack/decide/away.ts'
import { NOON } from '../builders.ts'

const SHANGHAI = 'Asia/Shanghai'
const HOUR = 3_600_000
const read = (text: string) => parseAway(text, NOON, SHANGHAI)
/** A moment in Shanghai. */
const at = (day: string, time: string) => Date.parse(`${day}T${time}:00+08:00`)

test('reads until when somebody is away, as people write it', () => {
  const typed: Record<string, number> = {
    '3d': NOON + 72 * HOUR,
    '8 hours': NOON + 8 * HOUR,
    '2天': NOON + 48 * HOUR,
    'for 2 weeks': NOON + 336 * HOUR,
    today: at('2026-11-24', '23:59'),
    明天: at('2026-11-25', '23:59'),
    'tomorrow 9:30': at('2026-11-25', '09:30'),
    '2026-12-01': at('2026-12-01', '23:59'),
    'until 2026/12/01 18：00': at('2026-12-01', '18:00'),
    '12月1日': at('2026-12-01', '23:59'),
    'Friday 14:00': at('2026-11-27', '14:00'),
    thurs: at('2026-11-26', '23:59'),
    mon: at('2026-11-30', '23:59'),
    // A Tuesday.
    tuesday: at('2026-12-01', '23:59'),
    '到 周日': at('2026-11-29', '23:59'),
    '星期五 18:00': at('2026-11-27', '18:00'),
    '1-15': at('2027-01-15', '23:59'),
  }
  for (const [text, until] of Object.entries(typed))
    expect({ text, ...read(text) }).toEqual({ text, until, people: [], unclear: null })
})

test('keeps people in their order, and says what it does not understand', () => {
  expect(read('@ada 3d @王磊')).toMatchObject({ people: ['@ada', '@王磊'], unclear: null })
  expect(read('3d lea@example.com').people).toEqual(['lea@example.com'])
  expect(read('<@U0LEAD1> 3d').people).toEqual(['<@U0LEAD1>'])
  for (const text of ['2026-11-31', '2026-13-01', 'soon', 'fridays', '下周五', '3 moons', '3d sick'])
    expect(read(text).unclear, text).not.toBeNull()
  expect(read('@lea')).toEqual({ until: null, people: ['@lea'], unclear: null })
})

test('reads a time as the clock shows it, also on the day on which it is changed', () => {
  // New York's clocks are put back on 1 November 2026 and forward on 14 March 2027.
  const inNewYork = (text: string) => parseAway(text, Date.UTC(2026, 9, 30), 'America/New_York').until
  expect(inNewYork('2026-11-01 18:00')).toBe(Date.parse('2026-11-01T18:00:00-05:00'))
  expect(inNewYork('2026-11-01 00:30')).toBe(Date.parse('2026-11-01T00:30:00-04:00'))
  expect(inNewYork('2026-11-01')).toBe(Date.parse('2026-11-01T23:59:00-05:00'))
  expect(inNewYork('2027-03-14 18:00')).toBe(Date.parse('2027-03-14T18:00:00-04:00'))
})
