import { type Kysely, sql } from 'kysely'
import { addNotice } from './notices.ts'
import { subjectOf } from './subjects.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/** Compares the coupons that WeChat Pay lists with the grants. */

/** A user and a stock with issued grants. */
export interface GivenTo {
  /** Their latest grant; the search for the next pair continues after it. */
  grantId: string
  openid: string
  appid: string
  mchid: string
  stockId: string
  stockRef: string
  /** The stock's short name at that time. */
  stock: string
}

/** Why a coupon and the grants don't agree. */
export type Differs = 'no-grant' | 'not-listed'

export interface Difference {
  couponId: string
  differs: Differs
  /** The grant that has this coupon. */
  grantId: string | null
}

/** How many issued grants one step goes through, however many are older. */
const AT_ONCE = 500

/**
 * The next user and stock with a coupon issued since then, in the order of their latest grants. Leaves out erased
 * people, who have no openid to ask with.
 * @param of.after a grant's id
 * @param of.since epoch ms
 * @returns `after`: where to continue; null: that was all
 */
export async function nextGiven(
  db: Kysely<Tables>,
  { after, since }: { after: string; since: number },
): Promise<{ given: GivenTo | null; after: string | null }> {
  const { rows } = await sql<GivenTo & { counts: number }>`
    select g.id as "grantId", (select s.openid from subjects s where s.id = g.subject) as openid, g.appid as appid,
      g.mchid as mchid, g.stock_id as "stockId", g.stock_ref as "stockRef", g.stock as stock,
      case when g.issued_at >= ${since} and (select count(*) from grants o where o.subject = g.subject
        and o.stock_ref = g.stock_ref and o.state = 'issued' and o.id > g.id) = 0 then 1 else 0 end as counts
    from (select * from grants where state = 'issued' and id > ${after} order by id limit ${sql.lit(AT_ONCE)}) g
    order by g.id`.execute(db)
  const next = rows.find(({ counts, openid }) => Number(counts) === 1 && openid !== null)
  if (next) {
    const { counts: _, ...given } = next
    return { given, after: given.grantId }
  }
  return { given: null, after: rows.length < AT_ONCE ? null : (rows.at(-1)?.grantId ?? null) }
}

/**
 * Records what WeChat Pay listed for a user and stock, and tells the operators once about each difference.
 * @param of.from grants issued from `from` to `to`, epoch ms, must be listed: WeChat Pay may no longer list older
 *   coupons, and later ones came after the list
 */
export async function noteListed(
  tx: Tx,
  given: GivenTo,
  of: {
    coupons: readonly { couponId: string; state: string | null; used: number | null }[]
    from: number
    to: number
  },
): Promise<Difference[]> {
  const grants = await tx.db
    .selectFrom('grants')
    .select(['id', 'subject', 'state', 'coupon_id', 'issued_at', 'maybe_executed_at'])
    .where('subject', '=', subjectOf(given))
    .where('stock_ref', '=', given.stockRef)
    .execute()
  const [first] = grants
  if (!first) return []
  const { subject } = first
  const ours = new Set(grants.map(({ coupon_id }) => coupon_id))
  // A coupon that no grant has recorded yet may belong to one of these.
  const mayBeOpen = grants.some(
    ({ state, maybe_executed_at }) =>
      state === 'issuing' || (state === 'approved' && maybe_executed_at !== null),
  )
  const listed = new Set(of.coupons.map(({ couponId }) => couponId))
  const differences: Difference[] = [
    ...of.coupons.flatMap(({ couponId }) =>
      ours.has(couponId) || mayBeOpen ? [] : [{ couponId, differs: 'no-grant' as const, grantId: null }],
    ),
    ...grants.flatMap(({ id, coupon_id, issued_at }) =>
      coupon_id !== null &&
      issued_at !== null &&
      issued_at >= of.from &&
      issued_at < of.to &&
      !listed.has(coupon_id)
        ? [{ couponId: coupon_id, differs: 'not-listed' as const, grantId: id }]
        : [],
    ),
  ]
  const before = await tx.db
    .selectFrom('coupons')
    .select('coupon_id')
    .where('subject', '=', subject)
    .where('stock_ref', '=', given.stockRef)
    .where('differs', 'is not', null)
    .execute()
  const told = new Set(before.map(({ coupon_id }) => coupon_id))
  const now = tx.now()
  const differs = new Map(differences.map((one) => [one.couponId, one.differs]))
  const rows = [
    ...of.coupons.map(({ couponId, state, used }) => ({ couponId, state, used })),
    ...differences
      .filter((one) => one.differs === 'not-listed')
      .map(({ couponId }) => ({ couponId, state: null, used: null })),
  ]
  for (const { couponId, state, used } of rows) {
    const found = { state, used, seen_at: now, differs: differs.get(couponId) ?? null }
    await tx.db
      .insertInto('coupons')
      .values({ coupon_id: couponId, subject, stock_ref: given.stockRef, ...found })
      .onConflict((conflict) => conflict.column('coupon_id').doUpdateSet(found))
      .execute()
  }
  const news = differences.filter(({ couponId }) => !told.has(couponId))
  for (const { couponId, differs, grantId } of news)
    await addNotice(tx, { kind: 'coupon-differs', couponId, differs, of: grantId, stock: given.stock })
  return differences
}
