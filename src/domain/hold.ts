import type { Grant } from './grant.ts'

/**
 * `all`: nothing is issued, but for a probe a minute. `first-attempts`: only what was begun goes on. `stock`: that stock
 * waits, but for a probe. `paused`: people have paused everything, or a stock, and nothing goes out until they resume.
 */
export const holdKinds = ['all', 'first-attempts', 'stock', 'paused'] as const
export type HoldKind = (typeof holdKinds)[number]

/** What a hold stops. At most one of each is open. */
export interface HoldScope {
  kind: HoldKind
  /** Of a stock's hold or pause; left out or null: everything. */
  stockRef?: string | null
}

/** Why issuing waits, from its begin to its end. */
export interface Hold {
  id: string
  kind: HoldKind
  /** `mchid/stock_id`; null: it is not of one stock. */
  stockRef: string | null
  /** What people call that stock: its key in the policy, or its id at WeChat Pay if no policy names it any more. */
  stock: string | null
  /** WeChat Pay's code, `untrusted-answers`, `paused` or `restored`. */
  reason: string
  message: string
  /** Of `untrusted-answers`, what `message` says of its cause; left out: it says none. */
  trust?: TrustFault
  since: number
  endedAt: number | null
  /** Slack user id, `cli:NAME` for the command line, or `app`. */
  begunBy: string
  endedBy: string | null
}

/** Reasons of holds while WeChat Pay can't be reached, or does not answer, since the app started or for some time. */
export const OUTAGES: readonly string[] = ['no-connection', 'no-answer']

/** How long WeChat Pay may be away before the operators are told, ms: networks fail for moments, and mend themselves. */
export const OUTAGE_TOLD_AFTER = 5 * 60_000

/** Reason of a hold while answers can't be verified. */
export const UNTRUSTED = 'untrusted-answers'

/**
 * Refusals that speak of the stock and not of the user or the request: its budget is used up, it has not begun or is over, or
 * WeChat Pay does not know it. The next grant of the stock would be refused as well.
 */
export const STOCK_FAULTS: readonly string[] = ['NOT_ENOUGH', 'REQUEST_BLOCKED', 'RESOURCE_NOT_EXISTS']

export function isStockFault(code: string): boolean {
  return STOCK_FAULTS.includes(code)
}

/** Whether it makes a stock wait that refuses everybody: operators may end it, as only they know that it was mended. */
export function isStockHold({ kind, reason }: Pick<Hold, 'kind' | 'reason'>): boolean {
  return kind === 'stock' && isStockFault(reason)
}

/** What does not fit in answers that can't be verified: the serials that came and were expected. */
export interface TrustFault {
  fault: string
  came: string
  expected: string
}

/** How the message of a hold for it begins; what to do follows. */
export function trustText({ fault, came, expected }: TrustFault): string {
  return `${fault}: came ${came}, expected ${expected}: `
}

/** Reads what `trustText` wrote, at the beginning of a message; null: it says nothing of it. */
export function readTrust(message: string): TrustFault | null {
  const [, fault, came, expected] = /^([a-z-]+): came (\S+), expected (\S+): /.exec(message) ?? []
  return fault && came && expected ? { fault, came, expected } : null
}

/** How far what waits is counted. */
export const MOST_COUNTED = 1000

/** With how many approved grants wait because of it; above `MOST_COUNTED`: more than so many. */
export type CountedHold = Hold & { waiting: number }

/** Why a grant waits of which another one of the same user and stock has an unknown outcome. */
export const SAME_USER = 'same-user'

/** What decides which holds stop a grant. */
export type Holdable = Pick<Grant, 'state' | 'attempts'> & { stockRef: string }

/** As a claim takes them: 0: was sent before; 1: a person's first attempt; 2: a batch's row. */
export const lanes = [0, 1, 2] as const
export type Lane = (typeof lanes)[number]

/** What a claim may take now. */
export type Claimable =
  | { nothing: true }
  | { lanes: readonly Lane[]; exceptStocks: readonly string[]; onlyStock?: string }

export function isSameScope(one: HoldScope, other: HoldScope): boolean {
  return one.kind === other.kind && (one.stockRef ?? null) === (other.stockRef ?? null)
}

/** The open hold that stops such a grant: where several do, the strictest, which lets no probe through. */
export function holdThatStops<H extends HoldScope>(holds: readonly H[], grant: Holdable): H | null {
  const stopping = holds.filter((hold) => stops(hold, grant))
  return stopping.toSorted((one, other) => strictness(one) - strictness(other))[0] ?? null
}

/** Why a grant waits: for the strictest of the holds that stop it, else until others of its user and stock are settled. */
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

/** What no hold stops: for claims, which read nothing else. */
export function claimable(holds: readonly HoldScope[]): Claimable {
  const isOpen = (kind: HoldKind) =>
    holds.some((hold) => hold.kind === kind && (hold.stockRef ?? null) === null)
  if (isOpen('paused') || isOpen('all')) return { nothing: true }
  return {
    lanes: isOpen('first-attempts') ? [0] : lanes,
    exceptStocks: [...new Set(holds.flatMap(({ stockRef }) => stockRef ?? []))],
  }
}

/** What this hold alone makes wait, as no stricter one does: of it a probe is taken. */
export function stoppedOnlyBy(hold: HoldScope, holds: readonly HoldScope[]): Claimable {
  return partStoppedBy(hold, claimable(holds.filter((other) => strictness(other) < strictness(hold))))
}

/** What a hold stops of this. */
export function partStoppedBy({ kind, stockRef = null }: HoldScope, of: Claimable): Claimable {
  if ('nothing' in of) return of
  if (stockRef !== null && of.exceptStocks.includes(stockRef)) return { nothing: true }
  return {
    ...of,
    lanes: kind === 'first-attempts' ? of.lanes.filter((lane) => lane !== 0) : of.lanes,
    ...(stockRef !== null && { onlyStock: stockRef }),
  }
}

/** Whether a hold stops such a grant by itself, whatever others there are. */
export function stops({ kind, stockRef = null }: HoldScope, grant: Holdable): boolean {
  if (kind === 'first-attempts') return isFirstAttempt(grant)
  return stockRef === null || stockRef === grant.stockRef
}

/** Restored grants are issuing, and may never have been sent all the same. */
function isFirstAttempt({ state, attempts }: Holdable): boolean {
  return state === 'approved' || attempts === 0
}

const byStrictness: readonly HoldKind[] = ['paused', 'first-attempts', 'all', 'stock']

/** The lower, the stricter; a pause of everything before one of a stock. */
function strictness({ kind, stockRef = null }: HoldScope): number {
  return byStrictness.indexOf(kind) * 2 + (stockRef === null ? 0 : 1)
}
