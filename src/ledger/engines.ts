import type { ControlledTransaction, Kysely, RawBuilder, SqlBool } from 'kysely'
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
  /** Whether a column is one of the few values that a query finds, each of which is looked up by the column's index. */
  isOneOf(column: string, query: RawBuilder<unknown>): RawBuilder<SqlBool>
  words: SqlWords
  /** What an error before the commit was sent means: the ledger can't just now, or something else is wrong. */
  isBusy(error: unknown): boolean
  /** Whether after this error of a commit it is open what was written. */
  isUncertain(error: unknown): boolean
  /** Whether no other app can be alive on this ledger, so that every lease is left from a crash. */
  isAlone: boolean
  /** How many apps are alive on this ledger, tools not counted; null: it can't be told. */
  apps(): Promise<number | null>
  close(): Promise<void>
}

/** All of a ledger as of one moment, beside those who write; nothing is changed by it. */
export interface Snapshot {
  db: Kysely<Tables>
  close(): Promise<void>
}

/** Nothing is written, or read: the write lock was not had, the work not done in its time, or the database is away. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError'
}

/** The commit was sent and its answer lost: what was to be written may be written. */
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

/** What shall be filled holds something already. */
export class LedgerNotEmptyError extends Error {
  override readonly name = 'LedgerNotEmptyError'
}
