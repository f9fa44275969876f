import type { AnyBlock } from '@slack/types'
import type { Budget, BudgetLine } from '../../grants/index.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { barLine, leftBar, leftTexts, limitName, type Reader } from '../blocks/reader.ts'
import { type Cell, ROWS_OF_TABLE, rowLines, table } from '../blocks/table.ts'
import { context, header, type Message, section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000
/** If there are more limits, the first are shown. */
const MOST_ROWS = 60

/**
 * Answers `left`: what this person may still give and look up, over which window, and when more becomes available.
 */
export async function leftTyped(edge: Edge, { user, answer }: { user: User; answer: Answer }): Promise<void> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const budget = await grants.budget(person)
  const { mayRequest, mayLookUp } = budget
  if (mayRequest && mayLookUp) return answer(refusalBlocks([mayRequest, mayLookUp], grants.policy(), reader))
  await answer(leftMessage(budget, reader))
}

/** What is left of a person's limits, as a message. */
export function leftMessage(budget: Budget, reader: Reader): Message {
  const { left, cut } = reader.words
  const { lines } = budget
  const shown = lines.slice(0, MOST_ROWS)
  const below = smallPrint(budget, reader)
  const more = lines.length > MOST_ROWS ? [cut.more(lines.length - MOST_ROWS)] : []
  const rows = shown.map((line) => cellsOf(line, reader))
  const isTable = rows.length >= ROWS_OF_TABLE
  const drawn: AnyBlock[] = isTable
    ? [table({ caption: left.caption, columns: left.columns, rows }, reader)]
    : shown.map((line) => section(lineText(line, reader)))
  const nothing = lines.length === 0 && budget.mayRequest === null ? [left.unlimited] : []
  return {
    text: [left.title, ...nothing, ...rowLines({ rows }, reader), ...more, ...below].join('\n'),
    blocks: [
      header(left.title),
      ...nothing.map((text) => section(text)),
      ...drawn,
      ...(more.length + below.length > 0 ? [context(...more, ...below)] : []),
    ],
  }
}

function cellsOf(line: BudgetLine, reader: Reader): Cell[] {
  const { words } = reader
  return [
    limitName(line, reader),
    `${leftBar(line)} ${leftTexts(line, words).join(words.separator)}`,
    words.left.window(line.limit.days),
    line.moreAt === null ? '' : { at: line.moreAt },
  ]
}

function lineText(line: BudgetLine, reader: Reader): string {
  const { words, dates } = reader
  const more = line.moreAt === null ? [] : [words.left.more(dates.slack(line.moreAt))]
  return [barLine(line, reader), ...more].join(' · ')
}

/** The small print: what any one user may get, and this person's look-ups. */
function smallPrint({ perUser, lookups }: Budget, { words, dates }: Reader): string[] {
  const { left } = words
  return [
    ...(perUser ? [left.perUser(perUser.count, perUser.quota, perUser.days)] : []),
    ...(lookups
      ? [
          left.lookups(lookups.left, lookups.max, lookups.per / 60_000),
          ...(lookups.left === 0 && lookups.moreAt !== null ? [left.more(dates.slack(lookups.moreAt))] : []),
        ]
      : []),
  ]
}
