import type { LimitKind } from './limit.ts'
import type { Person } from './permissions.ts'
import { findStock, type Policy, type Role } from './policy.ts'
import { readPattern } from './text.ts'
import { type OpenidProblem, openidProblem } from './wechatpay-ids.ts'

/** What a person asks for. */
export interface Ask {
  /** Cleaned. */
  openid: string
  /** Key of the stock. */
  stock: string
  /** Key of the reason. */
  reason: string
  note: string | null
  ticket: string | null
  /** Address in Slack of the message that it is about. */
  source?: string
}

export const MAX_NOTE = 500
export const MAX_TICKET = 100

/** Everything wrong with an ask's form, each with its field. */
export function askProblems(policy: Policy, ask: Ask): { field: keyof Ask; refusal: Refusal }[] {
  const problems: { field: keyof Ask; refusal: Refusal }[] = []
  const openid = openidProblemOf(policy, ask.openid)
  if (openid) problems.push({ field: 'openid', refusal: { code: 'openid-malformed', problem: openid } })
  if (!findStock(policy, ask.stock))
    problems.push({ field: 'stock', refusal: { code: 'stock-unknown', stock: ask.stock } })
  const reason = policy.reasons.find(({ key }) => key === ask.reason)
  if (!reason) problems.push({ field: 'reason', refusal: { code: 'reason-unknown', reason: ask.reason } })
  if (reason?.noteRequired && !ask.note?.trim())
    problems.push({ field: 'note', refusal: { code: 'note-missing' } })
  if (ask.note && ask.note.length > MAX_NOTE)
    problems.push({
      field: 'note',
      refusal: { code: 'note-too-long', length: ask.note.length, max: MAX_NOTE },
    })
  const ticket = ticketProblem(policy, ask.ticket)
  if (ticket) problems.push({ field: 'ticket', refusal: ticket })
  return problems
}

/** Why a cleaned text isn't an openid here, or null. */
export function openidProblemOf(
  { openid: pattern }: Pick<Policy, 'openid'>,
  text: string,
): OpenidProblem | null {
  return openidProblem(text, pattern === null ? null : { pattern, ...readPattern(pattern) })
}

function ticketProblem(policy: Policy, ticket: string | null): Refusal | null {
  if (!ticket) return policy.ticket?.required ? { code: 'ticket-missing' } : null
  return fitsTicket(policy, ticket)
    ? null
    : {
        code: 'ticket-malformed',
        pattern: policy.ticket?.pattern ?? '.*',
        example: policy.ticket?.example ?? null,
      }
}

/** Whether a text can be a ticket: short, and matching the policy's pattern. */
export function fitsTicket({ ticket: wanted }: Pick<Policy, 'ticket'>, text: string): boolean {
  if (text.length > MAX_TICKET) return false
  return !wanted?.pattern || readPattern(wanted.pattern).finds(text)
}

/** Longer than any address of a ticket. */
const MAX_READ = 400

/** What people write before a ticket; if a ticket can be anything, only with a colon or equals sign after it. */
const LABEL = /^(?:ticket|工单[编号]*)[\s:=#]*/iu
const LABEL_WITH_MARK = /^(?:ticket|工单[编号]*)\s*[:=]\s*/iu
const ADDRESS = /^https?:\/\//i

const readable = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()

/**
 * Normalises a ticket, wherever it was typed: plain characters, no label, only the ticket from a pasted address, and
 * capitals if only they fit the policy. A text that can't be read this way stays as it is.
 */
export function readTicket({ ticket: wanted }: Pick<Policy, 'ticket'>, text: string): string {
  if (!wanted || text.length > MAX_READ) return text
  const policy = { ticket: wanted }
  const plain = readable(text)
  const ticket = (ADDRESS.test(plain) ? inAddress(policy, plain) : null) ?? plain
  if (!wanted.pattern) return ticket.replace(LABEL_WITH_MARK, '')
  const spellings = [ticket.replace(LABEL, ''), ticket, ticket.replace(/^#\s*/, '')]
    .flatMap((one) => [one, one.replace(/[‐‑‒–—―−]/g, '-')])
    .flatMap((one) => [one, one.toUpperCase(), one.toLowerCase()])
  return [...spellings, text].find((one) => fitsTicket(policy, one)) ?? ticket
}

/** The ticket that a text mentions, or null. If a ticket can be anything, only its address or a label marks it. */
export function ticketIn(policy: Pick<Policy, 'ticket'>, text: string): string | null {
  const { ticket: wanted } = policy
  if (!wanted) return null
  const ticket = readTicket(policy, text)
  if (ticket === '' || !fitsTicket(policy, ticket)) return null
  if (wanted.pattern) return ticket
  const isLabelled = LABEL_WITH_MARK.test(readable(text)) && /\d/.test(ticket)
  return (ADDRESS.test(text) || isLabelled) && ticket !== text ? ticket : null
}

/** Whether a word says that a ticket follows. */
export function isTicketLabel(word: string): boolean {
  return word !== '' && readable(word).replace(LABEL, '') === ''
}

/** The ticket in an address: by the policy's ticket address; otherwise the last part that fits the pattern as a whole. */
function inAddress({ ticket: wanted }: Pick<Policy, 'ticket'>, address: string): string | null {
  const [before = '', after = ''] = wanted?.url?.split('{id}') ?? []
  if (before !== '' && address.toLowerCase().startsWith(before.toLowerCase())) {
    const rest = address.slice(before.length)
    const end = after === '' ? -1 : rest.indexOf(after)
    const id = decoded(end < 0 ? (rest.split(/[/?#&]/)[0] ?? '') : rest.slice(0, end))
    if (id !== '') return id
  }
  if (!wanted?.pattern) return null
  const pattern = readPattern(wanted.pattern)
  const parts = (address.split(/[?#]/)[0] ?? '').split('/').slice(3).map(decoded)
  return parts.findLast((part) => part !== '' && pattern.fits(part)) ?? null
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Why the app doesn't do something; each has words in the catalogue. */
export type Refusal =
  | { code: 'not-a-member'; standing: Exclude<Person['standing'], 'member'> }
  | { code: 'roles-unknown' }
  /** Slack no longer accepts the app's token. */
  | { code: 'cut-off' }
  | { code: 'role-missing'; role: Role }
  | { code: 'openid-malformed'; problem: OpenidProblem }
  | { code: 'stock-unknown'; stock: string }
  | { code: 'reason-unknown'; reason: string }
  | { code: 'note-missing' }
  | { code: 'note-too-long'; length: number; max: number }
  | { code: 'ticket-missing' }
  /** `example`: what to show people instead of the pattern; null: the policy has none. */
  | { code: 'ticket-malformed'; pattern: string; example: string | null }
  | {
      code: 'limit-reached'
      limit: LimitKind
      measure: 'count' | 'quota'
      used: number
      max: number
      /** What this ask would add. */
      adding: number
      days: number
    }
  | { code: 'own-grant' }
  /** A person who decides nothing can't have a stand-in or be one. */
  | { code: 'no-decider'; who: 'you' | 'person' | 'stand-in'; id: string }
  | { code: 'own-stand-in' }
  /** The absence ends in the past, or is longer than allowed. */
  | { code: 'absence-time'; days: number }
  /** The grant to correct is being issued, or has ended. */
  | { code: 'not-correctable' }
  /** The grant waits, but the policy no longer offers its stock. */
  | { code: 'stock-left'; stock: string }
  | { code: 'why-missing' }
  /** Fewer people than needed could decide it. */
  | { code: 'no-approvers'; needed: number; reachable: number }
  /** Slack didn't say in time who could decide it. */
  | { code: 'approvers-unknown' }
  /** Slack didn't say in time whether the earlier approvers still are approvers. */
  | { code: 'earlier-approvers-unknown' }
  /** Slack didn't say in time whether the proposer still is an operator. */
  | { code: 'proposer-unknown' }
  | { code: 'channel-unusable'; channel: string; why: ChannelProblem }
  /** The proposer of a settlement can't confirm it. */
  | { code: 'own-settlement' }
  /** The openid was erased, so nobody knows it any more. */
  | { code: 'erased' }
  /** The person who asked for an erasure can't confirm it. */
  | { code: 'own-erasure' }
  /** Slack didn't say in time whether the person who asked still is an auditor. */
  | { code: 'asker-unknown' }
  | { code: 'evidence-missing' }
  | { code: 'evidence-too-long'; length: number; max: number }
  | { code: 'coupon-id-malformed' }
  /** The coupon belongs to another grant. */
  | { code: 'coupon-taken'; grantId: string }
  | { code: 'lookups-reached'; max: number /** ms */; per: number /** epoch ms */; againAt: number }

/** Why the app can't ask approvers in a channel. */
export type ChannelProblem = 'not-joined' | 'shared' | 'archived' | 'unreadable'
