/**
 * ms until the process exits even if closing hangs. A busy machine needs some to stop a PostgreSQL, which would
 * otherwise keep running.
 */
const END_AT_LAST = 15_000
/** How often to check that the parent process still exists, in ms. */
const LOOK_EVERY = 250

export type Shutdown = ReturnType<typeof createShutdown>

/**
 * Closes everything that was started, latest first, and exits: when the work is done, or with 0 on a signal.
 *
 * @param options.startedByNpm npm passes a signal on only to its shell, which exits and leaves this process behind; so
 * this process exits when its parent does
 */
export function createShutdown({ startedByNpm }: { startedByNpm: boolean }) {
  const closers: (() => Promise<unknown>)[] = []
  let begun = false

  async function end(code: number): Promise<void> {
    // Ignore a second signal: a terminal sends one to every process, and npm may pass its own on.
    if (begun) return
    begun = true
    setTimeout(() => process.exit(1), END_AT_LAST).unref()
    for (const close of closers.reverse())
      await close().catch((error: unknown) => void process.stderr.write(`${String(error)}\n`))
    process.exit(code)
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
  // The reader of the transcript has closed the pipe, as `head` does.
  process.stdout.on('error', () => void end(0))
  const parent = process.ppid
  if (startedByNpm) setInterval(() => process.ppid !== parent && void end(0), LOOK_EVERY).unref()

  return {
    end,
    hasBegun: () => begun,
    onEnd: (close: () => Promise<unknown>) => void closers.push(close),
  }
}
