import { openidProblemOf, type Refusal, readTicket } from '../domain/ask.ts'
import type { Grant } from '../domain/grant.ts'
import { mayNot, mayNotAct, mayNotDecide, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import { openidProblem } from '../domain/wechatpay-ids.ts'
import type { GrantsOf } from '../ledger/ledger.ts'
import { withAbsent } from './ask-slack.ts'
import { readOrBusy, writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import { forDeciding } from './draw-cards.ts'
import type { Awaited, FoundGrant, FoundOutcome, IdsOutcome, OpenidOutcome, TrailOutcome } from './grants.ts'
import { countLookUp, couponsOf, isTurn, listed, READS_HISTORY, recordLookUp } from './list-coupons.ts'
import {
  type CandidatesOutcome,
  mayNotConfirm,
  mayNotOperate,
  type Operator,
  operatorId,
  type SettlementOutcome,
  type StuckOutcome,
} from './operator-commands.ts'

/** Page size of lists that people act on, one entry at a time. */
const PAGE_OF_ENTRIES = 5
/** Page size of lists that a person can act on or only read. */
const PAGE_OF_OWN = 8
/** Page size of lists that people only read, in a table. */
const PAGE_OF_ROWS = 20
/** How many pending grants to search, oldest first, for those that this person decides. */
const MOST_PENDING = 500
/** Counting stops here. */
const MOST_COUNTED = 1000

/**
 * The grants that wait for this person's decision, with all they need to decide; without those they already approved.
 */
export async function findPending(
  deps: GrantsDeps,
  { person: given, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(given)
  if (refusal) return { kind: 'refused', refusal }
  const { ledger, now } = deps
  const person = await withAbsent(deps, given)
  const policy = deps.policy()
  const waiting = await ledger.pendingGrants({ limit: MOST_PENDING })
  const decidable = waiting.filter(
    (grant) =>
      mayNotDecide(policy, person, grant, now()) === null &&
      now() < (grant.expiresAt ?? Number.POSITIVE_INFINITY),
  )
  // If one approval is enough, an approved grant no longer waits.
  const several = decidable.filter(({ approvalsNeeded }) => approvalsNeeded > 1).map(({ id }) => id)
  const approved = await ledger.approvedBy({ approver: person.id, grantIds: several })
  const open = decidable.filter(({ id }) => !approved.has(id))
  const { from, at } = pageOf(page, open.length, PAGE_OF_ENTRIES)
  const shown = await Promise.all(
    open.slice(from, from + PAGE_OF_ENTRIES).map(async (grant) => ({
      ...(await withPlace(deps, grant)),
      forDeciding: await forDeciding(deps, grant),
    })),
  )
  const isMore = waiting.length === MOST_PENDING
  return { ...counted({ grants: shown, from, total: open.length, isMore }), of: 'pending', page: at }
}

/** The grants that this person asked for. People who may no longer ask still see them. */
export async function findMine(
  deps: GrantsDeps,
  { person, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(person)
  if (refusal) return { kind: 'refused', refusal }
  return found(deps, { of: { requester: person.id }, page, size: PAGE_OF_OWN, kind: 'mine' })
}

/**
 * What a user received and who gave it; or the records of a ticket, a coupon or a `send_request_no`. Reading a user's
 * records counts as a look-up of that user.
 */
export async function findHistory(
  deps: GrantsDeps,
  input: { person: Person; key: string; page: number; isTurned?: boolean },
): Promise<FoundOutcome> {
  const { person, key, page, isTurned } = input
  const policy = deps.policy()
  const forbidden = mayNot(policy, person, READS_HISTORY)
  if (forbidden) return { kind: 'refused', refusal: forbidden }
  const of = openidProblem(key) === null ? null : await grantsWithKey(deps, key)
  if (of === null && openidProblemOf(policy, key) === null) {
    const lookUp = { person, openid: key, stock: null, page, ...(isTurned === undefined ? {} : { isTurned }) }
    const refusal = await recordLookUp(deps, lookUp, READS_HISTORY)
    if (refusal) return { kind: 'refused', refusal }
    return found(deps, { of: { openid: key }, page, size: PAGE_OF_ROWS, kind: 'user' })
  }
  if (of === null) {
    const refusal = await countLookUp(deps, person.id, (tx) =>
      tx.event({ kind: 'look-up', actor: person.id, data: { stock: null, by: 'unknown' } }),
    )
    return refusal
      ? { kind: 'refused', refusal }
      : { kind: 'unknown-key', problem: openidProblemOf(policy, key) }
  }
  const outcome = await found(deps, { ...of, page, size: PAGE_OF_ROWS })
  if (outcome.kind !== 'found') return outcome
  const users = new Map(outcome.grants.map(({ grant }) => [grant.subject, grant.openid]))
  const fresh: string[] = []
  for (const [subject, openid] of users)
    if (!(await isTurn(deps, { person, openid, page, ...(isTurned === undefined ? {} : { isTurned }) })))
      fresh.push(subject)
  if (fresh.length === 0) return outcome
  const refusal = await countLookUp(deps, person.id, async (tx) => {
    for (const subject of fresh)
      await tx.event({ kind: 'look-up', actor: person.id, subject, data: { stock: null, by: of.kind } })
  })
  return refusal ? { kind: 'refused', refusal } : outcome
}

type Keyed = { of: GrantsOf; kind: 'number' | 'coupon' | 'ticket' }

/** What a typed number belongs to, by what exists in the ledger; null: nothing is known by it. */
async function grantsWithKey({ ledger, policy }: GrantsDeps, key: string): Promise<Keyed | null> {
  const ticket = readTicket(policy(), key)
  const tried: Keyed[] = [
    { of: { sendRequestNo: key.toUpperCase() }, kind: 'number' },
    ...[...new Set([key, key.toUpperCase()])].map(
      (couponId): Keyed => ({ of: { couponId }, kind: 'coupon' }),
    ),
    ...[...new Set([ticket, key])].map((one): Keyed => ({ of: { ticket: one }, kind: 'ticket' })),
  ]
  for (const one of tried) if ((await ledger.countGrantsOf({ of: one.of, most: 1 })) > 0) return one
  return null
}

async function found(
  deps: GrantsDeps,
  { of, page, size, kind }: { of: GrantsOf; page: number; size: number; kind: Found['of'] },
): Promise<Found> {
  const { ledger } = deps
  const countedUp = await ledger.countGrantsOf({ of, most: MOST_COUNTED + 1 })
  const isMore = countedUp > MOST_COUNTED
  // If there are more than were counted, the last page isn't known; nobody turns that far by hand.
  const { from, at } = isMore ? { from: (page - 1) * size, at: page } : pageOf(page, countedUp, size)
  const grants = await ledger.grantsOf({ of, offset: from, limit: size })
  const withPlaces = await Promise.all(grants.map((grant) => withPlace(deps, grant)))
  const shown = withPlaces.map((one) => ({ ...one, forDeciding: null }))
  const total = Math.min(countedUp, MOST_COUNTED)
  return { ...counted({ grants: shown, from, total, isMore }), of: kind, page: at }
}

function counted(shown: Pick<Found, 'grants' | 'from' | 'total' | 'isMore'>) {
  const { grants, from, total, isMore } = shown
  return {
    kind: 'found' as const,
    ...shown,
    hasMore: from + grants.length < total || (isMore && grants.length > 0),
  }
}

type Found = Extract<FoundOutcome, { kind: 'found' }>

async function withPlace({ ledger }: GrantsDeps, grant: Grant): Promise<Omit<FoundGrant, 'forDeciding'>> {
  const [decisions, cards] = await Promise.all([ledger.decisionsOf(grant.id), ledger.cardsOf(grant.id)])
  const place = cards.find(({ kind, place }) => kind === 'approval' && place !== null)?.place ?? null
  return { grant, decisions, card: place && 'channel' in place ? place : null }
}

/** Where a page begins. If its grants were decided in the meantime, it is the last page that exists. */
function pageOf(page: number, total: number, size: number): { from: number; at: number } {
  const at = Math.min(Math.max(1, page), Math.max(1, Math.ceil(total / size)))
  return { from: (at - 1) * size, at }
}

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wechatpay' | 'now'>

const MOST_SHOWN = 10

/** What waits and why: holds and pauses, and open grants with a flag, those that need people first. */
export async function findStuck(deps: Deps, { by }: { by: Operator }): Promise<StuckOutcome> {
  const refusal = mayNotOperate(deps.policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  const { ledger } = deps
  const [holds, closed, flagged] = await Promise.all([
    ledger.countedHolds(),
    ledger.closedChannels(),
    ledger.flaggedGrants({ limit: MOST_SHOWN + 1 }),
  ])
  const shown = flagged.slice(0, MOST_SHOWN)
  const settlements = await ledger.openSettlements(shown.map(({ id }) => id))
  const grants = shown.map((grant) => ({
    grant,
    settlement: settlements.find(({ grantId }) => grantId === grant.id) ?? null,
  }))
  return { kind: 'stuck', holds, closed, grants, hasMore: flagged.length > MOST_SHOWN }
}

/**
 * The coupons of a grant's stock that its user holds at WeChat Pay and that no grant in the ledger accounts for: one of
 * them may have come from this grant. The look-up is recorded.
 */
export async function findCandidates(
  deps: Deps,
  { by, grantId }: { by: Operator; grantId: string },
): Promise<CandidatesOutcome> {
  const refusal = mayNotOperate(deps.policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  if (grant.openid === '') return { kind: 'refused', refusal: { code: 'erased' } }
  const actor = operatorId(by)
  const recorded = await writeOrBusy(deps, (tx) =>
    tx.event({ kind: 'look-up', actor, subject: grant.subject, data: { stock: grant.stock, for: grantId } }),
  )
  if (recorded) return recorded
  const { openid, stock: key, stockName: name, stockId, appid, mchid } = grant
  const { stock, coupons, failure } = await couponsOf(deps, openid, { key, name, stockId, appid, mchid })
  const known = await deps.ledger.grantsByCouponIds(coupons.map(({ coupon_id }) => coupon_id))
  const candidates = coupons
    .filter(({ coupon_id }) => !known.some(({ couponId }) => couponId === coupon_id))
    .map((coupon) => listed(stock, coupon, null, deps.now()))
  const [settlement = null] = await deps.ledger.openSettlements([grantId])
  const attempts = await deps.ledger.attemptsOf(grantId)
  return { kind: 'candidates', grant, settlement, attempts, coupons: candidates, failure }
}

/** What a person must read before they confirm it. */
export async function readSettlement(
  { ledger, policy }: Deps,
  { by, grantId, settlementId }: { by: Operator; grantId: string; settlementId?: string | null },
): Promise<SettlementOutcome> {
  const refusal = mayNotConfirm(policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  const grant = await ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const [settlement = null] = await ledger.openSettlements([grantId])
  const isWaiting = !settlementId || settlementId === settlement?.id
  const drawnFor = isWaiting ? null : await ledger.settlement(settlementId)
  return { kind: 'settlement', grant, settlement, over: drawnFor?.grantId === grantId ? drawnFor : null }
}

/** Everything that happened to a grant, oldest first. */
export async function readTrail(
  deps: GrantsDeps,
  { person: given, grantId }: { person: Person; grantId: string },
): Promise<TrailOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const person = await withAbsent(deps, given)
  const refusal = mayNotRead(deps.policy(), person, grant, deps.now())
  if (refusal) return { kind: 'refused', refusal }
  return { kind: 'trail', grant, entries: await deps.ledger.eventsOf(grantId) }
}

/**
 * A grant, for its ids only. They say nothing about the user, so everyone who may read a user's records may read them.
 */
export async function readIds(
  deps: GrantsDeps,
  { person: given, grantId }: { person: Person; grantId: string },
): Promise<IdsOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const person = await withAbsent(deps, given)
  const policy = deps.policy()
  const refusal = mayNotRead(policy, person, grant, deps.now()) && mayNot(policy, person, READS_HISTORY)
  return refusal ? { kind: 'refused', refusal } : { kind: 'ids', grant }
}

/** The full openid, for one person's eyes; recorded before it is shown. */
export async function showOpenid(
  deps: GrantsDeps,
  { person: given, grantId, until }: { person: Person; grantId: string } & Awaited,
): Promise<OpenidOutcome> {
  const person = await readOrBusy(withAbsent(deps, given, until))
  if ('kind' in person) return person
  return writeOrBusy(
    deps,
    async (tx): Promise<OpenidOutcome> => {
      const grant = await tx.grant(grantId)
      if (!grant) return { kind: 'gone' }
      const refusal = mayNotRead(deps.policy(), person, grant, deps.now())
      if (refusal) return { kind: 'refused', refusal }
      if (grant.openid === '') return { kind: 'refused', refusal: { code: 'erased' } }
      await tx.event({ grantId, kind: 'openid-shown', actor: person.id, subject: grant.subject })
      return { kind: 'shown', openid: grant.openid }
    },
    until,
  )
}

/** Why a person may not read a grant: its requester, its approvers, auditors and operators may. */
function mayNotRead(policy: Policy, person: Person, grant: Grant, now: number): Refusal | null {
  if (grant.requester === person.id) return mayNotAct(person)
  return mayNotDecide(policy, person, grant, now) && mayNot(policy, person, ['auditor', 'operator'])
}
