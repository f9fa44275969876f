import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Lane } from '../domain/hold.ts'
import { endLost } from './attempts.ts'
import { type Engine, LedgerNotEmptyError, LedgerSetupError, type Snapshot } from './engines.ts'
import { beginHold } from './holds.ts'
import { LATEST_VERSION, migrate, versionOf } from './migrate.ts'
import { createIds, freeLeases, openEngine } from './open-ledger.ts'
import { needsLook } from './reads.ts'
import { flagColumn } from './rows.ts'
import { createSqliteFile, openSqliteSnapshot, refuseRunning, settleSqliteFile } from './sqlite.ts'
import type { Tables } from './tables.ts'
import { addEvent, tellGrants } from './trail.ts'
import { lastEvent, type Tx } from './tx.ts'

/** What to copy, and what is known about it. */
interface Copy {
  /** The ledger to read when backing up, or to fill when restoring. */
  url: string
  file: string
  now?: () => number
  /** The app on the ledger to read was stopped first and won't be started on it again. */
  stopped?: boolean
}

/** What was copied. */
export interface Copied {
  /** Epoch ms; the copy shows the ledger at this time. */
  at: number
  /** Rows by table. */
  rows: Record<string, number>
}

/** `isNoted`: the ledger has recorded the backup. Not for a stopped app, which isn't started on it again. */
export type BackedUp = Copied & { isNoted: boolean }

/**
 * All tables in foreign-key order, with their primary keys, except `health` and `migrations`,
 * which every ledger has of its own.
 */
const keys = {
  policies: ['hash'],
  subjects: ['id'],
  texts: ['id'],
  grants: ['id'],
  attempts: ['id'],
  events: ['id'],
  cards: ['id'],
  decisions: ['grant_id', 'approver'],
  notices: ['id'],
  holds: ['id'],
  settlements: ['id'],
  orders: ['id'],
  usage: ['kind', 'owner', 'rule', 'day'],
  calendar: ['id'],
  pace: ['id'],
  absences: ['person'],
  closed_channels: ['channel'],
  seals: ['number'],
  coupons: ['coupon_id'],
  erasures: ['id'],
  sealing: ['id'],
} as const satisfies Record<Exclude<keyof Tables, 'health' | 'migrations'>, readonly string[]>
/** Those with an auto-incrementing key. */
const counted = ['events']
/** Those that are never empty. */
const own = ['pace', 'calendar', 'sealing']

/** The reason for which a copy is paused and its open grants are left to people. */
const RESTORED = 'restored'

/** Rows at a time, below every engine's limit of parameters. */
const CHUNK = 100
/** ms to wait for the lock of the ledger to fill. */
const COPY_WITHIN = 60_000
/** ms to record the backup in the ledger's one row for it. */
const NOTE_WITHIN = 5000
/** ms for each statement of a migration: some change everything that an older version has stored. */
const MIGRATE_WITHIN = 3_600_000

/**
 * Copies a ledger at this moment into a new SQLite file, which is itself a ledger with issuing paused. The app may run
 * meanwhile. `file` appears only when all of it is on disk.
 * @throws LedgerNotEmptyError if `file` already exists, LedgerLockedError if an app runs that should be stopped,
 *   LedgerUnavailableError, LedgerTooNewError
 */
export async function backUp(of: Copy): Promise<BackedUp> {
  const { url, now = Date.now, stopped = false } = of
  const file = resolve(of.file)
  refuseFile(file)
  if (stopped && url.startsWith('file:')) refuseRunning(url)
  const source = await openSnapshot(url)
  const part = `${file}.${process.pid}.part`
  try {
    createSqliteFile(part)
    const target = await openEngine({ url: `file:${part}`, role: 'tool' })
    const copied = await fill({ target, source, now, mayHaveGoneOn: !stopped }).finally(() => target.close())
    settleSqliteFile(part)
    refuseFile(file)
    renameSync(part, file)
    syncFolder(dirname(file))
    const isNoted = !stopped && !(await isBackup(url, source)) && (await noteBackup(url, copied.at))
    return { ...copied, isNoted }
  } finally {
    await source.close()
    for (const left of [part, `${part}-wal`, `${part}-shm`]) rmSync(left, { force: true })
  }
}

/** The copy is good even if the ledger can't be written, or belongs to an older version that keeps running. */
async function noteBackup(url: string, at: number): Promise<boolean> {
  return setBackedUpAt(url, at, at).catch(() => false)
}

/**
 * Forgets when `backUp` last backed up the ledger, for people who now back it up by other means: the app stops warning
 * that the last backup is old. The app may run meanwhile.
 * @throws LedgerSetupError if it belongs to an older version, LedgerUnavailableError, LedgerTooNewError
 */
export async function forgetBackup(url: string, now: () => number = Date.now): Promise<void> {
  if (!(await setBackedUpAt(url, null, now())))
    throw new LedgerSetupError(
      'the ledger is of an older version: start the app once, which brings it up to date',
    )
}

/** @returns false if the ledger belongs to an older version; then nothing changes */
async function setBackedUpAt(url: string, backedUpAt: number | null, at: number): Promise<boolean> {
  const engine = await openEngine({ url, role: 'tool' })
  try {
    if ((await versionOf(engine.reads)) !== LATEST_VERSION) return false
    const db = await engine.begin(NOTE_WITHIN)
    await db
      .insertInto('health')
      .values({ id: 1, at, backed_up_at: backedUpAt })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ backed_up_at: backedUpAt }))
      .execute()
    await db.commit().execute()
    return true
  } finally {
    await engine.close()
  }
}

/**
 * Fills an empty ledger from a SQLite file, usually a backup, and pauses issuing in it. The file stays as it is.
 * @throws LedgerNotEmptyError, LedgerLockedError if an app runs on it, LedgerUnavailableError, LedgerTooNewError
 */
export async function restore(of: Copy): Promise<Copied> {
  const { url, now = Date.now, stopped = false } = of
  const from = `file:${resolve(of.file)}`
  if (stopped) refuseRunning(from)
  const source = await openSnapshot(from)
  try {
    const target = await openEngine({ url, role: 'app', waitForLock: 0 })
    // A backup was made as a copy, and already marks what is doubtful in it.
    const mayHaveGoneOn = !stopped && !(await isBackup(from, source))
    return await fill({ target, source, now, mayHaveGoneOn }).finally(() => target.close())
  } finally {
    await source.close()
  }
}

async function openSnapshot(url: string): Promise<Snapshot> {
  if (url.startsWith('file:')) return openSqliteSnapshot(url)
  const { openPostgresSnapshot } = await import('./postgres.ts')
  return openPostgresSnapshot(url)
}

/**
 * All or nothing: migrates the target to the source's version, so that the rows fit, copies,
 * then migrates it to the latest.
 */
async function fill(of: {
  target: Engine
  source: Snapshot
  now: () => number
  /** Whether coupons may have been given after the copy was made. */
  mayHaveGoneOn: boolean
}): Promise<Copied> {
  const { target, source } = of
  const at = of.now()
  const version = await versionOf(source.db)
  const there = new Set((await source.db.introspection.getTables()).map(({ name }) => name))
  const db = await target.begin(COPY_WITHIN, MIGRATE_WITHIN)
  try {
    await migrate(db, target.words, at, { upTo: version })
    const tables = Object.entries(keys).filter(([table]) => there.has(table))
    for (const [table] of tables) if (!own.includes(table)) await refuseRows(db, table)
    const rows: Record<string, number> = {}
    for (const [table, key] of tables) {
      if (own.includes(table)) await sql`delete from ${sql.table(table)}`.execute(db)
      rows[table] = await copyRows({ from: source.db, to: db, table, key, givenIds: target.words.givenIds })
    }
    for (const statement of counted.flatMap((table) => target.words.countOn(table)))
      await sql.raw(statement).execute(db)
    await migrate(db, target.words, at)
    await freeLeases(db)
    const { clock, isOneOf, rows: rowsOf } = target
    const here = { db, holds: { open: null }, now: () => at, randomId: createIds() }
    const tx: Tx = { ...here, clock, isOneOf, rows: rowsOf }
    if (of.mayHaveGoneOn) await leaveToPeople(tx)
    while ((await endLost(tx)) > 0);
    await pauseCopy(tx)
    await db.commit().execute()
    return { at, rows }
  } catch (error) {
    // Report the error itself, not a failed rollback.
    await db
      .rollback()
      .execute()
      .catch(() => {})
    throw error
  }
}

async function copyRows(of: {
  from: Kysely<Tables>
  to: Kysely<Tables>
  table: string
  key: readonly string[]
  givenIds: string
}): Promise<number> {
  const { from, to, table, key } = of
  const order = sql.join(key.map((column) => sql.ref(column)))
  let count = 0
  let after = sql<SqlBool>`1 = 1`
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} where ${after} order by ${order} limit ${sql.lit(CHUNK)}`.execute(
      from,
    )
    const last = rows.at(-1)
    if (!last) return count
    const columns = Object.keys(last)
    const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
    await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
      ${sql.raw(of.givenIds)} values ${sql.join(values)}`.execute(to)
    count += rows.length
    after = sql<SqlBool>`(${order}) > (${sql.join(key.map((column) => last[column]))})`
  }
}

/** Whether `backUp` made the file and no app has used it as a ledger since: opening one puts it in WAL mode. */
async function isBackup(url: string, { db }: Snapshot): Promise<boolean> {
  if (!url.startsWith('file:')) return false
  const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db)
  if (rows[0]?.journal_mode === 'wal') return false
  const hold = await db
    .selectFrom('holds')
    .select('id')
    .where('reason', '=', RESTORED)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return hold !== undefined
}

/**
 * Since the copy was made, its open grants may have been given, decided or cancelled. So none of them may end by itself
 * as if nothing had been sent: people settle them. An approved grant may have been sent for the first time right after
 * the copy's last record, so it is sent under its number only as long as that is safe from then on.
 */
async function leaveToPeople(tx: Tx): Promise<void> {
  const { last } = await tx.db
    .selectFrom('events')
    .select(({ fn }) => fn.max('at').as('last'))
    .executeTakeFirstOrThrow()
  const asOf = sql.lit(Number(last ?? tx.now()))
  const now = sql.lit(tx.now())
  const flag = flagColumn({ kind: 'needs-look', reason: RESTORED, at: tx.now() })
  const doubtful = await tx.db
    .updateTable('grants')
    .set({
      state: 'issuing',
      lane: sql<Lane>`case when attempts > 0 then 0 else 1 end`,
      state_at: sql<number>`case when state = 'issuing' then state_at else ${now} end`,
      first_attempt_at: sql<number>`coalesce(first_attempt_at, ${asOf})`,
      maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${asOf})`,
      flag,
      // Nobody has approved it in this ledger.
      due_at: sql<number | null>`case when state = 'pending' then null else due_at end`,
      remind_at: null,
      escalate_at: null,
      stranded_at: null,
      version: sql<number>`version + 1`,
    })
    .where(
      sql<boolean>`(state in ('pending', 'approved') or state = 'issuing' and (flag is null or not ${needsLook}))`,
    )
    .returning('id')
    .execute()
  await tellGrants(tx, doubtful, { kind: 'restored', actor: 'app', data: {} })
}

/** The copy doesn't know what was asked and issued after it was made: people must check before it continues. */
async function pauseCopy(tx: Tx): Promise<void> {
  const reason = RESTORED
  const message = `restored from a backup of ${new Date(tx.now()).toISOString()}: resume when you have checked that no app runs on the older ledger any more, and at WeChat Pay which coupons were sent since`
  // Not the pause that people were told about: their buttons aren't for this one.
  await tx.db
    .updateTable('holds')
    .set({ ended_at: tx.now(), ended_after: lastEvent, ended_by: 'app', due_at: null })
    .where('kind', '=', 'paused')
    .where('stock_ref', 'is', null)
    .where('ended_at', 'is', null)
    .where('reason', '<>', reason)
    .execute()
  tx.holds.open = null
  // A copy of a copy already says how old it is.
  if (!(await beginHold(tx, { kind: 'paused', reason, message }))) return
  await addEvent(tx, { kind: 'paused', actor: 'app', data: { stock: null, reason } })
}

function refuseFile(file: string): void {
  if (existsSync(file))
    throw new LedgerNotEmptyError(`${file} is there already and stays as it is: name a new file`)
}

async function refuseRows(db: Kysely<Tables>, table: string): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)
  if (rows.length > 0)
    throw new LedgerNotEmptyError(
      `the ledger to be filled holds ${table} already: name an empty one by DATABASE_URL, one that no app was started on`,
    )
}

/** A rename is on disk only once its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
