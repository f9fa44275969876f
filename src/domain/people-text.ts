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

/** As it is kept: without what nobody sees, and without space around it. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(terminal, '')
    .replace(lineEnd, '\n')
    .replace(unseen, '')
    .replaceAll('\t', ' ')
    .trim()
}

/** The same, where nothing is what there is. */
export function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text) || null
}

/** In one line, for a place between the app's own words; no openid stands whole in it. @param max characters */
export function inOneLine(text: string, max: number): string {
  const clean = withoutOpenids(cleanText(text.slice(0, max * 4)))
  const lines = clean.split('\n').map((line) => line.trim())
  return cut(lines.filter((line) => line !== '').join(' / '), max)
}

const MOST_LINES = 12

/**
 * As a quotation: each line begins with the mark, so that none looks like a line of the app; no openid stands whole in it.
 * @param max characters, the marks included
 */
export function saidLines(text: string, max = 2900): string {
  const lines = withoutOpenids(cleanText(text))
    .split('\n')
    .filter((line) => line.trim() !== '')
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines
  return `${cut(shown.map((line) => `“${line}`).join('\n'), max - 1)}”`
}

/** At most so many characters, the last an ellipsis where some were cut; never half of a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
