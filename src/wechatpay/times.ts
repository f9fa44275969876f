const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/**
 * Reads a time as WeChat Pay writes it, in UTC epoch milliseconds.
 *
 * All four documented forms are read: with or without milliseconds, with `Z` or an offset
 * (`2021-05-20T13:29:35.120+08:00`). Dates that no calendar has are refused, as `Date.parse` would move them.
 *
 * @throws RangeError that names the form only, never the text
 */
export function parseTime(text: string): number {
  const time = timeOf(text)
  if (time === undefined) throw new RangeError('not a time of the form 2021-05-20T13:29:35.120+08:00')
  return time
}

/** Says whether `parseTime` can read the text. */
export function isTime(text: string): boolean {
  return timeOf(text) !== undefined
}

function timeOf(text: string): number | undefined {
  const found = FORM.exec(text)
  if (!found) return undefined
  const [year, month, day, hour, minute, second, ms, , offsetHour, offsetMinute] = found
    .slice(1)
    .map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  local.setUTCHours(hour, minute, second, ms)
  const offset = (offsetHour * 60 + offsetMinute) * 60_000
  return found[8] === '-' ? local.getTime() + offset : local.getTime() - offset
}
