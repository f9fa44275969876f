import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTime } from '../../src/wechatpay/times.ts'

test.each([
  ['2021-05-20T13:29:35.120+08:00', 1621488575120],
  ['2021-05-20T13:29:35+08:00', 1621488575000],
  ['2021-05-20T05:29:35.120Z', 1621488575120],
  ['2021-05-20T05:29:35Z', 1621488575000],
  ['2021-05-20T00:29:35-05:00', 1621488575000],
  ['2024-02-29T00:00:00+08:00', 1709136000000],
])('reads %s', (text, time) => {
  expect(parseTime(text)).toBe(time)
})

test.each([
  '',
  '2021-05-20',
  '2021-05-20 13:29:35',
  '2021-05-20T13:29:35',
  '2021-5-20T13:29:35Z',
  '2021-02-29T00:00:00Z',
  '2021-13-01T00:00:00Z',
  '2021-00-10T00:00:00Z',
  '2021-05-20T24:00:00Z',
  '2021-05-20T13:60:00Z',
  '2021-05-20T13:29:60Z',
  '2021-05-20T13:29:35+24:00',
  '2021-05-20T13:29:35Z ',
  ' 2021-05-20T13:29:35Z',
  '1621488575',
])('refuses %j', (text) => {
  expect(() => parseTime(text)).toThrow(RangeError)
})

test('does not repeat in its error what it was given', () => {
  expect(() => parseTime('canary-value')).toThrow(/^not a time of the form 2021-05-20T13:29:35\.120\+08:00$/)
})

test('reads each time of years with four digits as it was written, in any offset', () => {
  const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 })
  const times = fc.integer({ min: Date.UTC(1000, 0, 2), max: Date.UTC(9999, 11, 30) })
  fc.assert(
    fc.property(times, minutes, (time, offset) => {
      const local = new Date(time + offset * 60_000).toISOString().slice(0, -1)
      const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0')
      const text = `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
      expect(parseTime(text)).toBe(time)
    }),
  )
})
