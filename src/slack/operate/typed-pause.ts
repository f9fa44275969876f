import { type Policy, wordsForAll } from '../../domain/policy.ts'
import { cut, didYouMean } from '../../domain/text.ts'
import {
  after,
  find,
  joined,
  loosely,
  markApart,
  spellingsOf,
  type Word,
  wordsOf,
} from '../edge/typed-command.ts'

/** A stock's id has more digits than a number that begins a reason. */
const STOCK_ID = /^[0-9]{5,}$/

export interface TypedPause {
  /** A stock's key; null: everything. */
  stock: string | null
  /** As typed. */
  reason: string | null
  /**
   * Set if the first words may mean a coupon: the words, the nearest key, if any, and the rest. Nothing is paused
   * then.
   */
  unclear: { word: string; key: string | null; rest: string } | null
}

/**
 * Reads `[stock | all] [reason…]` after `pause`. A word that looks like a coupon but isn't one leads to a question: a
 * guess could pause everything, or leave the intended coupon running.
 */
export function parseTypedPause(text: string, policy: Policy): TypedPause {
  const named = whichOf(text, policy)
  const second = named?.stock ? anotherIn(named.rest, policy) : null
  if (named && second) {
    const word = cut(`${named.stock} ${second.key}`, 60)
    return {
      stock: null,
      reason: second.rest || null,
      unclear: { word, key: named.stock, rest: second.rest },
    }
  }
  if (named) return { stock: named.stock, reason: named.rest || null, unclear: null }
  const words = wordsOf(text)
  const [first] = words
  if (!first) return { stock: null, reason: text || null, unclear: null }
  const meant = meantStock(words, policy)
  const isUnclear = meant !== null || first.isQuoted || STOCK_ID.test(loosely(first.text))
  const at = meant?.at ?? 0
  const unclear = isUnclear
    ? {
        word: cut(joined(words.slice(0, at + 1)), 60),
        key: meant?.key ?? null,
        rest: after(text, words, at + 1),
      }
    : null
  return { stock: null, reason: text, unclear }
}

/** What a text begins with, a coupon or everything (`stock: null`), and the rest; null if it names neither. */
function whichOf(text: string, policy: Policy): { stock: string | null; rest: string } | null {
  for (const read of new Set([text, markApart(text)])) {
    const words = wordsOf(read)
    const stock = find(words, policy.stocks)
    if (stock) return { stock: stock.value, rest: after(read, words, stock.length) }
    if (words[0] && wordsForAll.has(loosely(words[0].text)))
      return { stock: null, rest: after(read, words, 1) }
  }
  return null
}

/**
 * A second coupon, with or without an "and" before it, and the rest: each coupon is paused and resumed by its own
 * command.
 */
function anotherIn(text: string, policy: Policy): { key: string; rest: string } | null {
  const rest = text.replace(/^(?:and\s|[&+和与及])\s*/iu, '')
  const words = wordsOf(rest)
  const stock = find(words, policy.stocks)
  return stock && { key: stock.value, rest: after(rest, words, stock.length) }
}

/** Reads `[stock | all]` after `resume`; an unknown name is kept as typed, so that it never stands for everything. */
export function parseTypedResume(text: string, policy: Policy): string | null {
  const named = whichOf(text, policy)
  if (named && !anotherIn(named.rest, policy)) return named.stock
  // Marks without a word don't mean everything.
  return text === '' ? null : cut(joined(wordsOf(text)) || text, 200)
}

/** Words that may come before a coupon's name: "the", "please stop". */
const MOST_BEFORE = 3
/** Shorter parts of names occur in many words. */
const isLong = (text: string) => text.length >= (/\p{Script=Han}/u.test(text) ? 2 : 4)

/** The stock that the first words may mean, and the index of the word. */
function meantStock(words: readonly Word[], policy: Policy): { key: string; at: number } | null {
  const near = nearStock(words, policy)
  if (near) return { key: near, at: 0 }
  const names = policy.stocks.flatMap(({ key, name, stockId }) =>
    [key, name.en, name['zh-CN'], stockId].map((spelling) => ({ key, spelling: loosely(spelling) })),
  )
  for (const [at, word] of words.slice(0, MOST_BEFORE).entries()) {
    const said = loosely(word.text)
    const found = names.find(
      ({ spelling }) => isWithin(spelling, said) || (at === 0 && isLong(said) && spelling.includes(said)),
    )
    if (found) return { key: found.key, at }
  }
  return null
}

/** Whether a name stands alone in a word, not within a longer run of letters or digits. */
function isWithin(name: string, word: string): boolean {
  const from = word.indexOf(name)
  if (name === '' || from < 0) return false
  const isJoined = (one: string | undefined, other: string | undefined) =>
    /^[a-z0-9]{2}$/.test(`${one ?? ''}${other ?? ''}`)
  const end = from + name.length
  return !isJoined(word[from - 1], name[0]) && !isJoined(name.at(-1), word[end])
}

/** The stock whose key, name, id or number the words may mean. */
function nearStock(words: readonly Word[], { stocks }: Policy): string | null {
  const first = loosely(words[0]?.text ?? '')
  const byId = stocks.find(({ stockId }) => stockId === first)
  if (byId) return byId.key
  const spellings = spellingsOf(stocks)
  const numbers: readonly string[] = first.match(/[0-9]+/g) ?? []
  const numbered = spellings.find(({ spelling }) =>
    spelling.match(/[0-9]+/g)?.some((number) => numbers.includes(number)),
  )
  for (const length of new Set(spellings.map(({ spelling }) => spelling.split(' ').length))) {
    const said = loosely(joined(words.slice(0, length)))
    const alike = spellings.filter(({ spelling }) => spelling.split(' ').length === length)
    const near =
      said === ''
        ? null
        : didYouMean(
            said,
            alike.map(({ spelling }) => loosely(spelling)),
          )
    const found = alike.find(({ spelling }) => loosely(spelling) === near)
    if (found) return found.key
  }
  return numbered?.key ?? null
}
