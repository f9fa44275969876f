import { openidProblemOf, type Refusal } from '../domain/ask.ts'
import { lookupsReached } from '../domain/customer.ts'
import type { Grant } from '../domain/grant.ts'
import { mayNot } from '../domain/permissions.ts'
import { findStock, type Policy, type Role } from '../domain/policy.ts'
import type { Named } from '../domain/text.ts'
import { shortOpenid } from '../domain/wechatpay-ids.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { allCoupons, type Coupon } from '../wechatpay/index.ts'
import { lookupFailure, timeOrNull } from './attempt-result.ts'
import type { GrantsDeps } from './deps.ts'
import type { ListedCoupon, ListInput, ListOutcome } from './grants.ts'

/** Roles that may look up what a user holds. */
export const LOOKS_UP: readonly [Role, ...Role[]] = ['viewer', 'auditor', 'operator']
/** Roles that may read what a user received. */
export const READS_HISTORY: readonly [Role, ...Role[]] = ['viewer', 'approver', 'auditor', 'operator']

/** WeChat Pay's states of a usable coupon; in any other state it isn't usable. */
const USABLE = ['VALID', 'SENDED']

export interface AskedStock {
  key: string | null
  stockId: string
  appid: string
  mchid: string
  name: Named | null
}

/**
 * A user's coupons of all stocks, joined with what the ledger knows: who gave each one, why, and its expiry, which
 * WeChat Pay reports only when it issues. If one stock fails, the others are still shown.
 */
export async function listCoupons(deps: GrantsDeps, input: ListInput): Promise<ListOutcome> {
  const { ledger, now } = deps
  const policy = deps.policy()
  const refusal = await recordLookUp(deps, input, LOOKS_UP)
  if (refusal) return { kind: 'refused', refusal }

  const asked = await stocksToAsk(deps, policy, input)
  const answers = await Promise.all(asked.map((stock) => couponsOf(deps, input.openid, stock)))
  const found = answers.flatMap(({ stock, coupons }) => coupons.map((coupon) => ({ stock, coupon })))
  // Read first: a coupon issued between the two reads is then known as issued, never as nobody's coupon.
  const open = await ledger.openGrantsOf({ openid: input.openid })
  const grants = await ledger.grantsByCouponIds(found.map(({ coupon }) => coupon.coupon_id))
  const grantOf = new Map(grants.map((grant) => [grant.couponId, grant]))
  return {
    kind: 'listed',
    openid: input.openid,
    coupons: found
      .map(({ stock, coupon }) => listed(stock, coupon, grantOf.get(coupon.coupon_id) ?? null, now()))
      .sort((a, b) => Number(b.usable) - Number(a.usable) || (b.sentAt ?? 0) - (a.sentAt ?? 0)),
    open: open.filter(({ id }) => !grants.some((grant) => grant.id === id)),
    failed: answers.flatMap(({ stock, failure }) =>
      failure ? [{ stock: stock.key ?? stock.stockId, name: stock.name, code: failure }] : [],
    ),
    stocks: asked.length,
  }
}

/** How long turning pages is part of the first look-up, ms. After that, it is a new look-up of the user. */
const TURNS_FOR = 600_000
/** Nobody turns more pages than this by hand. */
const MOST_PAGES = 100

/** Whether it shows no more than a look-up already recorded: another page of the same user, or the first page again. */
export function isTurn(
  { ledger, now }: Pick<GrantsDeps, 'ledger' | 'now'>,
  { person, openid, page, isTurned }: Pick<ListInput, 'person' | 'openid' | 'page' | 'isTurned'>,
): Promise<boolean> {
  if (!(isTurned ?? page > 1) || page > MOST_PAGES) return Promise.resolve(false)
  return ledger.hasLookedUp({ person: person.id, openid, since: now() - TURNS_FOR })
}

/**
 * Records a look-up, within the policy's limit.
 * @returns why it is refused
 * @throws LedgerBusyError, CommitUncertainError
 */
export async function recordLookUp(
  deps: GrantsDeps,
  input: ListInput,
  roles: readonly [Role, ...Role[]],
): Promise<Refusal | null> {
  const { person, openid, stock } = input
  const policy = deps.policy()
  const forbidden = mayNot(policy, person, roles)
  if (forbidden) return forbidden
  const problem = openidProblemOf(policy, openid)
  if (problem) return { code: 'openid-malformed', problem }
  if (stock !== null && !findStock(policy, stock)) return { code: 'stock-unknown', stock }
  if (await isTurn(deps, input)) return null
  return countLookUp(deps, person.id, async (tx) => {
    // With several appids the first will do: the record says who was looked up.
    const asked = stock === null ? policy.stocks[0] : findStock(policy, stock)
    const subject = await tx.subject({ openid, appid: asked?.appid ?? '' })
    await tx.event({ kind: 'look-up', actor: person.id, subject, data: { stock } })
  })
}

/**
 * Records a look-up, unless this person has used up the policy's limit.
 * @throws LedgerBusyError, CommitUncertainError
 */
export async function countLookUp(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  person: string,
  record: (tx: LedgerTx) => Promise<void>,
): Promise<Refusal | null> {
  const policy = deps.policy()
  return deps.ledger.write(async (tx) => {
    const { lookups } = policy.limits
    if (lookups) {
      const made = await tx.countLookups({ person, since: deps.now() - lookups.per })
      const reached = lookupsReached(policy, made, deps.now())
      if (reached) return reached
    }
    await record(tx)
    return null
  })
}

/** The policy's stocks, and those that left it but of which this user ever had a grant. */
async function stocksToAsk(deps: GrantsDeps, policy: Policy, input: ListInput): Promise<AskedStock[]> {
  const wanted = policy.stocks.filter((stock) => input.stock === null || stock.key === input.stock)
  const asked = new Map<string, AskedStock>()
  const idOf = (stock: { appid: string; stockId: string }) => `${stock.appid}/${stock.stockId}`
  for (const stock of wanted) asked.set(idOf(stock), stock)
  if (input.stock === null) {
    for (const stock of await deps.ledger.stocksOf(input.openid)) {
      if (!asked.has(idOf(stock)))
        asked.set(idOf(stock), { ...stock, key: stock.stock, name: stock.stockName })
    }
  }
  return [...asked.values()]
}

/** All coupons of a user and stock. `failure`: why there are none, or not all, with the codes of `ListOutcome`. */
export async function couponsOf(
  deps: Pick<GrantsDeps, 'wechatpay' | 'logger'>,
  openid: string,
  stock: AskedStock,
): Promise<{ stock: AskedStock; coupons: Coupon[]; failure: string | null }> {
  const { stockId: stock_id, mchid, appid } = stock
  const coupons: Coupon[] = []
  try {
    for await (const coupon of allCoupons(deps.wechatpay, { openid, mchid, stock_id, appid }))
      coupons.push(coupon)
    return { stock, coupons, failure: null }
  } catch (error) {
    deps.logger.warn(
      { err: error, openid: shortOpenid(openid), stockId: stock_id },
      'look-up failed for a stock',
    )
    return { stock, coupons, failure: lookupFailure(error) }
  }
}

/** A coupon as the app shows it. */
export function listed(stock: AskedStock, coupon: Coupon, grant: Grant | null, now: number): ListedCoupon {
  const expiresAt = grant?.couponExpiresAt ?? null
  return {
    couponId: coupon.coupon_id,
    stock: { key: stock.key, stockId: stock.stockId, name: stock.name },
    state: coupon.coupon_state ?? null,
    usable: USABLE.includes(coupon.coupon_state ?? '') && (expiresAt === null || now < expiresAt),
    quota: coupon.send_quota ?? null,
    used: coupon.use_quota ?? null,
    sentAt: timeOrNull(coupon.send_time),
    expiresAt,
    grant,
  }
}
