import { RE2JS } from 're2js'
import { withoutOpenids } from './wechatpay-ids.ts'

/**
 * What people typed for other people: notes, reasons, tickets, evidence. It is cleaned once, where it comes in
 * (`cleanText`), and drawn as a quotation (`saidLines`, `inOneLine`), so that it can't pass for the app's own words.
 */

/** Escape sequences that tell a terminal to do something. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes out
const terminal = /(?:\u001b\[|\u009b)[0-?]{0,40}[ -/]{0,4}[@-~]/g
const lineEnd = /\r\n|[\r\v\f\u0085\u2028\u2029]/g
/** Control characters, characters that change the text direction, and tags and marks that no screen shows. */
const unseen =
  /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** Removes what nobody sees, and what a terminal would obey. */
export function withoutControls(text: string): string {
  return text
    .toWellFormed()
    .replace(terminal, '')
    .replace(lineEnd, '\n')
    .replace(unseen, '')
    .replaceAll('\t', ' ')
}

/** Matches something that a screen shows: fillers, joiners and blanks of all kinds don't count. */
const visible = /[^\p{Default_Ignorable_Code_Point}\p{Z}\p{M}\s\u2800]/u

/** Cleans a text to be stored: without what nobody sees, and without space around it. */
export function cleanText(text: string): string {
  const clean = withoutControls(text).trim()
  return visible.test(clean) ? clean : ''
}

/** The same, but null for an empty text. */
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
 * Puts a text in one line, for a place between the app's own words; shortens every openid in it.
 * @param max characters
 * @param own the openid that the text is about, if the merchant's openids look different
 */
export function inOneLine(text: string, max: number, own: string | null = null): string {
  return cut(withoutOpenids(cleanLine(text.slice(0, max * 4)), own), max)
}

const MOST_LINES = 12
/** Slack takes 3,000 in a block; a label precedes the text. */
const MAX_SAID = 2900

/**
 * A text as a quotation: each line begins with the mark, so that none looks like a line of the app;
 * shortens every openid.
 * @param own the openid that the text is about, if the merchant's openids look different
 */
export function saidLines(text: string, own: string | null = null): string {
  const shown = firstLines(text, MOST_LINES, own)
  return `${cut(shown.map((line) => `“${line}`).join('\n'), MAX_SAID - 1)}”`
}

/**
 * The first lines of a text, without blank ones, for a block that Slack itself draws as a quotation;
 * shortens every openid.
 * @param most lines; the last is an ellipsis if some were left out
 */
export function quotedLines(text: string, most: number, own: string | null = null): string {
  return cut(firstLines(text, most, own).join('\n'), MAX_SAID)
}

function firstLines(text: string, most: number, own: string | null): string[] {
  const lines = withoutOpenids(cleanText(text), own)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.length > most ? [...lines.slice(0, most - 1), '…'] : lines
}

/** A text after a label: a single line as it is, several lines as a quotation. */
export function labelledLines(text: string, own: string | null = null): string {
  const clean = cleanText(text)
  return clean.includes('\n') ? `\n${saidLines(clean, own)}` : inOneLine(clean, MAX_SAID, own)
}

/** At most `max` characters; the last is an ellipsis if some were cut. Never splits a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** A regular expression of the policy. */
interface Pattern {
  /** Whether any part of the text matches. */
  finds(text: string): boolean
  /** Whether the text as a whole matches. */
  fits(text: string): boolean
}

const MOST_KEPT = 8
/** Texts to match have at most 128 characters: a pattern that needs more steps repeats more than could fit. */
const MOST_STEPS = 2000
const kept = new Map<string, Pattern>()

/**
 * Reads a regular expression for an engine whose time grows only with the length of the text:
 * what it matches is typed by strangers.
 * @throws Error if it isn't a regular expression, needs backtracking, or repeats too much
 */
export function readPattern(source: string): Pattern {
  const known = kept.get(source)
  if (known) return known
  // It must be valid for both engines, so that JavaScript's documentation applies.
  new RegExp(source, 'u')
  if (/^(?:\\[^k]|[^\\])*\\k/su.test(source)) throw new Error('refers back')
  const engine = RE2JS.compile(RE2JS.translateRegExp(shortProperties(source)))
  if (engine.programSize() > MOST_STEPS) throw new Error('repeats too much')
  const pattern = {
    finds: (text: string) => engine.test(text),
    fits: (text: string) => engine.testExact(text),
  }
  // A policy has only a few of them.
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(source, pattern)
  return pattern
}

/** RE2 takes a script's name without a prefix. */
function shortProperties(source: string): string {
  return source.replace(
    /\\(?:([pP])\{(?:Script|sc|General_Category|gc)=(\w+)\}|.)/gs,
    (whole, letter: string | undefined, name: string) => (letter ? `\\${letter}{${name}}` : whole),
  )
}

/** Longer words aren't typing mistakes, and would take long to compare. */
const MAX_WORD = 100
const MOST_CANDIDATES = 500

/**
 * The candidate that a mistyped word probably means, or null if none is close. Case and `-` or `_` don't count.
 * Looks only at the first candidates if there are many.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const plain = (text: string) =>
    text
      .slice(0, MAX_WORD)
      .toLowerCase()
      .replaceAll(/[-_\s]/g, '')
  if (word.length > MAX_WORD) return null
  const typed = plain(word)
  let best: { candidate: string; far: number } | null = null
  let looked = 0
  for (const candidate of candidates) {
    if (++looked > MOST_CANDIDATES) break
    const other = plain(candidate)
    const most = Math.max(1, Math.floor(Math.min(candidate.length, MAX_WORD) / 3))
    if (Math.abs(other.length - typed.length) > most) continue
    const far = distance(typed, other)
    if (far <= most && (best === null || far < best.far)) best = { candidate, far }
  }
  return best?.candidate ?? null
}

/** How many letters to add, remove, change or swap with their neighbour to turn one word into the other. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row.push(
        Math.min(
          at(rows, i - 1, j) + 1,
          (row[j - 1] ?? 0) + 1,
          at(rows, i - 1, j - 1) + change,
          swapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    rows.push(row)
  }
  return at(rows, one.length, other.length)
}

function at(rows: number[][], i: number, j: number): number {
  return rows[i]?.[j] ?? Number.POSITIVE_INFINITY
}

/** An amount in fen, written for people: `1000` is `¥10.00`. */
export function formatFen(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const yuan = Math.trunc(Math.abs(fen) / 100).toString()
  const grouped = yuan.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}¥${grouped}.${(Math.abs(fen) % 100).toString().padStart(2, '0')}`
}

/** The same for where there is little room: `1000` is `¥10`, `1050` is `¥10.50`. */
export function formatFenShort(fen: number): string {
  return formatFen(fen).replace(/\.00$/, '')
}

/** The languages of the product. */
export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]

/** A text in each language. */
export type Named = Record<Language, string>
