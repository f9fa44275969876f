import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openLedger } from '../src/ledger/ledger.ts'
import { startPostgres } from '../src/sandbox/postgres.ts'
import { startWechatPaySandbox } from '../src/sandbox/wechatpay/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of keys and certificates for WeChat Pay stand-ins; not to be changed. */
    wechatpayKeys: string
    /** A folder in which processes that tests start keep what they compiled, for the next ones (`NODE_COMPILE_CACHE`). */
    compiled: string
    /** The address of a PostgreSQL server for all tests, each of which makes its own databases there. */
    postgresUrl: string
    /** The file of an SQLite ledger as it is when it was just made; to be copied. */
    newLedger: string
    /** The database of a ledger as it is when it was just made, and again in the schema `model`; to be a template. */
    newLedgerDatabase: string
  }
}

/**
 * Makes once what takes long to make and is the same for all: RSA keys are most of a stand-in's start, the tables of a
 * ledger most of an app's, and a PostgreSQL is more than both.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keys = mkdtempSync(join(tmpdir(), 'wechatpay-keys-'))
  const sandbox = await startWechatPaySandbox({ keys })
  await sandbox.close()
  project.provide('wechatpayKeys', keys)
  const compiled = mkdtempSync(join(tmpdir(), 'compiled-'))
  project.provide('compiled', compiled)
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.url('postgres'))
  const ledgers = mkdtempSync(join(tmpdir(), 'new-ledger-'))
  const newLedger = join(ledgers, 'ledger.sqlite')
  await (await openLedger({ url: `file:${newLedger}`, role: 'tool' })).close()
  project.provide('newLedger', newLedger)
  await postgres.query(`create database ${NEW_LEDGER}`)
  await makeModel(postgres.url(NEW_LEDGER))
  project.provide('newLedgerDatabase', NEW_LEDGER)
  return async () => {
    await postgres.stop()
    for (const folder of [keys, compiled, ledgers]) rmSync(folder, { recursive: true, force: true })
  }
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
