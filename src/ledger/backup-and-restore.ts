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

/** What is copied, and what is known of it. */
interface Copy {
  /** Of the ledger that is read when backing up, of the one that is filled when restoring. */
  url: string
  file: string
  now?: () => number
  /** The app on the ledger that is read was stopped before, and is not started on it again. */
  stopped?: boolean
}

/** What was copied. */
export interface Copied {
  /** Epoch ms; the copy shows the ledger as it was then. */
  at: number
  /** Rows by table. */
  rows: Record<string, number>
}

/** `isNoted`: whether the ledger knows now that it was backed up; not of a stopped app, which is not started on it again. */
export type BackedUp = Copied & { isNoted: boolean }

/**
 * Every table, whoever is referred to before who refers, with what tells its rows apart. `health` and `migrations` are
 * each ledger's own.
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
/** Of those, whose keys count up by themselves. */
const counted = ['events']
/** Never empty. */
const own = ['pace', 'calendar', 'sealing']

/** Why a copy is paused, and what is open in it is left to people. */
const RESTORED = 'restored'

/** Rows at a time, below every engine's limit of parameters. */
const CHUNK = 100
/** ms for the lock of a ledger that is filled. */
const COPY_WITHIN = 60_000
/** ms for the one row that says so. */
const NOTE_WITHIN = 5000
/** ms for each statement there: of these, some change all that an older version has kept. */
const MIGRATE_WITHIN = 3_600_000

/**
 * Copies a ledger, as it is at this moment, into a new SQLite file that is itself a ledger and in which issuing is
 * paused. The app may run meanwhile. Nothing is at `file` before all of it is on disk.
 * @throws LedgerNotEmptyError when `file` is there already, LedgerLockedError when an app runs that should be stopped,
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

/** The copy is good all the same where the ledger can't be written, or is of an older version that runs on. */
async function noteBackup(url: string, at: number): Promise<boolean> {
  return setBackedUpAt(url, at, at).catch(() => false)
}

/**
 * Forgets when the ledger was last backed up by `backUp`, for those who back it up by other means now: nobody is warned any
 * more that it was long ago. The app may run meanwhile.
 * @throws LedgerSetupError when it is of an older version, LedgerUnavailableError, LedgerTooNewError
 */
export async function forgetBackup(url: string, now: () => number = Date.now): Promise<void> {
  if (!(await setBackedUpAt(url, null, now())))
    throw new LedgerSetupError(
      'the ledger is of an older version: start the app once, which brings it up to date',
    )
}

/** @returns false, and nothing is changed, where the ledger is of an older version */
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
 * Fills an empty ledger with what a SQLite file holds, most likely a backup; its issuing is paused. The file stays as it is.
 * @throws LedgerNotEmptyError, LedgerLockedError when an app runs on it, LedgerUnavailableError, LedgerTooNewError
 */
export async function restore(of: Copy): Promise<Copied> {
  const { url, now = Date.now, stopped = false } = of
  const from = `file:${resolve(of.file)}`
  if (stopped) refuseRunning(from)
  const source = await openSnapshot(from)
  try {
    const target = await openEngine({ url, role: 'app', waitForLock: 0 })
    // A backup was made as one, and says already what is doubtful in it.
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

/** All or nothing: made as old as the source is, so that the rows fit, then brought up to date. */
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
    // What went wrong is told, not that the rest can't be taken back.
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

/** Whether the file was made by `backUp` and was not used as a ledger since: opening one puts it in WAL mode. */
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
 * What was open when the copy was made may have been given since, or decided, or cancelled. So nothing of it ends by
 * itself any more as if nothing had been sent: people settle it, and what was approved is sent under its number only for
 * as long as that is safe after the last that is known, when it may have been sent for the first time.
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
      // Nobody here has approved it.
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

/** What was asked and issued after the copy was made is not known in it: people must look before it goes on. */
async function pauseCopy(tx: Tx): Promise<void> {
  const reason = RESTORED
  const message = `restored from a backup of ${new Date(tx.now()).toISOString()}: resume when you have checked that no app runs on the older ledger any more, and at WeChat Pay which coupons were sent since`
  // Another pause than the one that people were told of: their buttons are not for it.
  await tx.db
    .updateTable('holds')
    .set({ ended_at: tx.now(), ended_after: lastEvent, ended_by: 'app', due_at: null })
    .where('kind', '=', 'paused')
    .where('stock_ref', 'is', null)
    .where('ended_at', 'is', null)
    .where('reason', '<>', reason)
    .execute()
  tx.holds.open = null
  // A copy of a copy: it says already of when it is.
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

/** A rename is on disk once its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
