import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
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
  const server = inject('postgresUrl')
  databases += 1
  const name = `ledger_${process.pid}_${databases}`
  await runOn(server, `create database ${name}`)
  const url = Object.assign(new URL(server), { pathname: name }).href
  return {
    url,
    sql: (text: string) => runOn(url, text),
  }
}

async function runOn(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
