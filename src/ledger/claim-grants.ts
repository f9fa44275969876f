import { type SqlBool, sql } from 'kysely'
import { type Claimable, claimable, type Hold, stoppedOnlyBy } from '../domain/hold.ts'
import { firstDue } from './due-grants.ts'
import { openHolds, PROBE_EVERY, waitsForNoOther } from './holds.ts'
import { dueIn, isFree, type Lease, leased } from './queue.ts'
import type { Claimed } from './records.ts'
import { pointedAt, toAttempt, toGrant } from './rows.ts'
import { addEvents, makeCardsDue } from './trail.ts'
import type { Tx } from './tx.ts'

/** Which grants are sent next, and at which pace. For how due ones are found, see `due-grants.ts`. */

/** Who claims, and how much. */
export interface ClaimOf extends Lease {
  /** Attempts a second, over all replicas. */
  rate?: number
  /** Only grants that were sent before, whose coupon may already exist. */
  repeatsOnly?: boolean
  /** Default 1. */
  limit?: number
}

/**
 * Claims the next due grants, probes of holds first, and opens their attempts. At most one per user: WeChat Pay refuses
 * two sends to one user at a time.
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

/** Not a join: PostgreSQL may then read all grants for as long as it takes them to be few. */
const ofGrant = (column: string) => sql`(select g.${sql.ref(column)} from grants g where g.id = r.grant_id)`

/**
 * In the order in which they are due. If two are of one user, the first wins, because the second insert does nothing.
 */
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

/**
 * Conditions for sending a due grant `g` that no hold stops: it isn't too late, and nobody works on it or on another
 * one of its user.
 */
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

/** A hold lets one grant through a minute; a hold of first attempts and a pause let none through. */
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

/**
 * One row paces the attempts of every replica, by the database's clock: so many a second, and none for a while after
 * WeChat Pay said that there were too many. In µs, so that any pace is exact.
 */

/** µs; how much of the pace may be made up for at once after an idle time. */
const BURST = 100_000
/** ms of the first rest; it doubles with each "too many" in a row. */
const FIRST_REST = 1000
const LONGEST_REST = 60_000

const micros = ({ clock }: Pick<Tx, 'clock'>) => sql<number>`(${clock} * 1000)`

/** Takes up to `wanted` of the next slots. @returns how many it got */
async function takeSlots(tx: Tx, rate: number, wanted: number): Promise<number> {
  const gap = sql.lit(Math.round(1_000_000 / rate))
  const most = sql.lit(wanted)
  const earliest = sql<number>`(${micros(tx)} - ${sql.lit(BURST)})`
  const from = sql<number>`(case when next_us > ${earliest} then next_us else ${earliest} end)`
  const there = sql<number>`((${micros(tx)} - ${from}) / ${gap} + 1)`
  const taken = sql<number>`(case when ${there} < ${most} then ${there} else ${most} end)`
  const row = await tx.db
    .updateTable('pace')
    .set({ next_us: sql<number>`${from} + ${taken} * ${gap}`, taken })
    .where('next_us', '<=', micros(tx))
    .returning('taken')
    .executeTakeFirst()
  return row?.taken ?? 0
}

/** ms until the next slot; 0: now. */
export async function slotIn(db: Tx['db'], clock: Tx['clock']): Promise<number> {
  const { wait } = await db
    .selectFrom('pace')
    .select(sql<number>`next_us - ${micros({ clock })}`.as('wait'))
    .executeTakeFirstOrThrow()
  return Math.max(0, Math.ceil(wait / 1000))
}

/** After "too many", sending rests for a while, longer each time; any other answer ends that. */
export async function slowDown(tx: Tx, tooMany: boolean): Promise<void> {
  if (!tooMany) {
    await tx.db.updateTable('pace').set({ slowed: 0 }).where('slowed', '>', 0).execute()
    return
  }
  const { slowed } = await tx.db.selectFrom('pace').select('slowed').executeTakeFirstOrThrow()
  const rest = Math.min(FIRST_REST * 2 ** slowed, LONGEST_REST)
  const rested = sql<number>`(${micros(tx)} + ${sql.lit(rest * 1000)})`
  await tx.db
    .updateTable('pace')
    .set({
      slowed: Math.min(slowed + 1, 10),
      next_us: sql<number>`case when next_us > ${rested} then next_us else ${rested} end`,
    })
    .execute()
}
