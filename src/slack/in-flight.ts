import { within } from './within.ts'

export interface InFlight {
  during(work: () => Promise<void>): Promise<void>
  count(): number
  /** Waits until nothing is under way, at most so many ms. @returns whether that came */
  ended(deadlineMs: number): Promise<boolean>
}

/** Counts what Slack has handed over and is not finished, since Bolt's own `stop` does not wait for it. */
export function createInFlight(): InFlight {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    async during(work) {
      count += 1
      try {
        await work()
      } finally {
        count -= 1
        if (count === 0) {
          for (const tell of waiting) tell()
          waiting = []
        }
      }
    },
    count: () => count,
    async ended(deadlineMs) {
      if (count === 0) return true
      const none = new Promise<true>((resolve) => {
        waiting.push(() => resolve(true))
      })
      return (await within(none, deadlineMs)) ?? false
    },
  }
}
