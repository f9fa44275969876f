import { isTicketLabel, openidProblemOf, readTicket, ticketIn } from '../../domain/ask.ts'
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
import { asPlain } from '../blocks/text.ts'
import { en } from '../blocks/words/en/index.ts'
import { zhCN } from '../blocks/words/zh-cn/index.ts'
import { commands } from '../ids.ts'

/** Reads the text after a command, as people type, paste and dictate it. */
/** Characters that are read; a longer command is refused with a note. */
export const MAX_TYPED = 3000

const marks = /<([^<>]*)>|[<>]|&(?:lt|gt|amp);|&/g

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/**
 * Restores what was typed where Slack has put ids, links and entities in its place (`should_escape` in the manifest).
 * It takes one pass, so that nothing a person typed turns into something else. A text that Slack hasn't treated this
 * way stays as it is.
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
  const target = asPlain(bar < 0 ? inner : inner.slice(0, bar))
  const label = bar < 0 ? '' : asPlain(inner.slice(bar + 1))
  // Without a label, it holds only the id, and the person may have typed it this way.
  if (bar < 0 && /^[@#!]/.test(target)) return `<${target}>`
  if (/^@[UW][0-9A-Z]+$/.test(target)) return `@${label.replace(/^@/, '') || target.slice(1)}`
  if (/^#[CG][0-9A-Z]+$/.test(target)) return `#${label.replace(/^#/, '') || target.slice(1)}`
  if (/^!subteam\^S[0-9A-Z]+$/.test(target)) return `@${label.replace(/^@/, '') || target.slice(9)}`
  if (/^!(?:here|channel|everyone)$/.test(target)) return `@${target.slice(1)}`
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) return null
  // If the label differs from the address that it links to, the person did not type the label.
  if (label !== '' && target.toLowerCase().includes(label.toLowerCase())) return label
  return target.replace(/^(?:mailto|tel):/i, '')
}

/** One word, or a text in quotes. */
export interface Word {
  /** Without its quotes and without invisible characters. */
  text: string
  isQuoted: boolean
  /** Where it ends in the text, including its quotes and any marks or spaces after it. */
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

/** Marks that end a word, as people join parts with them; one within a figure or an address does not. */
const isMark = (character: string | undefined) => character !== undefined && /[,;，；、]/.test(character)

function isMarkWithin(text: string, from: number, at: number): boolean {
  if (/^https?:/i.test(text.slice(from, from + 6))) return /[,;]/.test(text[at] ?? '')
  return (
    /^[¥￥]?\d{1,3}$/.test(text.slice(from, Math.min(at, from + 6))) &&
    /^[,，]\d{3}(?!\d)/.test(text.slice(at, at + 5))
  )
}

/** Splits a text into words in one pass; a missing closing quote is searched for only once. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = []
  const unclosed = new Set<string>()
  let at = 0
  while (at < text.length) {
    if (isSpace(text[at]) || isMark(text[at])) {
      at++
      continue
    }
    const closing = closers[text[at] ?? '']
    const close = closing === undefined || unclosed.has(closing) ? -1 : closingAt(text, at, closing)
    if (closing !== undefined && close < 0) unclosed.add(closing)
    let end = close < 0 ? at : close + 1
    const goesOn = close < 0 ? (one: string | undefined) => !isSpace(one) : endsWord
    while (end < text.length && !isSpace(text[end]) && goesOn(text[end])) {
      if (isMark(text[end]) && !isMarkWithin(text, at, end)) break
      end++
    }
    const raw = close < 0 ? withoutQuotes(text.slice(at, end)) : text.slice(at + 1, close).trim()
    const inside = raw.replace(/\p{Cf}/gu, '')
    while (isMark(text[end]) || (isSpace(text[end]) && end < text.length)) end++
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

/** A text as it is compared: case, full-width forms, kinds of dashes and surrounding marks don't count. */
export function loosely(text: string): string {
  return bare(text.normalize('NFKC').replace(/\p{Cf}/gu, ''))
    .toLowerCase()
    .replace(/[‐‑‒–—―−]/g, '-')
    .replace(/\s+/g, ' ')
    .replace(/ ?([,;、]) ?/g, ' ')
    .replace(/ (?=\p{Script=Han})|(?<=\p{Script=Han}) /gu, '')
}

interface Entry {
  key: string
  name: { en: string; 'zh-CN': string }
}

/** What people may type for each entry: its key and its names. */
export function spellingsOf(entries: readonly Entry[]): { key: string; spelling: string }[] {
  return entries.flatMap(({ key, name }) =>
    [key, name.en, name['zh-CN']].map((spelling) => ({ key, spelling })),
  )
}

/** No name of 75 characters has more words. */
const MOST_WORDS = 40

/** Finds the entry whose key or name the words begin with; the longest, if several match. */
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

/** The words as one text, with single spaces between them. */
export function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ')
}

function plainly(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ')
}

/** Adds a space after the first punctuation mark within the first word, as people leave none. */
export function markApart(text: string): string {
  return text
    .replace(/^([^\s:：,，;；、/|(（]{1,80}[:：,，;；、/|])(?=[^\s:：,，;；、/|])/u, '$1 ')
    .replace(/^([^\s:：,，;；、/|(（]{1,80})(?=[(（])/u, '$1 ')
}

/** The text after the first `count` words, as typed. */
export function after(text: string, words: readonly Word[], count: number): string {
  return text.slice(count === 0 ? 0 : words[count - 1]?.end).trim()
}

const names = [
  'send',
  'list',
  'find',
  'pending',
  'mine',
  'history',
  'left',
  'stuck',
  'pause',
  'resume',
  'away',
  'back',
  'doctor',
  'report',
  'erase',
  'help',
] as const

type Subcommand = (typeof names)[number]

/**
 * Other words that people use for a subcommand. None of them pauses or resumes issuing: that takes the documented
 * words.
 */
const alsoSaid: Partial<Record<Subcommand, readonly string[]>> = {
  send: ['give', 'issue', '发', '发券', '发送', '赠送', '补发'],
  list: ['look', 'lookup', 'look-up', 'show', 'check', '查', '查券', '查看', '查一下'],
  pending: ['approve', 'approvals', '审批', '待办'],
  mine: ['my', '我的申请'],
  history: ['records', '历史', '发放记录', '查记录'],
  report: ['month', '报', '月报', '统计'],
  erase: ['forget', '删除', '抹除'],
  left: ['limits', 'limit', 'budget', 'quota', '限额', '余额', '剩余'],
}

const spelled = new Map<string, Subcommand>(
  names.flatMap((name) =>
    [en.subcommands[name], zhCN.subcommands[name], ...(alsoSaid[name] ?? [])].map(
      (word) => [word, name] as const,
    ),
  ),
)

export type Parsed =
  | { name: Subcommand; rest: string }
  /** Not understood; `meant`: the word that was probably meant. */
  | { name: null; typed: string; meant: string | null }

const orders = ['pause', 'resume', 'away', 'back', 'erase'] as const

/** Characters; longer than any command with what people put around it. */
const FIRST_WORDS = 200

/**
 * The order in a text, which changes something at once, without a form; null: the text only asks.
 * @param text as Slack sent it
 */
export function orderIn(text: string): (typeof orders)[number] | null {
  const asked = parseSubcommand(asTyped(text.slice(0, MAX_TYPED)))
  // `away` alone asks whether the person is away.
  if (asked.name === 'away' && asked.rest === '') return null
  return orders.find((order) => order === asked.name) ?? null
}

/**
 * Reads the first word after the command. An empty text asks for help; one that begins with an openid asks for that
 * user's coupons.
 * @param policy default: openids look as WeChat issues them
 */
export function parseSubcommand(typed: string, policy?: Policy): Parsed {
  const text = unfenced(typed)
  const [first] = wordsOf(text.slice(0, FIRST_WORDS))
  if (!first) return { name: 'help', rest: '' }
  const word = loosely(first.text)
  const name = spelled.get(word)
  if (name) return { name, rest: after(text, [first], 1) }
  for (const apart of [markApart(text), wordApart(text)]) {
    if (apart === text) continue
    const parsed = parseSubcommand(apart, policy)
    if (parsed.name !== null) return parsed
  }
  const meant = didYouMean(word, spelled.keys())
  if (meant === null && beginsWithOpenid(text, policy)) return { name: 'list', rest: text }
  return { name: null, typed: first.text, meant }
}

/** Adds a space after a Chinese word that is joined to an openid, an amount or a number: `查oUpF…`. */
export function wordApart(text: string): string {
  return text.replace(/^(\p{Script=Han}{1,10})(?=[0-9A-Za-z_¥￥+])/u, '$1 ')
}

/** Characters; if the policy has its own pattern for openids, a shorter word that fits may be a typing slip. */
const SHORTEST_OPENID = 12

function beginsWithOpenid(text: string, policy: Policy | undefined): boolean {
  const [first] = wordsOf((afterLabel(text) ?? text).slice(0, FIRST_WORDS))
  const openid = cleanOpenid(first?.text ?? '')
  return (
    openid.length >= SHORTEST_OPENID && openidProblemOf({ openid: policy?.openid ?? null }, openid) === null
  )
}

/** Removes the command itself and code marks, which people copy from this app's own messages. */
function unfenced(typed: string): string {
  const text = typed.trim()
  const open = /^`{1,3}/.exec(text)?.[0] ?? ''
  const isFenced = open !== '' && text.endsWith(open) && !text.slice(open.length, -open.length).includes('`')
  const inside = isFenced ? text.slice(open.length, -open.length).trim() : text
  const [first] = wordsOf(inside.slice(0, FIRST_WORDS))
  return first && loosely(first.text) === commands.coupon ? after(inside, [first], 1) : inside
}

/** Reads an openid, or what was typed in its place, and `more`: the other words. */
export function parseTypedUser(typed: string, policy: Policy): { openid: string; more: Word[] } {
  const { openid, before, rest } = userIn(typed, policy)
  return { openid, more: [...wordsOf(before), ...rest] }
}

/** Reads `<openid> [stock]` after `list`; an unknown stock is kept as typed, so that the answer can name it. */
export function parseTypedLookup(typed: string, policy: Policy): { openid: string; stock: string | null } {
  const { openid, rest } = userIn(typed, policy)
  const known = find(rest, policy.stocks) ?? findAmount(rest, policy)
  const stock = known?.length === rest.length ? known.value : cut(joined(rest), 200) || null
  return { openid, stock }
}

function userIn(typed: string, policy: Policy): { openid: string; before: string; rest: Word[] } {
  const { text, isLabelled, before } = withoutLabel(typed, policy)
  const [first, ...rest] = wordsOf(text)
  return { openid: cleanOpenid(`${isLabelled ? 'openid:' : ''}${first?.text ?? ''}`), before, rest }
}

/**
 * Reads the key after `history`: an openid, a ticket, a coupon's id or a `send_request_no`. Empty: nothing was typed.
 * @returns `more`: what was typed after the key and is not part of the question
 */
export function parseTypedKey(typed: string, policy: Policy): { key: string; more: string } {
  const { openid, more } = parseTypedUser(typed, policy)
  if (openidProblemOf(policy, openid) === null) return { key: openid, more: joined(more) }
  const words = wordsOf(typed)
  const [first, ...others] = words
  const ticket = findTicket(words, policy)
  if (ticket) return { key: ticket.value, more: joined(words.slice(ticket.length)) }
  if (first && (others.length === 0 || GIVEN_NUMBER.test(first.text)))
    return { key: keyOf(first.text, policy), more: joined(others) }
  // A ticket may contain spaces.
  return { key: keyOf(typed.replace(/\p{Cf}/gu, ''), policy), more: '' }
}

const keyOf = (text: string, policy: Policy) => cut(readTicket(policy, bare(text)), MAX_KEY)

/** A coupon's id or a `send_request_no`. */
const GIVEN_NUMBER = /^(?:\d{8,}|[0-9A-Z]{26})$/i
/** The longest keys are WeChat Pay's ids of coupons. */
const MAX_KEY = 128

/** The policy's stock with the amount that the words begin with (`10`, `¥50`, `10 元`), if there is exactly one. */
export function findAmount(
  words: readonly Word[],
  { stocks }: Pick<Policy, 'stocks'>,
): { value: string; length: number } | null {
  const [first = '', second = ''] = words.slice(0, 2).map(({ text }) => loosely(text))
  const isTwo = sign.test(first) || unit.test(second)
  const yuan = amount.exec(isTwo ? first + second : first)
  if (!yuan) return null
  const fen = Math.round(Number(yuan[1]) * 100)
  const [only, ...more] = stocks.filter(({ quota }) => quota === fen)
  return only && more.length === 0 ? { value: only.key, length: isTwo ? 2 : 1 } : null
}

/** As `loosely` writes them: it has already turned ￥ into ¥. */
const sign = /^(?:¥|rmb|cny)$/
const unit = /^(?:元券?|块钱?|圆|yuan|rmb|cny)$/
const amount = /^(?:¥|rmb|cny)?([0-9]{1,7}(?:\.[0-9]{1,2})?)(?:元券?|块钱?|圆|yuan|rmb|cny)?$/

/** How many of the first words name a coupon that the policy doesn't know: 0, 1 or, for `20 元`, 2. */
export function unknownStock(words: readonly Word[], { stocks }: Pick<Policy, 'stocks'>): number {
  const [first = '', second = ''] = words.slice(0, 2).map(({ text }) => loosely(text))
  if (/\d/.test(first + second) && (sign.test(first) || unit.test(second)) && amount.test(first + second))
    return 2
  if (/\D/.test(first) && amount.test(first)) return 1
  const keys = stocks.map(({ key }) => key.toLowerCase())
  const shape = (key: string) => key.replace(/\d+/g, '0')
  const isAlike = keys.some((key) => /\d/.test(key) && shape(key) === shape(first))
  return isAlike || didYouMean(first, keys) !== null ? 1 : 0
}

/** The ticket that the words begin with: in the policy's form, in any case, or as a pasted address. */
export function findTicket(words: readonly Word[], policy: Policy): { value: string; length: number } | null {
  const [first, second] = words
  if (!first) return null
  const both = second && isTicketLabel(first.text) ? [`${first.text} ${second.text}`] : []
  for (const [at, said] of [first.text, ...both].entries())
    for (const text of [said.slice(0, 400), bare(said.slice(0, 400).normalize('NFKC'))]) {
      const value = ticketIn(policy, text)
      if (value !== null) return { value, length: at + 1 }
    }
  return null
}

/** Words that people copy along before an openid: `- `, `1. `, `用户 openid: `. */
const MOST_BEFORE = 3

/** Whether a word is only one of those and says nothing. */
const isCopiedAlong = (word: string) =>
  isOpenidLabel(bare(word)) ||
  /^(?:\S*open[_-]?id\S?|users?|the|for|to|up|用户|客户|给|为|\d{1,2}[.)）]|[^\p{L}\p{N}]*)[:：]?$/iu.test(
    word,
  )

/**
 * A text from its openid on: without a label copied from another screen (`openid: o…`), or the words around it in
 * `给o…发券`.
 * @returns `before`: words before the openid that say something
 */
export function withoutLabel(
  text: string,
  policy: Policy,
): { text: string; isLabelled: boolean; before: string } {
  const rest = afterLabel(text)
  if (rest !== null) return { ...openidApart(rest), isLabelled: true }
  const words = wordsOf(text.slice(0, 200))
  const at = words
    .slice(0, MOST_BEFORE + 1)
    .findIndex((word) => openidProblem(cleanOpenid(word.text)) === null)
  const isKnown = words.slice(0, Math.max(at, 0)).some((_, index) => {
    const rest = words.slice(index)
    return (
      find(rest, policy.stocks) ??
      find(rest, policy.reasons) ??
      findAmount(rest, policy) ??
      findTicket(rest, policy)
    )
  })
  if (at >= 0 && !isKnown && !isOfUnion(joined(words.slice(0, at)))) {
    const along = words.slice(0, at).filter(({ text }) => !isCopiedAlong(text))
    const apart = openidApart(after(text, words, at))
    return { ...apart, isLabelled: false, before: joined(along) + apart.before }
  }
  const [first, second] = words
  if (!first || !second || !isOpenidLabel(loosely(first.text))) return { text, isLabelled: false, before: '' }
  return { text: after(text, [first], 1), isLabelled: true, before: '' }
}

/**
 * Separates the openid at the beginning from words joined to it; an address or JSON around it counts as nothing said.
 */
function openidApart(text: string): { text: string; before: string } {
  const [word = ''] = /^\S{1,200}/.exec(text) ?? []
  const openid = cleanOpenid(word)
  const at = word.indexOf(openid)
  if (openidProblem(openid) !== null || at < 0 || /:\/\/|[{}=]/.test(word)) return { text, before: '' }
  const said = bare(word.slice(0, at))
  const rest = text.slice(at + openid.length).replace(/^["'`”’」』＂＇*~]+/, '')
  const isJoined = /^[^\s,;，；、]*[\p{L}\p{N}]/u.test(rest)
  return {
    text: isJoined ? `${openid} ${rest}` : text,
    before: isCopiedAlong(said) || afterLabel(word) !== null ? '' : said,
  }
}
