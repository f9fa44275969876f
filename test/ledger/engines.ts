import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { inject, onTestFinished, type TestContext } from 'vitest'
import { type Ledger, type LedgerOptions, openLedger } from '../../src/ledger/ledger.ts'

export type EngineName = 'sqlite' | 'postgres'
export const engines: EngineName[] = ['sqlite', 'postgres']

export interface Place {
  engine: EngineName
  url: string
  /** Opens the same ledger once more; closed with the test. Tools unless told. */
  open(options?: Partial<LedgerOptions>): Promise<Ledger>
  /** Runs SQL beside the ledger. */
  sql(text: string): Promise<Record<string, unknown>[]>
}

let databases = 0

type Finished = TestContext['onTestFinished']

/**
 * A new, empty place for a ledger, removed with the test.
 * @param finished `onTestFinished` of a test that runs beside others
 */
export async function placeOn(engine: EngineName, finished: Finished = onTestFinished): Promise<Place> {
  const made =
    engine === 'sqlite' ? await sqliteFile(undefined, finished) : await postgresDatabase(undefined, finished)
  return placeAt(engine, made, {}, finished)
}

/** Files, or names of databases. */
const models = new Map<string, Promise<Buffer | string>>()

/**
 * A ledger as `make` leaves it, closed, in an empty place; removed with the test. It is made once for each name in a process,
 * and then copied, which is far cheaper.
 */
export async function copyOn(
  engine: EngineName,
  name: string,
  make: (place: Place) => Promise<void>,
): Promise<Place> {
  const key = `${engine} ${name}`
  const makeModel = async () => {
    const place = placeAt(engine, engine === 'sqlite' ? await sqliteFile() : await postgresDatabase())
    await make(place)
    const { pathname } = new URL(place.url)
    return engine === 'sqlite' ? readFile(pathname) : pathname.slice(1)
  }
  const made = models.get(key) ?? makeModel()
  models.set(key, made)
  const model = await made
  return placeAt(engine, typeof model === 'string' ? await postgresDatabase(model) : await sqliteFile(model))
}

/** Where no test is about the time of a write: however slow the machine is, each write gets its turn. */
const PATIENT = { writeWithin: 60_000 }

/** A ledger in a new place, as if it had just been made; it waits long for its turn to write, unless told otherwise. */
export async function openOn(
  engine: EngineName,
  options: Partial<LedgerOptions> = {},
): Promise<Place & { ledger: Ledger }> {
  const made = engine === 'sqlite' ? await sqliteFile(inject('newLedger')) : await postgresLedger()
  const place = placeAt(engine, made, PATIENT)
  return { ...place, ledger: await place.open(options) }
}

function placeAt(
  engine: EngineName,
  made: Pick<Place, 'url' | 'sql'>,
  defaults: Partial<LedgerOptions> = {},
  finished: Finished = onTestFinished,
): Place {
  return {
    engine,
    ...made,
    async open(options = {}) {
      const ledger = await openLedger({ url: made.url, role: 'tool', ...defaults, ...options })
      finished(() => ledger.close())
      return ledger
    },
  }
}

async function sqliteFile(model?: string | Buffer, finished: Finished = onTestFinished) {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  finished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'data', 'ledger.sqlite')
  if (model) {
    await mkdir(dirname(path))
    await (typeof model === 'string' ? copyFile(model, path) : writeFile(path, model))
  }
  let opened: DatabaseSync | undefined
  finished(() => opened?.close())
  return {
    url: `file:${path}`,
    async sql(text: string) {
      opened ??= new DatabaseSync(path)
      return opened.prepare(text).all() as Record<string, unknown>[]
    },
  }
}

interface Database {
  url: string
  client: pg.Client
}
/** Databases with ledgers that are as if just made. */
const idle: Database[] = []

/** A database whose ledger is as if just made; made so again after the test, which is far cheaper than another one. */
async function postgresLedger() {
  const database = idle.pop() ?? (await newPostgresLedger())
  onTestFinished(async () => {
    await database.client.query(CLEAN)
    idle.push(database)
  })
  return { url: database.url, sql: async (text: string) => (await database.client.query(text)).rows }
}

async function newPostgresLedger(): Promise<Database> {
  const url = await createDatabase(inject('newLedgerDatabase'))
  return { url, client: await connect(url) }
}

/** Takes all from the ledger that was not there when it was made. Unlike `truncate` it waits for no files. */
const CLEAN = `do $$ declare name text; begin
  perform pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid();
  set local session_replication_role = replica;
  for name in select tablename from pg_tables where schemaname = 'public' loop
    execute format('delete from public.%I', name);
    execute format('insert into public.%I overriding system value select * from model.%I', name, name);
  end loop;
  perform setval(format('public.%I', sequencename)::regclass, 1, false) from pg_sequences;
  end $$`

async function postgresDatabase(template?: string, finished: Finished = onTestFinished) {
  const url = await createDatabase(template)
  let connected: Promise<pg.Client> | undefined
  finished(async () => (await connected)?.end())
  return {
    url,
    async sql(text: string) {
      connected ??= connect(url)
      return (await (await connected).query(text)).rows
    },
  }
}

/** @returns its address */
async function createDatabase(template = 'template1'): Promise<string> {
  databases += 1
  const name = `ledger_${process.pid}_${databases}`
  const server = inject('postgresUrl')
  const client = await connect(server)
  await client
    .query(`create database ${name} template ${template} strategy file_copy`)
    .finally(() => client.end())
  return Object.assign(new URL(server), { pathname: name }).href
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
