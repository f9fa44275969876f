import type { GrantState } from './grant.ts'
import type { Language } from './text.ts'

/** The place of a card: a message, or a view that may still be open. */
export type Place =
  /** `replaces`: an earlier message that can't be changed any more stays beside it. */
  { channel: string; ts: string; replaces?: true } | { viewId: string }

/** A Slack message or view that shows a grant; a projection of the ledger, never a source. */
export interface Card {
  id: string
  grantId: string
  /** `view`: the modal after its submission; `dm`: the requester's lasting message; `approval`: what approvers see. */
  kind: 'view' | 'dm' | 'approval'
  /** Slack user id; for `approval`, the channel. */
  recipient: string
  language: Language
  /** Null until a post is known to have succeeded. */
  place: Place | null
  /** The state that it shows; null: none yet. */
  shown: GrantState | null
  /** How many drawings began; above 0 without a place, an earlier post may exist. */
  tries: number
}

/** Stands for all direct messages where a channel is named. */
export const DIRECT_MESSAGES = 'direct-messages'

/** A channel in which Slack takes no messages from this app until somebody changes something. */
export interface ClosedChannel {
  /** Slack's channel id, or `direct-messages`. */
  channel: string
  /** Slack's error code, e.g. `not_in_channel`. */
  code: string
  since: number
  operatorsTold: boolean
  /** Messages that wait for it. */
  waiting: number
  /** How many of these are asks that no approver has seen. */
  asks: number
}

/** Whether both are the same message. */
export function isSamePlace(one: Place, other: Place): boolean {
  return 'ts' in one && 'ts' in other && one.channel === other.channel && one.ts === other.ts
}
