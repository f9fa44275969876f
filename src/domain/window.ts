import { TZDate } from '@date-fns/tz'
// By file: the package's index loads three hundred, which takes a second at start-up.
import { startOfDay } from 'date-fns/startOfDay'
import { subDays } from 'date-fns/subDays'

/**
 * Start of a window of N days: today and the N−1 calendar days before, in the policy's time zone.
 * @param now epoch ms @returns epoch ms
 */
export function windowStart(now: number, days: number, timeZone: string): number {
  return startOfDay(subDays(new TZDate(now, timeZone), days - 1)).getTime()
}
