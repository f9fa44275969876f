/** The end of one call: its time is up, or the caller gave up. */
export interface Deadline {
  /** Why it is over, or undefined while it is not. */
  readonly over: 'timeout' | 'aborted' | undefined
  /** Calls the listener once when it is over; gives a function that takes the listener off. */
  whenOver(listener: () => void): () => void
  /** The work's result if it comes in time, else undefined; the work itself goes on. */
  inTime<T>(work: Promise<T>): Promise<T | undefined>
  /** Lets go of the timer and the signal; call it when the call is done. */
  end(): void
}

/**
 * Makes a deadline `milliseconds` from now that ends as well when the signal aborts.
 *
 * Not by `AbortSignal.any` and `AbortSignal.timeout`: the timer of a signal that was collected never fires, and many made
 * of one that lives long pile up. https://github.com/nodejs/node/pull/57867 https://github.com/nodejs/node/issues/54614
 */
export function createDeadline(milliseconds: number, signal?: AbortSignal): Deadline {
  const listeners = new Set<() => void>()
  let over: Deadline['over'] = signal?.aborted ? 'aborted' : undefined

  function finish(why: 'timeout' | 'aborted'): void {
    if (over) return
    over = why
    end()
    for (const listener of listeners) listener()
    listeners.clear()
  }
  const timer = setTimeout(finish, milliseconds, 'timeout')
  const abort = () => finish('aborted')
  signal?.addEventListener('abort', abort)
  if (over) end()

  function end(): void {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }

  function whenOver(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    get over() {
      return over
    },
    whenOver,
    inTime(work) {
      if (over) {
        work.catch(() => {})
        return Promise.resolve(undefined)
      }
      return new Promise((resolve, reject) => {
        const off = whenOver(() => resolve(undefined))
        work.finally(off).then(resolve, reject)
      })
    },
    end,
  }
}
