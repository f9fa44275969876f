import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../../src/sandbox/postgres.ts'
import type { WechatPaySandboxInfo } from '../../src/sandbox/wechatpay/index.ts'
import type { Issued, Opened } from './issuing/issuing-process.ts'
import { type Answering, start, startAnswering } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'
import { bareClient, folders } from './slack/apps.ts'

export const about = `issue: approved grants that are due, issued by the worker of one process with every claim and every outcome committed
  and synced (SQLite synchronous=FULL, PostgreSQL with fsync), at a stand-in that takes 50 ms an answer; 16 at once. Other: the client
  alone, as many at once. Then two replicas on one PostgreSQL, 3 at once each, by one of them alone: the stand-in's 50 ms are what
  is waited for, so that the ledger's lock and two cores are not.`

const ANSWER = 50
const AT_ONCE = 16
const AT_ONCE_PER_REPLICA = 3
const GRANTS = 320
const root = new URL('../../', import.meta.url)

export async function benchIssue(pace: Pace): Promise<Result[]> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
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
    await postgres.query('create database ledger')

    const open = async (databaseUrl: string, atOnce: number) => {
      const worker = startAnswering(new URL('issuing/issuing-process.ts', import.meta.url))
      ends.push(worker.end)
      await worker.ask('open', {
        databaseUrl,
        atOnce,
        wechatpay: bareClient(info).options,
        ids: { mchid: info.mchid, appid: info.appid },
      } satisfies Opened)
      return worker
    }
    const count = Math.max(8, Math.round(GRANTS * pace.scale))
    const sqlite = await open(`file:${join(folder, 'ledger.sqlite')}`, AT_ONCE)
    const alone = await open(postgres.url('ledger'), AT_ONCE)
    const share = (worker: Answering) =>
      inTurns(pace, {
        ours: () => perSecond([worker], count),
        other: async () => rate([await worker.ask<Issued>('bare', { count, atOnce: AT_ONCE })]),
      })
    const onSqlite = await share(sqlite)
    const onPostgres = await share(alone)
    await alone.ask('close', {})
    const replicas = [
      await open(postgres.url('ledger'), AT_ONCE_PER_REPLICA),
      await open(postgres.url('ledger'), AT_ONCE_PER_REPLICA),
    ]
    const both = await inTurns(pace, {
      ours: () => perSecond(replicas, count),
      other: () => perSecond(replicas.slice(0, 1), count),
    })
    await expectNoneDoubled(info, granted)
    return [
      resultOf({ part: 'issue', name: 'grants issued a second, SQLite', unit: '/s' }, onSqlite),
      resultOf({ part: 'issue', name: 'grants issued a second, PostgreSQL', unit: '/s' }, onPostgres),
      resultOf(
        {
          part: 'issue',
          name: 'two replicas by one',
          unit: '/s',
          bound: { is: 'at least', goal: 1.7, floor: 1.5 },
        },
        both,
      ),
    ]
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

let granted = 0

async function perSecond(workers: Answering[], count: number): Promise<number> {
  await workers[0]?.ask('fill', { count })
  granted += count
  const issued = await Promise.all(workers.map((worker) => worker.ask<Issued>('issue', {})))
  const total = issued.reduce((sum, one) => sum + one.issued, 0)
  if (total !== count) throw new Error(`${total} attempts for ${count} grants`)
  return rate(issued.filter((one) => one.issued > 0))
}

function rate(all: Issued[]): number {
  const took = Math.max(...all.map(({ ended }) => ended)) - Math.min(...all.map(({ began }) => began))
  return (all.reduce((sum, { issued }) => sum + issued, 0) * 1000) / took
}

async function slow(info: WechatPaySandboxInfo): Promise<void> {
  const answer = await fetch(new URL('/sandbox/faults', info.baseUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'slow', ms: ANSWER, times: 'always' }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Each coupon is of a grant or call of its own, and no grant is without one. */
async function expectNoneDoubled(info: WechatPaySandboxInfo, granted: number): Promise<void> {
  const answer = await fetch(new URL('/sandbox/coupons', info.baseUrl))
  const { coupons } = (await answer.json()) as { coupons: { openid: string; send_request_no: string }[] }
  const ofGrants = coupons.filter((coupon) => !coupon.send_request_no.startsWith('BENCH'))
  const users = new Set(ofGrants.map(({ openid }) => openid))
  if (ofGrants.length !== granted || users.size !== granted)
    throw new Error(`${ofGrants.length} coupons of ${users.size} users for ${granted} grants`)
}
