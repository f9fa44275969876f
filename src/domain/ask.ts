import { type OpenidProblem, openidProblem } from './openid.ts'
import { readPattern } from './pattern.ts'
import { findStock, type Policy } from './policy.ts'
import type { Refusal } from './refusal.ts'

/** What a person asks for. */
export interface Ask {
  /** Cleaned. */
  openid: string
  /** Key. */
  stock: string
  /** Key. */
  reason: string
  note: string | null
  ticket: string | null
}

export const MAX_NOTE = 500
export const MAX_TICKET = 100

/** Everything wrong with the form of an ask, each with the field it belongs to. */
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

/** Why a cleaned text is no openid here, or null. */
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
    : { code: 'ticket-malformed', pattern: policy.ticket?.pattern ?? '.*' }
}

/** Whether a text can be a ticket: short, and as the policy's pattern wants it. */
export function fitsTicket({ ticket: wanted }: Pick<Policy, 'ticket'>, text: string): boolean {
  if (text.length > MAX_TICKET) return false
  return !wanted?.pattern || readPattern(wanted.pattern).finds(text)
}
