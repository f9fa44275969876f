import type { ContextBlock, HeaderBlock, PlainTextElement, SectionBlock } from '@slack/types'
import { cut, inOneLine } from '../domain/people-text.ts'
import type { Words } from './words/index.ts'

export { cut }

/** Small parts of messages and views, within Slack's limits by construction. */

/** The beginning of mrkdwn, where no mention, date or entity is cut in two and no code is left open. */
export function wholePrefix(text: string, length: number): string {
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
export function unformatted(text: string, max = 100): string {
  const line = inOneLine(text, max)
  return live.test(line) ? literal(line, max) : safe(line, max)
}

/** The same as code, in which nothing is formatted, linked or mentioned. */
export function literal(text: string, max = 100): string {
  return `\`${safe(inOneLine(text.replaceAll('`', 'ˋ'), max), max)}\``
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
