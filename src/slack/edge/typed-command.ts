import type { Policy } from '../../domain/policy.ts'
import { cut, didYouMean, withoutControls } from '../../domain/text.ts'
import {
  afterLabel,
  bare,
  cleanOpenid,
  isOfUnion,
  isOpenidLabel,
  openidProblem,
} from '../../domain/wechatpay-ids.ts'
import { en } from '../blocks/words/en/index.ts'
import { zhCN } from '../blocks/words/zh-cn/index.ts'
import { commands } from '../ids.ts'

/** What stands after a command, as people type, paste and dictate it. */
/** Characters that are read; a longer command is told so. */
export const MAX_TYPED = 3000

const marks = /<([^<>]*)>|[<>]|&(?:lt|gt|amp);|&/g

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/**
 * What was typed, where Slack has put ids, links and entities in its place (`should_escape` in the manifest), in one pass,
 * so that nothing that a person typed becomes another thing. A text that Slack has not treated so stays as it is.
 */
export function asTyped(text: string): string {
  let isEscaped = true
  const plain = withoutControls(text)
  const undone = plain.replace(marks, (mark: string, inner: string | undefined) => {
    const typed = entities[mark] ?? (inner === undefined ? null : behindLink(inner))
    if (typed === null) isEscaped = false
    return typed ?? mark
  })
  return isEscaped ? undone : plain
}

function behindLink(inner: string): string | null {
  const bar = inner.indexOf('|')
  const target = withoutEntities(bar < 0 ? inner : inner.slice(0, bar))
  const label = bar < 0 ? '' : withoutEntities(inner.slice(bar + 1))
  // Without a label it says no more than its id, and may have been typed so.
  if (bar < 0 && /^[@#!]/.test(target)) return `<${target}>`
  if (/^@[UW][0-9A-Z]+$/.test(target)) return `@${label.replace(/^@/, '') || target.slice(1)}`
  if (/^#[CG][0-9A-Z]+$/.test(target)) return `#${label.replace(/^#/, '') || target.slice(1)}`
  if (/^!subteam\^S[0-9A-Z]+$/.test(target)) return `@${label.replace(/^@/, '') || target.slice(9)}`
  if (/^!(?:here|channel|everyone)$/.test(target)) return `@${target.slice(1)}`
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) return null
  // A label that says something else than where it leads was not typed.
  if (label !== '' && target.toLowerCase().includes(label.toLowerCase())) return label
  return target.replace(/^(?:mailto|tel):/i, '')
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity)
}

/** One word, or what stands in quotes. */
export interface Word {
  /** Without quotes and what nobody sees around it. */
  text: string
  isQuoted: boolean
  /** Where it and its quotes end in the text. */
  end: number
}

const closers: Record<string, string> = {
  '"': '"“”„＂',
  '“': '"“”＂',
  '”': '"“”＂',
  '„': '"“”',
  '＂': '"“”＂',
  "'": "'‘’＇",
  '‘': "'‘’＇",
  '’': "'‘’＇",
  '＇': "'‘’＇",
  '`': '`',
  '「': '」',
  '『': '』',
  '«': '»',
  '‹': '›',
}

const isSpace = (character: string | undefined) => character === undefined || /[\s\p{Z}]/u.test(character)

const endsWord = (character: string | undefined) =>
  isSpace(character) || /[,.;:!?，。；：！？、)）]/.test(character ?? '')

/** The words of a text, in one pass: a quote that nothing closes is looked for once. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = []
  const unclosed = new Set<string>()
  let at = 0
  while (at < text.length) {
    if (isSpace(text[at])) {
      at++
      continue
    }
    const closing = closers[text[at] ?? '']
    const close = closing === undefined || unclosed.has(closing) ? -1 : closingAt(text, at, closing)
    if (closing !== undefined && close < 0) unclosed.add(closing)
    let end = close < 0 ? at : close + 1
    while (end < text.length && !isSpace(text[end])) end++
    const raw = close < 0 ? withoutQuotes(text.slice(at, end)) : text.slice(at + 1, close).trim()
    const inside = raw.replace(/\p{Cf}/gu, '')
    if (inside !== '') words.push({ text: inside, isQuoted: close >= 0, end })
    at = end
  }
  return words
}

function closingAt(text: string, from: number, closing: string): number {
  for (let at = from + 1; at < text.length; at++)
    if (closing.includes(text[at] ?? '') && endsWord(text[at + 1])) return at
  return -1
}

function withoutQuotes(word: string): string {
  let from = 0
  let to = word.length
  while (from < to && isQuote(word[from])) from++
  while (from < to && isQuote(word[to - 1])) to--
  return word.slice(from, to)
}

const isQuote = (character: string | undefined) =>
  character !== undefined && /["'`“”„‘’＂＇｀「」『』«»‹›\p{Cf}]/u.test(character)

/** A word as it is compared: case, full-width forms, kinds of dashes and what stands around it don't count. */
export function loosely(text: string): string {
  return bare(text.normalize('NFKC').replace(/\p{Cf}/gu, ''))
    .toLowerCase()
    .replace(/[‐‑‒–—―−]/g, '-')
    .replace(/\s+/g, ' ')
    .replace(/ (?=\p{Script=Han})|(?<=\p{Script=Han}) /gu, '')
}

interface Entry {
  key: string
  name: { en: string; 'zh-CN': string }
}

/** Keys and names, as they may be typed. */
export function spellingsOf(entries: readonly Entry[]): { key: string; spelling: string }[] {
  return entries.flatMap(({ key, name }) =>
    [key, name.en, name['zh-CN']].map((spelling) => ({ key, spelling })),
  )
}

/** Names of 75 characters have no more. */
const MOST_WORDS = 40

/** The entry whose key or name the words begin with; the longest of several. */
export function find(
  words: readonly Word[],
  entries: readonly Entry[],
): { value: string; length: number } | null {
  const exact = new Map<string, string>()
  const loose = new Map<string, string>()
  for (const { key, spelling } of spellingsOf(entries)) {
    const plain = plainly(spelling)
    if (!exact.has(plain)) exact.set(plain, key)
    if (!loose.has(loosely(spelling))) loose.set(loosely(spelling), key)
  }
  for (let length = Math.min(words.length, MOST_WORDS); length > 0; length--) {
    const said = joined(words.slice(0, length))
    if (said.length > 400) continue
    const value = exact.get(plainly(said)) ?? loose.get(loosely(said))
    if (value !== undefined) return { value, length }
  }
  return null
}

export function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ')
}

function plainly(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ')
}

/** With a space at the first mark of punctuation within the first word, after which people leave none. */
export function markApart(text: string): string {
  return text
    .replace(/^([^\s:：,，;；、/|(（]{1,80}[:：,，;；、/|])(?=[^\s:：,，;；、/|])/u, '$1 ')
    .replace(/^([^\s:：,，;；、/|(（]{1,80})(?=[(（])/u, '$1 ')
}

/** What stands after so many words, as it was typed. */
export function after(text: string, words: readonly Word[], count: number): string {
  return text.slice(count === 0 ? 0 : words[count - 1]?.end).trim()
}

const names = ['send', 'list', 'pending', 'mine', 'history', 'stuck', 'pause', 'resume', 'help'] as const

type Subcommand = (typeof names)[number]

const spelled = new Map<string, Subcommand>(
  [en, zhCN].flatMap(({ subcommands }) => names.map((name) => [subcommands[name], name] as const)),
)

export type Parsed =
  | { name: Subcommand; rest: string }
  /** Not understood; `meant`: the word that it may be a slip of. */
  | { name: null; typed: string; meant: string | null }

const orders: readonly Parsed['name'][] = ['pause', 'resume']

/** Longer than any command with what people put around it. */
const FIRST_WORDS = 200

/** Whether what was typed changes something at once, without a form. @param text as it came from Slack */
export function isOrder(text: string): boolean {
  return orders.includes(parseSubcommand(asTyped(text.slice(0, MAX_TYPED))).name)
}

/** Reads the first word after the command; nothing at all asks for help. */
export function parseSubcommand(typed: string): Parsed {
  const text = unfenced(typed)
  const [first] = wordsOf(text.slice(0, FIRST_WORDS))
  if (!first) return { name: 'help', rest: '' }
  const word = loosely(first.text)
  const name = spelled.get(word)
  if (name) return { name, rest: after(text, [first], 1) }
  const apart = markApart(text)
  if (apart !== text) {
    const parsed = parseSubcommand(apart)
    if (parsed.name !== null) return parsed
  }
  return { name: null, typed: first.text, meant: didYouMean(word, spelled.keys()) }
}

/** Without the command itself and the marks of code, as it is copied from this app's own messages. */
function unfenced(typed: string): string {
  const text = typed.trim()
  const open = /^`{1,3}/.exec(text)?.[0] ?? ''
  const isFenced = open !== '' && text.endsWith(open) && !text.slice(open.length, -open.length).includes('`')
  const inside = isFenced ? text.slice(open.length, -open.length).trim() : text
  const [first] = wordsOf(inside.slice(0, FIRST_WORDS))
  return first && loosely(first.text) === commands.coupon ? after(inside, [first], 1) : inside
}

/** Reads `<openid> [stock]` after `list`; a stock that is not known is kept as typed, to be told of. */
export function parseTypedLookup(typed: string, policy: Policy): { openid: string; stock: string | null } {
  const { text, isLabelled } = withoutLabel(typed, policy)
  const [first, ...rest] = wordsOf(text)
  const stock = find(rest, policy.stocks)?.value ?? (cut(joined(rest), 200) || null)
  return { openid: cleanOpenid(`${isLabelled ? 'openid:' : ''}${first?.text ?? ''}`), stock }
}

/** Words that are copied along before an openid: `- `, `1. `, `用户 openid: `. */
const MOST_BEFORE = 3

/** `openid: o…`, as it is copied from other screens. */
export function withoutLabel(text: string, policy: Policy): { text: string; isLabelled: boolean } {
  const rest = afterLabel(text)
  if (rest !== null) return { text: rest, isLabelled: true }
  const words = wordsOf(text.slice(0, 200))
  const at = words
    .slice(0, MOST_BEFORE + 1)
    .findIndex((word) => openidProblem(cleanOpenid(word.text)) === null)
  const isKnown = find(words, policy.stocks) ?? find(words, policy.reasons)
  if (at > 0 && !isKnown && !isOfUnion(joined(words.slice(0, at))))
    return { text: after(text, words, at), isLabelled: false }
  const [first, second] = words
  if (!first || !second || !isOpenidLabel(loosely(first.text))) return { text, isLabelled: false }
  return { text: after(text, [first], 1), isLabelled: true }
}
