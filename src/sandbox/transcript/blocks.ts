import type { Block, InputState, SelectOption, View, Workspace, WorkspacePerson } from '../slack/index.ts'
import {
  type Piece,
  plainText,
  type ReadChart,
  type Reader,
  type ReadTable,
  readBlock,
  readMrkdwn,
} from '../slack/markup/read.js'
import { padded, widthOf, wrapped } from './width.ts'

/** How a Slack block is drawn as plain lines. */
export interface Drawing {
  reader: Reader
  /** Columns. */
  width: number
  /** The view that the blocks belong to: the values of its inputs, and their errors. */
  view?: Pick<View, 'state' | 'errors'>
  words: FieldWords
  /** Emphasizes a line, if the terminal can. */
  strong: (text: string) => string
}

/** The words that Slack itself writes beside an input, in the reader's language. */
export interface FieldWords {
  optional: string
  /** Comes before the example that Slack shows in grey in an empty field. */
  forExample: string
}

/** How this person reads, at this moment (epoch ms). */
export function readerOf({ locale, tz }: WorkspacePerson, workspace: Workspace, now: number): Reader {
  const { people, channels, groups } = workspace
  return {
    person: (id) => people.find((one) => one.id === id)?.name,
    channel: (id) => channels.find((one) => one.id === id)?.name,
    group: (id) => groups.find((one) => one.id === id)?.handle,
    locale,
    tz,
    now,
  }
}

/** Slack's mrkdwn as plain text: names instead of ids, no marks for bold or code. */
export function mrkdwnText(text: string, reader: Reader): string {
  return textOf(readMrkdwn(text, reader))
}

/** The lines of a message's or a view's blocks. */
export function blockLines(blocks: readonly Block[], drawing: Drawing): string[] {
  const labels = blocks.filter(({ type }) => type === 'input').map(({ label }) => widthOf(plainText(label)))
  const labelWidth = Math.min(30, Math.max(0, ...labels) + 2)
  return blocks.flatMap((block, index) => {
    const before = blocks[index - 1]
    // An empty line separates inputs from the text about them.
    const isApart = before && (before.type === 'input') !== (block.type === 'input')
    return [...(isApart ? [''] : []), ...oneBlock(block, labelWidth, drawing)]
  })
}

function oneBlock(block: Block, labelWidth: number, drawing: Drawing): string[] {
  const { reader, width, strong } = drawing
  const read = readBlock(block, reader)
  switch (read.kind) {
    case 'header':
      return pieceLines(read.text, width).map(strong)
    case 'section':
      return [
        ...(read.text.length > 0 ? pieceLines(read.text, width) : []),
        ...inTwoColumns(read.fields.map(textOf), width),
        ...(read.accessory ? [elementText(read.accessory)] : []),
      ]
    case 'context':
      return sideBySide(read.parts.map(textOf), width)
    case 'actions':
      return wrapped(read.elements.map(elementText).join('  '), width)
    case 'input':
      return inputLines(read, String(block.block_id), labelWidth, drawing)
    case 'rich_text':
    case 'image':
      return pieceLines(read.text, width)
    case 'table':
      return tableLines(read, drawing)
    case 'chart':
      return chartLines(read, drawing)
    case 'divider':
      return ['─'.repeat(Math.min(width, 20))]
    case 'unknown':
      // Better than nothing: the app uses a kind of block that is not drawn yet.
      return [`(${block.type})`]
  }
}

/** The lines of a text; block-like pieces get lines of their own. */
function pieceLines(pieces: readonly Piece[], width: number): string[] {
  const lines: string[] = []
  let running = ''
  const end = () => {
    if (running !== '') lines.push(...wrapped(running.replace(/\n$/, ''), width))
    running = ''
  }
  for (const piece of pieces) {
    const apart = linesApart(piece, width)
    if (!apart) running += pieceText(piece)
    else {
      end()
      lines.push(...apart)
    }
  }
  end()
  return lines
}

/** The lines of a piece that stands apart from the text around it; undefined for one that runs on with it. */
function linesApart(piece: Piece, width: number): string[] | undefined {
  if (typeof piece === 'string' || !('inside' in piece)) return undefined
  const { kind, inside } = piece
  const signed = (sign: string, next: string, text: string) =>
    wrapped(text, width - sign.length).map((line, row) => (row === 0 ? sign : next) + line)
  switch (kind) {
    case 'pre':
      return signed('▏ ', '▏ ', textOf(inside))
    case 'quote':
      return signed('> ', '> ', textOf(inside))
    case 'bullets':
      return inside.flatMap((item) => signed('• ', '  ', pieceText(item)))
    case 'ordered':
      return inside.flatMap((item, index) => signed(`${index + 1}. `, '   ', pieceText(item)))
    case 'lines':
      return wrapped(textOf(inside), width)
    default:
      return undefined
  }
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(pieceText).join('')
}

function pieceText(piece: Piece): string {
  if (typeof piece === 'string') return piece
  if ('inside' in piece) return textOf(piece.inside)
  if (piece.kind === 'image') return `(${piece.title || piece.alt || 'image'})`
  if (piece.kind === 'link' && piece.text !== piece.url) return `${piece.text} (${piece.url})`
  return piece.text
}

/** Two columns, as Slack lays them out. */
function inTwoColumns(fields: string[], width: number): string[] {
  const column = Math.floor((width - 2) / 2)
  const lines: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const left = wrapped(fields[index] ?? '', column)
    const right = wrapped(fields[index + 1] ?? '', column)
    for (let row = 0; row < Math.max(left.length, right.length); row++)
      lines.push(`${padded(left[row] ?? '', column)}  ${right[row] ?? ''}`.trimEnd())
  }
  return lines
}

/** The texts on one line if they fit, so that no id is split. */
function sideBySide(texts: string[], width: number): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const joined = lines.length > 0 ? `${lines.at(-1)} · ${text}` : text
    if (lines.length > 0 && widthOf(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(text)
  }
  return lines.flatMap((line) => wrapped(line, width))
}

/** Columns between two cells of a table, and the narrowest cell. */
const GAP = 2
const LEAST = 6

/** All rows of a table below the column names, regardless of Slack's pages. */
function tableLines({ caption, columns, rows }: ReadTable, { width, strong }: Drawing): string[] {
  const head = columns.map(({ text }) => textOf(text))
  const cells = rows.map((row) => row.map(({ text }) => textOf(text)))
  const widths = columnWidths([head, ...cells], width)
  const lined = (row: string[]) => {
    const wide = row.map((text, index) => wrapped(text, widths[index] ?? LEAST))
    const height = Math.max(...wide.map(({ length }) => length))
    return Array.from({ length: height }, (_, line) =>
      wide
        .map((lines, index) => {
          const [text, own] = [lines[line] ?? '', widths[index] ?? LEAST]
          return columns[index]?.align === 'right'
            ? ' '.repeat(Math.max(0, own - widthOf(text))) + text
            : padded(text, own)
        })
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
  }
  return [
    ...(caption === '' ? [] : wrapped(caption, width).map(strong)),
    ...lined(head).map(strong),
    ...cells.flatMap(lined),
  ]
}

/** Columns of the longest bar. */
const LONGEST = 24

function chartLines({ title, names, points }: ReadChart, { width, strong }: Drawing): string[] {
  const most = Math.max(1, ...points.flatMap(({ values }) => values))
  const rows = points.flatMap(({ label, values }) =>
    values.map((value, series) => ({ label: names.length > 1 ? `${label} ${names[series]}` : label, value })),
  )
  const wide = (texts: string[]) => Math.max(0, ...texts.map(widthOf))
  const [labels, figures] = [
    wide(rows.map(({ label }) => label)),
    wide(rows.map(({ value }) => String(value))),
  ]
  return [
    ...wrapped(title, width).map(strong),
    ...rows.map(({ label, value }) => {
      const bar = '█'.repeat(value > 0 ? Math.max(1, Math.round((value * LONGEST) / most)) : 0)
      return `${padded(label, labels)} ${String(value).padStart(figures)} ${bar}`.trimEnd()
    }),
  ]
}

/** As wide as the texts if there is room; otherwise the widest columns shrink first. */
function columnWidths(rows: string[][], width: number): number[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(1, ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  const taken = () => widths.reduce((sum, one) => sum + one + GAP, -GAP)
  while (taken() > width) {
    const widest = Math.max(...widths)
    if (widest <= LEAST) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}

/** A button as `[Give coupon]`, a select as `[chosen option ▾]`, a menu as `[⋯ one, another]`. */
function elementText(element: Block): string {
  if (element.type === 'overflow') {
    const options = (element.options ?? []) as SelectOption[]
    return `[⋯ ${options.map(({ text }) => plainText(text)).join(', ')}]`
  }
  if (element.type === 'button') return `[${plainText(element.text)}]`
  return `[${valueText(element, undefined)} ▾]`
}

/** Lines of an input: its label, its value, and below these its error or hint. */
function inputLines(
  { label, hint, isOptional, element }: Extract<ReturnType<typeof readBlock>, { kind: 'input' }>,
  blockId: string,
  labelWidth: number,
  { width, view, words }: Drawing,
): string[] {
  const state = view?.state.values[blockId]?.[String(element.action_id)]
  const error = view?.errors[blockId]
  const parts = [fieldText(element, state, words), ...(isOptional ? [words.optional] : [])]
  const [first = '', ...more] = wrapped(parts.join(' '), width - labelWidth)
  const below = error === undefined ? hint : `! ${error}`
  return [
    padded(label, labelWidth) + first,
    ...more.map((line) => ' '.repeat(labelWidth) + line),
    ...(below === '' ? [] : wrapped(below, width - 2).map((line) => `  ${line}`)),
  ]
}

/** A field as `[ typed ]`, an empty one followed by its example; a select as `[ chosen ▾ ]`. */
function fieldText(element: Block, state: InputState | undefined, { forExample }: FieldWords): string {
  if (element.type.includes('select')) return `[ ${valueText(element, state)} ▾ ]`
  const value = heldText(state)
  const example = plainText(element.placeholder)
  return value !== '' || example === '' ? `[ ${value} ]` : `[  ] ${forExample} ${example}`
}

/** The value of an input in words; if it has none, its initial option or its placeholder. */
export function valueText(element: Block, state: InputState | undefined): string {
  const initial = state ? undefined : (element.initial_option as SelectOption | undefined)
  return heldText(state) || plainText(initial?.text) || plainText(element.placeholder)
}

function heldText(state: InputState | undefined): string {
  const { type: _, ...values } = state ?? { type: '' }
  return Object.values(values)
    .flat()
    .map((value) => {
      if (value === null || value === undefined) return ''
      return typeof value === 'object' && 'text' in value ? plainText(value.text) : String(value)
    })
    .filter((text) => text !== '')
    .join(', ')
}
