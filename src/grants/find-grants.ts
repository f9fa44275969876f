import type { Refusal } from '../domain/ask.ts'
import type { Grant } from '../domain/grant.ts'
import { mayNot, mayNotAct, mayNotDecide, type Person } from '../domain/permissions.ts'
import type { Policy, Role } from '../domain/policy.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import type { FoundGrant, FoundOutcome, IdsOutcome, OpenidOutcome, TrailOutcome } from './grants.ts'
import { couponsOf, listed, recordLookUp } from './list-coupons.ts'
import {
  type CandidatesOutcome,
  mayNotConfirm,
  mayNotOperate,
  type Operator,
  operatorId,
  type SettlementOutcome,
  type StuckOutcome,
} from './operator-commands.ts'

const PAGE = 5
/** Of so many that wait, the oldest, the ones for one person are chosen. */
const MOST_PENDING = 500
/** Roles that may read what a user was given. */
export const READS_HISTORY: readonly [Role, ...Role[]] = ['viewer', 'approver', 'auditor', 'operator']

/** What waits for this person's decision: not what this person has approved already. */
export async function findPending(
  deps: GrantsDeps,
  { person, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(person)
  if (refusal) return { kind: 'refused', refusal }
  const policy = deps.policy()
  const waiting = await deps.ledger.pendingGrants({ limit: MOST_PENDING })
  const decidable = waiting.filter(
    (grant) =>
      mayNotDecide(policy, person, grant) === null &&
      deps.now() < (grant.expiresAt ?? Number.POSITIVE_INFINITY),
  )
  const open = []
  // One more than is shown tells whether there is a next page.
  for (const grant of decidable) {
    if (open.length > page * PAGE) break
    const decisions = await deps.ledger.decisionsOf(grant.id)
    if (!decisions.some(({ approver }) => approver === person.id)) open.push({ grant, decisions })
  }
  // What was on this page may be decided by now: then the last one that there is.
  const last = Math.min(page, Math.max(1, Math.ceil(open.length / PAGE)))
  return paged(open.slice((last - 1) * PAGE), last)
}

/** What this person has asked for. Whoever may ask for nothing any more still sees what was asked. */
export async function findMine(
  deps: GrantsDeps,
  { person, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(person)
  if (refusal) return { kind: 'refused', refusal }
  return found(deps, { requester: person.id }, page)
}

/** What a user was given, and by whom. */
export async function findHistory(
  deps: GrantsDeps,
  { page, ...of }: { person: Person; openid: string; page: number; isTurned?: boolean },
): Promise<FoundOutcome> {
  const refusal = await recordLookUp(deps, { ...of, stock: null, page }, READS_HISTORY)
  if (refusal) return { kind: 'refused', refusal }
  return found(deps, { openid: of.openid }, page)
}

async function found(
  { ledger }: GrantsDeps,
  of: { requester: string } | { openid: string },
  page: number,
): Promise<FoundOutcome> {
  const grants = await ledger.grantsOf({ of, offset: (page - 1) * PAGE, limit: PAGE + 1 })
  const withDecisions = await Promise.all(
    grants.map(async (grant: Grant) => ({ grant, decisions: await ledger.decisionsOf(grant.id) })),
  )
  return paged(withDecisions, page)
}

function paged(grants: FoundGrant[], page: number): FoundOutcome {
  return { kind: 'found', grants: grants.slice(0, PAGE), page, hasMore: grants.length > PAGE }
}

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wechatpay' | 'now'>

const MOST_SHOWN = 10

/** What waits and why: holds and pauses, and the grants that are open with a flag, those for people first. */
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
 * The coupons of a grant's stock that its user holds at WeChat Pay and no grant of the ledger accounts for: one of them
 * may have come from this grant. That somebody looked is recorded.
 */
export async function findCandidates(
  deps: Deps,
  { by, grantId }: { by: Operator; grantId: string },
): Promise<CandidatesOutcome> {
  const refusal = mayNotOperate(deps.policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
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

/** What somebody who may confirm it must read first. */
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

/** All that happened to a grant, oldest first. */
export async function readTrail(
  deps: GrantsDeps,
  { person, grantId }: { person: Person; grantId: string },
): Promise<TrailOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const refusal = mayNotRead(deps.policy(), person, grant)
  if (refusal) return { kind: 'refused', refusal }
  return { kind: 'trail', grant, entries: await deps.ledger.eventsOf(grantId) }
}

/**
 * A grant, for its ids alone. They say nothing of the user, so who may read what a user was given may read them too.
 */
export async function readIds(
  deps: GrantsDeps,
  { person, grantId }: { person: Person; grantId: string },
): Promise<IdsOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const policy = deps.policy()
  const refusal = mayNotRead(policy, person, grant) && mayNot(policy, person, READS_HISTORY)
  return refusal ? { kind: 'refused', refusal } : { kind: 'ids', grant }
}

/** The whole openid, for one person's eyes; recorded before it is told. */
export async function showOpenid(
  deps: GrantsDeps,
  { person, grantId }: { person: Person; grantId: string },
): Promise<OpenidOutcome> {
  return writeOrBusy(deps, async (tx): Promise<OpenidOutcome> => {
    const grant = await tx.grant(grantId)
    if (!grant) return { kind: 'gone' }
    const refusal = mayNotRead(deps.policy(), person, grant)
    if (refusal) return { kind: 'refused', refusal }
    await tx.event({ grantId, kind: 'openid-shown', actor: person.id, subject: grant.subject })
    return { kind: 'shown', openid: grant.openid }
  })
}

/** Its requester, whoever may decide it, auditors and operators. */
function mayNotRead(policy: Policy, person: Person, grant: Grant): Refusal | null {
  if (grant.requester === person.id) return mayNotAct(person)
  return mayNotDecide(policy, person, grant) && mayNot(policy, person, ['auditor', 'operator'])
}
