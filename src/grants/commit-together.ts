import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Claimed,
  CommitUncertainError,
  type Ledger,
  LedgerBusyError,
  type LedgerTx,
} from '../ledger/ledger.ts'
import { type Given, recordGiven } from './attempt-result.ts'
import type { GrantsDeps } from './deps.ts'

/** Most in one commit, so that all of them end within the time of a write, also on a database that is far away. */
const MOST_TOGETHER = 64
/** ms that the first waits for others. In a prototype 2 to 10 ms issued about as many a second; 0 and 20 ms issued fewer. */
const WINDOW = 5
/** Waits between the tries to record one by itself, ms; together well below the lease. */
const RECORD_AGAIN = [100, 300, 1000, 3000]

/** What came of an attempt. */
interface Outcome {
  /** A coupon, as of most: recorded together with others where nothing speaks against it. */
  given?: Given
  /** Records it by itself. */
  record(tx: LedgerTx): Promise<void>
}

/** What to claim, asked when the commit begins in which so many outcomes are recorded; null: nothing now. */
type Wish = (recorded: number) => Parameters<Ledger['claimDue']>[0] | null

export interface Commits {
  /** Resolves once it is recorded. */
  record(outcome: Outcome): Promise<void>
  /** Claims in the next commit, whatever that records. */
  claim(wish: Wish): Promise<Claimed[]>
  /** How many outcomes are not recorded yet, but for those that were refused. */
  waiting(): number
}

interface Waiting {
  outcome: Outcome
  done(): void
  failed(error: unknown): void
}

interface Claim {
  wish: Wish
  done(claimed: Claimed[]): void
  failed(error: unknown): void
}

/**
 * Records the results of attempts, and claims the next ones. Each commit waits for the disk, so results that arrive
 * within some ms, or during a commit, share the next one. Only this process knows these results, so it retries: one
 * that can't be recorded keeps none of the others from it. After a commit that failed, or whose answer was lost, each
 * result is recorded by itself and finds what is already written.
 */
export function createCommits(deps: Pick<GrantsDeps, 'ledger' | 'logger' | 'worker'>): Commits {
  const outcomes: Waiting[] = []
  const claims: Claim[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (outcomes.length + claims.length > 0) {
      if (outcomes.length > 0 && outcomes.length < MOST_TOGETHER) await sleep(WINDOW)
      await write(outcomes.splice(0, MOST_TOGETHER), claims.shift())
    }
    isWriting = false
  }

  async function write(group: Waiting[], claim?: Claim): Promise<void> {
    let claimed: Claimed[] = []
    try {
      const of = claim?.wish(group.length)
      const recordAll = (tx: LedgerTx) => recordGroup(tx, deps, group)
      if (of) claimed = await deps.ledger.claimDue(of, recordAll)
      else if (group.length > 0) await deps.ledger.write(recordAll)
    } catch (error) {
      const [one, ...others] = group
      if (!one) return claim?.failed(error)
      deps.logger.warn({ err: error, count: group.length }, 'ledger not written, trying again')
      // Nothing else waits for its patience.
      if (others.length === 0 && !claim) return void tryAgain(one)
      await Promise.all(group.map((each) => write([each])))
      return write([], claim)
    }
    claim?.done(claimed)
    for (const { done } of group) done()
  }

  function tryAgain({ outcome, done, failed }: Waiting): Promise<void> {
    const write = () => deps.ledger.write((tx) => outcome.record(tx))
    const log = (error: unknown) => deps.logger.warn({ err: error }, 'ledger not written again')
    return writeAgain(RECORD_AGAIN, write, log).then(done, failed)
  }

  return {
    record: (outcome) =>
      new Promise((done, failed) => {
        outcomes.push({ outcome, done, failed })
        void writeAll()
      }),
    claim: (wish) =>
      new Promise((done, failed) => {
        claims.push({ wish, done, failed })
        void writeAll()
      }),
    waiting: () => outcomes.length,
  }
}

async function recordGroup(
  tx: LedgerTx,
  deps: Pick<GrantsDeps, 'worker'>,
  group: readonly { outcome: Outcome }[],
): Promise<void> {
  const given = group.flatMap(({ outcome }) => outcome.given ?? [])
  const recorded = await recordGiven(tx, deps.worker, given)
  for (const { outcome } of group)
    if (!outcome.given || !recorded.has(outcome.given.attempt.id)) await outcome.record(tx)
}

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

/**
 * Runs a write for a person who waits: what the ledger could not do in time becomes an answer instead of an error.
 * @param until as in `Awaited`
 */
export async function writeOrBusy<T>(
  deps: Pick<GrantsDeps, 'ledger'>,
  fn: (tx: LedgerTx) => Promise<T>,
  until?: number,
): Promise<T | { kind: 'busy' } | { kind: 'not-sure' }> {
  try {
    return await deps.ledger.write(fn, until)
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
