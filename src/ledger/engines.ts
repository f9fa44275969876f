import type { ControlledTransaction, Kysely, RawBuilder } from 'kysely'
import type { SqlWords } from './migrate.ts'
import type { Tables } from './tables.ts'

export type Rows = <C extends string>(
  columns: Record<C, 'text' | 'bigint'>,
  rows: readonly Record<C, string | number | null>[],
) => RawBuilder<unknown>

/** All in which SQLite and PostgreSQL differ; `sqlite.ts` and `postgres.ts` are the two. */
export interface Engine {
  name: 'sqlite' | 'postgres'
  /** For reads outside of a write: never waits for one and never sees half of one. */
  reads: Kysely<Tables>
  /**
   * Begins a transaction that holds the write lock.
   * @param within ms to wait for the lock @param each ms for each statement after it, as long as the lock unless told
   * @throws LedgerBusyError
   */
  begin(within: number, each?: number): Promise<ControlledTransaction<Tables>>
  /** The database's clock, epoch ms, in SQL. */
  clock: RawBuilder<number>
  /** Many rows as one parameter, so that a statement has one text and one plan however many there are. Its name is `r`. */
  rows: Rows
  words: SqlWords
  /** What an error before the commit was sent means: the ledger can't just now, or something else is wrong. */
  isBusy(error: unknown): boolean
  /** Whether after this error of a commit it is open what was written. */
  isUncertain(error: unknown): boolean
  /** Whether no other app can be alive on this ledger, so that every lease is left from a crash. */
  isAlone: boolean
  close(): Promise<void>
}

/** All of a ledger as of one moment, beside those who write; nothing is changed by it. */
export interface Snapshot {
  db: Kysely<Tables>
  close(): Promise<void>
}
