import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dayBefore,
  calendarDay as dayOf,
  firstDay,
  offsetsBetween,
  windowStart,
} from '../../src/domain/limit.ts'

const zones = [
  'Asia/Shanghai',
  'America/New_York',
  'Europe/London',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
]
const DAY = 24 * 60 * 60 * 1000

/** A time in ISO form, of the window's start. */
function start(now: string, days: number, zone: string): string {
  return new Date(windowStart(Date.parse(now), days, zone)).toISOString()
}
function calendarDay(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(at)
}
function dayNumber(at: number, zone: string): number {
  return Date.parse(`${calendarDay(at, zone)}T00:00:00Z`) / DAY
}

test('begins a window of one day at midnight of the policy, not of UTC', () => {
  expect(start('2026-11-24T15:59:59+00:00', 1, 'Asia/Shanghai')).toBe('2026-11-23T16:00:00.000Z')
  expect(start('2026-11-24T16:00:00+00:00', 1, 'Asia/Shanghai')).toBe('2026-11-24T16:00:00.000Z')
})

test('counts today as one of seven days', () => {
  expect(start('2026-11-24T12:00:00+08:00', 7, 'Asia/Shanghai')).toBe('2026-11-17T16:00:00.000Z')
})

test.each([
  ['the day that lasts 23 hours', '2026-03-08T12:00:00-04:00', 1, '2026-03-08T05:00:00.000Z'],
  ['the day after it', '2026-03-09T00:30:00-04:00', 2, '2026-03-08T05:00:00.000Z'],
  ['a week over it', '2026-03-10T23:59:59-04:00', 7, '2026-03-04T05:00:00.000Z'],
  [
    'the first 01:30 of the day that lasts 25 hours',
    '2026-11-01T01:30:00-04:00',
    1,
    '2026-11-01T04:00:00.000Z',
  ],
  ['the second 01:30', '2026-11-01T01:30:00-05:00', 1, '2026-11-01T04:00:00.000Z'],
  ['its last second', '2026-11-01T23:59:59-05:00', 1, '2026-11-01T04:00:00.000Z'],
  ['two days over it', '2026-11-02T12:00:00-05:00', 2, '2026-11-01T04:00:00.000Z'],
])('begins at midnight of New York around changes of its clocks: %s', (_, now, days, expected) => {
  expect(start(now, days, 'America/New_York')).toBe(expected)
})

test('knows the summer time that Shanghai once had', () => {
  expect(start('1986-05-05T12:00:00+09:00', 1, 'Asia/Shanghai')).toBe('1986-05-04T15:00:00.000Z')
  expect(start('1986-05-05T12:00:00+09:00', 3, 'Asia/Shanghai')).toBe('1986-05-02T16:00:00.000Z')
})

test('begins at one o’clock where that day has no midnight', () => {
  expect(start('2026-04-24T12:00:00+03:00', 1, 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z')
})

test('does not lose the first day where the clocks skip the hour that it is now', () => {
  // In Nuuk the clocks go from 23:00 on 28 March to midnight.
  const now = Date.parse('2026-04-26T23:49:00-01:00')
  expect(firstDay(now, 30, 'America/Nuuk')).toBe(20260328)
})

test('covers exactly so many calendar days, today included', () => {
  const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) })
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 366 }), fc.constantFrom(...zones), (now, days, zone) => {
      const since = windowStart(now, days, zone)
      expect(since).toBeLessThanOrEqual(now)
      expect(dayNumber(now, zone) - dayNumber(since, zone)).toBe(days - 1)
      expect(calendarDay(since - 1, zone)).not.toBe(calendarDay(since, zone))
    }),
  )
})

test('never begins earlier as time goes on', () => {
  const moment = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) })
  fc.assert(
    fc.property(moment, fc.nat(3 * DAY), fc.constantFrom(...zones), (now, more, zone) => {
      expect(windowStart(now + more, 7, zone)).toBeGreaterThanOrEqual(windowStart(now, 7, zone))
    }),
  )
})

test('writes a day as one number, and the first of a window as its own day', () => {
  const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) })
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 366 }), fc.constantFrom(...zones), (now, days, zone) => {
      expect(String(dayOf(now, zone))).toBe(calendarDay(now, zone).replaceAll('-', ''))
      expect(firstDay(now, days, zone)).toBe(dayOf(windowStart(now, days, zone), zone))
    }),
    { numRuns: 40 },
  )
})

test('tells how far a time zone is from UTC between two moments, to the millisecond of each change', () => {
  const at = Date.parse('2026-03-08T07:00:00Z')
  expect(offsetsBetween(at - 10 * DAY - 1234, at + DAY, 'America/New_York')).toEqual([
    { until: at, offset: -5 * 3_600_000 },
    { until: Number.POSITIVE_INFINITY, offset: -4 * 3_600_000 },
  ])
  expect(offsetsBetween(0, at, 'UTC')).toEqual([{ until: Number.POSITIVE_INFINITY, offset: 0 }])
  const moment = fc.integer({ min: Date.UTC(2019, 0), max: Date.UTC(2027, 0) })
  const strange = [...zones, 'Australia/Lord_Howe', 'Africa/Casablanca']
  fc.assert(
    fc.property(
      fc.array(moment, { minLength: 3, maxLength: 20 }),
      fc.constantFrom(...strange),
      (all, zone) => {
        const offsets = offsetsBetween(Math.min(...all), Math.max(...all), zone)
        for (const one of all) {
          const offset = offsets.find(({ until }) => one < until)?.offset ?? 0
          expect(new Date(one + offset).toISOString().slice(0, 10)).toBe(calendarDay(one, zone))
        }
      },
    ),
  )
})

test('goes back days over the end of a month and of a year', () => {
  expect([20261124, 20270101, 20270302, 20280301].map((day) => dayBefore(day, 2))).toEqual([
    20261122, 20261230, 20270228, 20280228,
  ])
})
