import type { Pages } from './http/server.ts'
import { type Ledger, LedgerBusyError, LedgerUnavailableError } from './ledger/ledger.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { NoAnswerError, SetupError, WechatPayError } from './wechatpay/index.ts'

export interface Health {
  /** `/healthz` and `/readyz`, which anybody may see. */
  pages: Pages
  /** The same and `/metrics`, for those who run the app; `metrics` is null if no page shows them. */
  metricsPages: Pages
  metrics: Metrics | null
  /** From now on the app is not ready. */
  stop(): void
  close(): void
}

/** ms for which the answer to a probe is kept. */
const CHECK_EVERY = 3000

/**
 * Reports the app's state to those who run it.
 * @param deps.hasMetrics whether any page shows `/metrics`, which costs start-up time and memory
 * @param deps.trouble why people can't use the app in Slack, or null
 */
export async function createHealth(deps: {
  hasMetrics: boolean
  ledger: Ledger
  /** Rejects unless the last answer of WeChat Pay was verified; it limits its own calls. */
  proveTrust: () => Promise<void>
  trouble: () => string | null | Promise<string | null>
  version: string
  now: () => number
  logger: Logger
}): Promise<Health> {
  const { ledger, now, logger } = deps
  const readiness = createReadiness({
    checks: {
      ledger: { run: () => ledger.check(), keep: CHECK_EVERY, retry: CHECK_EVERY },
      slack: { run: async () => serve(await deps.trouble()), keep: 0, retry: 0 },
      keys: { run: deps.proveTrust, keep: CHECK_EVERY, retry: CHECK_EVERY },
    },
    reasonOf,
    logger,
  })
  const figures = () => ledger.figures()
  const metrics = deps.hasMetrics
    ? (await import('./metrics.ts')).createMetrics({ figures, ready: readiness.read, now, logger })
    : null
  const pages: Pages = {
    '/healthz': () => json(200, { ok: true, version: deps.version }),
    '/readyz': async () => {
      const told = await readiness.read()
      return json(told.ready ? 200 : 503, told)
    },
  }
  return {
    pages,
    metricsPages: metrics ? { ...pages, '/metrics': () => metrics.render() } : pages,
    metrics,
    stop: () => readiness.stop(),
    close: () => metrics?.close(),
  }
}

const json = (status: number, body: object) => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

class SlackTroubleError extends Error {
  override readonly name = 'SlackTroubleError'
}

function serve(why: string | null): void {
  if (why !== null) throw new SlackTroubleError(why)
}

/** Only texts written for anybody to read: other messages could hold an address with its password. */
function reasonOf(error: unknown): string {
  if (error instanceof SlackTroubleError) return error.message
  if (error instanceof LedgerBusyError || error instanceof LedgerUnavailableError)
    return 'it can not be written'
  if (error instanceof NoAnswerError) return 'no answer of WeChat Pay was verified yet'
  if (error instanceof SetupError && error.status === 401)
    return 'WeChat Pay refuses the signature of this app'
  if (error instanceof WechatPayError) return 'answers of WeChat Pay can not be verified'
  return 'it fails, as the log tells'
}

/** One thing without which the app can't do its work. */
export interface Check {
  /** Rejects when the check fails. */
  run(): Promise<void>
  /** ms for which an answer is kept, so that probes cost nothing; after a failed check, `retry`. */
  keep: number
  retry: number
}

export interface Readiness {
  /** Each check with `ok`, or why it fails, in a few words without secrets. */
  read(): Promise<{ ready: boolean; checks: Record<string, string> }>
  /** From now on the app is not ready, whatever the checks say. */
  stop(): void
}

/** ms after which a check that hasn't answered fails: a probe that hangs tells nothing. */
const WITHIN = 1000

/**
 * Tells whether the app can work now. Each check runs once at a time, and changes are logged.
 * @param deps.reasonOf describes an error in words that anybody may read
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
