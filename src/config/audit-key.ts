import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigProblem } from './read-variable.ts'
import { MAKE_AUDIT_KEY } from './words/en.ts'
import type { ProblemCode, Values } from './words/index.ts'

/** The key that signs the seals of the trail. */
export interface AuditKey {
  file: string
  /** Undefined: it doesn't exist yet, and is created at the first start. */
  pem?: string
}

/** The key can't be created; the message says what to do. */
export class AuditKeyError extends Error {
  override readonly name = 'AuditKeyError'
}

/**
 * Finds the key. With SQLite it is beside the ledger unless a file is named, and is created if it is missing. With
 * PostgreSQL it is the file that is named, because all replicas sign with the same key.
 * @returns null: nothing is signed
 */
export function findAuditKey(
  { file: named, databaseUrl }: { file: string | undefined; databaseUrl: string },
  readFile: (path: string) => string,
): { key: AuditKey | null } | { problem: ConfigProblem } {
  const isSqlite = databaseUrl.startsWith('file:')
  if (named === undefined && !isSqlite) return { key: null }
  const file = named ?? besideLedger(databaseUrl)
  const wrong = (code: ProblemCode, values: Values) => ({
    problem: { variable: 'AUDIT_KEY_FILE', row: 'AUDIT_KEY_FILE', code, values },
  })
  let pem: string
  try {
    pem = readFile(file)
  } catch (error) {
    const { code } = error as { code?: string }
    if (isSqlite && (code === 'ENOENT' || code === 'ENOTDIR')) return { key: { file } }
    return wrong('unreadable-audit-key', { path: file, code: code ?? '?' })
  }
  return isOurs(pem) ? { key: { file, pem } } : wrong('not-an-audit-key', { path: file })
}

function isOurs(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}

function besideLedger(databaseUrl: string): string {
  const path = databaseUrl.slice('file:'.length)
  return join(dirname(path.startsWith('//') ? fileURLToPath(databaseUrl) : resolve(path)), 'audit-key.pem')
}

/**
 * Reads the key, or creates it in a file that only its owner can read.
 * @throws AuditKeyError
 */
export function openAuditKey({ file, pem }: AuditKey): { key: KeyObject; isNew: boolean } {
  if (pem !== undefined) return { key: createPrivateKey(pem), isNew: false }
  const { privateKey } = generateKeyPairSync('ed25519')
  const part = `${file}.${process.pid}.part`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const handle = openSync(part, 'w', 0o600)
    writeSync(handle, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(handle)
    closeSync(handle)
    // The file appears whole or not at all, and an existing one stays.
    linkSync(part, file)
    return { key: privateKey, isNew: true }
  } catch (error) {
    // Another process was faster.
    if (existsSync(file)) return { key: createPrivateKey(readFileSync(file)), isNew: false }
    const { code } = error as { code?: string }
    throw new AuditKeyError(
      `AUDIT_KEY_FILE can't be made: ${file} (${code ?? 'no code'}) → let this user write there, or ${MAKE_AUDIT_KEY}`,
      { cause: error },
    )
  } finally {
    if (existsSync(part)) rmSync(part)
  }
}
