import { setTimeout as sleep } from 'node:timers/promises'
import { writeAgain } from './commit-together.ts'
import { DrawLaterError } from './notifier.ts'

const AT_ONCE = 10
/** ms between two looks for new due work while something takes long. */
const LOOK_EVERY = 200
/** ms to wait after one ends, so that one claim fills all places that become free at about the same time. */
const TOGETHER = 10
/** ms between two tries of the same item. */
export const LEAST_WAIT = 1000
export const MAX_WAIT = 5 * 60_000

/**
 * Works through due items, several at once, and fills each place as it becomes free: a slow item delays no other.
 * If the ledger fails, everything under way ends before the error is thrown, so nothing is left half done.
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

/** Waits until one of these has ended, or it is time to look for new due work. */
async function oneEnds(underWay: Iterable<Promise<void>>): Promise<void> {
  const cancel = new AbortController()
  const time = sleep(LOOK_EVERY, undefined, { signal: cancel.signal }).catch(() => {})
  await Promise.race([...underWay, time])
  cancel.abort()
  await sleep(TOGETHER)
}

/**
 * Writes in one commit what comes within a few ms, because each commit waits for the disk. If the ledger is busy, it
 * tries again, because all of it would otherwise wait until its lease expires; what is already written stays as it is.
 * @returns for each one, what `act` returned in its place
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

/** Waits between tries to give back what was drawn, ms; together well below the lease. */
const GIVE_BACK_AGAIN = [100, 1000]

/** How long to wait before the next try: as Slack says, or else doubling. @returns ms */
export function waitAfter(error: unknown, tries: number): number {
  if (error instanceof DrawLaterError) return Math.max(LEAST_WAIT, error.retryIn)
  return Math.min(MAX_WAIT, LEAST_WAIT * 2 ** Math.min(tries, 9))
}
