import type {
  AnyBlock,
  DataTableBlock,
  RawTextElement,
  RichTextBlock,
  RichTextElement,
  TableBlock,
} from '@slack/types'
import { cut, inOneLine } from '../../domain/text.ts'
import type { Reader } from './reader.ts'
import { safe, sections, unformatted } from './text.ts'

/** Tables, and what stands for them where a workspace takes none. */

/** From so many rows on a list is easier to read as a table. */
export const ROWS_OF_TABLE = 4

/** What a cell says, one after the other: text as it is, a person, a moment (epoch ms), or an address. */
type Piece = string | { user: string } | { at: number } | { text: string; url: string }
export type Cell = Piece | readonly Piece[]

export interface Grid {
  /** What a screen reader calls it. */
  caption: string
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
}

const MOST = 200
/** Slack takes no empty cell. */
const EMPTY = '–'

export function table({ caption, columns, rows }: Grid, reader: Reader): DataTableBlock {
  return {
    type: 'data_table',
    caption: cut(caption, 150),
    page_size: Math.min(100, Math.max(1, rows.length)),
    rows: [columns.map(raw), ...rows.map((row) => row.map((cell) => drawn(piecesOf(cell), reader)))],
  }
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

const raw = (text: string): RawTextElement => ({ type: 'raw_text', text: inOneLine(text, MOST) || EMPTY })

function drawn(pieces: readonly Piece[], reader: Reader): RawTextElement | RichTextBlock {
  const texts = pieces.filter((piece) => typeof piece === 'string')
  if (texts.length === pieces.length) return raw(texts.join(''))
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: pieces.map((piece) => element(piece, reader)) }],
  }
}

function element(piece: Piece, { dates }: Reader): RichTextElement {
  if (typeof piece === 'string') return { type: 'text', text: inOneLine(piece, MOST) || EMPTY }
  if ('user' in piece) return { type: 'user', user_id: piece.user }
  if ('url' in piece) return { type: 'link', url: piece.url, text: inOneLine(piece.text, MOST) }
  const timestamp = Math.floor(piece.at / 1000)
  return { type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: dates.words(piece.at) }
}

function marked(piece: Piece, { dates }: Reader): string {
  if (typeof piece === 'string') return unformatted(piece, MOST)
  if ('user' in piece) return `<@${safe(piece.user, 40)}>`
  return 'url' in piece ? unformatted(piece.text, MOST) : dates.slack(piece.at)
}

/** What stands for the tables of a message, the plainer the later; the first shows them as they are. */
export const tableForms = ['data_table', 'table', 'lines'] as const
export type TableForm = (typeof tableForms)[number]

export function hasTable(blocks: readonly AnyBlock[]): boolean {
  return blocks.some(({ type }) => type === 'data_table')
}

/** The same blocks for a workspace that does not know `data_table`, or no tables at all. */
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

/** Of a cell as it was drawn above. */
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
