import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startWechatPaySandbox } from '../src/sandbox/wechatpay/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of keys and certificates for WeChat Pay stand-ins; not to be changed. */
    wechatpayKeys: string
  }
}

/** Makes once what takes long to make and is the same for all: RSA keys are most of a stand-in's start. */
export async function setup(project: TestProject): Promise<() => void> {
  const keys = mkdtempSync(join(tmpdir(), 'wechatpay-keys-'))
  const sandbox = await startWechatPaySandbox({ keys })
  await sandbox.close()
  project.provide('wechatpayKeys', keys)
  return () => rmSync(keys, { recursive: true, force: true })
}
