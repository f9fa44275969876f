import type {
  AnyBlock,
  ContextBlock,
  DataTableBlock,
  RawTextElement,
  RichTextBlock,
  RichTextElement,
  TableBlock,
} from '@slack/types'
import { MAX_TICKET } from '../../domain/ask.ts'
import { cut, inOneLine } from '../../domain/text.ts'
import type { Reader } from './reader.ts'
import { context, safe, sections, unformatted } from './text.ts'

/** Tables, and what replaces them in a workspace that takes none. */

/** A list of this many rows or more is easier to read as a table. */
export const ROWS_OF_TABLE = 4

/** The content of a cell, piece by piece: plain text, a person, a moment (epoch ms), or a link. */
type Piece = string | { user: string } | { at: number } | { text: string; url: string }
export type Cell = Piece | readonly Piece[]

export interface Grid {
  /** The table's name for screen readers. */
  caption: string
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
}

const MOST = 200
/** Slack takes no empty cell. */
const EMPTY = '–'

/** A table whose cells are cut so that it fits into a message. */
export function table({ caption, columns, rows }: Grid, reader: Reader): DataTableBlock {
  const most = mostOfCell(rows, reader)
  return {
    type: 'data_table',
    caption: cut(caption, 150),
    page_size: Math.min(100, Math.max(1, rows.length)),
    rows: [
      columns.map((text) => raw(text, MOST)),
      ...rows.map((row) => row.map((cell) => drawn(piecesOf(cell), most, reader))),
    ],
  }
}

/** Characters; leaves room for everything else in a message with a table. */
const MOST_OF_TABLE = 7000

/** How long a cell may be so that all cells fit into a message: only long ones give way. */
function mostOfCell(rows: Grid['rows'], reader: Reader): number {
  const pieces = rows.flat().flatMap(piecesOf)
  const lengthWith = (most: number) => pieces.reduce((sum, piece) => sum + lengthOf(piece, most, reader), 0)
  let most = MOST
  while (most > 8 && lengthWith(most) > MOST_OF_TABLE) most = Math.floor(most * 0.8)
  return most
}

/** The length that Slack counts, which is of the escaped text. */
function lengthOf(piece: Piece, most: number, { dates }: Reader): number {
  if (typeof piece === 'string') return safe(piece, most).length
  if ('user' in piece) return 12
  return 'url' in piece ? safe(piece.text, most).length : dates.words(piece.at).length
}

/** The rows as lines of mrkdwn, for a message's text and for workspaces without tables. */
export function rowLines({ rows }: Pick<Grid, 'rows'>, reader: Reader): string[] {
  return rows.map((row) =>
    row
      .map((cell) =>
        piecesOf(cell)
          .map((piece) => marked(piece, reader))
          .join(''),
      )
      .filter((text) => text !== '')
      .join(' · '),
  )
}

const piecesOf = (cell: Cell) => [cell].flat().filter((piece) => piece !== '') as Piece[]

const raw = (text: string, most: number): RawTextElement => ({
  type: 'raw_text',
  text: inOneLine(text, most) || EMPTY,
})

function drawn(pieces: readonly Piece[], most: number, reader: Reader): RawTextElement | RichTextBlock {
  const texts = pieces.filter((piece) => typeof piece === 'string')
  if (texts.length === pieces.length) return raw(texts.join(''), most)
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: pieces.map((piece) => element(piece, most, reader)) }],
  }
}

function element(piece: Piece, most: number, { dates }: Reader): RichTextElement {
  if (typeof piece === 'string') return { type: 'text', text: inOneLine(piece, most) || EMPTY }
  if ('user' in piece) return { type: 'user', user_id: piece.user }
  if ('url' in piece) return { type: 'link', url: piece.url, text: inOneLine(piece.text, most) }
  const timestamp = Math.floor(piece.at / 1000)
  return { type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: dates.words(piece.at) }
}

function marked(piece: Piece, { dates }: Reader): string {
  if (typeof piece === 'string') return unformatted(piece, MOST)
  if ('user' in piece) return `<@${safe(piece.user, 40)}>`
  return 'url' in piece ? unformatted(piece.text, MOST) : dates.slack(piece.at)
}

/** A ticket in a form that people can search for; a link if the policy gives an address. */
export function ticketCell(
  { ticket, openid }: { ticket: string | null; openid: string },
  ticketUrl: Reader['ticketUrl'],
): Cell {
  if (!ticket) return ''
  const text = inOneLine(ticket, MAX_TICKET, openid)
  // Otherwise an openid in the ticket would appear whole in the address.
  const url = text === ticket ? ticketUrl(ticket) : null
  return url === null ? text : { text, url }
}

/** Which rows are shown, and of how many, unless all are. @param of.from how many rows come before the first */
export function rangeOf(
  { from, shown, total, isMore = false }: { from: number; shown: number; total: number; isMore?: boolean },
  { words }: Reader,
): ContextBlock[] {
  return shown < total || isMore ? [context(words.list.range(from + 1, from + shown, total, isMore))] : []
}

/** The forms of a message's tables, from richest to plainest; the first leaves them as they are. */
export const tableForms = ['data_table', 'table', 'lines'] as const
export type TableForm = (typeof tableForms)[number]

/** Whether any of these blocks is a table. */
export function hasTable(blocks: readonly AnyBlock[]): boolean {
  return blocks.some(({ type }) => type === 'data_table')
}

/** The same blocks for a workspace that doesn't know `data_table`, or takes no tables at all. */
export function withTablesAs(form: TableForm, blocks: readonly AnyBlock[]): AnyBlock[] {
  return blocks.flatMap((block): AnyBlock[] => {
    if (block.type !== 'data_table' || form === 'data_table') return [block]
    const { rows } = block as DataTableBlock
    if (form === 'table')
      return [
        {
          type: 'table',
          rows,
          column_settings: rows[0]?.map(() => ({ is_wrapped: true })) ?? [],
        } satisfies TableBlock,
      ]
    return sections(
      rows.slice(1).map((row) =>
        row
          .map(cellText)
          .filter((text) => text !== EMPTY)
          .join(' · '),
      ),
    )
  })
}

/** The text of a cell drawn above. */
function cellText(cell: DataTableBlock['rows'][number][number]): string {
  if (cell.type === 'raw_text') return unformatted(cell.text, MOST)
  if (cell.type !== 'rich_text') return ''
  const [part] = cell.elements
  if (part?.type !== 'rich_text_section') return ''
  return part.elements
    .map((element) => {
      switch (element.type) {
        case 'user':
          return `<@${element.user_id}>`
        case 'date':
          return `<!date^${element.timestamp}^${element.format}|${safe(element.fallback ?? '')}>`
        case 'link':
          return unformatted(element.text ?? '', MOST)
        default:
          return element.type === 'text' ? unformatted(element.text, MOST) : ''
      }
    })
    .join('')
}
