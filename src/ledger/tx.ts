import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Hold } from '../domain/hold.ts'
import type { Engine, Rows } from './engines.ts'
import type { Tables } from './tables.ts'

/** What a query reads from. */
export interface From {
  db: Kysely<Tables>
  /** In a transaction: the open holds, once read. Under the write lock nobody else changes them. */
  holds?: { open: readonly Hold[] | null }
}

/** What every change in a transaction works with. */
export interface Tx extends From {
  holds: { open: readonly Hold[] | null }
  /** The database's clock, epoch ms, in SQL. */
  clock: RawBuilder<number>
  rows: Rows
  isOneOf: Engine['isOneOf']
  now(): number
  randomId(): string
}

const CHUNK = 500

/** Runs `act` on chunks small enough for every engine's limit of parameters. */
export async function inChunks<T>(all: T[], act: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += CHUNK) await act(all.slice(from, from + CHUNK))
}

/** The id of the last event before this statement. */
export const lastEvent = sql<number>`(select coalesce(max(id), 0) from events)`
