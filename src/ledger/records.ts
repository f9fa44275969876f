import type { Card, Place } from '../domain/card.ts'
import type { Flag, Grant, GrantState } from '../domain/grant.ts'
import type { HoldKind, TrustFault } from '../domain/hold.ts'
import type { Usage } from '../domain/limit.ts'

/** What goes into and comes out of the ledger, besides grants and cards. */

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
  /**
   * The result's kind; `lost`: a crash or an expired lease took the answer; `overtaken`:
   * another attempt settled the grant.
   */
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
  /** Whether a coupon may exist although the outcome is unknown. */
  maybeExecuted: boolean
}

/** The coupon that a verified answer to an attempt gave. */
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
  /** For the hold or pause of a stock; `key`: what people call it. */
  stock?: { ref: string; key: string }
  reason: string
  message: string
  /** For `untrusted-answers`: the mismatch whose remedy is `message`. */
  trust?: TrustFault
  by?: string
  /** ms after which to tell the operators, if it is still open; default: at once. */
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
  /** The day of the ask in the policy's time zone, as 20261124: the grant counts in limits on it. */
  day: number
  state: 'pending' | 'approved'
  /** Unique: the id of the form that the ask came from. */
  submission: string
  /** When to remind the approvers of a pending grant. */
  remindAt: number | null
  /** When more people may decide it. */
  escalateAt: number | null
  /** The grant that it replaces, for the trail; left out: none. */
  instead?: string | null
}

export type NewCard = Pick<Card, 'kind' | 'recipient' | 'language' | 'place'>

/** Facts that change with or without a step; those left out stay as they are. */
export interface GrantChange {
  flag?: Flag | null
  /** Ignored if it is already set. */
  maybeExecutedAt?: number
  couponId?: string
  couponExpiresAt?: number | null
  issuedAt?: number
  refusal?: { code: string; message: string; requestId: string | null }
  issueBy?: number
  /** `code`: the reason, if no person gives one. */
  ended?: { by: string; code?: string }
  /** What a person typed when it ended; the step's line in the trail holds it too. */
  said?: string | null
  remindAt?: number | null
  escalateAt?: number | null
  strandedAt?: number | null
  /** ms from now by the database's clock until the grant is claimed again; null: never by itself. */
  dueIn?: number | null
}

/**
 * The owner whose usage is counted: grants that hold a place and were asked for on day `from` (as 20261124) or later.
 */
export interface UsageOf {
  by: { openid: string } | { requester: string } | { stockRef: string }
  /** For a requester: only grants that this rule approved. */
  rule?: string
  from: number
}

/** What a limit's owner used on one day. */
export interface UsageOfDay extends Usage {
  owner: string
  day: number
}

/** Grants of a person or a user, or found by a number; a coupon's id and a `send_request_no` find one at most. */
export type GrantsOf =
  | { requester: string }
  | { openid: string }
  | { ticket: string }
  | { couponId: string }
  | { sendRequestNo: string }

/** A page of somebody's grants, newest first. */
export interface Page {
  of: GrantsOf
  offset: number
  limit: number
}

/** How a card was drawn: the grant's version that it shows, and its place; or that nothing is left to draw on. */
export type Drawn = {
  version: number
  /** The state that it shows; left out: nobody sees it, because the view was closed. */
  shows?: GrantState
} & ({ place: Place /** A new message, not a change of one. */; posted?: boolean } | { gone: true })
