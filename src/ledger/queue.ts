import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { Engine } from './engines.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/**
 * How work is claimed and given back. What is due and not leased is claimed, the longest due first, and each claim
 * counts as a try. The lease runs out by the database's clock, so that another process finds what a crash left behind.
 * Grants are claimed by other rules (`claim-grants.ts`), with the same leases.
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
