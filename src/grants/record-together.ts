import { setTimeout as sleep } from 'node:timers/promises'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** Most in one commit, so that all of them end within the time of a write, also on a database that is far away. */
const MOST_TOGETHER = 32
/** ms that the first waits for others; measured, 2 to 10 are as good as each other, and none or more is worse. */
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
 * whatever arrives within some ms, or during one, shares the next. What can't be recorded keeps none of the others from it: after a commit that
 * failed, or whose answer was lost, each is recorded by itself, and finds what is written already.
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
      if (!(await writeTogether(group))) await Promise.all(group.map(writeAlone))
    }
    isWriting = false
  }

  async function writeTogether(group: Waiting[]): Promise<boolean> {
    if (group.length === 1) return false
    try {
      await deps.ledger.write(async (tx) => {
        for (const { recording } of group) await recording(tx)
      })
    } catch (error) {
      deps.logger.warn({ err: error, count: group.length }, 'outcomes not recorded together, trying each')
      return false
    }
    for (const { done } of group) done()
    return true
  }

  async function writeAlone({ recording, done, failed }: Waiting): Promise<void> {
    for (const wait of RECORD_AGAIN) {
      try {
        await deps.ledger.write(recording)
        return done()
      } catch (error) {
        deps.logger.warn({ err: error }, 'ledger not written, trying again')
        await sleep(wait)
      }
    }
    await deps.ledger.write(recording).then(done, failed)
  }

  return (recording) =>
    new Promise((done, failed) => {
      waiting.push({ recording, done, failed })
      if (!isWriting) void writeAll()
    })
}
