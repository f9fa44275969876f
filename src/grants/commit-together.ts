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

/** Most results in one commit, so that even a distant database can write them in the time of one write. */
const MOST_TOGETHER = 64
/**
 * ms that the first waits for others. In a prototype, 2 to 10 ms issued about the same rate; 0 and 20 ms issued fewer.
 */
const WINDOW = 5
/** Waits between tries to record one result by itself, ms; together well below the lease. */
const RECORD_AGAIN = [100, 300, 1000, 3000]

/** The result of an attempt. */
interface Outcome {
  /** A coupon, the usual result: recorded together with others if nothing speaks against it. */
  given?: Given
  /** Records it by itself. */
  record(tx: LedgerTx): Promise<void>
}

/** What to claim, asked when a commit begins that records this many outcomes; null: nothing now. */
type Wish = (recorded: number) => Parameters<Ledger['claimDue']>[0] | null

export interface Commits {
  /** Resolves once it is recorded. */
  record(outcome: Outcome): Promise<void>
  /** Claims in the next commit, whatever that commit records. */
  claim(wish: Wish): Promise<Claimed[]>
  /** How many outcomes are not recorded yet, without those that the ledger refused. */
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
 * within a few ms, or during a commit, share the next one. Only this process knows these results, so it retries, and a
 * result that can't be recorded doesn't hold up the others. If a commit failed or its answer was lost, each result is
 * recorded by itself and finds what is already written.
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
      // Retrying it patiently delays nothing else.
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

/** Whether the ledger can't be read or written just now, so that all a person can do is try again later. */
export function isLedgerBusy(error: unknown): boolean {
  return error instanceof LedgerBusyError || error instanceof CommitUncertainError
}

/** Reads, and turns a ledger that didn't answer in time into an answer instead of an error. */
export async function readOrBusy<T>(reading: Promise<T>): Promise<T | { kind: 'busy' }> {
  try {
    return await reading
  } catch (error) {
    if (isLedgerBusy(error)) return { kind: 'busy' }
    throw error
  }
}

/**
 * Runs a write for a waiting person, and turns a ledger that didn't write in time into an answer instead of an error.
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
 * Repeats a failed write, after each of these waits.
 * @param waits ms
 * @param failed called for each failed try
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
