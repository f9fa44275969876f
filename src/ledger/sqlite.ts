import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import {
  type Engine,
  LedgerBusyError,
  LedgerLockedError,
  LedgerSetupError,
  LedgerUnavailableError,
  type Rows,
  type Snapshot,
} from './engines.ts'
import type { LedgerLogger } from './interface.ts'
import type { SqlWords } from './migrate.ts'
import type { Tables } from './tables.ts'

// Result codes of https://www.sqlite.org/rescode.html
const BUSY = 5
const READ_ONLY = 8
const IO_ERROR = 10
/** Extended code: a page couldn't be written, for example beyond a quota. */
const IO_ERROR_WRITE = 778
const FULL = 13
/** READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: waiting cures none of these. */
const BROKEN = [READ_ONLY, IO_ERROR, 11, FULL, 14, 26]
const READ_WITHIN = 2_000
const STATEMENTS_KEPT = 500

const words: SqlWords = {
  int: 'integer',
  day: (ms) => `cast(strftime('%Y%m%d', (${ms}) / 1000, 'unixepoch') as integer)`,
  id: 'integer primary key autoincrement',
  table: 'strict',
  appendOnly: (table) =>
    ['update', 'delete'].map(
      (action) =>
        `create trigger ${table}_no_${action} before ${action} on ${table}
          begin select raise(abort, '${table} is append-only'); end`,
    ),
  changeable: (table) => ['update', 'delete'].map((action) => `drop trigger ${table}_no_${action}`),
  json: {
    text: (column, key) => `json_extract(${column}, '$.${key}')`,
    without: (column, key) => `json_remove(${column}, '$.${key}')`,
  },
  givenIds: '',
  // SQLite does this by itself.
  countOn: () => [],
}

const rows: Rows = (columns, of) => {
  const fields = Object.keys(columns).map((name) => sql`value ->> ${sql.lit(name)} as ${sql.ref(name)}`)
  return sql`(select ${sql.join(fields)} from json_each(${JSON.stringify(of)})) r`
}

/**
 * Opens a SQLite file by `node:sqlite`, with one connection for writes and one for reads.
 * @param options.lockWithin ms to wait for another app on this file; null: a tool, which doesn't take the lock
 * @throws LedgerUnavailableError, LedgerLockedError
 */
export async function openSqlite(options: {
  url: string
  lockWithin: number | null
  logger: LedgerLogger | undefined
}): Promise<Engine> {
  const path = sqlitePath(options.url)
  const opened: DatabaseSync[] = []
  const open = (file: string) => {
    // SQLite gives the files beside it the same permissions.
    if (!existsSync(file)) createUnlessThere(file)
    const database = new DatabaseSync(file)
    opened.push(database)
    return database
  }
  const closeAll = () => {
    for (const database of opened.reverse()) if (database.isOpen) database.close()
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (options.lockWithin !== null)
      await lockApp(open(lockOf(path)), path, options.lockWithin, options.logger)
    const writer = open(path)
    await untilFree(() => writer.exec('pragma journal_mode = wal'), READ_WITHIN)
    // Overwrites what is emptied or dropped, so that an erased person can't be found in the file.
    writer.exec('pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = on')
    const reader = open(path)
    // At most 16 MB of pages: in a large ledger, the rows that people ask for are far apart.
    reader.exec('pragma query_only = on; pragma cache_size = -16000')

    let beginWithin = READ_WITHIN
    const writes = kyselyOn(writer, () => beginWithin)
    const reads = kyselyOn(reader, () => READ_WITHIN)
    return {
      name: 'sqlite',
      reads,
      async begin(within) {
        beginWithin = within
        return writes.startTransaction().execute()
      },
      clock: sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`,
      rows,
      isOneOf: (column, query) => sql`${sql.ref(column)} in (${query})`,
      words,
      isBusy: (error) => [BUSY, READ_ONLY, IO_ERROR, FULL].includes(codeOf(error) ?? -1),
      // A commit not fully written has no commit mark; one that couldn't be synced may still be there after a crash.
      isUncertain: (error) => codeOf(error) === IO_ERROR && errcodeOf(error) !== IO_ERROR_WRITE,
      isAlone: options.lockWithin !== null,
      // An app holds the lock as long as it lives.
      apps: async () => (options.lockWithin === null ? null : 1),
      async close() {
        await reads.destroy()
        await writes.destroy()
        closeAll()
      },
    }
  } catch (error) {
    closeAll()
    throw unavailable(error, path)
  }
}

/**
 * Opens a SQLite file to read the whole of it at this moment, while others may write.
 * @throws LedgerUnavailableError
 */
export async function openSqliteSnapshot(url: string): Promise<Snapshot> {
  const path = sqlitePath(url)
  let database: DatabaseSync | undefined
  try {
    const reader = new DatabaseSync(path, { readOnly: true })
    database = reader
    // The first read fixes the moment.
    await untilFree(() => reader.exec('begin; select count(*) from migrations'), READ_WITHIN)
    const db = kyselyOn(reader, () => READ_WITHIN)
    return {
      db,
      async close() {
        await db.destroy()
        reader.close()
      },
    }
  } catch (error) {
    database?.close()
    throw new LedgerUnavailableError(
      `${path} can not be read as a ledger (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    )
  }
}

/**
 * Creates a file for a ledger that only this user can read. Never opens or overwrites an existing file.
 * @throws an error with the code EEXIST
 */
export function createSqliteFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
}

/** Another process may have been faster. */
function createUnlessThere(path: string): void {
  try {
    createSqliteFile(path)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
  }
}

/** Makes a closed ledger a single file, and makes sure it is on disk. */
export function settleSqliteFile(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = delete')
  database.close()
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

/** The path of a `file:` address. @throws LedgerSetupError */
export function sqlitePath(url: string): string {
  const path = url.slice('file:'.length)
  if (path === '' || path.includes(':memory:') || path.includes('?'))
    throw new LedgerSetupError('the address of the ledger must name a file, as in file:./data/ledger.sqlite')
  if (!path.startsWith('//')) return resolve(path)
  try {
    return fileURLToPath(url)
  } catch {
    throw new LedgerSetupError(
      'the address of the ledger must be file:PATH, as in file:/var/lib/ledger.sqlite',
    )
  }
}

/** @throws LedgerLockedError if an app runs on this ledger */
export function refuseRunning(url: string): void {
  const path = sqlitePath(url)
  // Without a lock file, no app has ever run here.
  if (!existsSync(lockOf(path))) return
  const lock = new DatabaseSync(lockOf(path))
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    if (codeOf(error) !== BUSY) throw error
    throw new LedgerLockedError(`an app runs on ${path}: stop it first`)
  } finally {
    lock.close()
  }
}

/** The lock is the system's own, on a file beside the ledger: a process that dies releases it, however it dies. */
const lockOf = (path: string) => `${path}.lock`

async function lockApp(
  lock: DatabaseSync,
  path: string,
  within: number,
  logger: LedgerLogger | undefined,
): Promise<void> {
  const take = () => lock.exec('begin exclusive')
  try {
    take()
  } catch (error) {
    if (codeOf(error) !== BUSY) throw error
    if (within === 0) throw new LedgerLockedError(`an app runs on ${path}: stop it first`)
    logger?.info({ path, within }, 'waiting for another app to let go of the ledger')
    try {
      await untilFree(take, within)
    } catch (late) {
      if (!(late instanceof LedgerBusyError)) throw late
      throw new LedgerLockedError(
        `another app runs on ${path} and has not let go of it in ${Math.round(within / 1000)} s: stop it, or give this one another DATABASE_URL`,
      )
    }
  }
}

function unavailable(error: unknown, path: string): unknown {
  if (error instanceof LedgerLockedError || error instanceof LedgerBusyError) return error
  const known = error as { code?: unknown; message?: unknown }
  const isFileProblem = typeof known.code === 'string' && /^E[A-Z]+$/.test(known.code)
  if (!isFileProblem && !BROKEN.includes(codeOf(error) ?? -1)) return error
  return new LedgerUnavailableError(
    `the ledger ${path} can not be opened for writing (${String(known.message)}): the file and its folder must be writable by this user, and the file must be a ledger`,
    { cause: error },
  )
}

function errcodeOf(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code : null
}

function codeOf(error: unknown): number | null {
  const code = errcodeOf(error)
  // The lower byte is the kind, the rest the details.
  return code === null ? null : code & 0xff
}

/** Tries until the file is free, without blocking the event loop as SQLite's own busy time-out would. */
async function untilFree<T>(act: () => T, within: number): Promise<T> {
  const deadline = performance.now() + within
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    try {
      return act()
    } catch (error) {
      if (codeOf(error) !== BUSY) throw error
      if (performance.now() + wait > deadline)
        throw new LedgerBusyError('the ledger is locked by another process', { cause: error })
    }
    await delay(wait)
  }
}

function kyselyOn(database: DatabaseSync, beginWithin: () => number): Kysely<Tables> {
  const statements = new Map<string, { statement: StatementSync; givesRows: boolean }>()
  const prepare = (text: string) => {
    const kept = statements.get(text)
    if (kept) return kept
    if (statements.size >= STATEMENTS_KEPT) statements.clear()
    const statement = database.prepare(text)
    // Looked up once: describing forty columns takes longer than most queries.
    const prepared = { statement, givesRows: statement.columns().length > 0 }
    statements.set(text, prepared)
    return prepared
  }
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      return untilFree(() => {
        const { statement, givesRows } = prepare(text)
        const values = parameters as SQLInputValue[]
        if (givesRows) return { rows: statement.all(...values) as R[] }
        return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
      }, READ_WITHIN)
    },
    // biome-ignore lint/correctness/useYield: nothing here streams
    async *streamQuery() {
      throw new Error('the ledger does not stream')
    },
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    // IMMEDIATE: nobody else can change what is counted before the result is written.
    beginTransaction: async () => untilFree(() => database.exec('begin immediate'), beginWithin()),
    commitTransaction: async () => database.exec('commit'),
    // After some failures SQLite has already rolled back.
    rollbackTransaction: async () => {
      if (database.isTransaction) database.exec('rollback')
    },
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  const dialect: Dialect = {
    createDriver: () => driver,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
  return new Kysely({ dialect })
}
