import { setTimeout as sleep } from 'node:timers/promises'
import { CommitUncertainError, LedgerBusyError, type LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** Whether the ledger can't be read or written just now, so that asking again later is all that a person can do. */
export function isLedgerBusy(error: unknown): boolean {
  return error instanceof LedgerBusyError || error instanceof CommitUncertainError
}

/** What only reads: what the ledger could not do in time becomes an answer instead of an error. */
export async function readOrBusy<T>(reading: Promise<T>): Promise<T | { kind: 'busy' }> {
  try {
    return await reading
  } catch (error) {
    if (isLedgerBusy(error)) return { kind: 'busy' }
    throw error
  }
}

/** Runs a write for a person who waits: what the ledger could not do in time becomes an answer instead of an error. */
export async function writeOrBusy<T>(
  deps: Pick<GrantsDeps, 'ledger'>,
  fn: (tx: LedgerTx) => Promise<T>,
): Promise<T | { kind: 'busy' } | { kind: 'not-sure' }> {
  try {
    return await deps.ledger.write(fn)
  } catch (error) {
    if (error instanceof LedgerBusyError) return { kind: 'busy' }
    if (error instanceof CommitUncertainError) return { kind: 'not-sure' }
    throw error
  }
}

/**
 * Writes again what a write left undone, after each of these waits.
 * @param waits ms
 * @param failed told of each try that failed
 * @throws what the last try threw
 */
export async function writeAgain<T>(
  waits: readonly number[],
  write: () => Promise<T>,
  failed: (error: unknown) => void = () => {},
): Promise<T> {
  let last: unknown
  for (const wait of waits) {
    await sleep(wait)
    try {
      return await write()
    } catch (error) {
      last = error
      failed(error)
    }
  }
  throw last
}
