import type {
  AnyBlock,
  ContextBlock,
  HeaderBlock,
  HomeView,
  ModalView,
  PlainTextElement,
  RichTextBlock,
  RichTextQuote,
  SectionBlock,
} from '@slack/types'
import { cut, inOneLine } from '../../domain/text.ts'
import type { Words } from './words/index.ts'

/**
 * Small parts of messages and views that stay within Slack's limits by construction, and the last step, which cuts
 * texts that are too long.
 */

/** A message: its blocks, and the text for where they can't be shown. */
export interface Message {
  text: string
  blocks: AnyBlock[]
}

/**
 * A message that says one thing, with optional blocks below.
 * @param text from the catalogue, its values already `safe`
 */
export function message(text: string, ...below: AnyBlock[]): Message {
  return { text, blocks: [section(text), ...below] }
}

/** The beginning of mrkdwn, cut so that no mention, date or entity is split and no code stays open. */
function wholePrefix(text: string, length: number): string {
  let end = Math.min(text.length, length)
  const open = text.lastIndexOf('<', end - 1)
  if (open >= 0 && text.indexOf('>', open) >= end) end = open
  const begun = text
    .slice(0, end)
    .replace(/&[a-z]{0,4}$/, '')
    .replace(/[\uD800-\uDBFF]$/, '')
  return begun.split('`').length % 2 === 0 ? `${begun}\`` : begun
}

/** mrkdwn of at most `max` characters. */
function cutMarked(text: string, max: number): string {
  return text.length <= max ? text : `${wholePrefix(text, max - 2)}…`
}

/** A value from the policy or from WeChat Pay for use in mrkdwn: it can't become a mention or a link. */
export function safe(text: string, max = 100): string {
  return cut(text, max).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Signs of formatting, emoji, links and mentions, which Slack would render. */
const live = /[*_~`@#]|:[^\s:]+:|https?:|www\.|[\p{L}\p{N}]\.\p{L}/iu

/** What a person typed, for mrkdwn among the app's own words: in one line, with nothing rendered. */
export function unformatted(text: string, max = 100, own: string | null = null): string {
  const line = inOneLine(text, max, own)
  return live.test(line) ? literal(line, max) : safe(line, max)
}

/** The same as code, in which Slack formats, links and mentions nothing. */
export function literal(text: string, max = 100): string {
  return `\`${safe(inOneLine(text.replaceAll('`', 'ˋ'), max), max)}\``
}

/**
 * Turns mrkdwn of `safe` values into plain text for places where Slack renders nothing, such as an error at a field.
 */
export function asPlain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Plain text of at most `max` characters; a space in place of an empty text. */
export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: cut(text, max) || ' ', emoji: false }
}

/** A header in plain text of at most 150 characters. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, 150) }
}

/** @param text from the catalogue, its values already `safe` */
export function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: cutMarked(text, 3000) } }
}

/**
 * Lines in as few sections as possible, each line whole.
 * @param as `section` for lines from the catalogue, `typed` for what people wrote
 */
export function sections(
  lines: readonly string[],
  as: (text: string) => SectionBlock = section,
): SectionBlock[] {
  const texts: string[] = []
  for (const line of lines) {
    const together = `${texts.at(-1)}\n${line}`
    if (texts.length > 0 && together.length <= 3000) texts[texts.length - 1] = together
    else texts.push(line)
  }
  return texts.map((text) => as(text))
}

/** The first `most` texts, and how many more there are. */
export function upTo(most: number, texts: readonly string[], { cut: says }: Pick<Words, 'cut'>): string[] {
  const left = texts.length - most
  return left > 0 ? [...texts.slice(0, most), says.more(left)] : [...texts]
}

/** As many lines as fit into a message, and a note of how many more there are. */
export function linesThatFit(
  lines: readonly string[],
  more: (count: number) => string,
): { shown: readonly string[]; rest: ContextBlock[] } {
  let left = MOST_OF_LINES
  const end = lines.findIndex((line) => {
    left -= Math.min(line.length, 3000) + 1
    return left < 0
  })
  if (end < 0) return { shown: lines, rest: [] }
  return { shown: lines.slice(0, end), rest: [context(more(lines.length - end))] }
}

/** Characters; with everything around these lines, a message stays within Slack's limit. */
const MOST_OF_LINES = 8000

/** Text that people typed. */
export function typed(text: string): SectionBlock {
  return { type: 'section', text: plain(text, 3000) }
}

/**
 * What a person wrote, as a quotation in Slack: none of its lines can pass for the app's, and nothing is rendered.
 */
export function quote(text: string): RichTextQuote {
  return { type: 'rich_text_quote', elements: [{ type: 'text', text }] }
}

/** What a person wrote, as a block with one quotation. */
export function quoteBlock(text: string): RichTextBlock {
  return { type: 'rich_text', elements: [quote(text)] }
}

/** @param texts from the catalogue, their values already `safe` */
export function context(...texts: string[]): ContextBlock {
  return {
    type: 'context',
    elements: inTen(texts).map((text) => ({ type: 'mrkdwn', text: cutMarked(text, 2000) })),
  }
}

/** A context takes ten elements, so the last one holds the rest. */
function inTen(texts: readonly string[]): string[] {
  return texts.length <= 10 ? [...texts] : [...texts.slice(0, 9), texts.slice(9).join(' · ')]
}

/** Text that people typed, in small print. */
export function typedContext(...texts: string[]): ContextBlock {
  return { type: 'context', elements: inTen(texts).map((text) => plain(text, 2000)) }
}

/**
 * The last step of every message and view: texts that Slack would refuse as too long are cut, with a note of how much
 * more there is. No button, input or title is lost; the longest texts give way first, all to the same length.
 */

interface Limits {
  blocks: number
  /** The most that all texts together may have, by `measure`. */
  text: number
  measure: (text: string, isMarked: boolean) => number
}

/**
 * Slack refuses a message of more than about 12,000 characters (`msg_blocks_too_long`, measured in the field). Its
 * blocks count a little, too, so some room is left for them.
 */
const MESSAGE: Limits = {
  blocks: 50,
  text: 10_000,
  measure: (text, isMarked) => (isMarked ? text.length : escapedLength(text)),
}
/** A view may have 250 kB, including its ids and the JSON around its texts. */
const VIEW: Limits = {
  blocks: 100,
  text: 220_000,
  measure: (text) => Buffer.byteLength(JSON.stringify(text)),
}
/** `chat.update` takes no longer text besides the blocks. */
const MOST_FALLBACK = 3900

/** No text of a block is longer than this. */
const MOST_OF_ONE = 3000
/** If less than this would be left of a text, only "…" shows that there is one. */
const SHORTEST = 25

/** A message that Slack accepts, whatever people, the policy and WeChat Pay write. */
export function fitMessage<M extends { text?: string; blocks?: AnyBlock[] }>(message: M, words: Words): M {
  const { text, blocks } = message
  return {
    ...message,
    ...(text && { text: fitText(text) }),
    ...(blocks && { blocks: fitBlocks(blocks, MESSAGE, words) }),
  }
}

/** A message's text, for where its blocks can't be shown. */
export function fitText(text: string, most = MOST_FALLBACK): string {
  return text.length <= most ? text : `${wholePrefix(text, most - 2)}…`
}

/** The same for a view. */
export function fitView<V extends ModalView | HomeView>(view: V, words: Words): V {
  return { ...view, blocks: fitBlocks(view.blocks, VIEW, words) }
}

function fitBlocks(blocks: AnyBlock[], limits: Limits, words: Words): AnyBlock[] {
  const fitted = structuredClone(fewBlocks(blocks, limits.blocks, words))
  // Tables have their own limits and keep to them.
  const all = textsIn(fitted.filter(({ type }) => type !== 'data_table' && type !== 'table'))
  const isOver = () =>
    all.reduce((sum, { type, text }) => sum + limits.measure(text, type === 'mrkdwn'), 0) > limits.text
  if (!isOver()) return fitted
  const wholes = textsIn(fitted.filter(isTextOnly)).map((part) => ({ part, whole: { ...part } }))
  const cutTo = (most: number) => {
    for (const { part, whole } of wholes) {
      const begun = whole.text.length > most ? beginning(whole, most, words) : whole.text
      // With the note about the rest, it could become longer than it was.
      part.text = begun.length < whole.text.length ? begun : whole.text
    }
  }
  let [fits, tooMuch] = [0, MOST_OF_ONE]
  while (tooMuch - fits > 1) {
    const most = Math.floor((fits + tooMuch) / 2)
    cutTo(most)
    if (isOver()) tooMuch = most
    else fits = most
  }
  cutTo(fits)
  return fitted
}

/** Drops the last blocks of text before the end of the message, and no button. */
function fewBlocks(blocks: AnyBlock[], most: number, words: Words): AnyBlock[] {
  const left = blocks.length - most
  if (left <= 0) return blocks
  const cut = blocks
    .slice(1, -1)
    .filter(isTextOnly)
    .slice(-left - 1)
  const more = context(words.cut.more(cut.length))
  return blocks.flatMap((block) => (block === cut[0] ? more : cut.includes(block) ? [] : block))
}

function isTextOnly(block: AnyBlock): boolean {
  return ['section', 'context', 'rich_text'].includes(block.type) && !('accessory' in block)
}

interface Part {
  type: string
  text: string
}

/** All texts in a node, at any depth. */
function textsIn(node: unknown): Part[] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'text' in node && typeof node.text === 'string' ? [node as Part] : []
  return [...own, ...Object.values(node).flatMap(textsIn)]
}

function escapedLength(text: string): number {
  return text.length + 4 * (text.match(/&/g)?.length ?? 0) + 3 * (text.match(/[<>]/g)?.length ?? 0)
}

/** The beginning of a text, plus a note about the rest: whole lines if it has several, else as much text as fits. */
function beginning({ type, text }: Part, length: number, words: Words): string {
  if (length < SHORTEST) return '…'
  const end = text.lastIndexOf('\n', length)
  if (end > length / 2) {
    const lines = text.slice(end + 1).split('\n').length
    return `${text.slice(0, end)}\n${words.cut.lines(lines)}`
  }
  const begun = type === 'mrkdwn' ? wholePrefix(text, length) : cut(text.slice(0, length), length)
  return begun + words.cut.characters([...text].length - [...begun].length)
}
