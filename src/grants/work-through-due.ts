import { setTimeout as sleep } from 'node:timers/promises'
import { writeAgain } from './commit-together.ts'
import { DrawLaterError } from './notifier.ts'

const AT_ONCE = 10
/** ms; while something takes long, what has become due beside it is looked for this often. */
const LOOK_EVERY = 200
/** ms; of what ends at about the same time all places are filled in one claim. */
const TOGETHER = 10
/** ms between two tries of the same. */
export const LEAST_WAIT = 1000
export const MAX_WAIT = 5 * 60_000

/**
 * Works off what is due, some at once, whose places are filled as they end: what takes long delays nothing else.
 * All of it is over before a failure of the ledger is told: nothing is left half done.
 * @returns how many were done
 */
export async function workOff<T>(
  claim: (limit: number) => Promise<T[]>,
  act: (one: T) => Promise<boolean>,
): Promise<number> {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  let done = 0
  async function begin(): Promise<void> {
    for (const one of await claim(AT_ONCE - underWay.size)) {
      const run = act(one)
        .then((isDone) => {
          if (isDone) done += 1
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(run))
      underWay.add(run)
    }
  }
  for (;;) {
    if (failures.length === 0 && underWay.size < AT_ONCE)
      await begin().catch((error: unknown) => void failures.push(error))
    if (underWay.size === 0) break
    await oneEnds(underWay)
  }
  if (failures.length > 0) throw failures[0]
  return done
}

/** Waits until one of these has ended, or it is time to look what else is due. */
async function oneEnds(underWay: Iterable<Promise<void>>): Promise<void> {
  const cancel = new AbortController()
  const time = sleep(LOOK_EVERY, undefined, { signal: cancel.signal }).catch(() => {})
  await Promise.race([...underWay, time])
  cancel.abort()
  await sleep(TOGETHER)
}

/**
 * Has what comes within some ms written together: each commit waits for the disk. What a busy ledger refuses is written
 * again, as all of it would wait for its lease to run out; what is written already stays as it is.
 * @returns of each what `act` returned in its place
 */
export function together<T, R>(act: (all: T[]) => Promise<R[]>): (one: T) => Promise<R | undefined> {
  let next: { all: T[]; acted: Promise<R[]> } | undefined
  return async (one) => {
    if (!next) {
      const all: T[] = []
      const acted = sleep(TOGETHER).then(() => {
        next = undefined
        return act(all).catch(() => writeAgain(GIVE_BACK_AGAIN, () => act(all)))
      })
      next = { all, acted }
    }
    const place = next.all.push(one) - 1
    return (await next.acted)[place]
  }
}

/** Waits between the tries to give back what was drawn, ms; together well below the lease. */
const GIVE_BACK_AGAIN = [100, 1000]

/** Slack's own word, else doubling. @returns ms */
export function waitAfter(error: unknown, tries: number): number {
  if (error instanceof DrawLaterError) return Math.max(LEAST_WAIT, error.retryIn)
  return Math.min(MAX_WAIT, LEAST_WAIT * 2 ** Math.min(tries, 9))
}
