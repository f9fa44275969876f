import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Claimable, lanes } from '../domain/hold.ts'
import type { Engine } from './engines.ts'
import { isFree } from './queue.ts'
import type { Tx } from './tx.ts'

/**
 * Finds due grants stock by stock, so that it reads no row behind a hold, however many wait there. The query jumps
 * through an index from stock to stock and reads only the first few rows of each. Its form leaves neither engine
 * another plan, whatever the statistics say.
 */

type Some = Exclude<Claimable, { nothing: true }>

/** The stocks with grants that are or will be due, in each of these lanes: `stocks (lane, stock_ref)`. */
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
 * The first due grants of each stock, longest due first, and batches last.
 * @param where a further condition on a grant `g`
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

/** How many grants are due, counting no more than `most` for each stock. */
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

/** Whether a grant is due, held or not, that nobody leases; saves beginning a transaction for nothing. */
export async function isAnyGrantDue({ reads, clock }: Pick<Engine, 'reads' | 'clock'>): Promise<boolean> {
  const { rows } = await sql`${stocksOf({ lanes, exceptStocks: [] })}
    select 1 from stocks where exists (select 1 from grants g
      where ${ofStock} and g.due_at <= ${clock} and ${isFree({ clock }, 'g')}) limit 1`.execute(reads)
  return rows.length > 0
}
