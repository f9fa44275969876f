import { generateKeyPairSync } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { publicKeyOf, signHash } from '../../../src/domain/seal.ts'
import { createGrants, type Grants, type GrantsDeps } from '../../../src/grants/index.ts'
import { createWorker } from '../../../src/jobs/worker.ts'
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts'
import { parsePolicy } from '../../../src/policy/parse-policy.ts'
import { createWechatPay, type WechatPay, type WechatPayOptions } from '../../../src/wechatpay/index.ts'
import { answerParent } from '../processes.ts'
import { quantile } from '../rounds.ts'
import { policy } from '../slack/apps.ts'

/** One replica in a process of its own: its worker issues what is due, some are asked for meanwhile, and nobody is told. */

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
  asks: number
  /** ms from one ask to the next. */
  every: number
  seals?: boolean
}

export interface Paced {
  perSecond: number
  /** ms from when it was to be asked to its commit. */
  askP50: number
  askP99: number
  /** Of the event loop, ms. */
  delayP99: number
  issued: number
}

const UNPACED = 10_000
/** ms that the end waits for what is under way. */
const END_WITHIN = 30_000
/** ms in which code is compiled and the pace is reached. */
const WARM_UP = 2000
/** ms between two looks at the event loop. */
const LOOK_EVERY = 1
/** Far more often than the app seals, as a turn is short. */
const SEAL_EVERY = 2000
const auditKey = generateKeyPairSync('ed25519').privateKey
let ledger: Ledger
let client: WechatPay
let opened: Opened
let calls = 0
let current: { issued: Issued; stop(): Promise<void> } | null = null

answerParent({
  async open(of: Opened) {
    opened = of
    ledger = await openLedger({ url: of.databaseUrl })
    client = createWechatPay(of.wechatpay)
  },
  begin,
  count: async () => current?.issued.ended.length ?? 0,
  end,
  paced,
  bare,
  async close() {
    await client.close()
    await ledger.close()
  },
})

/** The worker as the app runs it. @param ended is called after each attempt that was recorded as issued */
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

/** Ends with what is under way. */
async function end(): Promise<Issued> {
  if (!current) throw new Error('nothing was begun')
  await current.stop()
  return current.issued
}

/** Issues at a pace while some are asked for, each at its time, whether or not those before were answered. */
async function paced({ atOnce, rate, asks, every, seals = false }: ToPace): Promise<Paced> {
  let issued = 0
  const { grants, start, stop } = startIssuing({
    atOnce,
    rate,
    seals,
    ended() {
      issued += 1
    },
  })
  if (rate > 0) start()
  await sleep(WARM_UP)
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY })
  delay.enable()
  const before = issued
  const began = performance.now()
  const asked = []
  for (let number = 0; number < asks; number++) {
    const due = began + number * every
    await sleep(Math.max(0, due - performance.now()))
    asked.push(ask(grants).then(() => performance.now() - due))
  }
  const times = await Promise.all(asked)
  const perSecond = ((issued - before) * 1000) / (performance.now() - began)
  delay.disable()
  await stop()
  const [askP50, askP99] = [quantile(times, 0.5), quantile(times, 0.99)]
  return { perSecond, askP50, askP99, delayP99: delay.percentile(99) / 1e6, issued }
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
  // Busy: two seconds, which the figure tells.
  if (asked.kind !== 'recorded' && asked.kind !== 'busy') throw new Error(JSON.stringify(asked))
}

const openidOf = (number: number) =>
  `oUpF8u${String(process.pid).padStart(8, '0')}X${String(number).padStart(13, '0')}`

/** So many calls by the client alone. @returns how many a second */
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
