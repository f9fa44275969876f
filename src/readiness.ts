/** One thing without which the app can't do its work. */
export interface Check {
  /** Rejects when it does not hold. */
  run(): Promise<void>
  /** ms that an answer is kept, so that probes cost nothing; after one that does not hold, `retry`. */
  keep: number
  retry: number
}

export interface Readiness {
  /** Every check with `ok`, or why it does not hold, in a few words that hold no secret. */
  read(): Promise<{ ready: boolean; checks: Record<string, string> }>
  /** From now on it is not ready, whatever the checks say. */
  stop(): void
}

/** A probe that hangs tells nothing: what has not answered in so many ms does not hold. */
const WITHIN = 1000

/**
 * Tells whether the app can do its work now. A check runs once at a time, and what changes is logged.
 * @param deps.reasonOf an error in words that anybody may read
 */
export function createReadiness<Name extends string>(deps: {
  checks: Readonly<Record<Name, Check>>
  reasonOf(error: unknown): string
  logger: { info(fields: object, message: string): void; error(fields: object, message: string): void }
}): Readiness {
  const asked = Object.entries<Check>(deps.checks).map(([name, check]) => ({
    name,
    read: createKept(name, check, deps),
  }))
  let isStopping = false
  return {
    async read() {
      if (isStopping) return { ready: false, checks: { app: 'stopping' } }
      const answers = await Promise.all(asked.map(async ({ name, read }) => [name, await read()] as const))
      return { ready: answers.every(([, answer]) => answer === OK), checks: Object.fromEntries(answers) }
    },
    stop() {
      isStopping = true
    },
  }
}

const OK = 'ok'

function createKept(
  name: string,
  { run, keep, retry }: Check,
  { reasonOf, logger }: Pick<Parameters<typeof createReadiness>[0], 'reasonOf' | 'logger'>,
): () => Promise<string> {
  let answer: string | null = null
  let until = 0
  let running: Promise<void> | null = null

  function told(now: string, error?: unknown): void {
    if (now !== OK && (answer === null || answer === OK))
      logger.error({ check: name, reason: now, err: error }, 'not ready: this does not hold')
    if (now === OK && answer !== null && answer !== OK) logger.info({ check: name }, 'this holds again')
    answer = now
    until = performance.now() + (now === OK ? keep : retry)
  }

  return async () => {
    if (answer !== null && performance.now() < until) return answer
    running ??= run()
      .then(
        () => told(OK),
        (error: unknown) => told(reasonOf(error), error),
      )
      .finally(() => {
        running = null
      })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(resolve, WITHIN, true)
    })
    if (await Promise.race([running, late])) told(`no answer within ${WITHIN} ms`)
    clearTimeout(timer)
    return answer ?? OK
  }
}
