import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { Engine } from './engines.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/**
 * How work is claimed and given back. A claim takes rows that are due and not leased, longest due first, and counts as
 * a try. The lease expires by the database's clock, so another process finds what a crash left behind.
 * Grants are claimed by other rules (`claim-grants.ts`), with the same leases.
 */

/** Tables of things to draw or send. */
export type Queue = 'cards' | 'notices' | 'holds'

export interface Lease {
  worker: string
  /** ms by the database's clock. */
  lease: number
}

export type Claim = Lease & { limit: number }

/** A time `ms` from now, by the database's clock. */
export function dueIn({ clock }: Pick<Tx, 'clock'>, ms: number): RawBuilder<number> {
  return sql<number>`${clock} + ${sql.lit(Math.round(ms))}`
}

/** The columns of a row that a worker leases from now on. */
export function leased(tx: Pick<Tx, 'clock'>, { worker, lease }: Lease) {
  return { lease_owner: worker, lease_until: dueIn(tx, lease) }
}

export const unleased = { lease_owner: null, lease_until: null }

/** Whether nobody leases a row. @param table its name in a join */
export function isFree({ clock }: Pick<Tx, 'clock'>, table?: string): RawBuilder<SqlBool> {
  const until = sql.ref(table ? `${table}.lease_until` : 'lease_until')
  return sql<SqlBool>`(${until} is null or ${until} <= ${clock})`
}

/** Since when a row lags that becomes due now or is already due. */
export function sinceDue({ clock }: Pick<Tx, 'clock'>): RawBuilder<number> {
  return sql<number>`case when due_at is null then ${clock} else coalesce(lags_since, due_at) end`
}

/** Ids of rows that are due and not leased, longest due first. */
export const nextDue = (tx: Pick<Tx, 'clock'>, queue: Queue, limit: number) => sql<{ id: string }>`select id
  from ${sql.table(queue)} where due_at <= ${tx.clock} and ${isFree(tx)} order by due_at, id limit ${sql.lit(limit)}`

/** Whether a claim would find something; saves beginning a transaction for nothing. */
export async function isAnyDue(
  { reads, clock }: Pick<Engine, 'reads' | 'clock'>,
  queue: Queue,
): Promise<boolean> {
  return (await nextDue({ clock }, queue, 1).execute(reads)).rows.length > 0
}

/** Leases due rows, longest due first. `tries` of each row counts the earlier tries. */
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
 * Gives back a row that this worker still leases: it is done, or due again.
 * @param retryIn ms; null: it is done
 * @returns whether this worker still leased it
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
