import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs, residentMb } from './machine.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import type { Pace, Pairs } from './rounds.ts'
import { type Apps, prepareApps } from './slack/apps.ts'

export const about = `start: from the start of the process to "ready", connected to the stand-in, with files in the system's cache and, for
  ours, a ledger and compiled code of an earlier start, as \`npm start\` runs it; then its resident memory after 3 s idle, and, once, its
  share of one core over 20 s at rest.
  Other: the Bolt app that only acknowledges.`

const IDLE = 3000
/** ms after which an app has compiled what it runs again and again. */
const AT_REST_AFTER = 5000
/** ms over which the time of the processor is counted. */
const AT_REST = 20_000
/** What an app does right after it is ready is over by then, and does not slow the other's start down. */
const SETTLED = 300

export async function benchStart({ rounds, warmUps, scale }: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const starts: Pairs = { ours: [], other: [] }
  const memory: Pairs = { ours: [], other: [] }
  let rest: Pairs
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
    rest = await restOf(await startBoth(apps, true), scale)
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
    resultOf(
      {
        part: 'start',
        name: 'a core at rest',
        unit: '%',
        bound: { is: 'at most', goal: 1, floor: 2, absolute: true },
      },
      rest,
    ),
  ]
}

async function restOf({ ours, other }: { ours: Started; other: Started }, scale: number): Promise<Pairs> {
  await sleep(AT_REST_AFTER * scale)
  const before = { ours: cpuMs(ours.pid), other: cpuMs(other.pid) }
  await sleep(AT_REST * scale)
  const rest = {
    ours: [share(cpuMs(ours.pid) - before.ours, AT_REST * scale)],
    other: [share(cpuMs(other.pid) - before.other, AT_REST * scale)],
  }
  await Promise.all([ours.end(), other.end()])
  return rest
}

/** Percent of one core. */
function share(busy: number, of: number): number {
  return (busy / of) * 100
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
