import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { type Claimable, lanes } from '../domain/hold.ts'
import type { Engine } from './engines.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/**
 * How work is claimed and given back. What is due and not leased is claimed, the longest due first, and each claim
 * counts as a try. The lease runs out by the database's clock, so that another process finds what a crash left behind.
 * Attempts are claimed by other rules (`attempts.ts`), with the same leases.
 */

/** Tables of what is drawn or told. */
export type Queue = 'cards' | 'notices' | 'holds'

export interface Lease {
  worker: string
  /** ms by the database's clock. */
  lease: number
}

export type Claim = Lease & { limit: number }

/** So many ms from now, by the database's clock. */
export function dueIn({ clock }: Pick<Tx, 'clock'>, ms: number): RawBuilder<number> {
  return sql<number>`${clock} + ${sql.lit(Math.round(ms))}`
}

export function leased(tx: Pick<Tx, 'clock'>, { worker, lease }: Lease) {
  return { lease_owner: worker, lease_until: dueIn(tx, lease) }
}

export const unleased = { lease_owner: null, lease_until: null }

/** Whether a row is leased by nobody. @param table what it is called where several are joined */
export function isFree({ clock }: Pick<Tx, 'clock'>, table?: string): RawBuilder<SqlBool> {
  const until = sql.ref(table ? `${table}.lease_until` : 'lease_until')
  return sql<SqlBool>`(${until} is null or ${until} <= ${clock})`
}

/** Since when a row lags that becomes due now, or is due already. */
export function sinceDue({ clock }: Pick<Tx, 'clock'>): RawBuilder<number> {
  return sql<number>`case when due_at is null then ${clock} else coalesce(lags_since, due_at) end`
}

/** Ids of what is due and leased by nobody, the longest due first. */
export const nextDue = (tx: Pick<Tx, 'clock'>, queue: Queue, limit: number) => sql<{ id: string }>`select id
  from ${sql.table(queue)} where due_at <= ${tx.clock} and ${isFree(tx)} order by due_at, id limit ${sql.lit(limit)}`

/** Whether a claim would find something: asked before a transaction is begun for it. */
export async function isAnyDue(
  { reads, clock }: Pick<Engine, 'reads' | 'clock'>,
  queue: Queue,
): Promise<boolean> {
  return (await nextDue({ clock }, queue, 1).execute(reads)).rows.length > 0
}

/** Leases what is due, the longest due first. `tries` of each counts those that were begun before. */
export async function claim<Q extends Queue>(tx: Tx, queue: Q, of: Claim): Promise<Selectable<Tables[Q]>[]> {
  const { lease_owner, lease_until } = leased(tx, of)
  const { rows } = await sql<Selectable<Tables[Queue]>>`update ${sql.table(queue)}
    set lease_owner = ${lease_owner}, lease_until = ${lease_until}, tries = tries + 1
    where ${tx.isOneOf('id', nextDue(tx, queue, of.limit))} returning *`.execute(tx.db)
  return rows
    .toSorted((one, other) => (one.due_at ?? 0) - (other.due_at ?? 0) || (one.id < other.id ? -1 : 1))
    .map((row) => ({ ...row, tries: row.tries - 1 })) as Selectable<Tables[Q]>[]
}

/**
 * Gives a row back that is this worker's still: it is done, or due again.
 * @param retryIn ms; null: it is done @returns whether it was this worker's
 */
export async function giveBack(
  tx: Tx,
  queue: Queue,
  { id, worker, retryIn }: { id: string; worker: string; retryIn: number | null },
): Promise<boolean> {
  const { rows } = await sql`update ${sql.table(queue)}
    set due_at = ${retryIn === null ? null : dueIn(tx, retryIn)}, lags_since = ${sinceDue(tx)},
      lease_owner = null, lease_until = null
    where id = ${id} and lease_owner = ${worker} returning id`.execute(tx.db)
  return rows.length > 0
}

/**
 * Finds what is due stock by stock, so that no row behind a hold is read, however many wait there. The query jumps
 * through an index from stock to stock and reads only the first few rows of each, in a form that leaves neither engine
 * another plan, whatever its statistics say.
 */

type Some = Exclude<Claimable, { nothing: true }>

/** Each stock of which something is due or will be, in each of these lanes: `stocks (lane, stock_ref)`. */
function stocksOf({ lanes, exceptStocks, onlyStock }: Some): RawBuilder<unknown> {
  const all = sql.join(
    lanes.map((lane) => sql`select ${sql.lit(lane)} as lane`),
    sql` union all `,
  )
  if (onlyStock !== undefined)
    return sql`with stocks (lane, stock_ref) as (select lane, ${onlyStock} from (${all}) lanes)`
  const next = (from: RawBuilder<unknown>) => sql`(select min(g.stock_ref) from grants g
    where g.lane = ${from}.lane and g.due_at is not null`
  const but = exceptStocks.length === 0 ? sql`` : sql` and hops.stock_ref not in (${sql.join(exceptStocks)})`
  return sql`with recursive hops (lane, stock_ref) as (
      select lanes.lane, ${next(sql`lanes`)}) from (${all}) lanes
      union all
      select hops.lane, ${next(sql`hops`)} and g.stock_ref > hops.stock_ref) from hops
        where hops.stock_ref is not null),
    stocks (lane, stock_ref) as (select hops.lane, hops.stock_ref from hops
      where hops.stock_ref is not null${but})`
}

/** Grants of `g` that belong to a row of `stocks` and are or will be due. */
const ofStock = sql`g.lane = stocks.lane and g.stock_ref = stocks.stock_ref and g.due_at is not null`

interface Due {
  id: string
  lane: number
  dueAt: number
}

/**
 * The first of each stock, those of batches last and the longest due first.
 * @param where what else is asked of a grant `g`
 */
export async function firstDue(
  db: Tx['db'],
  of: Claimable,
  limit: number,
  where: RawBuilder<SqlBool>,
): Promise<Due[]> {
  if ('nothing' in of || of.lanes.length === 0 || limit <= 0) return []
  const { rows } = await sql<{ lane: number; found: string | null }>`${stocksOf(of)}
    select stocks.lane as lane, (select string_agg(cast(f.due_at as text) || ' ' || f.id, ',') from (
      select g.due_at, g.id from grants g where ${ofStock} and ${where}
      order by g.due_at limit ${limit}) f) as found from stocks`.execute(db)
  const due = rows.flatMap(({ lane, found }) =>
    (found?.split(',') ?? []).map((one) => {
      const [dueAt = '', id = ''] = one.split(' ')
      return { id, lane, dueAt: Number(dueAt) }
    }),
  )
  const rank = ({ lane }: Due) => (lane === 2 ? 1 : 0)
  return due.toSorted((one, other) => rank(one) - rank(other) || one.dueAt - other.dueAt).slice(0, limit)
}

/** How many there are, counted up to so many of each stock. */
export async function countDue(db: Tx['db'], of: Claimable, most: number): Promise<number> {
  if ('nothing' in of || of.lanes.length === 0) return 0
  const { rows } = await sql<{ count: number }>`${stocksOf(of)}
    select (select count(*) from (select 1 from grants g where ${ofStock} limit ${sql.lit(most)}) f) as count
    from stocks`.execute(db)
  return Math.min(
    most,
    rows.reduce((sum, { count }) => sum + count, 0),
  )
}
/** Whether anything is due, held or not, that nobody is on; asked before a transaction is begun for it. */
export async function isAnyGrantDue({ reads, clock }: Pick<Engine, 'reads' | 'clock'>): Promise<boolean> {
  const { rows } = await sql`${stocksOf({ lanes, exceptStocks: [] })}
    select 1 from stocks where exists (select 1 from grants g
      where ${ofStock} and g.due_at <= ${clock} and ${isFree({ clock }, 'g')}) limit 1`.execute(reads)
  return rows.length > 0
}
