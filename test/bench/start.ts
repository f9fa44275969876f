import { setTimeout as sleep } from 'node:timers/promises'
import { residentMb } from './machine.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'
import { prepareApps } from './slack/apps.ts'

export const about = `start: from the start of the process to "ready", connected to the stand-in, with files in the system's cache and, for
  ours, a ledger that is there; then its resident memory after 3 s idle. Other: the Bolt app that only acknowledges.`

const IDLE = 3000

export async function benchStart(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  try {
    const begin = (who: () => Promise<Started>) => async () => {
      const app = await who()
      await sleep(IDLE * pace.scale)
      const memory = residentMb(app.pid)
      await app.end()
      return { startedIn: app.startedIn, memory }
    }
    const { ours, other } = await inTurns(pace, {
      ours: begin(apps.startOurs),
      other: begin(() => apps.startOther()),
    })
    const pick = (figure: 'startedIn' | 'memory') => ({
      ours: ours.map((one) => one[figure]),
      other: other.map((one) => one[figure]),
    })
    return [
      resultOf(
        {
          part: 'start',
          name: 'start-up',
          unit: 'ms',
          bound: { is: 'at most', goal: 1.5, floor: 1.5 },
        },
        pick('startedIn'),
      ),
      resultOf(
        {
          part: 'start',
          name: 'idle memory',
          unit: 'MB',
          bound: { is: 'at most', goal: 120, floor: 120, absolute: true },
        },
        pick('memory'),
      ),
    ]
  } finally {
    await apps.close()
  }
}
