/** ms until the process ends even where closing hangs. A busy machine needs some to stop a PostgreSQL, which would be left behind. */
const END_AT_LAST = 15_000
/** How often it is looked whether whoever started this is still there, ms. */
const LOOK_EVERY = 250

export type Shutdown = ReturnType<typeof createShutdown>

/**
 * Closes what was started, the latest first, and ends the process: once the work is done, or with 0 by a signal.
 *
 * @param options.startedByNpm npm passes a signal on to its shell only, which ends and leaves this process behind; so
 *   it ends with its parent
 */
export function createShutdown({ startedByNpm }: { startedByNpm: boolean }) {
  const closers: (() => Promise<unknown>)[] = []
  let begun = false

  async function end(code: number): Promise<void> {
    // A second signal says nothing new: a terminal sends one to every process, and npm may pass its own on.
    if (begun) return
    begun = true
    setTimeout(() => process.exit(1), END_AT_LAST).unref()
    for (const close of closers.reverse())
      await close().catch((error: unknown) => void process.stderr.write(`${String(error)}\n`))
    process.exit(code)
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
  // Whoever read the transcript has had enough of it, as `head` has.
  process.stdout.on('error', () => void end(0))
  const parent = process.ppid
  if (startedByNpm) setInterval(() => process.ppid !== parent && void end(0), LOOK_EVERY).unref()

  return {
    end,
    hasBegun: () => begun,
    onEnd: (close: () => Promise<unknown>) => void closers.push(close),
  }
}
