import type { FoundBy } from './customer.ts'
import type { ApprovalReason } from './policy.ts'
import type { Named } from './text.ts'

/** A grant: one ask to give one coupon of one stock to one user, from the ask to its end. */

export const grantStates = [
  'pending',
  'approved',
  'issuing',
  'issued',
  'refused',
  'rejected',
  'cancelled',
  'expired',
] as const
export type GrantState = (typeof grantStates)[number]

/**
 * The only steps there are. `release` takes back an attempt that can't have been executed; `issuing` has no way to
 * `cancelled`, since a coupon may exist by then. `correct` is the only way out of an end: a verified answer with a coupon
 * that comes after people had settled that there is none.
 */
const steps = {
  approve: { from: ['pending'], to: 'approved' },
  reject: { from: ['pending'], to: 'rejected' },
  expire: { from: ['pending'], to: 'expired' },
  cancel: { from: ['pending', 'approved'], to: 'cancelled' },
  claim: { from: ['approved'], to: 'issuing' },
  issue: { from: ['issuing'], to: 'issued' },
  refuse: { from: ['issuing'], to: 'refused' },
  release: { from: ['issuing'], to: 'approved' },
  correct: { from: ['refused'], to: 'issued' },
} as const satisfies Record<string, { from: readonly GrantState[]; to: GrantState }>

export type GrantStep = keyof typeof steps
export const grantSteps = Object.keys(steps) as GrantStep[]

/** From which states a step may be taken, and where it leads. */
export function stepOf(step: GrantStep): { from: readonly GrantState[]; to: GrantState } {
  return steps[step]
}

/** States that hold their place in every limit: all but those that ended without a coupon. */
export const reservingStates = ['pending', 'approved', 'issuing', 'issued'] as const satisfies GrantState[]
/** States in which something is still to come. */
export const openStates = ['pending', 'approved', 'issuing'] as const satisfies GrantState[]

/** The reason, as the ledger keeps it, of what its requester cancelled by asking anew with other values. */
export const CORRECTED = 'corrected'

/** Whether nothing can have been sent for it yet, so that it can still be cancelled or corrected. */
export function canBeCancelled(state: GrantState): boolean {
  return (steps.cancel.from as readonly GrantState[]).includes(state)
}

/** Whether a grant in this state holds its place in every limit. */
export function isReserving(state: GrantState): boolean {
  return (reservingStates as readonly GrantState[]).includes(state)
}

export function isOpen(state: GrantState): boolean {
  return (openStates as readonly GrantState[]).includes(state)
}

/** Whether WeChat Pay may have given a coupon for it of which nothing is recorded yet. */
export function mayHoldUnknownCoupon({
  state,
  couponId,
  maybeExecutedAt,
}: Pick<Grant, 'state' | 'couponId' | 'maybeExecutedAt'>): boolean {
  return couponId === null && (state === 'issuing' || (state === 'approved' && maybeExecutedAt !== null))
}

/**
 * Facts about an open grant that are not states.
 * `checking`: an attempt's outcome is unknown and the app goes on asking by itself.
 * `needs-look`: the app can't settle it alone; people must look.
 */
export type Flag = { kind: 'checking' | 'needs-look'; at: number } & Doubt

const plainDoubts = [
  'no-answer',
  'untrusted',
  'unexpected',
  'lost',
  'restored',
  'ALREADY_EXISTS',
  'RESOURCE_ALREADY_EXISTS',
] as const
type PlainDoubt = (typeof plainDoubts)[number]

/** Why the app can't tell how a grant ended. */
export type Doubt =
  | { reason: PlainDoubt }
  /** WeChat Pay's code, with which it refused what came after an attempt of unknown outcome. */
  | { reason: 'setup' | 'refused-after-unknown'; code: string }
  | { reason: 'coupon-of-another'; grantId: string }
  /** `last`: what it waited for. */
  | { reason: 'no-outcome-in-24h'; last: Doubt }
  /** Not executed, with the transport's word for it. */
  | { reason: 'other'; code: string }

/** As one word, for the ledger, the log and the command line: `readDoubt` reads it again. */
export function doubtText(doubt: Doubt): string {
  switch (doubt.reason) {
    case 'setup':
    case 'refused-after-unknown':
      return `${doubt.reason}:${doubt.code}`
    case 'coupon-of-another':
      return `${doubt.reason}:${doubt.grantId}`
    case 'no-outcome-in-24h':
      return `${doubt.reason}:${doubtText(doubt.last)}`
    case 'other':
      return doubt.code
    default:
      return doubt.reason
  }
}

/** Reads what `doubtText` wrote; what it doesn't know stays whole, as `other`. */
export function readDoubt(text: string): Doubt {
  const plain = plainDoubts.find((reason) => reason === text)
  if (plain) return { reason: plain }
  const [, reason, detail = ''] = /^([^:]+):(.*)$/s.exec(text) ?? []
  switch (reason) {
    case 'setup':
    case 'refused-after-unknown':
      return { reason, code: detail }
    case 'coupon-of-another':
      return { reason, grantId: detail }
    case 'no-outcome-in-24h':
      return { reason, last: readDoubt(detail) }
    default:
      return { reason: 'other', code: text }
  }
}

/** What one approver said to a grant. */
export interface Decision {
  grantId: string
  /** Slack user id. */
  approver: string
  /** `lapsed`: an approval that does not count any more, as who gave it is no approver now. */
  kind: 'approve' | 'reject' | 'lapsed'
  reason: string | null
  at: number
  /** The approver in whose place it was said, while that one was away; left out: for themselves. */
  standsFor?: string
}

export interface Grant {
  /** ULID. */
  id: string
  /** The number under which WeChat Pay issues at most once; fixed when the grant is recorded. */
  sendRequestNo: string
  /** The ledger's id of the user. */
  subject: string
  /** Empty once the person was erased. */
  openid: string
  appid: string
  mchid: string
  stockId: string
  /** The stock's short name in the policy at the ask. */
  stock: string
  stockName: Named
  /** Fen. */
  quota: number
  /** Slack user id. */
  requester: string
  reason: string
  reasonName: Named
  note: string | null
  ticket: string | null
  /** How the user was found; null: by the openid. */
  foundBy: FoundBy | null
  /** The message that the ask began with: its address in Slack. */
  source: string | null
  state: GrantState
  /** Epoch ms, as every time here. */
  createdAt: number
  /** When the last step was taken. */
  stateAt: number
  /** When a pending grant expires. */
  expiresAt: number | null
  policyHash: string
  approvalsNeeded: number
  /** Where approvers are asked; null for a grant that the policy approved by itself. */
  approvalChannel: string | null
  /** Name of the policy's rule that approved it; null where people decide. */
  approvedByRule: string | null
  /** Why people decide it; null for a grant that the policy approved by itself. */
  approvalReason: ApprovalReason | null
  /** When an approved grant that could not be issued is cancelled. */
  issueBy: number | null
  /** Of a pending grant: since when nobody who may decide it can be reached; null: somebody can. */
  strandedAt: number | null
  /** How it was rejected, cancelled or expired. `by`: Slack user id, or `app` or `policy`. */
  ended: {
    by: string
    reason: string | null
    /** A reason of the policy's, as it was called then; `reason` is what was added to it. */
    named?: Named
    /** Its requester asked anew instead, with other values. */
    isCorrected?: true
  } | null
  /** Why it waits: WeChat Pay's code, `untrusted-answers`, or `same-user` (another grant must be settled first). */
  hold: { reason: string; at: number } | null
  flag: Flag | null
  /** Of a pending grant: Slack takes no messages where approvers are asked, so that nobody was asked yet. */
  notAsked?: { operatorsTold: boolean }
  attempts: number
  /** Of the first attempt that was not taken back by a `release`. */
  firstAttemptAt: number | null
  /** When an attempt first ended with an unknown outcome; never cleared. */
  maybeExecutedAt: number | null
  couponId: string | null
  couponExpiresAt: number | null
  issuedAt: number | null
  refusal: { code: string; message: string; requestId: string | null } | null
  /** Counts the grant's events; a card that has drawn a lower one is stale. */
  version: number
}

/** What people have found out about a grant whose outcome the app can't tell. */
export type Verdict = { kind: 'issued'; couponId: string } | { kind: 'not-issued' }

/** An operator says how a grant ended, and a second person confirms it. */
export interface Settlement {
  /** ULID. */
  id: string
  grantId: string
  verdict: Verdict
  /** How it is known, in the operator's words. */
  evidence: string
  /** Slack user id, or `cli:NAME` for the command line, as `ended.by`. */
  proposedBy: string
  /** Epoch ms. */
  proposedAt: number
  /** `withdrawn`: by an operator, or by the app when the grant ended otherwise. Null: it waits for a second person. */
  ended: { by: string; at: number; outcome: 'confirmed' | 'withdrawn' } | null
}

export const MAX_EVIDENCE = 500
/** Told as the code of a refusal that people found out, not WeChat Pay. */
export const SETTLED_NOT_ISSUED = 'SETTLED_NOT_ISSUED'
