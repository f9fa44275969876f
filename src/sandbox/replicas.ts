import { setTimeout as sleep } from 'node:timers/promises'

/** An app that can be stopped. */
interface Replica {
  /** Where Slack reaches it over HTTP, else null. */
  port: number | null
  /** @param deadline ms for what is under way */
  stop(deadline: number): Promise<unknown>
}

/**
 * ms between two restarts: few at first, so that the transcript meets them, then ever so many as Slack bears. Each new
 * process looks up people and groups anew, of which Slack allows 20 a minute.
 */
const [REST_AT_FIRST, REST, SOON] = [300, 10_000, 3]

/** ms: as long as the app itself takes at most. */
const STOP_WITHIN = 15_000

/**
 * Keeps so many replicas, of which one after the other is stopped and replaced, for as long as it is not closed.
 * @param deps.start one that is ready @param deps.leadTo told which replica shall get what comes from now on
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
      // From here on the next one is in its place, however long it takes to stop.
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
