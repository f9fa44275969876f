import { withoutOpenids } from './openid.ts'

/**
 * What people typed for other people: notes, reasons, tickets, evidence. It is cleaned once, where it comes in
 * (`cleanText`), and drawn as what somebody said (`saidLines`, `inOneLine`), so that it can't pass for the app's own words.
 */

/** Sequences by which a terminal is told to do something. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes out
const terminal = /(?:\u001b\[|\u009b)[0-?]{0,40}[ -/]{0,4}[@-~]/g
const lineEnd = /\r\n|[\r\v\f\u0085\u2028\u2029]/g
/** Control characters; what turns the direction of a line; tags and marks that no screen shows. */
const unseen =
  /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** Without what nobody sees, and what a terminal would obey. */
export function withoutControls(text: string): string {
  return text
    .toWellFormed()
    .replace(terminal, '')
    .replace(lineEnd, '\n')
    .replace(unseen, '')
    .replaceAll('\t', ' ')
}

/** Something that a screen shows: fillers, joiners and blanks of all kinds are nothing. */
const visible = /[^\p{Default_Ignorable_Code_Point}\p{Z}\p{M}\s\u2800]/u

/** As it is kept: without what nobody sees, and without space around it. */
export function cleanText(text: string): string {
  const clean = withoutControls(text).trim()
  return visible.test(clean) ? clean : ''
}

/** The same, where nothing is what there is. */
export function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text) || null
}

/** The same in one line. */
export function cleanLine(text: string): string {
  const lines = cleanText(text).split('\n')
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ')
}

/**
 * In one line, for a place between the app's own words; no openid stands whole in it.
 * @param max characters @param own the openid that it is about, where the merchant's look different
 */
export function inOneLine(text: string, max: number, own: string | null = null): string {
  return cut(withoutOpenids(cleanLine(text.slice(0, max * 4)), own), max)
}

const MOST_LINES = 12
/** Slack takes 3,000 in a block, with a label before it. */
const MAX_SAID = 2900

/**
 * As a quotation: each line begins with the mark, so that none looks like a line of the app; no openid stands whole in it.
 * @param own the openid that it is about, where the merchant's look different
 */
export function saidLines(text: string, own: string | null = null): string {
  const lines = withoutOpenids(cleanText(text), own)
    .split('\n')
    .filter((line) => line.trim() !== '')
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines
  return `${cut(shown.map((line) => `“${line}`).join('\n'), MAX_SAID - 1)}”`
}

/** After a label: one line as it is, more of them as a quotation. */
export function labelledLines(text: string, own: string | null = null): string {
  const clean = cleanText(text)
  return clean.includes('\n') ? `\n${saidLines(clean, own)}` : inOneLine(clean, MAX_SAID, own)
}

/** At most so many characters, the last an ellipsis where some were cut; never half of a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
