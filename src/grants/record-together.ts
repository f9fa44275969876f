import { setTimeout as sleep } from 'node:timers/promises'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** Most in one commit, so that all of them end within the time of a write, also on a database that is far away. */
const MOST_TOGETHER = 32
/** ms that the first waits for others. In a prototype 2 to 10 ms issued about as many a second; 0 and 20 ms issued fewer. */
const WINDOW = 5
/** Waits between the tries to record one by itself, ms; together well below the lease. */
const RECORD_AGAIN = [100, 300, 1000, 3000]

export type Recording = (tx: LedgerTx) => Promise<void>

interface Waiting {
  recording: Recording
  done(): void
  failed(error: unknown): void
}

/**
 * Records what attempts bring, which is known only here and worth some patience. Each commit waits for the disk, so that
 * whatever arrives within some ms, or during one, shares the next. What can't be recorded keeps none of the others from it:
 * after a commit that failed, or whose answer was lost, each is recorded by itself, and finds what is written already.
 */
export function createRecorder(
  deps: Pick<GrantsDeps, 'ledger' | 'logger'>,
): (of: Recording) => Promise<void> {
  const waiting: Waiting[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      if (waiting.length < MOST_TOGETHER) await sleep(WINDOW)
      const group = waiting.splice(0, MOST_TOGETHER)
      await write(group)
    }
    isWriting = false
  }

  async function write(group: Waiting[]): Promise<void> {
    try {
      await deps.ledger.write(async (tx) => {
        for (const { recording } of group) await recording(tx)
      })
    } catch (error) {
      deps.logger.warn({ err: error, count: group.length }, 'ledger not written, trying again')
      if (group.length > 1) await Promise.all(group.map((one) => write([one])))
      // Nothing else waits for its patience.
      else for (const one of group) void tryAgain(one)
      return
    }
    for (const { done } of group) done()
  }

  async function tryAgain({ recording, done, failed }: Waiting): Promise<void> {
    let last: unknown
    for (const wait of RECORD_AGAIN) {
      await sleep(wait)
      try {
        await deps.ledger.write(recording)
        return done()
      } catch (error) {
        last = error
        deps.logger.warn({ err: error }, 'ledger not written again')
      }
    }
    failed(last)
  }

  return (recording) =>
    new Promise((done, failed) => {
      waiting.push({ recording, done, failed })
      if (!isWriting) void writeAll()
    })
}
