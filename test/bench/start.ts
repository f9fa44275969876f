import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs, residentMb } from './machine.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, type Pace, type Pairs } from './rounds.ts'
import { type Apps, prepareApps } from './slack/apps.ts'

export const about = `start: from the start of the process to "ready", connected to the stand-in, with files in the system's cache and, for
  ours, a ledger and compiled code of an earlier start, as \`npm start\` runs it: of each round the least of four starts, each alone.
  Then resident memory after 3 s idle, and, once, the share of one core over 20 s at rest.
  Other: the Bolt app that only acknowledges.`

/** Starts of each app per round. */
const STARTS = 4
const MEMORY_ROUNDS = 3
const IDLE = 3000
/** ms after the start, when the set-up checks, which begin after 10 s, are over. */
const AT_REST_AFTER = 25_000
/** ms during which processor time is counted. */
const AT_REST = 20_000

export async function benchStart(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  try {
    // This start makes the ledger, and compiles code for the next.
    await startUp(apps.startOurs)
    const starts = await startsOf(apps, pace)
    const { memory, rest } = await idleOf(apps, pace)
    const start = { part: 'start', name: 'start-up', unit: 'ms' }
    return [
      resultOf({ ...start, bound: { is: 'at most', goal: 1.5, floor: 1.8 } }, pick(starts, 'took')),
      resultOf({ ...start, name: 'start-up, processor time' }, pick(starts, 'busy')),
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
  } finally {
    await apps.close()
  }
}

interface StartUp {
  /** ms */
  took: number
  /** ms of processor time, all threads together. */
  busy: number
}

/** Starts one app alone: anything beside it would slow it down. */
async function startUp(begin: () => Promise<Started>): Promise<StartUp> {
  const started = await begin()
  const busy = cpuMs(started.pid)
  await started.end()
  return { took: started.startedIn, busy }
}

/**
 * The shortest of several starts per round, in turn: other work on the machine makes a start longer, never shorter.
 */
async function startsOf(
  apps: Apps,
  { rounds, warmUps }: Pace,
): Promise<{ ours: StartUp[]; other: StartUp[] }> {
  const least: { ours: StartUp[]; other: StartUp[] } = { ours: [], other: [] }
  for (let round = 0; round < rounds; round++) {
    const once = { rounds: STARTS, warmUps: round === 0 ? warmUps : 0, scale: 1 }
    const starts = await inTurns(once, {
      ours: () => startUp(apps.startOurs),
      other: () => startUp(apps.startOther),
    })
    least.ours.push(leastOf(starts.ours))
    least.other.push(leastOf(starts.other))
  }
  return least
}

function leastOf(starts: StartUp[]): StartUp {
  const least = (what: keyof StartUp) => Math.min(...starts.map((one) => one[what]))
  return { took: least('took'), busy: least('busy') }
}

const pick = ({ ours, other }: { ours: StartUp[]; other: StartUp[] }, what: keyof StartUp): Pairs => ({
  ours: ours.map((one) => one[what]),
  other: other.map((one) => one[what]),
})

/** Both run side by side, because idle apps don't disturb each other. */
async function idleOf(apps: Apps, { rounds, scale }: Pace): Promise<{ memory: Pairs; rest: Pairs }> {
  const memory: Pairs = { ours: [], other: [] }
  for (let round = 1; ; round++) {
    const ours = await apps.startOurs()
    const other = await apps.startOther()
    const end = () => Promise.all([ours.end(), other.end()])
    await sleep(IDLE * scale)
    memory.ours.push(residentMb(ours.pid))
    memory.other.push(residentMb(other.pid))
    if (round >= Math.min(rounds, MEMORY_ROUNDS))
      return { memory, rest: await restOf({ ours, other }, scale).finally(end) }
    await end()
  }
}

async function restOf({ ours, other }: { ours: Started; other: Started }, scale: number): Promise<Pairs> {
  await sleep((AT_REST_AFTER - IDLE) * scale)
  const before = { ours: cpuMs(ours.pid), other: cpuMs(other.pid) }
  await sleep(AT_REST * scale)
  return {
    ours: [share(cpuMs(ours.pid) - before.ours, AT_REST * scale)],
    other: [share(cpuMs(other.pid) - before.other, AT_REST * scale)],
  }
}

/** Percent of one core. */
function share(busy: number, of: number): number {
  return (busy / of) * 100
}
