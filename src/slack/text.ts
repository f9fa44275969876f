import type { ContextBlock, HeaderBlock, PlainTextElement, SectionBlock } from '@slack/types'
import { cut, inOneLine } from '../domain/people-text.ts'

export { cut }

/** Small parts of messages and views, within Slack's limits by construction. */

/** A value from the policy or from WeChat Pay inside mrkdwn: no mention or link can come of it. */
export function safe(text: string, max = 100): string {
  return cut(text, max).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** What a person typed, inside mrkdwn: as code nothing in it is formatted, linked or mentioned. */
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
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, 3000) } }
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

/** Text that people typed. */
export function typed(text: string): SectionBlock {
  return { type: 'section', text: plain(text, 3000) }
}

/** @param texts of the catalogue, their values already `safe` */
export function context(...texts: string[]): ContextBlock {
  return {
    type: 'context',
    elements: texts.slice(0, 10).map((text) => ({ type: 'mrkdwn', text: cut(text, 2000) })),
  }
}

/** Text that people typed, small. */
export function typedContext(...texts: string[]): ContextBlock {
  return { type: 'context', elements: texts.slice(0, 10).map((text) => plain(text, 2000)) }
}
