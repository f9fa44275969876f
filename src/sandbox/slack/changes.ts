/** Announces changes to code that waits for them, so that nobody has to poll. */
export type Changes = ReturnType<typeof createChanges>

/** Creates the sandbox's one channel for announcing changes. */
export function createChanges() {
  let waiting: (() => void)[] = []

  function announce(): void {
    const all = waiting
    waiting = []
    for (const go of all) go()
  }

  function next(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve))
  }

  async function waitFor<T>(
    fn: () => T | false | null | undefined,
    { timeout = 60_000, what = 'what was waited for' }: { timeout?: number; what?: string } = {},
  ): Promise<T> {
    // Made before the first look, so that its stack names the waiting test.
    const tooLate = new Error(`Nothing happened within ${timeout} ms: ${what}`)
    const end = performance.now() + timeout
    for (;;) {
      const change = next()
      const value = fn()
      if (value !== false && value !== null && value !== undefined) return value
      const left = end - performance.now()
      if (left <= 0) throw tooLate
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        change,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, left)
        }),
      ])
      clearTimeout(timer)
    }
  }

  return { announce, next, waitFor }
}
