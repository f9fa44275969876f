import { nearest } from '../../domain/nearest.ts'
import type { Policy } from '../../domain/policy.ts'
import { find, split } from '../send/typed-ask.ts'
import { cut, unescaped } from '../text.ts'

const MAX_REASON = 500

export interface TypedPause {
  /** Key; null: everything. */
  stock: string | null
  reason: string | null
  /** The first word may have been meant as a coupon: what was typed, and its key. */
  nearly: { word: string; key: string } | null
}

/**
 * Reads `[stock] [reason…]` after `pause`. A word that is only nearly a coupon is part of the reason, and everything is
 * paused: too much of a pause keeps some people waiting, too little gives money away.
 */
export function parseTypedPause(text: string, policy: Policy): TypedPause {
  const words = split(unescaped(text))
  const stock = find(words, policy.stocks)
  const reason = cut(words.slice(stock?.length ?? 0).join(' '), MAX_REASON) || null
  if (stock) return { stock: stock.value, reason, nearly: null }
  const [word = ''] = words
  const keys = policy.stocks.map(({ key }) => key)
  const key = word === '' ? null : nearest(word, keys)
  return { stock: null, reason, nearly: key === null ? null : { word, key } }
}

/** Reads `[stock]` after `resume`; what is not known is kept as typed, so that it never stands for everything. */
export function parseTypedResume(text: string, policy: Policy): string | null {
  const words = split(unescaped(text))
  return find(words, policy.stocks)?.value ?? (words.join(' ') || null)
}
