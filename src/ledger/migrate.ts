import { type Kysely, sql } from 'kysely'
import { LedgerTooNewError } from './errors.ts'
import { grantsMigration } from './migrations/0001-grants.ts'
import { holdTellingMigration } from './migrations/0002-hold-telling.ts'
import { approvalsMigration } from './migrations/0003-approvals.ts'
import { noticesOfGrantsMigration } from './migrations/0004-notices-of-grants.ts'
import { operationsMigration } from './migrations/0005-operations.ts'
import { onceMigration } from './migrations/0006-once.ts'
import { laggingMigration } from './migrations/0007-lagging.ts'
import { stockRefsMigration } from './migrations/0008-stock-refs.ts'
import { usageMigration } from './migrations/0009-usage.ts'
import { holdsByStockRefMigration } from './migrations/0010-holds-by-stock-ref.ts'
import { holdsComputedMigration } from './migrations/0011-holds-computed.ts'
import type { Tables } from './tables.ts'

/** How the engines say the same thing when tables are made. */
export interface SqlWords {
  /** Type of a whole number of 64 bits. */
  int: string
  /** The calendar day in UTC of an expression of epoch ms: 20261124. */
  day(ms: string): string
  /** Type of a primary key that counts up by itself. */
  id: string
  /** After a table's closing bracket. */
  table: string
  /** Statements that make a table refuse UPDATE and DELETE. */
  appendOnly(table: string): string[]
  /** Between an insert's columns and its values, where keys that count up by themselves are given all the same. */
  givenIds: string
  /** Statements after which such a key goes on from the highest one there is. */
  countOn(table: string): string[]
}

/** Never changed once released; never breaks the version of the app before. */
export interface Migration {
  number: number
  name: string
  statements(words: SqlWords): string[]
}

const migrations: readonly Migration[] = [
  grantsMigration,
  holdTellingMigration,
  approvalsMigration,
  noticesOfGrantsMigration,
  operationsMigration,
  onceMigration,
  laggingMigration,
  stockRefsMigration,
  usageMigration,
  holdsByStockRefMigration,
  holdsComputedMigration,
]

/**
 * Brings the tables up to this version, in a transaction that holds the write lock.
 * @param upTo a migration's number: no further than to this one
 * @throws LedgerTooNewError when a newer version of the app was here
 */
export async function migrate(
  tx: Kysely<Tables>,
  words: SqlWords,
  now: number,
  upTo = migrations.length,
): Promise<void> {
  await sql
    .raw(
      `create table if not exists migrations
        (number ${words.int} primary key, name text not null, applied_at ${words.int} not null) ${words.table}`,
    )
    .execute(tx)
  const latest = await versionOf(tx)
  for (const migration of migrations.filter(({ number }) => number > latest && number <= upTo)) {
    for (const statement of migration.statements(words)) await sql.raw(statement).execute(tx)
    const { number, name } = migration
    await tx.insertInto('migrations').values({ number, name, applied_at: now }).execute()
  }
}

/**
 * The number of the last migration that a ledger has had.
 * @throws LedgerTooNewError when it is one that this version does not know
 */
export async function versionOf(db: Kysely<Tables>): Promise<number> {
  const { latest } = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('number').as('latest'))
    .executeTakeFirstOrThrow()
  const known = migrations.length
  if ((latest ?? 0) > known)
    throw new LedgerTooNewError(
      `the ledger is of version ${latest}, this app knows up to ${known}: start the newer version of the app, or restore a backup that is as old as this one`,
    )
  return latest ?? 0
}
