import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { startPostgres } from '../../src/sandbox/postgres.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { folders } from './slack/apps.ts'

export const about = `waiting: what a ledger costs in which much waits, in this process, every commit synced. Pause and resume with 100,000
  approved grants waiting, by 1,000; a claim with 1,000,000 due of which the oldest 90 % are held, by 1,000 of which none is; claims
  of 16 with their outcomes while 100,000 wait, by 5,000.`

const STOCKS = { held: '1304490000000059', free: '1304490000000060' }
const MCHID = '1900000001'
const held = {
  kind: 'paused',
  stock: { ref: `${MCHID}/${STOCKS.held}`, key: 'held' },
  reason: 'paused',
  message: '',
} as const
const paused = { kind: 'paused', reason: 'paused', message: '' } as const
const TURNS = 20
const TOGETHER = 16

export async function benchWaiting(pace: Pace): Promise<Result[]> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const postgres = await startPostgres({ isDurable: true })
  const open: Ledger[] = []
  let count = 0
  const places = {
    SQLite: async () => {
      const path = join(folder, `${++count}.sqlite`)
      const ledger = await openLedger({ url: `file:${path}`, role: 'tool' })
      const run = async (text: string) => {
        const database = new DatabaseSync(path)
        database.exec(text)
        database.close()
      }
      return { ledger, run }
    },
    PostgreSQL: async () => {
      const name = `waiting_${++count}`
      await postgres.query(`create database ${name}`)
      const ledger = await openLedger({ url: postgres.url(name), role: 'tool' })
      return {
        ledger,
        run: async (text: string) => {
          const client = new pg.Client({ connectionString: postgres.url(name) })
          await client.connect()
          await client.query(text).finally(() => client.end())
        },
      }
    },
  }
  const filled = async (place: keyof typeof places, of: Filling) => {
    const { ledger, run } = await places[place]()
    open.push(ledger)
    await run(insertOf(of))
    return ledger
  }
  const at = (number: number) => Math.max(1000, Math.round(number * pace.scale))
  const results: Result[] = []
  try {
    for (const engine of ['SQLite', 'PostgreSQL'] as const) {
      const many = await filled(engine, { held: 0, free: at(100_000) })
      const few = await filled(engine, { held: 0, free: 1000 })
      const pauses = await inTurns(pace, {
        ours: () => pauseAndResume(many),
        other: () => pauseAndResume(few),
      })
      const name = (what: string) => `${what}, ${engine}`
      results.push(
        resultOf(
          {
            part: 'waiting',
            name: name('pause and resume'),
            unit: 'ms',
            bound: { is: 'at most', goal: 1.5, floor: 1.5 },
          },
          { ours: pauses.ours.map(({ ms }) => ms), other: pauses.other.map(({ ms }) => ms) },
        ),
        resultOf(
          {
            part: 'waiting',
            name: name('event loop while pausing, latest'),
            unit: 'ms',
            bound: { is: 'at most', goal: 50, floor: 50, absolute: true },
          },
          { ours: pauses.ours.map(({ loop }) => loop), other: pauses.other.map(({ loop }) => loop) },
        ),
      )
      const some = await filled(engine, { held: 0, free: 5000 })
      const rates = await inTurns(pace, { ours: () => claimsASecond(many), other: () => claimsASecond(some) })
      results.push(
        resultOf(
          {
            part: 'waiting',
            name: name('claimed and recorded a second, 100,000 waiting'),
            unit: '/s',
            bound: { is: 'at least', goal: 0.9, floor: 0.8 },
          },
          rates,
        ),
      )
      const huge = await filled(engine, { held: at(900_000), free: at(100_000) })
      await huge.write((tx) => tx.beginHold(held))
      const claims = await inTurns(pace, { ours: () => claimTime(huge), other: () => claimTime(few) })
      results.push(
        resultOf(
          {
            part: 'waiting',
            name: name('claim, 1,000,000 due, 90 % held'),
            unit: 'ms',
            bound: { is: 'at most', goal: 1.2, floor: 1.5 },
          },
          claims,
        ),
      )
    }
    return results
  } finally {
    for (const ledger of open) await ledger.close()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Filling {
  held: number
  free: number
}

/** Approved grants of as many users, those of the held stock due first. In SQL that both engines take. */
function insertOf(of: Filling): string {
  const count = of.held + of.free
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`
  const stock = `case when n.i <= ${of.held} then '${STOCKS.held}' else '${STOCKS.free}' end`
  const id = `'B' || (1000000000000000 + n.i)`
  return `insert into subjects (id, appid, openid) ${numbers} select 'b' || n.i, 'wx1', 'o' || n.i from n;
    insert into grants (id, send_request_no, submission, subject, appid, mchid, stock_id, stock, stock_ref, stock_name,
      quota, requester, reason, reason_name, state, created_at, state_at, policy_hash, approvals_needed, version, due_at, lane)
    ${numbers} select ${id}, ${id}, ${id}, 'b' || n.i, 'wx1', '${MCHID}', ${stock}, 'stock', '${MCHID}/' || ${stock},
      '{"en":"Ten","zh-CN":"十元"}', 1000, 'U0AGENT1', 'outage', '{"en":"Outage","zh-CN":"中断"}', 'approved', n.i, n.i, 'h', 0,
      1, n.i, 1 from n`
}

async function pauseAndResume(ledger: Ledger): Promise<{ ms: number; loop: number }> {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const times = []
  for (let turn = 0; turn < TURNS; turn++) {
    const began = performance.now()
    await ledger.write((tx) => tx.beginHold(paused))
    await ledger.countedHolds()
    await ledger.write((tx) => tx.endHolds({ scopes: [paused] }))
    times.push(performance.now() - began)
    await ledger.followHolds({ limit: 200 })
    // So that the loop turns, and its delay is seen.
    await sleep(2)
  }
  loop.disable()
  return { ms: median(times), loop: loop.max / 1e6 }
}

const of = { worker: 'bench', lease: 600_000 }

async function claimTime(ledger: Ledger): Promise<number> {
  const times = []
  for (let turn = 0; turn < TURNS; turn++) {
    const began = performance.now()
    const [claimed] = await ledger.claimDue(of)
    times.push(performance.now() - began)
    if (!claimed) throw new Error('nothing was claimed')
    await ledger.write(async (tx) => {
      await tx.closeAttempt(claimed.attempt.id, of.worker, { outcome: 'not-sent', maybeExecuted: false })
      await tx.step(claimed.grant.id, 'release', 'app', {}, {})
    })
  }
  return median(times)
}

async function claimsASecond(ledger: Ledger): Promise<number> {
  const began = performance.now()
  for (let turn = 0; turn < TURNS; turn++) {
    const claims = await ledger.claimDue({ ...of, limit: TOGETHER })
    await ledger.write(async (tx) => {
      for (const { grant, attempt } of claims) {
        await tx.closeAttempt(attempt.id, 'bench', { outcome: 'not-sent', maybeExecuted: false })
        await tx.step(grant.id, 'release', 'app', {}, {})
      }
    })
  }
  return (TURNS * TOGETHER * 1000) / (performance.now() - began)
}
