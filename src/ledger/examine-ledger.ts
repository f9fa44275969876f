import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Engine, LedgerTooNewError } from './engines.ts'
import { LATEST_VERSION, versionOf } from './migrate.ts'
import { openEngine, readBackedUpAt } from './open-ledger.ts'
import { readSigner } from './seal-trail.ts'
import { sqlitePath } from './sqlite.ts'

/** The state of a ledger. `new`: it doesn't exist yet, and can be created. */
export type LedgerState =
  | ({ kind: 'good'; engine: string; version: number; latest: number } & Kept)
  | { kind: 'new'; engine: string }
  /** Another process is writing for a long time. */
  | { kind: 'busy'; why: string }
  /** A newer version of the app has migrated it. `latest`: the newest version that this app knows. */
  | { kind: 'newer'; engine: string; version: number; latest: number }
  /** `why` says what to do. */
  | { kind: 'unusable'; why: string }

/** How the records are kept. */
interface Kept {
  /** Epoch ms; null: the tool never backed it up, or that isn't known. */
  backedUpAt: number | null
  /** The public key of the last seal; null: it is unsigned, there is none, or that isn't known. */
  signedBy: string | null
}

/** ms to wait for another writer. */
const WRITE_WITHIN = 2000

/** Examines a ledger while others use it. Never creates or migrates one. */
export async function examineLedger(url: string): Promise<LedgerState> {
  let engine: Engine | undefined
  try {
    if (url.startsWith('file:') && !existsSync(sqlitePath(url))) return newFile(sqlitePath(url))
    engine = await openEngine({ url, role: 'tool' })
    const { name } = engine
    const version = await versionOf(engine.reads).catch((error: unknown) => {
      if (isNoTable(error)) return 0
      throw error
    })
    if (version === 0) return { kind: 'new', engine: name }
    await tryToWrite(engine, version)
    const state = { kind: 'good', engine: name, version, latest: LATEST_VERSION } as const
    if (version < LATEST_VERSION) return { ...state, backedUpAt: null, signedBy: null }
    const { reads } = engine
    return { ...state, backedUpAt: await readBackedUpAt(reads), signedBy: await readSigner(reads) }
  } catch (error) {
    if (engine && error instanceof LedgerTooNewError)
      return { kind: 'newer', engine: engine.name, version: error.version, latest: LATEST_VERSION }
    const why = error instanceof Error ? error.message : String(error)
    return engine?.isBusy(error) || (error instanceof Error && error.name === 'LedgerBusyError')
      ? { kind: 'busy', why }
      : { kind: 'unusable', why }
  } finally {
    await engine?.close()
  }
}

/** Writes the row that exists for such checks. An older ledger is only locked and left alone. */
async function tryToWrite(engine: Engine, version: number): Promise<void> {
  const tx = await engine.begin(WRITE_WITHIN)
  try {
    if (version === LATEST_VERSION)
      await tx.updateTable('health').set({ at: Date.now() }).where('id', '=', 1).execute()
    await tx.commit().execute()
  } catch (error) {
    await tx.rollback().execute()
    throw error
  }
}

/**
 * https://www.postgresql.org/docs/current/errcodes-appendix.html: undefined_table. SQLite has only a message for it.
 */
function isNoTable(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string }
  return code === '42P01' || /no such table/.test(message)
}

/** The first start creates missing folders, so what counts is the nearest existing one. */
function newFile(path: string): LedgerState {
  let folder = dirname(path)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  if (!statSync(folder).isDirectory()) return { kind: 'unusable', why: `${folder} is a file, not a folder` }
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return { kind: 'unusable', why: `${folder} can't be written` }
  }
  return { kind: 'new', engine: 'sqlite' }
}
