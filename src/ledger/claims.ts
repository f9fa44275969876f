import { type SqlBool, sql } from 'kysely'
import { type Claimable, claimable, type Hold, stoppedOnlyBy } from '../domain/hold.ts'
import { firstDue } from './due.ts'
import { openHolds, PROBE_EVERY } from './holds.ts'
import { takeSlots } from './pace.ts'
import type { AttemptEnd, Claimed } from './records.ts'
import { pointedAt, toAttempt, toGrant } from './rows.ts'
import { tellBlocked, waitsForNoOther } from './same-user.ts'
import { addEvents, makeCardsDue, type Tx, tellGrants } from './trail.ts'

/** Whose claims. */
export interface ClaimOf {
  worker: string
  /** ms by the database's clock. */
  lease: number
  /** Attempts a second, of all replicas together. */
  rate?: number
  /** Only what was sent before, whose coupon may exist already. */
  repeatsOnly?: boolean
  /** Default 1. */
  limit?: number
}

/**
 * Claims the grants that are due next, probes of holds first, and opens their attempts. Of one user at most one: WeChat Pay
 * refuses two sends to one user at a time.
 */
export async function claimDue(tx: Tx, of: ClaimOf): Promise<Claimed[]> {
  const { rate } = of
  await endLost(tx)
  const found = await findDue(tx, of)
  const slots = rate === undefined ? found.length : found.length && (await takeSlots(tx, rate, found.length))
  const due = found.slice(0, slots)
  if (due.length === 0) return []
  const attempts = await openAttempts(tx, of, due)
  const now = sql.lit(tx.now())
  const rows = await tx.db
    .updateTable('grants')
    .set({
      state: 'issuing',
      state_at: sql<number>`case when state = 'issuing' then state_at else ${now} end`,
      lane: 0,
      attempts: sql<number>`attempts + 1`,
      first_attempt_at: sql<number>`coalesce(first_attempt_at, ${now})`,
      lease_owner: of.worker,
      lease_until: sql<number>`${tx.clock} + ${sql.lit(Math.round(of.lease))}`,
      version: sql<number>`version + 1`,
    })
    .where('id', 'in', [...attempts.keys()])
    .returningAll()
    .returning(pointedAt)
    .execute()
  const grants = new Map(rows.map((row) => [row.id, toGrant(row)]))
  const claimed = due.flatMap(({ id }) => {
    const attempt = attempts.get(id)
    const grant = grants.get(id)
    return attempt && grant ? [{ grant, attempt }] : []
  })
  for (const { id, probeOf } of due) if (probeOf && grants.has(id)) await noteProbe(tx, probeOf)
  await addEvents(
    tx,
    claimed.map(({ grant }) => ({
      grantId: grant.id,
      kind: 'attempt' as const,
      actor: 'app',
      data: { number: grant.attempts },
    })),
  )
  await makeCardsDue(tx, [...grants.keys()])
  return claimed
}

/** In the order in which they are due. Of two of one user the first, since then the other one's insert does nothing. */
async function openAttempts(
  tx: Tx,
  { worker }: ClaimOf,
  due: readonly { id: string }[],
): Promise<Map<string, Claimed['attempt']>> {
  const wanted = sql.join(
    due.map(
      ({ id }, place) => sql`select ${sql.lit(place)} as place, ${id} as grant_id, ${tx.randomId()} as id`,
    ),
    sql` union all `,
  )
  const { rows } = await sql<Parameters<typeof toAttempt>[0]>`
    insert into attempts (id, grant_id, subject, number, worker, started_at)
      select wanted.id, g.id, g.subject, g.attempts + 1, ${worker}, ${sql.lit(tx.now())}
      from (${wanted}) wanted join grants g on g.id = wanted.grant_id where true order by wanted.place
    on conflict (subject) where ended_at is null do nothing
    returning *`.execute(tx.db)
  return new Map(rows.map((row) => [row.grant_id, toAttempt(row)]))
}

/** What keeps a due grant `g` from being sent though no hold stops it: it is too late, or somebody works on it or on another. */
function mayBeSent(tx: Tx) {
  return sql<SqlBool>`g.due_at <= ${tx.clock} and (g.lease_until is null or g.lease_until <= ${tx.clock})
    and (g.state = 'issuing' or g.issue_by is null or g.issue_by > ${sql.lit(tx.now())}) and ${waitsForNoOther}`
}

async function findDue(
  tx: Tx,
  { repeatsOnly = false, limit = 1 }: ClaimOf,
): Promise<{ id: string; probeOf?: string }[]> {
  const holds = await openHolds(tx)
  const find = (of: Claimable, most: number) =>
    firstDue(tx.db, repeatsOnly ? repeatsOf(of) : of, most, mayBeSent(tx))
  const found: { id: string; probeOf?: string }[] = []
  for (const hold of await dueProbes(tx, holds)) {
    if (found.length === limit) return found
    const [probe] = await find(stoppedOnlyBy(hold, holds), 1)
    if (probe) found.push({ id: probe.id, probeOf: hold.id })
  }
  return [...found, ...(await find(claimable(holds), limit - found.length))]
}

function repeatsOf(of: Claimable): Claimable {
  return 'nothing' in of ? of : { ...of, lanes: of.lanes.filter((lane) => lane === 0) }
}

/** One grant a minute is let through a hold; none through one of first attempts, nor through a pause. */
async function dueProbes(tx: Tx, holds: readonly Hold[]): Promise<Hold[]> {
  const probed = holds.filter(({ kind }) => kind === 'all' || kind === 'stock')
  if (probed.length === 0) return []
  const due = await tx.db
    .selectFrom('holds')
    .select('id')
    .where('ended_at', 'is', null)
    .where('probe_at', '<=', tx.clock)
    .execute()
  return probed.filter(({ id }) => due.some((one) => one.id === id))
}

async function noteProbe(tx: Tx, holdId: string): Promise<void> {
  await tx.db
    .updateTable('holds')
    .set({ probe_at: sql<number>`${tx.clock} + ${sql.lit(PROBE_EVERY)}` })
    .where('id', '=', holdId)
    .execute()
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
