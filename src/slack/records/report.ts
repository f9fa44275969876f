import type { AnyBlock } from '@slack/types'
import { formatFen } from '../../domain/text.ts'
import { type MonthReport, type ReportInput, reportCsv, type Sum } from '../../grants/index.ts'
import { dayCharts } from '../blocks/chart.ts'
import { explain, isNotDone } from '../blocks/explain.ts'
import { actorText, listed, type Reader } from '../blocks/reader.ts'
import { type Cell, rowLines, table } from '../blocks/table.ts'
import { context, header, literal, type Message, message, safe, section } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import { loosely } from '../edge/typed-command.ts'
import { type FileRefused, sendFile } from '../edge/upload.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000
/** Rows for each dimension; the file has all of them. */
const MOST_ROWS = 12
const MOST_PEOPLE = 20

const thisMonth = new Set(['', 'this', 'this month', '本月', '这个月', '这月'])
const lastMonth = new Set(['last', 'last month', '上月', '上个月'])

/** Reads the text after `report`: a month, or how many months before this one; null: neither. */
export function parseMonth(typed: string): ReportInput['month'] | null {
  const plain = loosely(typed)
  if (thisMonth.has(plain)) return 0
  if (lastMonth.has(plain)) return 1
  const [, year, month = ''] = /^(\d{4})[-/.年] ?(\d{1,2})月?$/.exec(plain) ?? []
  return year === undefined ? null : `${year}-${month.padStart(2, '0')}`
}

/**
 * Answers `report [month]`: shows the figures of a month, and sends all of them as a CSV in the auditor's messages
 * with the app.
 */
export async function reportTyped(
  edge: Edge,
  { user, text, answer }: { user: User; text: string; answer: Answer },
): Promise<void> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const { report: says, notice } = reader.words
  const month = parseMonth(text)
  // A person who may see no report is told that first.
  const outcome = await grants.report({ person, month: month ?? 'none' })
  if (isNotDone(outcome))
    return answer(
      explain(outcome, {
        policy: grants.policy(),
        reader,
        says: { busy: notice.busy, notSure: notice.busy },
      }),
    )
  if (outcome.kind === 'no-month') return answer(message(says.noMonth(literal(text, 40))))
  if (outcome.kind === 'under-way') return answer(message(says.underWay))
  const refused = await sendFile(edge, {
    user: person.id,
    name: `report-${outcome.month}.csv`,
    title: says.file(outcome.month),
    // The byte order mark makes spreadsheets read the file as UTF-8.
    text: `\uFEFF${reportCsv(outcome.report)}`,
  })
  await answer(reportMessage(outcome, refused, reader))
}

/** @param refused why the file could not be sent; null: it was sent */
export function reportMessage(
  { month, timeZone, report }: { month: string; timeZone: string; report: MonthReport },
  refused: FileRefused | null,
  reader: Reader,
): Message {
  const { words } = reader
  const says = words.report
  const { coupons, by, days, differences } = report
  const title = says.title(month, coupons.count, formatFen(coupons.quota))
  const dimensions = Object.entries(by) as [keyof MonthReport['by'], Sum[]][]
  const rows = dimensions.flatMap(([name, sums]) =>
    sums.slice(0, MOST_ROWS).map((sum) => cellsOf(name, sum, reader)),
  )
  const left = dimensions.reduce((count, [, sums]) => count + Math.max(0, sums.length - MOST_ROWS), 0)
  const lines = linesOf(report, words)
  const file = fileText(month, refused, words)
  const differs =
    differences['no-grant'].count + differences['not-listed'].count > 0
      ? [says.differs(differences['no-grant'].count, differences['not-listed'].count)]
      : []
  const drawn: AnyBlock[] =
    coupons.count === 0
      ? [section(says.nothing)]
      : [
          ...dayCharts(days, words),
          table({ caption: says.caption, columns: says.columns, rows }, reader),
          ...(left > 0 ? [context(says.inFile(left))] : []),
        ]
  return {
    text: [title, ...differs, ...lines, ...daysText(days, words), ...rowLines({ rows }, reader), file].join(
      '\n',
    ),
    blocks: [
      header(title),
      ...differs.map((text) => section(text)),
      section(lines.join('\n')),
      ...drawn,
      ...lookupsOf(report, words),
      context(says.zone(safe(timeZone)), file),
    ],
  }
}

function cellsOf(
  dimension: keyof MonthReport['by'],
  { key, name, count, quota, cost }: Sum,
  { words, nameOf, ruleName }: Reader,
): Cell[] {
  // The policy and the app approve, too, and a rule's name may look like a person's id.
  const isPerson = ['requester', 'approver'].includes(dimension) && /^[UW][0-9A-Z]{5,}$/.test(key)
  return [
    words.report.by[dimension],
    isPerson ? { user: key } : dimension === 'rule' ? ruleName(key) : nameOf(dimension, name),
    String(count),
    formatFen(quota),
    cost === null ? '?' : formatFen(cost),
  ]
}

/** The days that aren't empty, for readers who see no chart. */
function daysText(days: MonthReport['days'], { report: says, separator }: Words): string[] {
  const some = days.filter(({ count }) => count > 0).map(({ day, count }) => `${day.slice(-2)}: ${count}`)
  return some.length > 0 ? [`${says.chart} ${some.join(separator)}`] : []
}

function linesOf(report: MonthReport, words: Words): string[] {
  const { report: says } = words
  const { coupons, asked, decided, ended, use, settlements, pauses, policies, erased } = report
  const { approved, byRule, rejected, time } = decided
  const { proposed, confirmed, withdrawn, corrected } = settlements
  const cost = coupons.cost === null ? null : formatFen(coupons.cost)
  const became = [
    ...(use.used.count > 0 ? [says.used(use.used.count, formatFen(use.used.quota))] : []),
    ...(use.expired.count > 0 ? [says.expiredUnused(use.expired.count, formatFen(use.expired.quota))] : []),
    ...(use.open.count > 0 ? [says.open(use.open.count)] : []),
    ...(use.unknown.count > 0 ? [says.notKnown(use.unknown.count)] : []),
  ]
  const took = time ? says.time(lasting(time.median, words), lasting(time.longest, words)) : ''
  return [
    says.given(coupons.count, formatFen(coupons.quota), cost),
    ...(became.length > 0 ? [says.use(became)] : []),
    says.asked(asked.count, formatFen(asked.quota)),
    says.decided(approved, byRule, rejected) + took,
    says.ended(ended.refused, ended.cancelled, ended.expired),
    ...(proposed + confirmed + withdrawn + corrected > 0
      ? [says.settlements(proposed, confirmed, withdrawn, corrected)]
      : []),
    ...(pauses.length + policies.length + erased > 0
      ? [says.operated(pauses.length, policies.length, erased)]
      : []),
  ]
}

function lasting(ms: number, { report: says }: Words): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  return minutes < 60 ? says.minutes(minutes) : says.hours((minutes / 60).toFixed(1))
}

function lookupsOf({ lookups }: MonthReport, words: Words): AnyBlock[] {
  if (lookups.length === 0) return []
  const people = lookups.map(({ person, lookups: count, openids }) =>
    words.report.lookup(actorText(person, words), count, openids),
  )
  return [section(`${words.report.lookups} ${listed(people, MOST_PEOPLE, words)}`)]
}

function fileText(month: string, refused: FileRefused | null, { report: says }: Words): string {
  if (refused === null) return says.fileSent
  return says.fileRefused[refused](`\`npm run audit -- report --month ${month} --format csv\``)
}
