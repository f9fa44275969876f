import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, Histogram, Registry } from 'prom-client'
import type { Figures } from './ledger/ledger.ts'

export interface Metrics {
  /** Counts a finished call to WeChat Pay. @param ms its duration */
  called(method: string, outcome: string, ms: number): void
  /** Counts an acknowledgement to Slack. @param ms since the request arrived */
  acknowledged(kind: string, ms: number): void
  /** All current figures, as a page in Prometheus' own format. */
  render(): Promise<{ status: 200; type: string; body: string }>
  close(): void
}

/** ms between two samples of the event loop; each sample includes this interval. */
const LOOK_EVERY = 20
const quantiles = [0.5, 0.99, 1]

/**
 * Keeps the figures that operators watch. Figures of the ledger are read on each scrape; no label names a person or a
 * user.
 * @param deps.now epoch ms: the business's clock
 */
export function createMetrics(deps: {
  figures(): Promise<Figures>
  ready(): Promise<{ checks: Record<string, string> }>
  now: () => number
  logger: { warn(fields: object, message: string): void }
}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name: `withdraw_coupon_${name}`, help, labelNames, registers })
  const ready = gauge('ready', 'Whether a check of /readyz holds', ['check'])
  const loop = gauge(
    'event_loop_delay_seconds',
    'How late the event loop was since the last scrape; quantile 1 is the longest',
    ['quantile'],
  )
  const grants = gauge('grants', 'Grants by state', ['state'])
  const oldest = gauge('oldest_grant_seconds', 'How long the oldest grant of an open state is in it', [
    'state',
  ])
  const flagged = gauge('flagged_grants', 'Open grants whose outcome is being checked, or needs people', [
    'kind',
  ])
  const hold = gauge(
    'hold',
    '1 for each open hold or pause: all, first-attempts, stock, paused; stock: mchid/stock_id where it is of one stock',
    ['kind', 'stock'],
  )
  const cards = gauge(
    'cards_due',
    'Slack messages that lag behind their grant; retried: failed at least once',
    ['tries'],
  )
  const cardLag = gauge('card_lag_seconds', 'How long the card that lags longest has lagged behind its grant')
  const notices = gauge('notices_due', 'Reminders and news to be told; retried: failed at least once', [
    'tries',
  ])
  const noticeLag = gauge('notice_lag_seconds', 'How long the notice that waits longest has waited')
  const fromLedger = [grants, oldest, flagged, hold, cards, cardLag, notices, noticeLag]
  const calls = new Histogram({
    name: 'withdraw_coupon_wechatpay_call_seconds',
    help: 'Calls to WeChat Pay by outcome; a GET with its repeats is one call',
    labelNames: ['method', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const acks = new Histogram({
    name: 'withdraw_coupon_slack_ack_seconds',
    help: 'From what Slack handed over to its acknowledgement, the commit included; Slack waits 3 s',
    labelNames: ['kind'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
    registers,
  })
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY })
  delay.enable()

  async function readLedger(): Promise<void> {
    for (const one of fromLedger) one.reset()
    const figures = await deps.figures().catch((error: unknown) => {
      // The other figures are still useful; the ledger's own check reports that it fails.
      deps.logger.warn({ err: error }, 'the figures of the ledger could not be read')
      return null
    })
    if (!figures) {
      for (const one of fromLedger) one.remove()
      return
    }
    for (const [state, count] of Object.entries(figures.grants)) grants.set({ state }, count)
    for (const [state, at] of Object.entries(figures.oldest))
      oldest.set({ state }, Math.max(0, deps.now() - at) / 1000)
    for (const [kind, count] of Object.entries(figures.flagged)) flagged.set({ kind }, count)
    for (const { kind, stockRef } of figures.holds) hold.set({ kind, stock: stockRef ?? '' }, 1)
    for (const [due, lag, { due: all, retried, lag: ms }] of [
      [cards, cardLag, figures.cards],
      [notices, noticeLag, figures.notices],
    ] as const) {
      due.set({ tries: 'first' }, all - retried)
      due.set({ tries: 'retried' }, retried)
      lag.set(ms / 1000)
    }
  }

  async function refresh(): Promise<void> {
    const { checks } = await deps.ready()
    ready.reset()
    for (const [check, answer] of Object.entries(checks)) ready.set({ check }, answer === 'ok' ? 1 : 0)
    for (const quantile of quantiles) {
      const nanoseconds = quantile === 1 ? delay.max : delay.percentile(quantile * 100)
      loop.set({ quantile }, Math.max(0, nanoseconds / 1e9 - LOOK_EVERY / 1000))
    }
    delay.reset()
    await readLedger()
  }

  let refreshing: Promise<void> | undefined
  return {
    called: (method, outcome, ms) => calls.observe({ method, outcome }, ms / 1000),
    acknowledged: (kind, ms) => acks.observe({ kind }, ms / 1000),
    async render() {
      // Simultaneous scrapes share one refresh.
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      await refreshing
      return { status: 200, type: registry.contentType, body: await registry.metrics() }
    },
    close: () => void delay.disable(),
  }
}
