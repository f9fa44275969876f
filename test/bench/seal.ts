import { prepareIssuing } from './issuing/issuers.ts'
import type { Paced, ToPace } from './issuing/issuing-process.ts'
import { engines } from './ledgers.ts'
import type { Answering } from './processes.ts'
import { type Bound, type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'

export const about = `seal: with the trail sealed every two seconds (the app: once a minute) and signed, by not at all. Grants issued a second,
  as in "issue", and at the highest pace that can be set; and, at 200 issued a second, how soon an ask is committed, which is what
  an acknowledgement waits for, with an ask every 25 ms.`

const AT_ONCE = 64
/** Two seals and more in a turn. */
const GRANTS = 3840
const RATE = 200
/** The most that `WECHATPAY_RATE` takes. */
const MOST = 500
/** So many that several seals fall among them. */
const ASKS = 400
const ASKS_AT_MOST = 120
const ASK_EVERY = 25
/** s; what is issued before and after the asks. */
const AROUND = 4

const issuing: Bound = { is: 'at least', goal: 0.97, floor: 0.9 }
/** As a share of how many are acknowledged in the same time: 1 / 0.97, and with room for what else a machine does. */
const acknowledging: Bound = { is: 'at most', goal: 1.03, floor: 1.15 }

export async function benchSeal(pace: Pace): Promise<Result[]> {
  const { open, perSecond, count, expectNoneDoubled, close } = await prepareIssuing()
  const turn = { count: Math.max(80, Math.round(GRANTS * pace.scale)), atOnce: AT_ONCE }
  try {
    const results: Result[] = []
    for (const engine of engines) {
      const issuers = await open(engine)
      const [worker] = issuers.replicas as [Answering]
      const issue = (seals: boolean) => () => perSecond(issuers, { ...turn, seals })
      const rates = await inTurns(pace, { ours: issue(true), other: issue(false) })
      const at = (rate: number, most: number, seals: boolean) => async () => {
        const asks = Math.max(10, Math.round(most * pace.scale))
        await issuers.fill(rate * Math.ceil((asks * ASK_EVERY) / 1000 + AROUND))
        const to: ToPace = { atOnce: AT_ONCE, rate, asks, every: ASK_EVERY, seals }
        const paced = await worker.ask<Paced>('paced', to)
        count(paced.issued)
        return paced
      }
      const most = await inTurns(pace, {
        ours: at(MOST, ASKS_AT_MOST, true),
        other: at(MOST, ASKS_AT_MOST, false),
      })
      const times = await inTurns(pace, { ours: at(RATE, ASKS, true), other: at(RATE, ASKS, false) })
      const of = (figure: 'askP50' | 'askP99') => ({
        ours: times.ours.map((one) => one[figure]),
        other: times.other.map((one) => one[figure]),
      })
      const add = (name: string, unit: string, pairs: Parameters<typeof resultOf>[1], bound?: Bound) =>
        results.push(
          resultOf({ part: 'seal', name: `${name}, ${engine}`, unit, ...(bound && { bound }) }, pairs),
        )
      add('issued a second', '/s', rates, issuing)
      const perSecondAtMost = {
        ours: most.ours.map((one) => one.perSecond),
        other: most.other.map((one) => one.perSecond),
      }
      add(`issued at ${MOST} a second`, '/s', perSecondAtMost, issuing)
      add('ask committed, p50', 'ms', of('askP50'), acknowledging)
      add('ask committed, p99', 'ms', of('askP99'))
      await worker.ask('close', {})
    }
    await expectNoneDoubled()
    return results
  } finally {
    await close()
  }
}
