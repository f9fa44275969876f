import type { Difference, GivenTo } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { couponsOf } from './list-coupons.ts'

type Deps = Pick<GrantsDeps, 'ledger' | 'wechatpay' | 'policy' | 'now' | 'logger'>

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** ms; WeChat Pay may not list a coupon yet that was issued this recently. */
const FRESH = 10 * MINUTE

export interface Reconciled {
  /** Pairs of user and stock: listed, and failed to list. */
  asked: number
  failed: number
  differences: Difference[]
}

/** Compares one user's coupons of a stock with the grants. @returns null: WeChat Pay didn't list them */
async function reconcileOne(deps: Deps, given: GivenTo, since: number): Promise<Difference[] | null> {
  const { openid, appid, mchid, stockId, stock } = given
  const to = deps.now() - FRESH
  const listed = await couponsOf(deps, openid, { key: stock, name: null, appid, mchid, stockId })
  if (listed.failure !== null) return null
  const coupons = listed.coupons.map(({ coupon_id, coupon_state, use_quota }) => {
    return { couponId: coupon_id, state: coupon_state ?? null, used: use_quota ?? null }
  })
  return deps.ledger.write((tx) => tx.noteListed(given, { coupons, from: since, to }))
}

/** Reconciles everything issued in the last `days` days. */
export async function reconcileAll(deps: Deps, { days }: { days: number }): Promise<Reconciled> {
  const since = deps.now() - days * DAY
  const found: Reconciled = { asked: 0, failed: 0, differences: [] }
  let after: string | null = ''
  while (after !== null) {
    const next: Awaited<ReturnType<Deps['ledger']['nextGiven']>> = await deps.ledger.nextGiven({
      after,
      since,
    })
    after = next.after
    if (!next.given) continue
    const differences = await reconcileOne(deps, next.given, since)
    if (differences === null) found.failed += 1
    else {
      found.asked += 1
      found.differences.push(...differences)
    }
  }
  return found
}

/**
 * Reconciles in the background, at the policy's pace, from the oldest to the newest, and starts again a day later.
 * @returns the task
 */
export function createReconciling(deps: Deps): () => Promise<number> {
  let after = ''
  let nextAt = 0
  return async () => {
    const { reconcile } = deps.policy()
    // Also if the clock was set back.
    if (reconcile === null || (deps.now() < nextAt && nextAt - deps.now() <= DAY)) return 0
    const since = deps.now() - reconcile.days * DAY
    const { given, after: next } = await deps.ledger.nextGiven({ after, since })
    after = next ?? ''
    // If a step found nobody, the next one starts at once.
    if (given) nextAt = deps.now() + MINUTE / reconcile.perMinute
    else if (next === null) nextAt = deps.now() + DAY
    if (given) await reconcileOne(deps, given, since)
    return given || next === null ? 0 : 1
  }
}
