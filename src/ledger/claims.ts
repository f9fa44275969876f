import { type SqlBool, sql } from 'kysely'
import { type Claimable, claimable, type Hold, stoppedOnlyBy } from '../domain/hold.ts'
import { takeSlots } from './attempt-pace.ts'
import { firstDue } from './due.ts'
import { openHolds, PROBE_EVERY } from './holds.ts'
import { dueIn, isFree, type Lease, leased } from './queue.ts'
import type { Claimed } from './records.ts'
import { pointedAt, toAttempt, toGrant } from './rows.ts'
import { waitsForNoOther } from './same-user.ts'
import { addEvents, makeCardsDue, type Tx } from './trail.ts'

/** Whose claims. */
export interface ClaimOf extends Lease {
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
  const found = await findDue(tx, of)
  const slots = rate === undefined ? found.length : found.length && (await takeSlots(tx, rate, found.length))
  const due = found.slice(0, slots)
  if (due.length === 0) return []
  const attempts = await openAttempts(tx, of, due)
  const now = tx.now()
  const rows = await tx.db
    .updateTable('grants')
    .set({
      state: 'issuing',
      state_at: sql<number>`case when state = 'issuing' then state_at else cast(${now} as bigint) end`,
      lane: 0,
      attempts: sql<number>`attempts + 1`,
      first_attempt_at: sql<number>`coalesce(first_attempt_at, ${now})`,
      ...leased(tx, of),
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

/** Not by a join, for which PostgreSQL may read all grants as long as it takes them to be few. */
const ofGrant = (column: string) => sql`(select g.${sql.ref(column)} from grants g where g.id = r.grant_id)`

/** In the order in which they are due. Of two of one user the first, since then the other one's insert does nothing. */
async function openAttempts(
  tx: Tx,
  { worker }: ClaimOf,
  due: readonly { id: string }[],
): Promise<Map<string, Claimed['attempt']>> {
  const wanted = tx.rows(
    { place: 'bigint', grant_id: 'text', id: 'text' },
    due.map(({ id }, place) => ({ place, grant_id: id, id: tx.randomId() })),
  )
  const { rows } = await sql<Parameters<typeof toAttempt>[0]>`
    insert into attempts (id, grant_id, subject, number, worker, started_at)
      select r.id, r.grant_id, ${ofGrant('subject')}, ${ofGrant('attempts')} + 1, ${worker}, cast(${tx.now()} as bigint)
      from ${wanted} where true order by r.place
    on conflict (subject) where ended_at is null do nothing
    returning *`.execute(tx.db)
  return new Map(rows.map((row) => [row.grant_id, toAttempt(row)]))
}

/** What keeps a due grant `g` from being sent though no hold stops it: it is too late, or somebody works on it or on another. */
function mayBeSent(tx: Tx) {
  return sql<SqlBool>`g.due_at <= ${tx.clock} and ${isFree(tx, 'g')}
    and (g.state = 'issuing' or g.issue_by is null or g.issue_by > ${tx.now()}) and ${waitsForNoOther}`
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
    .set({ probe_at: dueIn(tx, PROBE_EVERY) })
    .where('id', '=', holdId)
    .execute()
}
