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
  /** Statements that let it be changed again, for what a migration must. */
  changeable(table: string): string[]
  /** Of a column that holds a JSON object: a member as text, null where there is none; and the rest of it. */
  json: { text(column: string, key: string): string; without(column: string, key: string): string }
  /** Between an insert's columns and its values, where keys that count up by themselves are given all the same. */
  givenIds: string
  /** Statements after which such a key goes on from the highest one there is. */
  countOn(table: string): string[]
}

/** Never changed once released. Breaks the version of the app before only where CHANGELOG.md says to stop all of it first. */
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

/** What a ledger is brought up to. */
export const LATEST_VERSION = migrations.length

/**
 * Brings the tables up to this version, in a transaction that holds the write lock.
 * @param options.upTo a migration's number: no further than to this one @param options.logger is told what is done to a
 *   ledger that holds something, since in a large one it takes minutes
 * @throws LedgerTooNewError when a newer version of the app was here
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
 * The number of the last migration that a ledger has had.
 * @throws LedgerTooNewError when it is one that this version does not know
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
