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

/** Small parts of messages and views, within Slack's limits by construction; and the last step, which cuts what is too long. */

/** A message: its blocks, and the line that stands for them where they can't be shown. */
export interface Message {
  text: string
  blocks: AnyBlock[]
}

/** A message that says one thing, with what may stand below. @param text of the catalogue, its values already `safe` */
export function message(text: string, ...below: AnyBlock[]): Message {
  return { text, blocks: [section(text), ...below] }
}

/** The beginning of mrkdwn, where no mention, date or entity is cut in two and no code is left open. */
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

/** mrkdwn of at most so many characters. */
function cutMarked(text: string, max: number): string {
  return text.length <= max ? text : `${wholePrefix(text, max - 2)}…`
}

/** A value from the policy or from WeChat Pay inside mrkdwn: no mention or link can come of it. */
export function safe(text: string, max = 100): string {
  return cut(text, max).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Signs of formatting, emoji, links and mentions, which Slack would bring to life. */
const live = /[*_~`@#]|:[^\s:]+:|https?:|www\.|[\p{L}\p{N}]\.\p{L}/iu

/** What a person typed, inside mrkdwn and between the app's own words: in one line, and never brought to life. */
export function unformatted(text: string, max = 100, own: string | null = null): string {
  const line = inOneLine(text, max, own)
  return live.test(line) ? literal(line, max) : safe(line, max)
}

/** The same as code, in which nothing is formatted, linked or mentioned. */
export function literal(text: string, max = 100): string {
  return `\`${safe(inOneLine(text.replaceAll('`', 'ˋ'), max), max)}\``
}

/** mrkdwn of `safe` values where Slack draws it as it is, as an error at a field. */
export function asPlain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: cut(text, max) || ' ', emoji: false }
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, 150) }
}

/** @param text of the catalogue, its values already `safe` */
export function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: cutMarked(text, 3000) } }
}

/** Lines in as few sections as hold them whole. @param as `section` for lines of the catalogue, `typed` for those of people */
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

/** The first so many texts, and how many more there are. */
export function upTo(most: number, texts: readonly string[], { cut: says }: Pick<Words, 'cut'>): string[] {
  const left = texts.length - most
  return left > 0 ? [...texts.slice(0, most), says.more(left)] : [...texts]
}

/** As many of the lines as a message has room for, and what says how many more there are. */
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

/** With what stands around them a message stays below what Slack takes. */
const MOST_OF_LINES = 8000

/** Text that people typed. */
export function typed(text: string): SectionBlock {
  return { type: 'section', text: plain(text, 3000) }
}

/** What somebody wrote, as Slack draws a quotation: no line of it can pass for one of the app's, and nothing comes to life. */
export function quote(text: string): RichTextQuote {
  return { type: 'rich_text_quote', elements: [{ type: 'text', text }] }
}

export function quoteBlock(text: string): RichTextBlock {
  return { type: 'rich_text', elements: [quote(text)] }
}

/** @param texts of the catalogue, their values already `safe` */
export function context(...texts: string[]): ContextBlock {
  return {
    type: 'context',
    elements: inTen(texts).map((text) => ({ type: 'mrkdwn', text: cutMarked(text, 2000) })),
  }
}

/** A context has ten elements: the last holds the rest. */
function inTen(texts: readonly string[]): string[] {
  return texts.length <= 10 ? [...texts] : [...texts.slice(0, 9), texts.slice(9).join(' · ')]
}

/** Text that people typed, small. */
export function typedContext(...texts: string[]): ContextBlock {
  return { type: 'context', elements: inTen(texts).map((text) => plain(text, 2000)) }
}

/**
 * The last step of every message and view: what Slack would refuse as too long is cut, saying how much more there is.
 * No button, input or title is lost: the longest texts give way first, all of them to the same length.
 */

interface Limits {
  blocks: number
  /** What all texts together may be, by `measure`. */
  text: number
  measure: (text: string, isMarked: boolean) => number
}

/**
 * Slack refuses a message of more than about 12,000 characters (`msg_blocks_too_long`, measured in the field) and counts
 * its blocks a little too: the rest is for those.
 */
const MESSAGE: Limits = {
  blocks: 50,
  text: 10_000,
  measure: (text, isMarked) => (isMarked ? text.length : escapedLength(text)),
}
/** A view may be of 250 kB, its ids and the JSON around its texts included. */
const VIEW: Limits = {
  blocks: 100,
  text: 220_000,
  measure: (text) => Buffer.byteLength(JSON.stringify(text)),
}
/** `chat.update` takes no longer text beside the blocks. */
const MOST_FALLBACK = 3900

/** No text of a block is longer. */
const MOST_OF_ONE = 3000
/** Of less than this only that there is something is told. */
const SHORTEST = 25

/** A message as Slack takes it, whatever people, the policy and WeChat Pay say. */
export function fitMessage<M extends { text?: string; blocks?: AnyBlock[] }>(message: M, words: Words): M {
  const { text, blocks } = message
  return {
    ...message,
    ...(text && { text: fitText(text) }),
    ...(blocks && { blocks: fitBlocks(blocks, MESSAGE, words) }),
  }
}

/** A message's text, which stands for its blocks where they can't be shown. */
export function fitText(text: string, most = MOST_FALLBACK): string {
  return text.length <= most ? text : `${wholePrefix(text, most - 2)}…`
}

/** The same for a view. */
export function fitView<V extends ModalView | HomeView>(view: V, words: Words): V {
  return { ...view, blocks: fitBlocks(view.blocks, VIEW, words) }
}

function fitBlocks(blocks: AnyBlock[], limits: Limits, words: Words): AnyBlock[] {
  const fitted = structuredClone(fewBlocks(blocks, limits.blocks, words))
  // Tables have limits of their own, which they keep.
  const all = textsIn(fitted.filter(({ type }) => type !== 'data_table' && type !== 'table'))
  const isOver = () =>
    all.reduce((sum, { type, text }) => sum + limits.measure(text, type === 'mrkdwn'), 0) > limits.text
  if (!isOver()) return fitted
  const wholes = textsIn(fitted.filter(isTextOnly)).map((part) => ({ part, whole: { ...part } }))
  const cutTo = (most: number) => {
    for (const { part, whole } of wholes) {
      const begun = whole.text.length > most ? beginning(whole, most, words) : whole.text
      // With what is said of the rest it could be longer than it was.
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

/** What gives way stands last, before the end of the message. No button does. */
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

/** Every text in it, however deep. */
function textsIn(node: unknown): Part[] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'text' in node && typeof node.text === 'string' ? [node as Part] : []
  return [...own, ...Object.values(node).flatMap(textsIn)]
}

function escapedLength(text: string): number {
  return text.length + 4 * (text.match(/&/g)?.length ?? 0) + 3 * (text.match(/[<>]/g)?.length ?? 0)
}

/** What is said of the rest comes on top: whole lines where it has several, else as much of the text. */
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
