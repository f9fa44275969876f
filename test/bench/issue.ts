import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../../src/sandbox/postgres.ts'
import type { WechatPaySandboxInfo } from '../../src/sandbox/wechatpay/index.ts'
import type { Issued, Opened, Paced, ToPace } from './issuing/issuing-process.ts'
import { createPlaces, type EngineName, engines, insertApproved } from './ledgers.ts'
import { type Answering, start, startAnswering } from './processes.ts'
import { type Bound, type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'
import { bareClient, folders } from './slack/apps.ts'

export const about = `issue: approved grants that are due, issued by the worker of one process with every claim and every outcome committed
  and synced (SQLite synchronous=FULL, PostgreSQL with fsync), at a stand-in that takes 50 ms an answer. At most 64 at once, by the
  client alone, as many at once; with 100,000 waiting, by 5,000. Then, once, at WECHATPAY_RATE=500 with an ask every 50 ms, by the
  same asks with nothing issued. With the trail sealed twice a second, by not at all. Then two replicas on one PostgreSQL, by one of them alone.`

const ANSWER = 50
const AT_ONCE = 64
const GRANTS = 1280
const MANY = 100_000
const FEW = 5000
const RATE = 500
const ASKS = 800
const ASK_EVERY = 50
/** ms from one look whether all are issued to the next. */
const LOOK_EVERY = 25
/** ms; far longer than a turn takes. */
const WITHIN = 120_000
const root = new URL('../../', import.meta.url)

const goals: Record<EngineName, Record<'share' | 'ask' | 'delay', Bound>> = {
  SQLite: {
    share: { is: 'at least', goal: 0.7, floor: 0.55 },
    ask: { is: 'at most', goal: 20, floor: 40, absolute: true },
    delay: { is: 'at most', goal: 15, floor: 30, absolute: true },
  },
  PostgreSQL: {
    share: { is: 'at least', goal: 0.6, floor: 0.45 },
    ask: { is: 'at most', goal: 60, floor: 120, absolute: true },
    delay: { is: 'at most', goal: 10, floor: 20, absolute: true },
  },
}

/** One ledger with the replicas that issue from it. */
interface Issuers {
  replicas: Answering[]
  fill(count: number): Promise<void>
}

export async function benchIssue(pace: Pace): Promise<Result[]> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  let issued = 0
  const count = Math.max(80, Math.round(GRANTS * pace.scale))
  try {
    const standIn = await start(new URL('src/sandbox/wechatpay/main.ts', root), {
      args: ['--keys', join(folder, 'keys')],
      until: 'baseUrl',
    })
    ends.push(standIn.end)
    const info: WechatPaySandboxInfo = JSON.parse(standIn.line)
    await slow(info)
    const postgres = await startPostgres({ isDurable: true })
    ends.push(postgres.stop)
    const place = createPlaces({ folder, postgres })
    const ids = { mchid: info.mchid, appid: info.appid }
    let filled = 0

    const open = async (engine: EngineName, replicas = 1): Promise<Issuers> => {
      const { url, run } = await place(engine)
      const workers = []
      for (let replica = 0; replica < replicas; replica++) {
        const worker = startAnswering(new URL('issuing/issuing-process.ts', import.meta.url))
        ends.push(worker.end)
        const { options: wechatpay } = bareClient(info)
        await worker.ask('open', { databaseUrl: url, wechatpay, ids } satisfies Opened)
        workers.push(worker)
      }
      return {
        replicas: workers,
        async fill(more) {
          await run(insertApproved({ ...ids, from: filled + 1, count: more, stockId: info.stockId }))
          filled += more
        },
      }
    }
    /** Issues as many as it fills in before, so that as many wait in each turn. */
    const perSecond = async ({ replicas, fill }: Issuers, atOnce: number, seals = false): Promise<number> => {
      await fill(count)
      const ofAll = <T>(verb: string) =>
        Promise.all(replicas.map((worker) => worker.ask<T>(verb, { atOnce, seals })))
      await ofAll('begin')
      const late = performance.now() + WITHIN
      while (sum(await ofAll<number>('count')) < count) {
        if (performance.now() > late) throw new Error(`fewer than ${count} were issued in ${WITHIN} ms`)
        await sleep(LOOK_EVERY)
      }
      const all = await ofAll<Issued>('end')
      const ended = all.flatMap((one) => one.ended).toSorted((one, other) => one - other)
      issued += ended.length
      return (count * 1000) / ((ended[count - 1] as number) - Math.min(...all.map(({ began }) => began)))
    }

    const results: Result[] = []
    const add = (name: string, unit: string, pairs: Parameters<typeof resultOf>[1], bound?: Bound) =>
      results.push(resultOf({ part: 'issue', name, unit, ...(bound && { bound }) }, pairs))
    for (const engine of engines) {
      const alone = await open(engine)
      const [worker] = alone.replicas as [Answering]
      add(
        `issued a second, ${engine}`,
        '/s',
        await inTurns(pace, {
          ours: () => perSecond(alone, AT_ONCE),
          other: () => worker.ask<number>('bare', { count, atOnce: AT_ONCE }),
        }),
        goals[engine].share,
      )
      add(
        `issued a second, sealing by not sealing, ${engine}`,
        '/s',
        await inTurns(pace, {
          ours: () => perSecond(alone, AT_ONCE, true),
          other: () => perSecond(alone, AT_ONCE),
        }),
        { is: 'at least', goal: 0.97, floor: 0.9 },
      )
      const many = await open(engine)
      await many.fill(Math.round(MANY * pace.scale))
      await alone.fill(FEW)
      add(
        `issued a second, 100,000 waiting, ${engine}`,
        '/s',
        await inTurns(pace, {
          ours: () => perSecond(many, AT_ONCE),
          other: () => perSecond(alone, AT_ONCE),
        }),
        { is: 'at least', goal: 0.9, floor: 0.8 },
      )
      for (const one of [worker, ...many.replicas]) await one.ask('close', {})

      const calm = await open(engine)
      const [asked] = calm.replicas as [Answering]
      const asks = Math.round(ASKS * pace.scale)
      const at = { atOnce: AT_ONCE, every: ASK_EVERY }
      const idle = await asked.ask<Paced>('paced', { ...at, rate: 0, asks: asks / 4 } satisfies ToPace)
      await calm.fill(RATE * ((asks * ASK_EVERY) / 1000 + 5))
      const busy = await asked.ask<Paced>('paced', { ...at, rate: RATE, asks } satisfies ToPace)
      issued += busy.issued
      const name = (what: string) => `${what} at ${RATE} a second, ${engine}`
      const once = (figure: 'askP99' | 'delayP99') => ({ ours: [busy[figure]], other: [idle[figure]] })
      const paced = { ours: [busy.perSecond], other: [RATE] }
      add(name('issued'), '/s', paced, { is: 'at least', goal: 480, floor: 450, absolute: true })
      add(name('ask p99'), 'ms', once('askP99'), goals[engine].ask)
      add(name('event-loop delay p99'), 'ms', once('delayP99'), goals[engine].delay)
      await asked.ask('close', {})
    }

    const both = await open('PostgreSQL', 2)
    const one = { ...both, replicas: both.replicas.slice(0, 1) }
    const together = (atOnce: number) =>
      inTurns(pace, { ours: () => perSecond(both, atOnce), other: () => perSecond(one, atOnce) })
    add('two replicas by one, 16 at once each', '/s', await together(16), {
      is: 'at least',
      goal: 1.85,
      floor: 1.7,
    })
    add('two replicas by one, 64 at once each', '/s', await together(64), {
      is: 'at least',
      goal: 900,
      floor: 700,
      absolute: true,
    })
    await expectNoneDoubled(info, issued)
    return results
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

async function slow(info: WechatPaySandboxInfo): Promise<void> {
  const answer = await fetch(new URL('/sandbox/faults', info.baseUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'slow', ms: ANSWER, times: 'always' }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Each coupon is of a user of its own, and no grant that was issued is without one. */
async function expectNoneDoubled(info: WechatPaySandboxInfo, issued: number): Promise<void> {
  const answer = await fetch(new URL('/sandbox/coupons', info.baseUrl))
  const { coupons } = (await answer.json()) as { coupons: { openid: string; send_request_no: string }[] }
  const ofGrants = coupons.filter((coupon) => !coupon.send_request_no.startsWith('BENCH'))
  const users = new Set(ofGrants.map(({ openid }) => openid))
  // On a machine that is too busy an outcome may be lost; a coupon that nobody recorded is no second one.
  if (users.size !== ofGrants.length || ofGrants.length < issued)
    throw new Error(`${ofGrants.length} coupons of ${users.size} users for ${issued} grants`)
}
