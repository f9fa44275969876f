import { CommitUncertainError, LedgerBusyError, type LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** Runs a write for a person who waits: what the ledger could not do in time becomes an answer instead of an error. */
export async function written<T>(
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
