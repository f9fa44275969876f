import { setTimeout as sleep } from 'node:timers/promises'
import { residentMb } from './machine.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import type { Pace, Pairs } from './rounds.ts'
import { type Apps, prepareApps } from './slack/apps.ts'

export const about = `start: from the start of the process to "ready", connected to the stand-in, with files in the system's cache and, for
  ours, a ledger and compiled code of an earlier start, as \`npm start\` runs it; then its resident memory after 3 s idle.
  Other: the Bolt app that only acknowledges.`

const IDLE = 3000
/** What an app does right after it is ready is over by then, and does not slow the other's start down. */
const SETTLED = 300

export async function benchStart({ rounds, warmUps, scale }: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const starts: Pairs = { ours: [], other: [] }
  const memory: Pairs = { ours: [], other: [] }
  try {
    // The first start only makes the ledger.
    for (let round = -1 - warmUps; round < rounds; round++) {
      const { ours, other } = await startBoth(apps, round % 2 === 0)
      if (round >= 0) {
        await sleep(IDLE * scale)
        starts.ours.push(ours.startedIn)
        starts.other.push(other.startedIn)
        memory.ours.push(residentMb(ours.pid))
        memory.other.push(residentMb(other.pid))
      }
      await Promise.all([ours.end(), other.end()])
    }
  } finally {
    await apps.close()
  }
  return [
    resultOf(
      {
        part: 'start',
        name: 'start-up',
        unit: 'ms',
        bound: { is: 'at most', goal: 1.5, floor: 1.8 },
      },
      starts,
    ),
    resultOf(
      {
        part: 'start',
        name: 'idle memory',
        unit: 'MB',
        bound: { is: 'at most', goal: 120, floor: 130, absolute: true },
      },
      memory,
    ),
  ]
}

async function startBoth(apps: Apps, oursFirst: boolean): Promise<{ ours: Started; other: Started }> {
  if (oursFirst) {
    const ours = await apps.startOurs()
    await sleep(SETTLED)
    return { ours, other: await apps.startOther() }
  }
  const other = await apps.startOther()
  await sleep(SETTLED)
  return { other, ours: await apps.startOurs() }
}
