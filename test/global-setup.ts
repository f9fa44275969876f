import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openLedger } from '../src/ledger/ledger.ts'
import { type Postgres, startPostgres } from '../src/sandbox/postgres.ts'
import { startWechatPaySandbox } from '../src/sandbox/wechatpay/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of keys and certificates for WeChat Pay stand-ins; read-only. */
    wechatpayKeys: string
    /** A folder where processes started by tests keep their compiled code for later ones (`NODE_COMPILE_CACHE`). */
    compiled: string
    /** The address of a PostgreSQL server for all tests; each makes its own databases there. */
    postgresUrl: string
    /** The file of a newly made SQLite ledger, to copy. */
    newLedger: string
    /** The database of a newly made ledger, with a second copy in the schema `model`; used as a template. */
    newLedgerDatabase: string
  }
}

/**
 * Makes once what takes long and is the same for all tests: RSA keys are most of a stand-in's start, a ledger's tables
 * most of an app's, and a PostgreSQL takes longer than both.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [keys, ledgers] = ['wechatpay-keys-', 'new-ledger-'].map((name) =>
    mkdtempSync(join(tmpdir(), name)),
  ) as [string, string]
  const newLedger = join(ledgers, 'ledger.sqlite')
  const [postgres] = await Promise.all([startDatabase(), makeKeys(keys), makeLedger(newLedger), compile()])
  project.provide('wechatpayKeys', keys)
  project.provide('compiled', COMPILED)
  project.provide('postgresUrl', postgres.url('postgres'))
  project.provide('newLedger', newLedger)
  project.provide('newLedgerDatabase', NEW_LEDGER)
  return async () => {
    await postgres.stop()
    for (const folder of [keys, ledgers]) rmSync(folder, { recursive: true, force: true })
  }
}

/** The cache of `npm start`, which tests start too. */
const COMPILED = new URL('../node_modules/.cache/compiled/', import.meta.url).pathname

/** Has the app and the sandbox save their compiled code, because killed processes don't. */
async function compile(): Promise<void> {
  const starts = [['src/main.ts'], ['src/sandbox/main.ts', '--help']]
  await Promise.all(
    starts.map(([file = '', ...args]) =>
      once(
        spawn(process.execPath, [new URL(`../${file}`, import.meta.url).pathname, ...args], {
          env: { NODE_COMPILE_CACHE: COMPILED },
          stdio: 'ignore',
        }),
        'close',
      ),
    ),
  )
}

async function makeKeys(keys: string): Promise<void> {
  await (await startWechatPaySandbox({ keys })).close()
}

async function makeLedger(file: string): Promise<void> {
  await (await openLedger({ url: `file:${file}`, role: 'tool' })).close()
}

async function startDatabase(): Promise<Postgres> {
  const postgres = await startPostgres()
  await postgres.query(`create database ${NEW_LEDGER}`)
  await makeModel(postgres.url(NEW_LEDGER))
  return postgres
}

const NEW_LEDGER = 'new_ledger'

async function makeModel(url: string): Promise<void> {
  await (await openLedger({ url, role: 'tool' })).close()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`do $$ declare name text; begin
    create schema model;
    for name in select tablename from pg_tables where schemaname = 'public' loop
      execute format('create table model.%I as table public.%I', name, name);
    end loop; end $$`)
  await client.end()
}
