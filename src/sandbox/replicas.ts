import { setTimeout as sleep } from 'node:timers/promises'

/** An app that can be stopped. */
interface Replica {
  /** Where Slack reaches it over HTTP; null if it doesn't. */
  port: number | null
  /** Stops it. @param deadline ms for work in flight */
  stop(deadline: number): Promise<unknown>
}

/**
 * ms between two restarts: short at first, so that the transcript meets some, then as short as Slack's limits allow.
 * Each new process looks up people and groups again, and Slack allows 20 such calls a minute.
 */
const [REST_AT_FIRST, REST, SOON] = [300, 10_000, 3]

/** ms: the longest that the app itself takes to stop. */
const STOP_WITHIN = 15_000

/**
 * Keeps this many replicas running, and replaces them in turn until it is closed.
 * @param deps.start starts a replica and waits until it is ready
 * @param deps.leadTo receives the replica that gets all requests from now on
 */
export async function rollReplicas(deps: {
  count: number
  start: () => Promise<Replica>
  leadTo: (replica: Replica) => void
}): Promise<{ restarts(): number; close(deadline: number): Promise<void> }> {
  const { count, start, leadTo } = deps
  const running: Replica[] = []
  let restarts = 0
  const over = new AbortController()
  for (let number = 0; number < count; number++) running.push(await start())
  const [first] = running
  if (first) leadTo(first)

  async function roll(): Promise<void> {
    for (;;) {
      await sleep(restarts < SOON ? REST_AT_FIRST : REST, undefined, { signal: over.signal })
      const [oldest, next] = running
      if (!oldest || !next) return
      running.shift()
      // From here on the next replica takes its place, however long the old one takes to stop.
      leadTo(next)
      restarts += 1
      await oldest.stop(STOP_WITHIN)
      running.push(await start())
    }
  }
  const rolling = (count > 1 ? roll() : Promise.resolve()).catch((error: unknown) => {
    if (!over.signal.aborted) process.stderr.write(`An app could not be replaced: ${String(error)}\n`)
  })
  return {
    restarts: () => restarts,
    async close(deadline) {
      over.abort()
      await rolling
      await Promise.all(running.map((replica) => replica.stop(deadline)))
    },
  }
}
