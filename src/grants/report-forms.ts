import { csvLine } from '../domain/csv.ts'
import type { MonthReport, Sum } from './month-report.ts'

/** The report as CSV: one row for each figure; money in fen. */
export function reportCsv(report: MonthReport): string {
  const { coupons, days, by, asked, ended, decided, settlements, lookups, pauses, policies, erased } = report
  const { use, differences } = report
  const sum = (section: string, { key, name, count, quota, cost }: Sum) =>
    csvLine([section, key, name, count, quota, cost])
  const count = (section: string, key: string, of: number) => csvLine([section, key, key, of, null, null])
  return [
    csvLine(['section', 'key', 'name', 'count', 'quota_fen', 'cost_fen']),
    sum('coupons', coupons),
    ...days.map(({ day, count: of, quota }) => csvLine(['coupons by day', day, day, of, quota, null])),
    ...Object.entries(by).flatMap(([name, sums]) => sums.map((one) => sum(`coupons by ${name}`, one))),
    csvLine(['use', 'used', 'used', use.used.count, use.used.quota, null]),
    csvLine(['use', 'expired-unused', 'expired-unused', use.expired.count, use.expired.quota, null]),
    csvLine(['use', 'open', 'open', use.open.count, use.open.quota, null]),
    csvLine(['use', 'not-known', 'not-known', use.unknown.count, use.unknown.quota, null]),
    ...Object.entries(differences).map(([key, { count: of }]) => count('differences now', key, of)),
    sum('asked', asked),
    count('decided', 'approved', decided.approved),
    count('decided', 'by-rule', decided.byRule),
    count('decided', 'rejected', decided.rejected),
    ...Object.entries(ended).map(([key, of]) => count('ended', key, of)),
    ...Object.entries(settlements).map(([key, of]) => count('settlements', key, of)),
    count('pauses', 'paused', pauses.filter(({ kind }) => kind === 'paused').length),
    count('policies', 'in-force', policies.length),
    ...lookups.map(({ person, lookups: of }) => count('look-ups', person, of)),
    ...lookups.flatMap(({ person, openids }) =>
      openids > 0 ? [count('openids shown', person, openids)] : [],
    ),
    count('erased', 'grants', erased),
  ].join('')
}

/** Length of the longest bar, in characters. */
const LONGEST = 24

/** The days as a text chart, one line each: the day of the month, a bar, and the number of coupons. */
export function barLines(days: readonly Pick<MonthReport['days'][number], 'day' | 'count'>[]): string[] {
  const most = Math.max(1, ...days.map(({ count }) => count))
  const width = String(most).length
  return days.map(({ day, count }) => {
    // Even the smallest figure gets a visible bar.
    const cells = count === 0 ? 0 : Math.max(1, Math.round((count * LONGEST) / most))
    return `${day.slice(-2)} ${String(count).padStart(width)} ${'█'.repeat(cells)}`.trimEnd()
  })
}
