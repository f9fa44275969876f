import { type Kysely, sql } from 'kysely'
import { LedgerTooNewError } from './engines.ts'
import type { LedgerLogger } from './interface.ts'
import { grantsMigration } from './migrations/0001-grants.ts'
import { holdTellingMigration } from './migrations/0002-hold-telling.ts'
import { approvalsMigration } from './migrations/0003-approvals.ts'
import { noticesOfGrantsMigration } from './migrations/0004-notices-of-grants.ts'
import { operationsMigration } from './migrations/0005-operations.ts'
import { onceMigration } from './migrations/0006-once.ts'
import { laggingMigration } from './migrations/0007-lagging.ts'
import { madeAnewMigration } from './migrations/0008-made-anew.ts'
import { ticketsMigration } from './migrations/0009-tickets.ts'
import { sealsMigration } from './migrations/0010-seals.ts'
import { outcomesToldMigration } from './migrations/0011-outcomes-told.ts'
import { foundByMigration } from './migrations/0012-found-by.ts'
import { couponsMigration } from './migrations/0013-coupons.ts'
import { sourcesMigration } from './migrations/0014-sources.ts'
import { standInsMigration } from './migrations/0015-stand-ins.ts'
import { backedUpMigration } from './migrations/0016-backed-up.ts'
import { erasuresMigration } from './migrations/0017-erasures.ts'
import { undatedMigration } from './migrations/0018-undated.ts'
import { policyFollowsMigration } from './migrations/0019-policy-follows.ts'
import type { Tables } from './tables.ts'

/** What the engines write differently when tables are made. */
export interface SqlWords {
  /** Type of a 64-bit integer. */
  int: string
  /** The calendar day in UTC of an expression of epoch ms: 20261124. */
  day(ms: string): string
  /** Type of an auto-incrementing primary key. */
  id: string
  /** After a table's closing bracket. */
  table: string
  /** Statements that make a table refuse UPDATE and DELETE. */
  appendOnly(table: string): string[]
  /** Statements that allow changes again, for a migration that needs them. */
  changeable(table: string): string[]
  /** For a column that holds a JSON object: one member as text, or null; and the object without it. */
  json: { text(column: string, key: string): string; without(column: string, key: string): string }
  /** Goes between an insert's columns and its values to allow given ids in an auto-incrementing key. */
  givenIds: string
  /** Statements that let such a key continue after the highest existing one. */
  countOn(table: string): string[]
}

/**
 * Never changed once released. May break the previous version of the app only if CHANGELOG.md
 * says to stop all of it first.
 */
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
  madeAnewMigration,
  ticketsMigration,
  sealsMigration,
  outcomesToldMigration,
  foundByMigration,
  couponsMigration,
  sourcesMigration,
  standInsMigration,
  backedUpMigration,
  erasuresMigration,
  undatedMigration,
  policyFollowsMigration,
]

/** The version to which this app migrates a ledger. */
export const LATEST_VERSION = migrations.length

/**
 * Migrates the tables to this version, in a transaction that holds the write lock.
 * @param options.upTo number of the last migration to run
 * @param options.logger reports migrations of a ledger that isn't empty, because a large one takes minutes
 * @throws LedgerTooNewError if a newer version of the app has migrated it
 */
export async function migrate(
  tx: Kysely<Tables>,
  words: SqlWords,
  now: number,
  { upTo = migrations.length, logger }: { upTo?: number; logger?: LedgerLogger | undefined } = {},
): Promise<void> {
  await sql
    .raw(
      `create table if not exists migrations
        (number ${words.int} primary key, name text not null, applied_at ${words.int} not null) ${words.table}`,
    )
    .execute(tx)
  const latest = await versionOf(tx)
  const toCome = migrations.filter(({ number }) => number > latest && number <= upTo)
  const told = latest > 0 && toCome.length > 0 ? logger : undefined
  const begun = performance.now()
  for (const migration of toCome) {
    const { number, name } = migration
    told?.info({ migration: number, name }, 'changing the tables of the ledger')
    for (const statement of migration.statements(words)) await sql.raw(statement).execute(tx)
    await tx.insertInto('migrations').values({ number, name, applied_at: now }).execute()
  }
  told?.info({ ms: Math.round(performance.now() - begun) }, 'the ledger is up to date')
}

/**
 * The number of the ledger's last migration.
 * @throws LedgerTooNewError if this version doesn't know that migration
 */
export async function versionOf(db: Kysely<Tables>): Promise<number> {
  const { latest } = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('number').as('latest'))
    .executeTakeFirstOrThrow()
  const known = migrations.length
  if (latest !== null && latest > known)
    throw new LedgerTooNewError(
      latest,
      `the ledger is of version ${latest}, this app knows up to ${known}: start the newer version of the app, or restore a backup that is as old as this one`,
    )
  return latest ?? 0
}
