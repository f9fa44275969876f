/** Slack's answers by id; see `createMemory`. */
interface Memory<T> {
  /** The known answer, or else a new one. @throws what asking throws */
  get(id: string): Promise<T>
  /** Asks again, whatever is known; joins a call that is under way. @throws what asking throws */
  renew(id: string): Promise<T>
  /** The known answer, if it is fresh. */
  fresh(id: string): T | undefined
  /** The latest answer, however old. */
  last(id: string): T | undefined
  /** All fresh answers. */
  all(): [id: string, value: T][]
  /** Forgets an answer that has changed; a call under way doesn't bring it back. */
  forget(id: string): void
  clear(): void
}

const FRESH_FOR = 60_000
const MOST_KEPT = 5000

/**
 * Remembers Slack's answers for at most a minute, counted from the question. Simultaneous questions for the same id
 * share one call, and failures are not kept. An answer from the future, after the clock was set back, is ignored.
 * @param deps.renewAfter ms; using an answer of this age also asks again in the background, so that people seldom wait
 * @param deps.notRenewed called with the error if that fails; the next use asks again
 */
export function createMemory<T>(deps: {
  ask: (id: string) => Promise<T>
  /** Epoch ms. */
  now: () => number
  renewAfter?: number
  notRenewed?: (error: unknown, id: string) => void
}): Memory<T> {
  const { ask, now, renewAfter = Number.POSITIVE_INFINITY, notRenewed = () => {} } = deps
  const kept = new Map<string, { at: number; value: T }>()
  const flights = new Map<string, Promise<T>>()
  const ageOf = ({ at }: { at: number }) => now() - at
  const isFresh = (known: { at: number }) => ageOf(known) >= 0 && ageOf(known) < FRESH_FOR

  function renew(id: string): Promise<T> {
    const under = flights.get(id)
    if (under) return under
    const at = now()
    const flight: Promise<T> = ask(id)
      .then((value) => {
        if (flights.get(id) !== flight) return value
        if (kept.size >= MOST_KEPT) kept.clear()
        kept.set(id, { at, value })
        return value
      })
      .finally(() => {
        if (flights.get(id) === flight) flights.delete(id)
      })
    flights.set(id, flight)
    return flight
  }

  return {
    renew,
    async get(id) {
      const known = kept.get(id)
      if (!known || !isFresh(known)) return renew(id)
      if (ageOf(known) >= renewAfter) renew(id).catch((error: unknown) => notRenewed(error, id))
      return known.value
    },
    fresh(id) {
      const known = kept.get(id)
      return known && isFresh(known) ? known.value : undefined
    },
    last: (id) => kept.get(id)?.value,
    all: () => [...kept].filter(([, known]) => isFresh(known)).map(([id, { value }]) => [id, value]),
    forget(id) {
      kept.delete(id)
      flights.delete(id)
    },
    clear() {
      kept.clear()
      flights.clear()
    },
  }
}
