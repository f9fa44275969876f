import { monthNamed, monthOf } from '../domain/period.ts'
import { mayNot, type Person } from '../domain/permissions.ts'
import type { GrantsDeps } from './deps.ts'
import type { NotDone } from './grants.ts'
import { type MonthReport, reportOn } from './month-report.ts'

export interface ReportInput {
  person: Person
  /** E.g. `2026-11`, or the number of months before this one. */
  month: string | number
}

export type ReportOutcome =
  /** `month`: its name; `timeZone`: the zone of its days. */
  | { kind: 'report'; month: string; timeZone: string; report: MonthReport }
  | { kind: 'no-month' }
  /** This process is adding up another report: one at a time, because each reads a whole month. */
  | { kind: 'under-way' }
  | NotDone

/** Builds the use case that reports to auditors what was asked for, decided and given in a month. */
export function createReporting(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
): (input: ReportInput) => Promise<ReportOutcome> {
  let isUnderWay = false
  return async ({ person, month: asked }) => {
    const refusal = mayNot(deps.policy(), person, ['auditor'])
    if (refusal) return { kind: 'refused', refusal }
    if (isUnderWay) return { kind: 'under-way' }
    isUnderWay = true
    try {
      const reads = await deps.ledger.audit()
      try {
        const { timeZone } = await reads.about()
        const month = typeof asked === 'string' ? asked : monthBefore(deps.now(), timeZone, asked)
        const period = monthNamed(month, timeZone)
        if (!period) return { kind: 'no-month' }
        return { kind: 'report', month, timeZone, report: await reportOn(reads, period, timeZone) }
      } finally {
        await reads.close()
      }
    } finally {
      isUnderWay = false
    }
  }
}

/** The name of the month `months` months before that of a moment. */
function monthBefore(at: number, timeZone: string, months: number): string {
  let name = monthOf(at, timeZone)
  for (let left = months; left > 0; left--)
    name = monthOf((monthNamed(name, timeZone)?.from ?? 0) - 1, timeZone)
  return name
}
