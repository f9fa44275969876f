import { TZDate, tzOffset } from '@date-fns/tz'
import { addDays } from 'date-fns/addDays'
import { startOfDay } from 'date-fns/startOfDay'
import { subDays } from 'date-fns/subDays'
import type { Refusal } from './ask.ts'
import type { Policy } from './policy.ts'

/** The most coupons, or quota (fen), in a number of days. At least one of the two is set. */
export interface Limit {
  count: number | null
  quota: number | null
  days: number
}

export const limitKinds = ['user', 'requester', 'stock'] as const
export type LimitKind = (typeof limitKinds)[number]

/** Coupons and quota (fen) that hold a place in a limit. */
export interface Usage {
  count: number
  quota: number
}

/** The limit of a kind, with the first day of its window; null if the policy sets none. */
export function limitOf(policy: Policy, kind: LimitKind, now: number): (Limit & { from: number }) | null {
  const limit = {
    user: policy.limits.perUser,
    requester: policy.limits.perRequester,
    stock: policy.limits.perStock,
  }[kind]
  return limit && { ...limit, from: firstDay(now, limit.days, policy.timezone) }
}

/** Why one more coupon of this quota would exceed a limit, or null. */
export function refusalByLimit(kind: LimitKind, limit: Limit, used: Usage, quota: number): Refusal | null {
  const over = (measure: 'count' | 'quota', adding: number): Refusal | null => {
    const max = limit[measure]
    if (max === null || used[measure] + adding <= max) return null
    return { code: 'limit-reached', limit: kind, measure, used: used[measure], max, adding, days: limit.days }
  }
  return over('count', 1) ?? over('quota', quota)
}

// Import single files: the package's index loads three hundred, which takes a second at start-up.

const MINUTE = 60_000
const WEEK = 7 * 86_400_000
const MOST_KNOWN = 100
/** Answers by question. One ask repeats the same few several times, and each takes a tenth of a millisecond. */
const known = new Map<string, number>()

/**
 * Start of a window of N days: today and the N−1 calendar days before, in the policy's time zone.
 * @param now epoch ms
 * @returns epoch ms
 */
export function windowStart(now: number, days: number, timeZone: string): number {
  return onceAMinute(now, `start ${days} ${timeZone}`, () =>
    // From the start of a day: on the first day, the hour of `now` may not exist,
    // and its substitute is on the next day.
    startOfDay(subDays(startOfDay(new TZDate(now, timeZone)), days - 1)).getTime(),
  )
}

/** The first day of such a window, as `calendarDay` writes it. */
export function firstDay(now: number, days: number, timeZone: string): number {
  return calendarDay(windowStart(now, days, timeZone), timeZone)
}

/** When a day's usage leaves a window of `days` days. @param day as `calendarDay` writes it @returns epoch ms */
export function leavesWindow(day: number, days: number, timeZone: string): number {
  const noon = dateOn(day, { hours: 12, minutes: 0 }, timeZone)
  return startOfDay(addDays(noon, days)).getTime()
}

/** The day `days` days before another one, both as `calendarDay` writes them. */
export function dayBefore(day: number, days: number): number {
  const [year, month, ofMonth] = partsOf(day)
  const date = new Date(Date.UTC(year, month, ofMonth - days))
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
}

/** The day of the week; 0: Sunday. @param day as `calendarDay` writes it */
export function weekdayOf(day: number): number {
  return new Date(Date.UTC(...partsOf(day))).getUTCDay()
}

/** When clocks show a time on a day. @param day as `calendarDay` writes it @returns epoch ms */
export function momentOn(day: number, time: { hours: number; minutes: number }, timeZone: string): number {
  return dateOn(day, time, timeZone).getTime()
}

function dateOn(day: number, { hours, minutes }: { hours: number; minutes: number }, timeZone: string) {
  return new TZDate(...partsOf(day), hours, minutes, timeZone)
}

/** Year, month from 0, day of the month. */
function partsOf(day: number): [year: number, month: number, ofMonth: number] {
  return [Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100]
}

/** Whether this machine knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

/** The calendar day of a moment: 24 November 2026 is 20261124. Later days are higher numbers. @param at epoch ms */
export function calendarDay(at: number, timeZone: string): number {
  return onceAMinute(at, `day ${timeZone}`, () => {
    const date = new TZDate(at, timeZone)
    return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate()
  })
}

/** How far (ms) a time zone's clocks are ahead of UTC, until `until` (epoch ms). */
export interface Offset {
  until: number
  offset: number
}

/** A time zone's offsets between two moments (epoch ms), in order. */
export function offsetsBetween(from: number, to: number, timeZone: string): Offset[] {
  const at = (moment: number) => Math.round(tzOffset(timeZone, new Date(moment)) * MINUTE)
  const offsets: Offset[] = []
  let before = at(from)
  // No zone changes its clocks twice within a week.
  for (let start = from; start < to; start += WEEK) {
    const after = at(start + WEEK)
    if (before !== after) offsets.push({ until: endOf(before, start, at), offset: before })
    before = after
  }
  return [...offsets, { until: Number.POSITIVE_INFINITY, offset: before }]
}

/** The first moment in the week after `start` at which an offset no longer applies. */
function endOf(offset: number, start: number, at: (moment: number) => number): number {
  let [holds, ended] = [start, start + WEEK]
  while (ended - holds > 1) {
    const middle = Math.floor((holds + ended) / 2)
    if (at(middle) === offset) holds = middle
    else ended = middle
  }
  return ended
}

function onceAMinute(now: number, what: string, find: () => number): number {
  // The answer is the same for a whole minute, because days begin on a full minute in every zone.
  const question = `${Math.floor(now / MINUTE)} ${what}`
  const answer = known.get(question)
  if (answer !== undefined) return answer
  const found = find()
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(question, found)
  return found
}
