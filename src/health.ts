import type { Pages } from './http/server.ts'
import { type Ledger, LedgerBusyError, LedgerUnavailableError } from './ledger/ledger.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { createReadiness } from './readiness.ts'
import { NoAnswerError, WechatPayError } from './wechatpay/index.ts'

export interface Health {
  /** `/healthz` and `/readyz`, which anybody may see. */
  pages: Pages
  /** The same and `/metrics`, for those who run the app; `metrics` null: no such page is shown anywhere. */
  metricsPages: Pages
  metrics: Metrics | null
  /** From now on the app is not ready. */
  stop(): void
  close(): void
}

/** ms that an answer to a probe is kept. */
const CHECK_EVERY = 3000

/**
 * What is told of the app's state to who runs it.
 * @param deps.hasMetrics whether `/metrics` is shown anywhere: it costs start time and memory
 * @param deps.trouble why people are not served by Slack, or null
 */
export async function createHealth(deps: {
  hasMetrics: boolean
  ledger: Ledger
  /** Rejects unless the last answer of WeChat Pay was verified; what it asks is paced by itself. */
  proveTrust: () => Promise<void>
  trouble: () => string | null
  now: () => number
  logger: Logger
}): Promise<Health> {
  const { ledger, now, logger } = deps
  const readiness = createReadiness({
    checks: {
      ledger: { run: () => ledger.check(), keep: CHECK_EVERY, retry: CHECK_EVERY },
      slack: { run: async () => serve(deps.trouble), keep: 0, retry: 0 },
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
    '/healthz': () => json(200, { ok: true }),
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

function serve(trouble: () => string | null): void {
  const why = trouble()
  if (why !== null) throw new SlackTroubleError(why)
}

/** Only words that were written to be read by anybody: others could hold an address with its password. */
function reasonOf(error: unknown): string {
  if (error instanceof SlackTroubleError) return error.message
  if (error instanceof LedgerBusyError || error instanceof LedgerUnavailableError)
    return 'it can not be written'
  if (error instanceof NoAnswerError) return 'no answer of WeChat Pay was verified yet'
  if (error instanceof WechatPayError) return 'answers of WeChat Pay can not be verified'
  return 'it fails, as the log tells'
}
