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
 * The only steps there are. `release` takes back an attempt that can't have been executed. No step leads from `issuing`
 * to `cancelled`, because a coupon may exist by then. `correct` is the only way out of an end: a verified answer brings
 * a coupon after people had settled that there is none.
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

/** The states that allow a step, and the state that it leads to. */
export function stepOf(step: GrantStep): { from: readonly GrantState[]; to: GrantState } {
  return steps[step]
}

/** States that hold their place in every limit: all except those that end without a coupon. */
export const reservingStates = ['pending', 'approved', 'issuing', 'issued'] as const satisfies GrantState[]
/** States in which something is still to come. */
export const openStates = ['pending', 'approved', 'issuing'] as const satisfies GrantState[]

/** The reason that the ledger records when a requester cancels a grant by asking again with other values. */
export const CORRECTED = 'corrected'

/** Whether nothing can have been sent yet, so that the grant can still be cancelled or corrected. */
export function canBeCancelled(state: GrantState): boolean {
  return (steps.cancel.from as readonly GrantState[]).includes(state)
}

/** Whether a grant in this state holds its place in every limit. */
export function isReserving(state: GrantState): boolean {
  return (reservingStates as readonly GrantState[]).includes(state)
}

/** Whether something is still to come for a grant in this state. */
export function isOpen(state: GrantState): boolean {
  return (openStates as readonly GrantState[]).includes(state)
}

/** Whether WeChat Pay may have given a coupon that the ledger doesn't know about. */
export function mayHoldUnknownCoupon({
  state,
  couponId,
  maybeExecutedAt,
}: Pick<Grant, 'state' | 'couponId' | 'maybeExecutedAt'>): boolean {
  return couponId === null && (state === 'issuing' || (state === 'approved' && maybeExecutedAt !== null))
}

/**
 * Facts about an open grant that are not states.
 * `checking`: the outcome of an attempt is unknown and the app keeps asking by itself.
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
  /** The code with which WeChat Pay refused a later attempt, after one with an unknown outcome. */
  | { reason: 'setup' | 'refused-after-unknown'; code: string }
  | { reason: 'coupon-of-another'; grantId: string }
  /** `last`: the doubt that the grant had before. */
  | { reason: 'no-outcome-in-24h'; last: Doubt }
  /** Not executed; the code is the transport's word for it. */
  | { reason: 'other'; code: string }

/** A doubt as one word, for the ledger, the log and the command line; `readDoubt` reads it back. */
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

/** Reads what `doubtText` wrote. Text that it doesn't know stays whole, as `other`. */
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

/** One approver's decision on a grant. */
export interface Decision {
  grantId: string
  /** Slack user id. */
  approver: string
  /** `lapsed`: an approval that no longer counts, because its giver is no longer an approver. */
  kind: 'approve' | 'reject' | 'lapsed'
  reason: string | null
  at: number
  /** The absent approver for whom this person decided; left out: for themselves. */
  standsFor?: string
}

export interface Grant {
  /** ULID. */
  id: string
  /** The number under which WeChat Pay issues at most one coupon; fixed when the grant is recorded. */
  sendRequestNo: string
  /** The ledger's id of the user. */
  subject: string
  /** Empty once the person has been erased. */
  openid: string
  appid: string
  mchid: string
  stockId: string
  /** The stock's short name in the policy at the time of the ask. */
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
  /** The address in Slack of the message that the ask began with. */
  source: string | null
  state: GrantState
  /** Epoch ms, like every time here. */
  createdAt: number
  /** When the last step was taken. */
  stateAt: number
  /** When a pending grant expires. */
  expiresAt: number | null
  policyHash: string
  approvalsNeeded: number
  /** The channel in which approvers are asked; null for a grant that the policy approved by itself. */
  approvalChannel: string | null
  /** Name of the policy's rule that approved it; null if people decide. */
  approvedByRule: string | null
  /** Why people decide it; null for a grant that the policy approved by itself. */
  approvalReason: ApprovalReason | null
  /** When the app cancels an approved grant that it couldn't issue. */
  issueBy: number | null
  /** For a pending grant: since when too few of its approvers can be reached; null: enough can. */
  strandedAt: number | null
  /** How it was rejected, cancelled or expired. `by`: Slack user id, or `app` or `policy`. */
  ended: {
    by: string
    reason: string | null
    /** One of the policy's reasons, by its name at that time; `reason` is what the person added. */
    named?: Named
    /** Its requester asked again with other values. */
    isCorrected?: true
  } | null
  /** Why it waits: WeChat Pay's code, `untrusted-answers`, or `same-user` (another grant must be settled first). */
  hold: { reason: string; at: number } | null
  flag: Flag | null
  /** For a pending grant: Slack takes no messages where approvers are asked, so nobody was asked yet. */
  notAsked?: { operatorsTold: boolean }
  attempts: number
  /** Time of the first attempt that no `release` took back. */
  firstAttemptAt: number | null
  /** When an attempt first ended with an unknown outcome; never cleared. */
  maybeExecutedAt: number | null
  couponId: string | null
  couponExpiresAt: number | null
  issuedAt: number | null
  refusal: { code: string; message: string; requestId: string | null } | null
  /** Counts the grant's events; a card drawn at a lower version is stale. */
  version: number
}

/** What people found out about a grant whose outcome the app can't tell. */
export type Verdict = { kind: 'issued'; couponId: string } | { kind: 'not-issued' }

/** An operator's statement of how a grant ended, which a second person confirms. */
export interface Settlement {
  /** ULID. */
  id: string
  grantId: string
  verdict: Verdict
  /** How the operator knows, in their own words. */
  evidence: string
  /** Slack user id, or `cli:NAME` for the command line; the same in `ended.by`. */
  proposedBy: string
  /** Epoch ms. */
  proposedAt: number
  /**
   * `withdrawn`: by an operator, or by the app: the grant ended another way, was sent again, or its proposer is no
   * longer an operator. Null: it waits for a second person.
   */
  ended: { by: string; at: number; outcome: 'confirmed' | 'withdrawn' } | null
}

export const MAX_EVIDENCE = 500
/** The refusal code of a grant that people, not WeChat Pay, found to be not issued. */
export const SETTLED_NOT_ISSUED = 'SETTLED_NOT_ISSUED'
