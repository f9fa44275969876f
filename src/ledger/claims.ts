import { sql } from 'kysely'
import { PROBE_EVERY } from './holds.ts'
import { takeSlot } from './pace.ts'
import type { AttemptEnd, Claimed } from './records.ts'
import { toAttempt, toGrant } from './rows.ts'
import { tellBlocked } from './same-user.ts'
import { type Tx, tellGrants } from './trail.ts'

/**
 * What keeps a due grant from being sent though nobody works on it: WeChat Pay refuses two sends to one user at a time,
 * and an unknown outcome may be a coupon, after which another one of the stock could be one too many.
 */
const unblocked = sql<boolean>`(not exists (select 1 from attempts a where a.appid = g.appid
    and a.openid = g.openid and a.ended_at is null and a.grant_id <> g.id)
  and not exists (select 1 from grants o where o.openid = g.openid and o.appid = g.appid
    and o.stock_id = g.stock_id and o.state = 'issuing' and o.id <> g.id))`

/** Claims the next due grant, a hold's probe first, and opens its attempt. */
export async function claimDue(
  tx: Tx,
  of: { worker: string; lease: number; rate?: number; repeatsOnly?: boolean },
): Promise<Claimed | null> {
  const { repeatsOnly = false } = of
  await endLost(tx)
  const probe = await dueProbe(tx, repeatsOnly)
  const id = probe?.id ?? (await nextDue(tx, null, repeatsOnly))
  if (id === null) return null
  if (of.rate !== undefined && !(await takeSlot(tx, of.rate))) return null
  if (probe) await noteProbe(tx, probe.holdId)
  const now = tx.now()
  const row = await tx.db
    .updateTable('grants')
    .set({
      state: 'issuing',
      state_at: sql<number>`case when state = 'issuing' then state_at else ${sql.lit(now)} end`,
      attempts: sql<number>`attempts + 1`,
      first_attempt_at: sql<number>`coalesce(first_attempt_at, ${sql.lit(now)})`,
      lease_owner: of.worker,
      lease_until: sql<number>`${tx.clock} + ${sql.lit(Math.round(of.lease))}`,
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const attempt = await tx.db
    .insertInto('attempts')
    .values({
      id: tx.randomId(),
      grant_id: id,
      appid: row.appid,
      openid: row.openid,
      number: row.attempts,
      worker: of.worker,
      started_at: now,
      ended_at: null,
      outcome: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await tellGrants(tx, [row], { kind: 'attempt', actor: 'app', data: { number: row.attempts } })
  return { grant: toGrant(row), attempt: toAttempt(attempt) }
}

/**
 * Ends attempts whose lease has run out, whoever had begun them: a coupon may have come of them. Of grants that wait as
 * well, since an open attempt stands in the way of all that its user waits for, and of people who would settle it.
 */
export async function endLost(tx: Tx): Promise<void> {
  const { rows: lost } = await sql<{ id: string; grant_id: string; number: number }>`
    select a.id, a.grant_id, a.number from attempts a join grants g on g.id = a.grant_id
    where a.ended_at is null and (g.lease_until is null or g.lease_until <= ${tx.clock})`.execute(tx.db)
  const now = tx.now()
  for (const { id, grant_id, number } of lost) {
    await tx.db
      .updateTable('attempts')
      .set({ ended_at: now, outcome: 'lost', maybe_executed: 1 })
      .where('id', '=', id)
      .execute()
    const flag = JSON.stringify({ kind: 'checking', reason: 'lost', at: now })
    const grant = await tx.db
      .updateTable('grants')
      .set({
        lease_owner: null,
        lease_until: null,
        maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${sql.lit(now)})`,
        flag: sql<string>`coalesce(flag, ${flag})`,
        version: sql<number>`version + 1`,
      })
      .where('id', '=', grant_id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await tellGrants(tx, [grant], { kind: 'attempt-lost', actor: 'app', data: { number } })
    // Flagged just now: what waits for this user and stock waits for longer than an attempt takes.
    if (grant.flag === flag) await tellBlocked(tx, { state: 'issuing', flag: null }, grant)
  }
}

async function nextDue(tx: Tx, scope: string | null, repeatsOnly: boolean): Promise<string | null> {
  const repeats = repeatsOnly ? sql`and g.state = 'issuing' and g.attempts > 0` : sql``
  const held = scope === null ? sql`g.hold_scope is null` : sql`g.hold_scope = ${scope}`
  const { rows } = await sql<{ id: string }>`select g.id from grants g
    where ${held} ${repeats} and g.due_at <= ${tx.clock} and g.state in ('approved', 'issuing')
      and (g.state = 'issuing' or g.issue_by is null or g.issue_by > ${tx.now()})
      and (g.lease_until is null or g.lease_until <= ${tx.clock}) and ${unblocked}
    order by ${scope === null ? sql`g.due_at` : sql`g.created_at`} limit 1`.execute(tx.db)
  return rows[0]?.id ?? null
}

/** One grant a minute, the oldest, is let through a hold; none through one of first attempts, nor through a pause. */
async function dueProbe(tx: Tx, repeatsOnly: boolean): Promise<{ id: string; holdId: string } | null> {
  const holds = await tx.db
    .selectFrom('holds')
    .select(['id', 'scope'])
    .where('ended_at', 'is', null)
    .where('scope', '<>', 'first-attempts')
    .where('scope', 'not like', 'paused%')
    .where('probe_at', '<=', tx.clock)
    .execute()
  for (const hold of holds) {
    const id = await nextDue(tx, hold.scope, repeatsOnly)
    if (id !== null) return { id, holdId: hold.id }
  }
  return null
}

async function noteProbe(tx: Tx, holdId: string): Promise<void> {
  await tx.db
    .updateTable('holds')
    .set({ probe_at: sql<number>`${tx.clock} + ${sql.lit(PROBE_EVERY)}` })
    .where('id', '=', holdId)
    .execute()
}

/** Ends an attempt if it is still this worker's, and gives the lease back. */
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
      lease_owner: null,
      lease_until: null,
      ...(end.maybeExecuted && {
        maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${sql.lit(now)})`,
      }),
    })
    .where('id', '=', closed.grant_id)
    .execute()
  return true
}
