import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
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
  }
}

/** Makes once what takes long to make and is the same for all: RSA keys are most of a stand-in's start, a PostgreSQL is more. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keys = mkdtempSync(join(tmpdir(), 'wechatpay-keys-'))
  const sandbox = await startWechatPaySandbox({ keys })
  await sandbox.close()
  project.provide('wechatpayKeys', keys)
  const compiled = mkdtempSync(join(tmpdir(), 'compiled-'))
  project.provide('compiled', compiled)
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.url('postgres'))
  return async () => {
    await postgres.stop()
    for (const folder of [keys, compiled]) rmSync(folder, { recursive: true, force: true })
  }
}
