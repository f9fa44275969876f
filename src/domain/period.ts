import { TZDate } from '@date-fns/tz'

/** Days and months by name, in the policy's time zone. */

export interface Period {
  /** Epoch ms. */
  from: number
  /** Epoch ms; the first moment after the period. */
  to: number
}

/** The month of a name such as `2026-11`; null: it isn't a month. */
export function monthNamed(name: string, timeZone: string): Period | null {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(name)?.map(Number) ?? []
  if (year === undefined || month === undefined || year < 2000 || month < 1 || month > 12) return null
  const start = (of: number) => new TZDate(year, of, 1, timeZone).getTime()
  return { from: start(month - 1), to: start(month) }
}

/** The day of a name such as `2026-11-29`; null: there is no such day. */
export function dayNamed(name: string, timeZone: string): Period | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(name)?.map(Number) ?? []
  if (year === undefined || month === undefined || day === undefined || year < 2000) return null
  const start = new TZDate(year, month - 1, day, timeZone)
  if (start.getMonth() !== month - 1 || start.getDate() !== day) return null
  return { from: start.getTime(), to: new TZDate(year, month - 1, day + 1, timeZone).getTime() }
}

/** The name of the month of a moment. */
export function monthOf(at: number, timeZone: string): string {
  const date = new TZDate(at, timeZone)
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`
}

/** Every day of a period that begins at the start of a day: its name, and when it begins. */
export function daysOf({ from, to }: Period, timeZone: string): { day: string; from: number }[] {
  const first = new TZDate(from, timeZone)
  const [year, month, date] = [first.getFullYear(), first.getMonth(), first.getDate()]
  const days: { day: string; from: number }[] = []
  for (let index = 0; ; index++) {
    const day = new TZDate(year, month, date + index, timeZone)
    if (day.getTime() >= to) return days
    const named = `${monthOf(day.getTime(), timeZone)}-${String(day.getDate()).padStart(2, '0')}`
    days.push({ day: named, from: day.getTime() })
  }
}
