import { formatFen } from '../domain/text.ts'
import { barLines, type MonthReport, type Sum } from '../grants/index.ts'
import { counted } from './refusals.ts'

/** A report as text for a terminal. */

const titles: Record<keyof MonthReport['by'], string> = {
  stock: 'Coupons by stock',
  reason: 'Coupons by reason',
  requester: 'Coupons by requester',
  approver: 'Coupons by approver (each approval of a coupon counts)',
  rule: 'Coupons by automatic rule',
}

export function textOf(report: MonthReport, month: string, timeZone: string): string {
  const { coupons, days, use, differences, by, asked, ended, decided, settlements } = report
  const { pauses, policies, lookups, erased } = report
  const used = (what: string, { count, quota }: { count: number; quota: number }) =>
    `${count} ${what} (${formatFen(quota)})`
  const sections = [
    `${month} (${timeZone})`,
    `Given: ${counted(coupons.count, 'coupon')} covering ${formatFen(coupons.quota)}${costOf(coupons)}`,
    ...Object.entries(by).flatMap(([name, sums]) =>
      sums.length === 0
        ? []
        : [
            '',
            titles[name as keyof MonthReport['by']],
            ...table(
              sums.map((sum) => [
                sum.name === sum.key ? sum.key : `${sum.name} (${sum.key})`,
                String(sum.count),
                formatFen(sum.quota),
                sum.cost === null ? '?' : formatFen(sum.cost),
              ]),
              ['', 'coupons', 'covering', 'cost'],
            ),
          ],
    ),
    ...chartOf(days),
    '',
    `Of these coupons: ${used('used', use.used)}, ${used('expired unused', use.expired)}, ${used('still open', use.open)}, ${used('not known yet', use.unknown)}`,
    `Now, of all times: ${counted(differences['no-grant'].count, 'coupon')} without a grant, ${counted(differences['not-listed'].count, 'grant')} whose coupon WeChat Pay does not list`,
    ...Object.values(differences).flatMap(({ first, count }) =>
      count === 0 ? [] : [`  ${first.join(', ')}${count > first.length ? ', …' : ''}`],
    ),
    `Asked: ${asked.count}, covering ${formatFen(asked.quota)}`,
    `Decided: ${decided.approved} approved by people, ${decided.byRule} by a rule, ${decided.rejected} rejected${timeOf(decided.time)}`,
    `Ended without a coupon: ${ended.refused} refused by WeChat Pay, ${ended.rejected} rejected, ${ended.cancelled} cancelled, ${ended.expired} expired`,
    `Settlements: ${settlements.proposed} proposed, ${settlements.confirmed} confirmed, ${settlements.withdrawn} withdrawn, ${settlements.corrected} corrected by WeChat Pay`,
    `People erased from grants: ${erased}`,
    ...listed(
      'Pauses',
      pauses.map(({ at, kind, by: who, stock }) => `${iso(at)}  ${kind} ${stock ?? 'everything'}, by ${who}`),
    ),
    ...listed(
      'Policies put in force',
      policies.map(
        ({ at, from, to }) => `${iso(at)}  ${from?.slice(0, 12) ?? 'the first'} → ${to.slice(0, 12)}`,
      ),
    ),
    ...(lookups.length === 0
      ? []
      : [
          '',
          'Look-ups of users',
          ...table(
            lookups.map(({ person, lookups: count, openids }) => [person, String(count), String(openids)]),
            ['', 'look-ups', 'openids shown'],
          ),
        ]),
  ]
  return `${sections.join('\n')}\n`
}

/** A bar for each day; nothing if no coupon was given. */
function chartOf(days: MonthReport['days']): string[] {
  if (days.every(({ count }) => count === 0)) return []
  return ['', 'Coupons by day', ...barLines(days).map((line) => `  ${line}`)]
}

function costOf({ cost }: Sum): string {
  return cost === null ? '; the policy gives the cost of some only' : `, costing ${formatFen(cost)}`
}

function timeOf(time: MonthReport['decided']['time']): string {
  return time ? `; half within ${lasting(time.median)}, the slowest after ${lasting(time.longest)}` : ''
}

function lasting(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  return minutes < 60 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

const iso = (at: number) => new Date(at).toISOString()

function listed(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

/** The first column is aligned left, figures right. */
function table(rows: string[][], head: string[]): string[] {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  )
}
