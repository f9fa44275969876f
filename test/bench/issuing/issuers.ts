import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../../../src/sandbox/postgres.ts'
import type { WechatPaySandboxInfo } from '../../../src/sandbox/wechatpay/index.ts'
import { createPlaces, type EngineName, insertApproved } from '../ledgers.ts'
import { type Answering, start, startAnswering } from '../processes.ts'
import { bareClient, folders } from '../slack/apps.ts'
import type { Issued, Opened } from './issuing-process.ts'

/**
 * Replicas in separate processes that issue from ledgers of either engine,
 * against a stand-in that answers after a delay.
 */

/** ms until the stand-in answers. */
const ANSWER = 50
/** ms between two checks whether all are issued. */
const LOOK_EVERY = 25
/** ms; far longer than a turn takes. */
const WITHIN = 120_000
const root = new URL('../../../', import.meta.url)

/** One ledger, and the replicas that issue from it. */
export interface Issuers {
  replicas: Answering[]
  /** Adds this many approved grants that are due. */
  fill(count: number): Promise<void>
}

export interface IssuingPlace {
  open(engine: EngineName, replicas?: number): Promise<Issuers>
  /**
   * Adds this many grants and issues as many, so that the same number waits in each turn.
   * @returns grants per second
   */
  perSecond(issuers: Issuers, turn: { count: number; atOnce: number; seals?: boolean }): Promise<number>
  /** Counts grants that were issued by other means than `perSecond`. */
  count(issued: number): void
  /** Checks that each coupon belongs to a different user, and that every issued grant has one. @throws otherwise */
  expectNoneDoubled(): Promise<void>
  close(): Promise<void>
}

export async function prepareIssuing(): Promise<IssuingPlace> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const end of ends.reverse()) await end()
  }
  try {
    return { ...(await startAll(folder, ends)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startAll(folder: string, ends: (() => unknown)[]): Promise<Omit<IssuingPlace, 'close'>> {
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
  let [filled, issued] = [0, 0]

  return {
    async open(engine, replicas = 1) {
      const { url, run } = await place(engine)
      const workers: Answering[] = []
      for (let replica = 0; replica < replicas; replica++) {
        const worker = startAnswering(new URL('issuing-process.ts', import.meta.url))
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
    },

    async perSecond({ replicas, fill }, { count, atOnce, seals = false }) {
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
    },

    count(more) {
      issued += more
    },

    async expectNoneDoubled() {
      const answer = await fetch(new URL('/sandbox/coupons', info.baseUrl))
      const { coupons } = (await answer.json()) as { coupons: { openid: string; send_request_no: string }[] }
      const ofGrants = coupons.filter((coupon) => !coupon.send_request_no.startsWith('BENCH'))
      const users = new Set(ofGrants.map(({ openid }) => openid))
      // On an overloaded machine an outcome may be lost; a coupon that nobody recorded is no second coupon.
      if (users.size !== ofGrants.length || ofGrants.length < issued)
        throw new Error(`${ofGrants.length} coupons of ${users.size} users for ${issued} grants`)
    },
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
