import { writeOrBusy } from './busy-ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { couponsOf, listed } from './list-coupons.ts'
import { mayNotConfirm, mayNotOperate, type Operator, operatorId } from './operator.ts'
import type { CandidatesOutcome, SettlementOutcome, StuckOutcome } from './operator-commands.ts'

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
