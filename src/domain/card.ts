import type { Language } from './policy.ts'

/** Where a card is: a message, or a view that may still be open. */
export type Place = { channel: string; ts: string } | { viewId: string }

/** A Slack message or view that shows a grant; a projection of the ledger, never a source. */
export interface Card {
  id: string
  grantId: string
  /** `view`: the modal after its submission; `dm`: the requester's lasting message; `approval`: what approvers see. */
  kind: 'view' | 'dm' | 'approval'
  /** Slack user id; of `approval` the channel. */
  recipient: string
  language: Language
  /** Null until the first post is known to have succeeded. */
  place: Place | null
  /** How often drawing was begun; above 0 without a place, an earlier post may exist. */
  tries: number
}

/** Whether both are the same message. */
export function isSamePlace(one: Place, other: Place): boolean {
  return 'ts' in one && 'ts' in other && one.channel === other.channel && one.ts === other.ts
}
