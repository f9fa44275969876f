import type { Card, Place } from '../domain/card.ts'
import type { Flag, Grant, GrantState } from '../domain/grant.ts'
import type { HoldKind, TrustFault } from '../domain/hold.ts'
import type { Usage } from '../domain/limit.ts'

/** What goes into the ledger and what comes out besides grants and cards. */

/** One call to WeChat Pay for a grant. Times are epoch ms. */
export interface Attempt {
  id: string
  grantId: string
  subject: string
  /** From 1, per grant. */
  number: number
  worker: string
  startedAt: number
  /** Null while it is under way. */
  endedAt: number | null
  /** Kind of the result; `lost` when a crash or a lapsed lease took the answer, `overtaken` when another attempt settled the grant. */
  outcome: string | null
  code: string | null
  requestId: string | null
  detail: string | null
  maybeExecuted: boolean
}

export interface AttemptEnd {
  outcome: string
  code?: string | null
  requestId?: string | null
  detail?: string | null
  /** Whether a coupon may exist though the outcome is not known. */
  maybeExecuted: boolean
}

/** What a verified answer to an attempt gave. */
export interface NewCoupon {
  grantId: string
  attemptId: string
  couponId: string
  /** Epoch ms; null: not known. */
  expiresAt: number | null
}

/** A grant and the attempt that was opened for it. */
export interface Claimed {
  grant: Grant
  attempt: Attempt
}

export interface NewHold {
  kind: HoldKind
  /** Of a stock's hold or pause, by what people call it. */
  stock?: { ref: string; key: string }
  reason: string
  message: string
  /** Of `untrusted-answers`: what does not fit, for which `message` is the remedy. */
  trust?: TrustFault
  by?: string
  /** ms after which the operators are told, if it is still open then; default: at once. */
  tellIn?: number
}

export type NewGrant = Pick<
  Grant,
  | 'openid'
  | 'appid'
  | 'mchid'
  | 'stockId'
  | 'stock'
  | 'stockName'
  | 'quota'
  | 'requester'
  | 'reason'
  | 'reasonName'
  | 'note'
  | 'ticket'
  | 'foundBy'
  | 'source'
  | 'expiresAt'
  | 'policyHash'
  | 'approvalsNeeded'
  | 'approvalChannel'
  | 'approvedByRule'
  | 'approvalReason'
  | 'issueBy'
> & {
  /** The day of the ask, as 20261124, in the policy's time zone: on it the grant counts in limits. */
  day: number
  state: 'pending' | 'approved'
  /** Unique: the form that the ask came from. */
  submission: string
  /** When approvers are reminded of a pending one. */
  remindAt: number | null
  /** When more people decide it. */
  escalateAt: number | null
  /** The grant whose place it takes, for the trail; left out: none. */
  instead?: string | null
}

export type NewCard = Pick<Card, 'kind' | 'recipient' | 'language' | 'place'>

/** Facts that change with or without a step; what is left out stays. */
export interface GrantChange {
  flag?: Flag | null
  /** Kept when it is set already. */
  maybeExecutedAt?: number
  couponId?: string
  couponExpiresAt?: number | null
  issuedAt?: number
  refusal?: { code: string; message: string; requestId: string | null }
  issueBy?: number
  /** `code`: why, where no person gives a reason. */
  ended?: { by: string; code?: string }
  /** What a person typed at its end; told by the step's line too. */
  said?: string | null
  remindAt?: number | null
  escalateAt?: number | null
  strandedAt?: number | null
  /** ms from now by the database's clock until the grant is claimed again; null: never by itself. */
  dueIn?: number | null
}

/** Whose or what's share of a limit: grants that hold a place, asked for on the day `from` (as 20261124) or later. */
export interface UsageOf {
  by: { openid: string } | { requester: string } | { stockRef: string }
  /** Of a requester: only those that this rule approved. */
  rule?: string
  from: number
}

/** What a limit's owner took on one day. */
export interface UsageOfDay extends Usage {
  owner: string
  day: number
}

/** Grants of a person, of a user, or those that a number of theirs tells; a coupon's id and a number tell one at most. */
export type GrantsOf =
  | { requester: string }
  | { openid: string }
  | { ticket: string }
  | { couponId: string }
  | { sendRequestNo: string }

/** Which grants of somebody are listed, the newest first. */
export interface Page {
  of: GrantsOf
  offset: number
  limit: number
}

/** How a card was drawn: the grant's version that it shows, and where it is; or that nothing is left to draw on. */
export type Drawn = {
  version: number
  /** The state that it shows; left out: nobody sees it, as the view was closed. */
  shows?: GrantState
} & ({ place: Place /** A new message, not a change of one. */; posted?: boolean } | { gone: true })
