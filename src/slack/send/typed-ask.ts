import { cleanOpenid } from '../../domain/openid.ts'
import { MAX_NOTE, type Policy } from '../../domain/policy.ts'
import { cut, unescaped } from '../text.ts'

/** What was typed after `send`, as far as it was understood: it fills the form and decides nothing. */
export interface TypedAsk {
  openid: string | null
  /** Keys. */
  stock: string | null
  reason: string | null
  ticket: string | null
  note: string | null
}

/**
 * Reads `[openid] [stock] [reason] [ticket] [note…]`. Any part may be left out; stock and reason go by key or name,
 * a ticket is what fits the policy's pattern, and the rest is the note.
 */
export function parseTypedAsk(text: string, policy: Policy): TypedAsk {
  const words = split(unescaped(text))
  const take = <T>(found: { value: T; length: number } | null): T | null => {
    if (found) words.splice(0, found.length)
    return found?.value ?? null
  }
  const stockAt = () => find(words, policy.stocks)
  const reasonAt = () => find(words, policy.reasons)
  const ticketAt = () => {
    const word = words[0]
    if (!word || !policy.ticket?.pattern) return null
    return new RegExp(policy.ticket.pattern, 'u').test(word) ? { value: word, length: 1 } : null
  }
  const first = words[0]
  const leadsWithOpenid = first !== undefined && !stockAt() && !reasonAt() && !ticketAt()
  const openid = leadsWithOpenid ? take({ value: cleanOpenid(first), length: 1 }) : null
  const stock = take(stockAt())
  const reason = take(reasonAt())
  const ticket = take(ticketAt())
  const note = cut(words.join(' '), MAX_NOTE)
  return { openid: openid || null, stock, reason, ticket, note: note || null }
}

/** Reads `<openid> [stock]` after `list`; a stock that is not known is kept as typed, to be told of. */
export function parseTypedLookup(text: string, policy: Policy): { openid: string; stock: string | null } {
  const [first = '', ...rest] = split(unescaped(text))
  const stock = find(rest, policy.stocks)?.value ?? (rest.join(' ') || null)
  return { openid: cleanOpenid(first), stock }
}

const quoted = /"([^"]*)"|“([^”]*)”|「([^」]*)」|'([^']*)'|(\S+)/gu

/** The words of a text; what is in quotes is one. */
export function split(text: string): string[] {
  return [...text.matchAll(quoted)]
    .map((match) => match.slice(1).find((part) => part !== undefined) ?? '')
    .filter((word) => word !== '')
}

/** The entry whose key or name the words begin with; the longest of several. */
export function find(
  words: string[],
  entries: readonly { key: string; name: { en: string; 'zh-CN': string } }[],
): { value: string; length: number } | null {
  const plainly = (text: string) => split(text).join(' ').toLowerCase()
  const named = entries.flatMap(({ key, name }) =>
    [key, name.en, name['zh-CN']].map((spelling) => ({ key, spelling: plainly(spelling) })),
  )
  for (let length = words.length; length > 0; length--) {
    const said = plainly(words.slice(0, length).join(' '))
    const match = named.find(({ spelling }) => spelling === said)
    if (match) return { value: match.key, length }
  }
  return null
}
