import type { Grant } from './grant.ts'

/**
 * `all`: nothing is issued, except one probe a minute. `first-attempts`: only grants already sent continue. `stock`:
 * that stock waits, except one probe. `paused`: people have paused everything, or a stock, and the app sends nothing
 * until they resume.
 */
export const holdKinds = ['all', 'first-attempts', 'stock', 'paused'] as const
export type HoldKind = (typeof holdKinds)[number]

/** What a hold stops. At most one of each is open. */
export interface HoldScope {
  kind: HoldKind
  /** For a stock's hold or pause; left out or null: everything. */
  stockRef?: string | null
}

/** Why issuing waits, from its begin to its end. */
export interface Hold {
  id: string
  kind: HoldKind
  /** `mchid/stock_id`; null: it isn't about a single stock. */
  stockRef: string | null
  /** The stock's short name: its key in the policy, or its id at WeChat Pay if no policy names it any more. */
  stock: string | null
  /** WeChat Pay's code, `untrusted-answers`, `paused` or `restored`. */
  reason: string
  message: string
  /** For `untrusted-answers`, the cause named in `message`; left out: it names none. */
  trust?: TrustFault
  since: number
  endedAt: number | null
  /** Slack user id, `cli:NAME` for the command line, or `app`. */
  begunBy: string
  endedBy: string | null
}

/** Reasons of holds while WeChat Pay can't be reached, or doesn't answer, since the app started or for some time. */
export const OUTAGES: readonly string[] = ['no-connection', 'no-answer']

/**
 * ms that WeChat Pay may be away before the operators are told: networks fail for moments, and recover by themselves.
 */
export const OUTAGE_TOLD_AFTER = 5 * 60_000

/** Reason of a hold while answers can't be verified. */
export const UNTRUSTED = 'untrusted-answers'

/**
 * Refusals about the stock rather than the user or the request: its budget is used up, it hasn't begun or is over, or
 * WeChat Pay doesn't know it. The next grant of the stock would be refused too.
 */
export const STOCK_FAULTS: readonly string[] = ['NOT_ENOUGH', 'REQUEST_BLOCKED', 'RESOURCE_NOT_EXISTS']

/** Whether a refusal with this code is about the stock. */
export function isStockFault(code: string): boolean {
  return STOCK_FAULTS.includes(code)
}

/**
 * Whether the hold is for a stock that refuses everybody. Operators may end it,
 * because only they know that it is fixed.
 */
export function isStockHold({ kind, reason }: Pick<Hold, 'kind' | 'reason'>): boolean {
  return kind === 'stock' && isStockFault(reason)
}

/** What doesn't match in answers that can't be verified: the serials received and expected. */
export interface TrustFault {
  fault: string
  came: string
  expected: string
}

/** The beginning of such a hold's message; the remedy follows it. */
export function trustText({ fault, came, expected }: TrustFault): string {
  return `${fault}: came ${came}, expected ${expected}: `
}

/** Reads what `trustText` wrote at the beginning of a message; null: the message doesn't begin like that. */
export function readTrust(message: string): TrustFault | null {
  const [, fault, came, expected] = /^([a-z-]+): came (\S+), expected (\S+): /.exec(message) ?? []
  return fault && came && expected ? { fault, came, expected } : null
}

/** Counting waiting grants stops here. */
export const MOST_COUNTED = 1000

/** A hold with the number of grants that wait because of it; above `MOST_COUNTED`: more than that. */
export type CountedHold = Hold & { waiting: number }

/** The reason of a grant that waits because another one of the same user and stock has an unknown outcome. */
export const SAME_USER = 'same-user'

/** The facts that decide which holds stop a grant. */
export type Holdable = Pick<Grant, 'state' | 'attempts'> & { stockRef: string }

/** In the order of claims. 0: sent before; 1: a person's first attempt; 2: a batch's row. */
export const lanes = [0, 1, 2] as const
export type Lane = (typeof lanes)[number]

/** What a claim may take now. */
export type Claimable =
  | { nothing: true }
  | { lanes: readonly Lane[]; exceptStocks: readonly string[]; onlyStock?: string }

/** Whether two holds stop the same. */
export function isSameScope(one: HoldScope, other: HoldScope): boolean {
  return one.kind === other.kind && (one.stockRef ?? null) === (other.stockRef ?? null)
}

/** The open hold that stops such a grant. If there are several: the strictest, which lets no probe through. */
export function holdThatStops<H extends HoldScope>(holds: readonly H[], grant: Holdable): H | null {
  const stopping = holds.filter((hold) => stops(hold, grant))
  return stopping.toSorted((one, other) => strictness(one) - strictness(other))[0] ?? null
}

/**
 * Why a grant waits: the strictest hold that stops it, or else other grants of its user and stock that aren't settled.
 */
export function whyItWaits(
  grant: Holdable & Pick<Grant, 'stateAt'>,
  holds: readonly Pick<Hold, 'kind' | 'stockRef' | 'reason' | 'since'>[],
  blockers: readonly { flaggedAt: number }[] = [],
): Grant['hold'] {
  if (grant.state !== 'approved' && grant.state !== 'issuing') return null
  const hold = holdThatStops(holds, grant)
  if (hold) return { reason: hold.reason, at: Math.max(hold.since, grant.stateAt) }
  const [blocker] = blockers
  return blocker && grant.state === 'approved' ? { reason: SAME_USER, at: blocker.flaggedAt } : null
}

/** What no hold stops: claims read only this. */
export function claimable(holds: readonly HoldScope[]): Claimable {
  const isOpen = (kind: HoldKind) =>
    holds.some((hold) => hold.kind === kind && (hold.stockRef ?? null) === null)
  if (isOpen('paused') || isOpen('all')) return { nothing: true }
  return {
    lanes: isOpen('first-attempts') ? [0] : lanes,
    exceptStocks: [...new Set(holds.flatMap(({ stockRef }) => stockRef ?? []))],
  }
}

/** What this hold makes wait and no stricter one does: its probe comes from here. */
export function stoppedOnlyBy(hold: HoldScope, holds: readonly HoldScope[]): Claimable {
  return partStoppedBy(hold, claimable(holds.filter((other) => strictness(other) < strictness(hold))))
}

/** The part of `of` that a hold stops. */
export function partStoppedBy({ kind, stockRef = null }: HoldScope, of: Claimable): Claimable {
  if ('nothing' in of) return of
  if (stockRef !== null && of.exceptStocks.includes(stockRef)) return { nothing: true }
  return {
    ...of,
    lanes: kind === 'first-attempts' ? of.lanes.filter((lane) => lane !== 0) : of.lanes,
    ...(stockRef !== null && { onlyStock: stockRef }),
  }
}

/** Whether a hold by itself stops such a grant. */
export function stops({ kind, stockRef = null }: HoldScope, grant: Holdable): boolean {
  if (kind === 'first-attempts') return isFirstAttempt(grant)
  return stockRef === null || stockRef === grant.stockRef
}

/** Restored grants are issuing although they may never have been sent. */
function isFirstAttempt({ state, attempts }: Holdable): boolean {
  return state === 'approved' || attempts === 0
}

const byStrictness: readonly HoldKind[] = ['paused', 'first-attempts', 'all', 'stock']

/** Lower is stricter; a pause of everything comes before one of a stock. */
function strictness({ kind, stockRef = null }: HoldScope): number {
  return byStrictness.indexOf(kind) * 2 + (stockRef === null ? 0 : 1)
}
