import { nearest } from '../../domain/nearest.ts'
import type { Policy } from '../../domain/policy.ts'
import { cut } from '../text.ts'
import { after, find, joined, loosely, spellingsOf, type Word, wordsOf } from '../typed-text.ts'

const MAX_REASON = 500
/** Ids of stocks have more digits than a figure that begins a reason. */
const STOCK_ID = /^[0-9]{5,}$/
const everything = new Set(['all', 'everything', '全部', '所有', '一切'])

export interface TypedPause {
  /** Key; null: everything. */
  stock: string | null
  /** As it was typed. */
  reason: string | null
  /** The first word may have been meant as a coupon: what was typed, the key, if one is near, and what followed. Nothing is paused then. */
  unclear: { word: string; key: string | null; rest: string } | null
}

/**
 * Reads `[stock | all] [reason…]` after `pause`. What looks like a coupon and is none is asked back: it would pause
 * everything for all users, or leave the coupon that was meant.
 */
export function parseTypedPause(text: string, policy: Policy): TypedPause {
  const words = wordsOf(text)
  const reasonAfter = (count: number) => cut(after(text, words, count), MAX_REASON) || null
  const stock = find(words, policy.stocks)
  if (stock) return { stock: stock.value, reason: reasonAfter(stock.length), unclear: null }
  const [first] = words
  if (!first) return { stock: null, reason: null, unclear: null }
  if (everything.has(loosely(first.text))) return { stock: null, reason: reasonAfter(1), unclear: null }
  const key = nearStock(words, policy)
  const isUnclear = key !== null || first.isQuoted || STOCK_ID.test(loosely(first.text))
  const unclear = isUnclear ? { word: cut(first.text, 60), key, rest: after(text, words, 1) } : null
  return { stock: null, reason: reasonAfter(0), unclear }
}

/** Reads `[stock | all]` after `resume`; what is not known is kept as typed, so that it never stands for everything. */
export function parseTypedResume(text: string, policy: Policy): string | null {
  const words = wordsOf(text)
  const stock = find(words, policy.stocks)
  if (stock) return stock.value
  const [first] = words
  if (!first || everything.has(loosely(first.text))) return null
  return cut(joined(words), 200)
}

/** The stock whose key, name, id or number the words may have meant. */
function nearStock(words: readonly Word[], { stocks }: Policy): string | null {
  const first = loosely(words[0]?.text ?? '')
  const byId = stocks.find(({ stockId }) => stockId === first)
  if (byId) return byId.key
  const spellings = spellingsOf(stocks)
  const number = /^[¥$]?([0-9]+)(?:元|块|yuan)?$/.exec(first)?.[1]
  if (number !== undefined) {
    const numbered = spellings.find(({ spelling }) => spelling.match(/[0-9]+/g)?.includes(number))
    return numbered?.key ?? null
  }
  for (const length of new Set(spellings.map(({ spelling }) => spelling.split(' ').length))) {
    const said = loosely(joined(words.slice(0, length)))
    const alike = spellings.filter(({ spelling }) => spelling.split(' ').length === length)
    const near =
      said === ''
        ? null
        : nearest(
            said,
            alike.map(({ spelling }) => loosely(spelling)),
          )
    const found = alike.find(({ spelling }) => loosely(spelling) === near)
    if (found) return found.key
  }
  return null
}
