import { sql } from 'kysely'
import { tellBlocked } from './holds.ts'
import { isFree, unleased } from './queue.ts'
import type { AttemptEnd, NewCoupon } from './records.ts'
import { flagColumn } from './rows.ts'
import { addEvents, makeCardsDue } from './trail.ts'
import type { Tx } from './tx.ts'

/** How attempts end: with a result, or lost. The claim of their grant opens them (`claim-grants.ts`). */

/**
 * Records any number of coupons by a few statements. Leaves these cases to the functions for a single grant: a grant
 * that waits for people or blocks others, an attempt that another worker has taken over,
 * and a coupon that is already known.
 * @returns the attempts recorded
 */
export async function recordCoupons(
  tx: Tx,
  worker: string,
  coupons: readonly NewCoupon[],
): Promise<Set<string>> {
  const now = tx.now()
  const given = Map.groupBy(coupons, ({ couponId }) => couponId)
  const news = [...given.values()].flatMap(([one, ...same]) => (one && same.length === 0 ? [one] : []))
  if (news.length === 0) return new Set()
  const rows = tx.rows(
    { grant_id: 'text', attempt_id: 'text', coupon_id: 'text', expires_at: 'bigint' },
    news.map(({ grantId, attemptId, couponId, expiresAt }) => {
      return { grant_id: grantId, attempt_id: attemptId, coupon_id: couponId, expires_at: expiresAt }
    }),
  )
  // Written so that each row is found by its id, whatever the statistics say: by state alone, SQLite would walk all
  // issuing grants, and PostgreSQL turns `exists` into a join with a table that it may take to be short.
  const { rows: issued } = await sql<{ id: string; coupon_id: string }>`
    update grants set state = 'issued', state_at = ${now}, issued_at = ${now}, coupon_id = r.coupon_id,
      coupon_expires_at = r.expires_at, due_at = null, remind_at = null, lease_owner = null, lease_until = null,
      version = version + 1
    from ${rows}
    where grants.id = r.grant_id and coalesce(grants.state, '') = 'issuing' and grants.flag is null
      and (select count(*) from grants o where o.coupon_id = r.coupon_id) = 0
      and (select a.worker from attempts a where a.id = r.attempt_id and a.ended_at is null) = ${worker}
    returning id, grants.coupon_id`.execute(tx.db)
  const ids = new Set(issued.map(({ id }) => id))
  const recorded = news.filter(({ grantId }) => ids.has(grantId)).map(({ attemptId }) => attemptId)
  if (recorded.length === 0) return new Set()
  await tx.db
    .updateTable('attempts')
    .set({ ended_at: now, outcome: 'issued' })
    .where('id', 'in', recorded)
    .execute()
  await addEvents(
    tx,
    issued.map(({ id, coupon_id: couponId }) => {
      return { grantId: id, kind: 'issue' as const, actor: 'wechatpay', data: { couponId } }
    }),
  )
  await makeCardsDue(tx, [...ids])
  return new Set(recorded)
}

/** Ends an attempt that this worker still leases, and gives the lease back. */
export async function closeAttempt(
  tx: Tx,
  attemptId: string,
  worker: string,
  end: AttemptEnd,
): Promise<boolean> {
  const now = tx.now()
  const closed = await tx.db
    .updateTable('attempts')
    .set({
      ended_at: now,
      outcome: end.outcome,
      code: end.code ?? null,
      request_id: end.requestId ?? null,
      detail: end.detail ?? null,
      maybe_executed: end.maybeExecuted ? 1 : 0,
    })
    .where('id', '=', attemptId)
    .where('worker', '=', worker)
    .where('ended_at', 'is', null)
    .returning('grant_id')
    .executeTakeFirst()
  if (!closed) return false
  await tx.db
    .updateTable('grants')
    .set({
      ...unleased,
      ...(end.maybeExecuted && {
        maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${now})`,
      }),
    })
    .where('id', '=', closed.grant_id)
    .execute()
  return true
}

/** Open attempts `a` of grants `g` whose lease has expired or was given up. */
const lost = (clock: Tx['clock']) => sql`from attempts a join grants g on g.id = a.grant_id
  where a.ended_at is null and ${isFree({ clock }, 'g')}`

/** Whether any lost attempt must be ended: asked far more often than there is one. */
export async function hasLost(db: Tx['db'], clock: Tx['clock']): Promise<boolean> {
  const { rows } = await sql`select 1 ${lost(clock)} limit 1`.execute(db)
  return rows.length > 0
}

/** How many fit into one write within its time; the next write ends the rest. */
const LOST_AT_ONCE = 50

/**
 * Ends attempts whose lease has expired, whoever began them: they may have given a coupon. This includes grants that
 * wait, because an open attempt blocks everything else for its user, and the people who would settle it.
 * @returns how many
 */
export async function endLost(tx: Tx): Promise<number> {
  const { rows } = await sql<{ id: string; grant_id: string; number: number }>`
    select a.id, a.grant_id, a.number ${lost(tx.clock)} limit ${LOST_AT_ONCE}`.execute(tx.db)
  if (rows.length === 0) return 0
  const now = tx.now()
  await tx.db
    .updateTable('attempts')
    .set({ ended_at: now, outcome: 'lost', maybe_executed: 1 })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute()
  const flag = flagColumn({ kind: 'checking', reason: 'lost', at: now })
  const ids = rows.map(({ grant_id }) => grant_id)
  const grants = await tx.db
    .updateTable('grants')
    .set({
      ...unleased,
      maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${now})`,
      flag: sql<string>`coalesce(flag, ${flag})`,
      version: sql<number>`version + 1`,
    })
    .where('id', 'in', ids)
    .returning(['id', 'subject', 'stock_ref', 'state', 'flag'])
    .execute()
  await addEvents(
    tx,
    rows.map(({ grant_id: grantId, number }) => ({
      grantId,
      kind: 'attempt-lost' as const,
      actor: 'app',
      data: { number },
    })),
  )
  await makeCardsDue(tx, ids)
  // Flagged just now: from here on, what waits for this user and stock waits longer than an attempt takes.
  for (const grant of grants)
    if (grant.flag === flag) await tellBlocked(tx, { state: 'issuing', flag: null }, grant)
  return rows.length
}
