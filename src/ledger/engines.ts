import type { ControlledTransaction, Kysely, RawBuilder, SqlBool } from 'kysely'
import type { SqlWords } from './migrate.ts'
import type { Tables } from './tables.ts'

export type Rows = <C extends string>(
  columns: Record<C, 'text' | 'bigint'>,
  rows: readonly Record<C, string | number | null>[],
) => RawBuilder<unknown>

/** Everything in which SQLite and PostgreSQL differ; `sqlite.ts` and `postgres.ts` are the two. */
export interface Engine {
  name: 'sqlite' | 'postgres'
  /** For reads outside a write: never waits for a write and never sees half of one. */
  reads: Kysely<Tables>
  /**
   * Begins a transaction that holds the write lock.
   * @param within ms to wait for the lock
   * @param each ms for each later statement; default: `within`
   * @throws LedgerBusyError
   */
  begin(within: number, each?: number): Promise<ControlledTransaction<Tables>>
  /** The database's clock, epoch ms, in SQL. */
  clock: RawBuilder<number>
  /**
   * Many rows as one parameter, so that a statement has the same text and plan for any number of rows. Its name is `r`.
   */
  rows: Rows
  /** Whether a column is one of the few values that a query finds; each is looked up in the column's index. */
  isOneOf(column: string, query: RawBuilder<unknown>): RawBuilder<SqlBool>
  words: SqlWords
  /** Whether an error before the commit means that the ledger is busy, rather than that something else is wrong. */
  isBusy(error: unknown): boolean
  /** Whether this error of a commit leaves open what was written. */
  isUncertain(error: unknown): boolean
  /** Whether no other app can be alive on this ledger, so that every lease is left over from a crash. */
  isAlone: boolean
  /** How many apps are alive on this ledger, not counting tools; null: unknown. */
  apps(): Promise<number | null>
  close(): Promise<void>
}

/** The whole ledger at one moment, read while others write. Changes nothing. */
export interface Snapshot {
  db: Kysely<Tables>
  close(): Promise<void>
}

/** Nothing was written or read: no write lock, not done in time, or the database is away. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError'
}

/** The commit was sent and its answer lost: the changes may be written. */
export class CommitUncertainError extends Error {
  override readonly name = 'CommitUncertainError'
}

/** The ledger can't be used at all: address, permissions, disk, server. The message names the remedy. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError'
}

/** The ledger can't be used until a person changes something: its address, the password, the database. */
export class LedgerSetupError extends Error {
  override readonly name = 'LedgerSetupError'
}

/** A newer version of the app has migrated this ledger; the older one must not touch it. */
export class LedgerTooNewError extends Error {
  override readonly name = 'LedgerTooNewError'
  readonly version: number

  constructor(version: number, message: string) {
    super(message)
    this.version = version
  }
}

/** Another app holds this SQLite ledger and did not let go in time. */
export class LedgerLockedError extends Error {
  override readonly name = 'LedgerLockedError'
}

/** A row of the ledger is not what the app writes. */
export class LedgerRowError extends Error {
  override readonly name = 'LedgerRowError'
}

/** The ledger to be filled isn't empty. */
export class LedgerNotEmptyError extends Error {
  override readonly name = 'LedgerNotEmptyError'
}
