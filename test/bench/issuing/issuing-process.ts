import { generateKeyPairSync } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { publicKeyOf, signHash } from '../../../src/domain/seal.ts'
import { createGrants, type Grants, type GrantsDeps } from '../../../src/grants/index.ts'
import { createWorker } from '../../../src/jobs/worker.ts'
import { type Ledger, LedgerBusyError, openLedger } from '../../../src/ledger/ledger.ts'
import { parsePolicy } from '../../../src/policy/parse-policy.ts'
import { createWechatPay, type WechatPay, type WechatPayOptions } from '../../../src/wechatpay/index.ts'
import { answerParent } from '../processes.ts'
import { quantile } from '../rounds.ts'
import { policy } from '../slack/apps.ts'
import { monotonic } from './monotonic.ts'

/** One replica in its own process: its worker issues what is due while new asks arrive, and nobody is notified. */

export interface Opened {
  databaseUrl: string
  wechatpay: WechatPayOptions
  ids: { mchid: string; appid: string }
}

/** Epoch ms. */
export interface Issued {
  began: number
  /** When each outcome was recorded. */
  ended: number[]
}

export interface ToPace {
  atOnce: number
  /** Attempts a second; 0: nothing is issued. */
  rate: number
  /** ms from one ask to the next, on average. */
  every: number
}

export interface ToSlice {
  /** ms */
  lasts: number
  /** Whether to seal the trail's new lines when the slice begins. */
  seals?: boolean
}

/** Measurements of one slice of time. */
export interface Slice {
  perSecond: number
  /** ms from an ask to its commit. */
  askP50: number
  askP99: number
  /** Delay of the event loop, in ms. */
  delayP99: number
}

const UNPACED = 10_000
/** ms that the end waits for work in progress. */
const END_WITHIN = 30_000
/** ms for compiling the code and reaching the pace. */
const WARM_UP = 2000
/** ms between two looks at the event loop. */
const LOOK_EVERY = 1
/** Far more often than the app seals, because a turn is short. */
const SEAL_EVERY = 2000
const auditKey = generateKeyPairSync('ed25519').privateKey
let ledger: Ledger
let client: WechatPay
let opened: Opened
let calls = 0
let current: { issued: Issued; stop(): Promise<void> } | null = null
let paced: { grants: Grants; issued(): number; stop(): Promise<void> } | null = null
/** How long the commit of each ask took in the slice being measured. */
let asked: Promise<number>[] = []

answerParent({
  async open(of: Opened) {
    opened = of
    ledger = await openLedger({ url: of.databaseUrl })
    client = createWechatPay(of.wechatpay)
  },
  begin,
  count: async () => current?.issued.ended.length ?? 0,
  end,
  beginPaced,
  slice,
  endPaced,
  bare,
  async close() {
    await client.close()
    await ledger.close()
  },
})

/** Starts the worker as the app runs it. @param ended is called after each attempt that was recorded as issued */
function startIssuing({
  atOnce,
  rate,
  seals = false,
  ended,
}: {
  atOnce: number
  rate: number
  seals?: boolean
  ended(): void
}) {
  const parsed = parsePolicy(policy, opened.ids)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  const log = () => {}
  const deps: GrantsDeps = {
    ledger,
    wechatpay: client,
    notifier: {} as GrantsDeps['notifier'],
    policy: () => parsed.policy,
    now: Date.now,
    logger: {
      debug: log,
      info(_: object, message: string) {
        if (message === 'attempt ended') ended()
      },
      warn: log,
      error: console.error,
    },
    worker: `bench-${process.pid}`,
    wake: () => void setImmediate(() => worker.wake()),
    lease: 30_000,
    cardLease: 60_000,
    rate,
    examine: async () => [],
    examined: () => null,
    random: Math.random,
    atOnce,
    signSeal: (hash) => ({ key: publicKeyOf(auditKey), signature: signHash(auditKey, 'seal', hash) }),
  }
  const grants = createGrants(deps)
  const worker = createWorker({
    tasks: [
      { name: 'issue', run: grants.issueDue, every: 1000 },
      { name: 'end lost attempts', run: grants.endLost, every: 1000, byClock: true },
      ...(seals ? [{ name: 'seal', run: grants.sealTrail, every: SEAL_EVERY, byClock: true as const }] : []),
    ],
    logger: { error: console.error, info: log },
  })
  const stop = async () => {
    await worker.stop(END_WITHIN)
    await grants.drain(END_WITHIN)
  }
  return { grants, start: worker.start, stop }
}

async function begin({ atOnce, seals = false }: { atOnce: number; seals?: boolean }): Promise<void> {
  const issued: Issued = { began: Date.now(), ended: [] }
  const { start, stop } = startIssuing({
    atOnce,
    rate: UNPACED,
    seals,
    ended: () => issued.ended.push(Date.now()),
  })
  current = { issued, stop }
  start()
}

/** Stops, and finishes the work in progress. */
async function end(): Promise<Issued> {
  if (!current) throw new Error('nothing was begun')
  await current.stop()
  return current.issued
}

/** Issues at a pace, while a thread asks at its own, until `endPaced`. */
async function beginPaced({ atOnce, rate, every }: ToPace): Promise<void> {
  let issued = 0
  const { grants, start, stop } = startIssuing({
    atOnce,
    rate,
    ended() {
      issued += 1
    },
  })
  if (rate > 0) start()
  const asker = new Worker(new URL('asking-thread.ts', import.meta.url), { workerData: { every } })
  asker.on('message', (sent: number) => asked.push(ask(grants).then(() => monotonic() - sent)))
  paced = {
    grants,
    issued: () => issued,
    async stop() {
      await asker.terminate()
      await Promise.all(asked)
      await stop()
    },
  }
  await sleep(WARM_UP)
}

async function slice({ lasts, seals = false }: ToSlice): Promise<Slice> {
  if (!paced) throw new Error('no pace was begun')
  const { grants, issued } = paced
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY })
  delay.enable()
  asked = []
  const [before, began] = [issued(), performance.now()]
  const sealed = seals ? sealAll(grants) : null
  await sleep(lasts)
  const perSecond = ((issued() - before) * 1000) / (performance.now() - began)
  const times = await Promise.all(asked)
  await sealed
  delay.disable()
  const [askP50, askP99] = [quantile(times, 0.5), quantile(times, 0.99)]
  return { perSecond, askP50, askP99, delayP99: delay.percentile(99) / 1e6 }
}

/** Seals like the app's worker, which retries later if the ledger is busy. */
async function sealAll(grants: Grants): Promise<void> {
  try {
    while ((await grants.sealTrail()) > 0);
  } catch (error) {
    if (!(error instanceof LedgerBusyError)) throw error
  }
}

/** @returns how many were issued since `beginPaced` */
async function endPaced(): Promise<number> {
  if (!paced) throw new Error('no pace was begun')
  await paced.stop()
  return paced.issued()
}

async function ask(grants: Grants): Promise<void> {
  calls += 1
  const asked = await grants.request({
    person: { id: 'U0AGENT1', email: null, groups: ['S0AGENTS'], standing: 'member' },
    submission: `bench-${process.pid}-${calls}`,
    language: 'en',
    viewId: null,
    another: null,
    ask: { openid: openidOf(calls), stock: 'withdraw-10', reason: 'outage', note: null, ticket: null },
  })
  // Busy means two seconds, which shows in the figure.
  if (asked.kind !== 'recorded' && asked.kind !== 'busy') throw new Error(JSON.stringify(asked))
}

const openidOf = (number: number) =>
  `oUpF8u${String(process.pid).padStart(8, '0')}X${String(number).padStart(13, '0')}`

/** Makes this many calls with the client alone. @returns calls per second */
async function bare({ count, atOnce }: { count: number; atOnce: number }): Promise<number> {
  const began = performance.now()
  let left = count
  const caller = async () => {
    while (left > 0) {
      left -= 1
      calls += 1
      await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
        openid: openidOf(calls),
        json: {
          ...opened.ids,
          stock_id: '1304490000000059',
          send_request_no: `BENCH${process.pid}X${calls}`,
        },
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return (count * 1000) / (performance.now() - began)
}
