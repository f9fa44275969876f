import { TZDate } from '@date-fns/tz'
import { startOfDay, subDays } from 'date-fns'

/**
 * Start of a window of N days: today and the N−1 calendar days before, in the policy's time zone.
 * @param now epoch ms @returns epoch ms
 */
export function windowStart(now: number, days: number, timeZone: string): number {
  return startOfDay(subDays(new TZDate(now, timeZone), days - 1)).getTime()
}
