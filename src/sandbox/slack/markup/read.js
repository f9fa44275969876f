/**
 * Reads what Slack draws: mrkdwn, rich text, dates and blocks. The page draws the result as elements
 * (`page/markup.js`), the transcript as lines (`../../transcript/blocks.ts`).
 *
 * @typedef {{ type: string, [key: string]: unknown }} Block as it came from the app: only its type is certain
 *
 * The reader: names for ids (undefined for unknown ones), and the language, time zone and current moment for dates.
 * @typedef {object} Reader
 * @property {(id: string) => string | undefined} person
 * @property {(id: string) => string | undefined} channel
 * @property {(id: string) => string | undefined} group
 * @property {string} locale
 * @property {string} tz IANA zone
 * @property {number} now epoch ms
 *
 * @typedef {'strong' | 'em' | 's' | 'code' | 'pre' | 'quote' | 'ordered' | 'bullets' | 'item' | 'lines'} Mark
 * @typedef {(
 *   | string
 *   | { kind: Mark, inside: Piece[] }
 *   | { kind: 'mention', text: string, id: string }
 *   | { kind: 'date', text: string, fallback: string, url: string }
 *   | { kind: 'link', url: string, text: string }
 *   | { kind: 'image', title: string, alt: string }
 * )} Piece
 *
 * @typedef {(
 *   | { kind: 'header' | 'rich_text' | 'image', text: Piece[] }
 *   | { kind: 'section', text: Piece[], fields: Piece[][], accessory: Block | undefined }
 *   | { kind: 'context', parts: Piece[][] }
 *   | { kind: 'actions', elements: Block[] }
 *   | { kind: 'divider' }
 *   | ReadTable
 *   | ReadChart
 *   | { kind: 'input', label: string, hint: string, isOptional: boolean, element: Block }
 *   | { kind: 'unknown', texts: string[] }
 * )} ReadBlock
 *
 * A chart of any kind as values by label; a pie has one series without a name.
 * @typedef {object} ReadChart
 * @property {'chart'} kind
 * @property {string} title
 * @property {string[]} names of the series
 * @property {{ label: string, values: number[] }[]} points each has a value of every series
 *
 * A table whose first row names its columns. One that people sort and page through has a `pageSize`; a cell sorts by
 * its number, if it has one.
 * @typedef {object} ReadTable
 * @property {'table'} kind
 * @property {string} caption empty if it has none
 * @property {{ text: Piece[], align: 'left' | 'center' | 'right', isWrapped: boolean }[]} columns
 * @property {{ text: Piece[], sort: string | number }[][]} rows
 * @property {number | undefined} rowHeader the column that names each row
 * @property {number | undefined} pageSize rows
 */

/** @param {Block} block @param {Reader} reader @returns {ReadBlock} */
export function readBlock(block, reader) {
  const read = (/** @type {unknown} */ text) => readText(text, reader)
  switch (block.type) {
    case 'header':
      return { kind: 'header', text: read(block.text) }
    case 'section': {
      const { fields, accessory } = block
      return {
        kind: 'section',
        text: block.text ? read(block.text) : [],
        fields: listOf(fields).map(read),
        accessory: accessory ? /** @type {Block} */ (accessory) : undefined,
      }
    }
    case 'context':
      return { kind: 'context', parts: listOf(block.elements).map(read) }
    case 'actions':
      return { kind: 'actions', elements: listOf(block.elements) }
    case 'divider':
      return { kind: 'divider' }
    case 'rich_text':
      return { kind: 'rich_text', text: listOf(block.elements).map((part) => richTextPart(part, reader)) }
    case 'image':
      return { kind: 'image', text: read(block) }
    case 'table':
    case 'data_table':
      return readTable(block, reader)
    case 'data_visualization':
      return readChart(block)
    case 'input':
      return {
        kind: 'input',
        label: plainText(block.label),
        hint: plainText(block.hint),
        isOptional: block.optional === true,
        element: /** @type {Block} */ (block.element),
      }
    default:
      return { kind: 'unknown', texts: textsIn(block) }
  }
}

/** Rows of a page, unless the app sets it. */
const PAGE = 5

/** @param {Block} block @param {Reader} reader @returns {ReadTable} */
function readTable(block, reader) {
  const [head = [], ...rows] = /** @type {Block[][]} */ (/** @type {unknown} */ (listOf(block.rows)))
  const isData = block.type === 'data_table'
  const settings = listOf(block.column_settings)
  return {
    kind: 'table',
    caption: isData ? String(block.caption ?? '') : '',
    columns: head.map((cell, index) => {
      const { align, is_wrapped } = Object(settings[index])
      // Slack aligns numbers right, so that people can compare them.
      const isNumbers = rows.length > 0 && rows.every((row) => row[index]?.type === 'raw_number')
      return {
        text: cellText(cell, reader),
        align: align ?? (isData && isNumbers ? 'right' : 'left'),
        isWrapped: isData || is_wrapped === true,
      }
    }),
    rows: rows.map((row) =>
      row.map((cell) => ({
        text: cellText(cell, reader),
        sort: cell.type === 'raw_number' ? Number(cell.value) : textsIn(cell).join(''),
      })),
    ),
    rowHeader: isData ? Number(block.row_header_column_index ?? 0) : undefined,
    pageSize: isData ? Number(block.page_size ?? PAGE) : undefined,
  }
}

/** @param {Block} block @returns {ReadChart} */
function readChart({ title, chart }) {
  const { segments, series } = Object(chart)
  const all = series ?? [{ name: '', data: segments ?? [] }]
  return {
    kind: 'chart',
    title: String(title ?? ''),
    names: all.map((/** @type {{ name: string }} */ { name }) => name),
    points: listOf(all[0]?.data).map(({ label }, index) => ({
      label: String(label),
      values: all.map((/** @type {{ data: { value: number }[] }} */ { data }) =>
        Number(data[index]?.value ?? 0),
      ),
    })),
  }
}

/** @param {Block} cell @param {Reader} reader @returns {Piece[]} */
function cellText(cell, reader) {
  if (cell.type !== 'rich_text') return [plainText(cell)]
  return listOf(cell.elements).map((part) => richTextPart(part, reader))
}

/** A text object, or an image among texts. @param {unknown} value @param {Reader} reader @returns {Piece[]} */
export function readText(value, reader) {
  const { type, text = '', title, alt_text: alt = '' } = Object(value)
  if (type === 'mrkdwn') return readMrkdwn(String(text), reader)
  return type === 'image' ? [{ kind: 'image', title: plainText(title), alt: String(alt) }] : [String(text)]
}

/** The text of a text object, unchanged. @param {unknown} value @returns {string} */
export function plainText(value) {
  return String(Object(value).text ?? '')
}

/**
 * https://docs.slack.dev/messaging/formatting-message-text
 *
 * @param {string} text @param {Reader} reader @returns {Piece[]}
 */
export function readMrkdwn(text, reader) {
  return text.split(/```([\s\S]+?)```/).flatMap((part, index) => {
    if (index % 2 === 1) return [mark('pre', [unescaped(part.replace(/^\n|\n$/g, ''))])]
    return part.split(/((?:^(?:&gt;|>) ?.*(?:\n|$))+)/m).flatMap((run) => {
      if (!/^(?:&gt;|>)/.test(run)) return inline(run, reader)
      return [mark('quote', inline(run.replace(/^(?:&gt;|>) ?/gm, '').replace(/\n$/, ''), reader))]
    })
  })
}

/** Marks count only around words, as in Slack: `2*3` and `a_b` stay as they are. */
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])/gu
/** @type {Record<string, Mark>} */
const MARKS = { '*': 'strong', _: 'em', '~': 's' }

/** @param {string} text @param {Reader} reader @returns {Piece[]} */
function inline(text, reader) {
  /** @type {Piece[]} */
  const pieces = []
  let done = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, named, sign, marked = ''] = match
    pieces.push(unescaped(text.slice(done, match.index)))
    if (code !== undefined) pieces.push(mark('code', [unescaped(code)]))
    else if (named !== undefined) pieces.push(reference(named, reader))
    else pieces.push(mark(MARKS[String(sign)] ?? 'strong', inline(marked, reader)))
    done = match.index + whole.length
  }
  pieces.push(unescaped(text.slice(done)))
  return pieces.filter((piece) => piece !== '')
}

/** The content of angle brackets: a mention, a date, an address. @param {string} inside @param {Reader} reader */
function reference(inside, reader) {
  const bar = inside.indexOf('|')
  const target = bar < 0 ? inside : inside.slice(0, bar)
  const label = bar < 0 ? undefined : unescaped(inside.slice(bar + 1))
  const id = target.slice(1)
  if (target.startsWith('@')) return mention('@', id, reader.person(id) ?? label)
  if (target.startsWith('#')) return mention('#', id, reader.channel(id) ?? label)
  const [, group] = /^!subteam\^(.+)/.exec(target) ?? []
  if (group !== undefined) return mention('@', group, reader.group(group) ?? label)
  if (target.startsWith('!date^')) {
    const [, seconds = '', form = '', url = ''] = target.split('^')
    return date({ seconds, form: unescaped(form), fallback: label ?? '', url: unescaped(url) }, reader)
  }
  if (target.startsWith('!')) return mention('@', '', label ?? id)
  return link(unescaped(target), label)
}

/** One part of a `rich_text` block. @param {Block} part @param {Reader} reader @returns {Piece} */
function richTextPart(part, reader) {
  const elements = listOf(part.elements)
  if (part.type === 'rich_text_list')
    return mark(
      part.style === 'ordered' ? 'ordered' : 'bullets',
      elements.map((item) => mark('item', [richTextPart(item, reader)])),
    )
  const pieces = elements.map((piece) => richTextPiece(piece, reader))
  if (part.type === 'rich_text_preformatted') return mark('pre', pieces)
  return mark(part.type === 'rich_text_quote' ? 'quote' : 'lines', pieces)
}

/** @type {Record<string, Mark>} */
const STYLES = { bold: 'strong', italic: 'em', strike: 's', code: 'code' }

/** @param {Block} piece @param {Reader} reader @returns {Piece} */
function richTextPiece(piece, reader) {
  const of = (/** @type {string} */ key) => String(piece[key] ?? '')
  switch (piece.type) {
    case 'user':
      return mention('@', of('user_id'), reader.person(of('user_id')))
    case 'channel':
      return mention('#', of('channel_id'), reader.channel(of('channel_id')))
    case 'usergroup':
      return mention('@', of('usergroup_id'), reader.group(of('usergroup_id')))
    case 'broadcast':
      return mention('@', '', of('range'))
    case 'date':
      return date(
        { seconds: of('timestamp'), form: of('format'), fallback: of('fallback'), url: of('url') },
        reader,
      )
    case 'emoji':
      return `:${of('name')}:`
    case 'link':
      return styled(piece, link(of('url'), piece.text === undefined ? undefined : of('text')))
    case 'text':
      return styled(piece, of('text'))
    default:
      return piece.text === undefined ? `(${piece.type})` : of('text')
  }
}

/** @param {Block} piece @param {Piece} inside @returns {Piece} */
function styled({ style }, inside) {
  const names = Object.keys(STYLES).filter((name) => Object(style)[name])
  return names.reduce((piece, name) => mark(STYLES[name] ?? 'strong', [piece]), inside)
}

/** @param {Mark} kind @param {Piece[]} inside @returns {Piece} */
function mark(kind, inside) {
  return { kind, inside }
}

/** @param {string} sign @param {string} id @param {string} [name] @returns {Piece} */
function mention(sign, id, name = id) {
  return { kind: 'mention', text: sign + name, id }
}

/** @param {string} url @param {string} [text] @returns {Piece} */
function link(url, text = url) {
  return { kind: 'link', url, text }
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const DATE_STYLES = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
}
/** The latest moment that a Date can hold, epoch ms. */
const END_OF_TIME = 8.64e15

/**
 * `<!date^1767168000^{date_short_pretty} {time}^link|fallback>` in the reader's zone and language; as in
 * Slack, an unreadable one becomes its fallback.
 *
 * @param {{ seconds: string, form: string, fallback: string, url: string }} given @param {Reader} reader
 * @returns {Piece}
 */
function date({ seconds, form, fallback, url }, reader) {
  const at = Number(seconds) * 1000
  let isKnown = /^\d+$/.test(seconds) && form !== '' && at < END_OF_TIME
  const text = form.replace(/\{(\w+)\}/g, (_, /** @type {string} */ token) => {
    const style = DATE_STYLES[token.replace(/_pretty$/, '')]
    if (!style) isKnown = false
    if (!style || !isKnown) return ''
    const near = token.endsWith('_pretty') ? nearDay(at, reader) : undefined
    return near ?? moment(at, reader, style)
  })
  return { kind: 'date', text: isKnown ? text : fallback, fallback, url }
}

/**
 * Each is made once: making them took most of the time of drawing a channel.
 * @type {Map<string, Intl.DateTimeFormat>}
 */
const formatters = new Map()

/**
 * A moment by a person's clock.
 *
 * @param {number} at epoch ms @param {{ locale: string, tz: string }} reader @param {Intl.DateTimeFormatOptions} style
 */
export function moment(at, { locale, tz }, style) {
  const key = JSON.stringify([locale, tz, style])
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(locale, { ...style, timeZone: tz })
  formatters.set(key, known)
  return known.format(at)
}

/** The same text for all times of one day. @param {number} at epoch ms @param {{ tz: string }} reader */
export function dayKey(at, { tz }) {
  return moment(at, { locale: 'en-CA', tz }, {})
}

const DAY = 86_400_000

/**
 * "today", "tomorrow" or "yesterday" in the reader's words; undefined for other days.
 *
 * @param {number} at epoch ms @param {{ locale: string, tz: string, now: number }} reader
 */
export function nearDay(at, reader) {
  const away = [-1, 0, 1].find((days) => dayKey(reader.now + days * DAY, reader) === dayKey(at, reader))
  if (away === undefined) return undefined
  return new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto' }).format(away, 'day')
}

/** @param {string} text */
function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Every text in a block, in order. @param {unknown} value @returns {string[]} */
function textsIn(value) {
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inside]) => {
    if (typeof inside === 'string')
      return ['text', 'alt_text', 'title', 'label'].includes(key) ? [inside] : []
    return textsIn(inside)
  })
}

/** @param {unknown} list @returns {Block[]} */
function listOf(list) {
  return Array.isArray(list) ? list : []
}
