import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { startPostgres } from '../../src/sandbox/postgres.ts'
import { createPlaces, type EngineName, engines, insertApproved } from './ledgers.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { folders } from './slack/apps.ts'

export const about = `waiting: what a ledger costs in which much waits, in this process, every commit synced. Pause and resume with 100,000
  approved grants waiting, by 1,000; a claim with 1,000,000 due of which the oldest 90 % are held, by 1,000 of which none is.`

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

export async function benchWaiting(pace: Pace): Promise<Result[]> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const postgres = await startPostgres({ isDurable: true })
  const place = createPlaces({ folder, postgres })
  const open: Ledger[] = []
  const filled = async (engine: EngineName, of: { held: number; free: number }) => {
    const { url, run } = await place(engine)
    const ledger = await openLedger({ url, role: 'tool' })
    open.push(ledger)
    const ids = { mchid: MCHID, appid: 'wx1' }
    if (of.held > 0) await run(insertApproved({ ...ids, from: 1, count: of.held, stockId: STOCKS.held }))
    await run(insertApproved({ ...ids, from: of.held + 1, count: of.free, stockId: STOCKS.free }))
    return ledger
  }
  const at = (number: number) => Math.max(1000, Math.round(number * pace.scale))
  const results: Result[] = []
  try {
    for (const engine of engines) {
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
      const huge = await filled(engine, { held: at(900_000), free: at(100_000) })
      await huge.write((tx) => tx.beginHold(held))
      const claims = await inTurns(pace, { ours: () => claimTime(huge), other: () => claimTime(few) })
      const pick = (what: 'whole' | 'above') => ({
        ours: claims.ours.map((one) => one[what]),
        other: claims.other.map((one) => one[what]),
      })
      results.push(
        resultOf(
          {
            part: 'waiting',
            name: name('claim, 1,000,000 due, 90 % held'),
            unit: 'ms',
            bound: { is: 'at most', goal: 1.2, floor: 1.5 },
          },
          pick('whole'),
        ),
        resultOf(
          {
            part: 'waiting',
            name: name('the same above a commit of one row'),
            unit: 'ms',
            bound: { is: 'at most', goal: 2, floor: 4, absolute: true },
          },
          pick('above'),
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
    await ledger.followUp({ limit: 200 })
    // Lets the event loop turn, so that its delay shows.
    await sleep(2)
  }
  loop.disable()
  return { ms: median(times), loop: loop.max / 1e6 }
}

const of = { worker: 'bench', lease: 600_000 }

/**
 * ms of a claim with its commit, and how much longer that is than a commit of one row, which waits for the same disk.
 */
async function claimTime(ledger: Ledger): Promise<{ whole: number; above: number }> {
  const claims = []
  const commits = []
  for (let turn = 0; turn < TURNS; turn++) {
    commits.push((await timed(() => ledger.check())).ms)
    const { ms, value } = await timed(() => ledger.claimDue(of))
    claims.push(ms)
    const [claimed] = value
    if (!claimed) throw new Error('nothing was claimed')
    await ledger.write(async (tx) => {
      await tx.closeAttempt(claimed.attempt.id, of.worker, { outcome: 'not-sent', maybeExecuted: false })
      await tx.step(claimed.grant.id, 'release', 'app', {}, {})
    })
  }
  const whole = median(claims)
  return { whole, above: Math.max(0.01, whole - median(commits)) }
}

async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now()
  const value = await act()
  return { ms: performance.now() - began, value }
}
