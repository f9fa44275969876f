import { TZDate } from '@date-fns/tz'
// By file: the package's index loads three hundred, which takes a second at start-up.
import { startOfDay } from 'date-fns/startOfDay'
import { subDays } from 'date-fns/subDays'

const MINUTE = 60_000
const MOST_KNOWN = 100
/** Answers by their question. One ask puts the same few several times, each a tenth of a millisecond of work. */
const known = new Map<string, number>()

/**
 * Start of a window of N days: today and the N−1 calendar days before, in the policy's time zone.
 * @param now epoch ms @returns epoch ms
 */
export function windowStart(now: number, days: number, timeZone: string): number {
  // The same all through a minute, as in every zone days begin with one.
  const question = `${Math.floor(now / MINUTE)} ${days} ${timeZone}`
  const answer = known.get(question)
  if (answer !== undefined) return answer
  const start = startOfDay(subDays(new TZDate(now, timeZone), days - 1)).getTime()
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(question, start)
  return start
}
