import { prepareIssuing } from './issuing/issuers.ts'
import type { Slice, ToPace, ToSlice } from './issuing/issuing-process.ts'
import { engines } from './ledgers.ts'
import type { Answering } from './processes.ts'
import { type Bound, type Result, resultOf } from './results.ts'
import { inTurns, type Pace, type Pairs } from './rounds.ts'

export const about = `seal: with the trail sealed and signed, by not at all. Grants issued a second, as in "issue", sealed every two seconds (the
  app: once a minute). Then slices of one process that issues throughout: one at whose begin all is sealed that the trail has
  gained, one without, and one more without, which tells the noise of this measure. At the highest pace that can be set: grants
  issued a second. At 50 a second: how soon an ask is committed, which is what an acknowledgement waits for, with about 80 asks a
  second. Every third slice holds all of the sealing, so that three times as many of its asks meet it as in the app.`

const AT_ONCE = 64
/** Enough for more than two seals in a turn. */
const GRANTS = 2560
/**
 * Attempts per second, ms between asks, ms per slice. At a higher rate it is mostly chance how many asks wait for a
 * commit of issuing, and the median of a slice would show that instead.
 */
const CALM = { rate: 50, every: 12, slice: 2500 }
/** The highest rate that `WECHATPAY_RATE` accepts. */
const MOST = { rate: 500, every: 25, slice: 1500 }
/** ms; even a trial of the benchmark must see some asks. */
const SLICE_AT_LEAST = 500
/** Seconds of issuing besides the slices: until the pace is reached, and while the last slices end. */
const AROUND = 10

const issuing: Bound = { is: 'at least', goal: 0.97, floor: 0.9 }
/** As a share of the acknowledgements in the same time: 1 / 0.97, with room for other work on the machine. */
const acknowledging: Bound = { is: 'at most', goal: 1.03, floor: 1.15 }

export async function benchSeal(pace: Pace): Promise<Result[]> {
  const { open, perSecond, count, expectNoneDoubled, close } = await prepareIssuing()
  const turn = { count: Math.max(80, Math.round(GRANTS * pace.scale)), atOnce: AT_ONCE }
  try {
    const results: Result[] = []
    for (const engine of engines) {
      const issuers = await open(engine)
      const [worker] = issuers.replicas as [Answering]
      const add = (name: string, unit: string, pairs: Pairs, bound?: Bound) =>
        results.push(
          resultOf({ part: 'seal', name: `${name}, ${engine}`, unit, ...(bound && { bound }) }, pairs),
        )
      const issue = (seals: boolean) => () => perSecond(issuers, { ...turn, seals })
      add('issued a second', '/s', await inTurns(pace, { ours: issue(true), other: issue(false) }), issuing)

      const slices = async ({ rate, every, slice }: typeof CALM) => {
        const lasts = Math.max(SLICE_AT_LEAST, slice * pace.scale)
        const time = (3 * (pace.warmUps + pace.rounds) * lasts) / 1000 + AROUND
        await issuers.fill(Math.ceil(rate * time))
        await worker.ask('beginPaced', { atOnce: AT_ONCE, rate, every } satisfies ToPace)
        const see = (seals: boolean) => () => worker.ask<Slice>('slice', { lasts, seals } satisfies ToSlice)
        const seen = await inTurns(pace, { ours: see(true), other: see(false), control: see(false) })
        count(await worker.ask<number>('endPaced', {}))
        return (side: keyof typeof seen, figure: keyof Slice): Pairs => ({
          ours: seen[side].map((one) => one[figure]),
          other: seen.other.map((one) => one[figure]),
        })
      }
      const most = await slices(MOST)
      add(`issued at ${MOST.rate} a second`, '/s', most('ours', 'perSecond'), issuing)
      const asks = await slices(CALM)
      add('ask committed, p50', 'ms', asks('ours', 'askP50'), acknowledging)
      add('ask committed, p50, no sealing on either side', 'ms', asks('control', 'askP50'))
      add('ask committed, p99', 'ms', asks('ours', 'askP99'))
      await worker.ask('close', {})
    }
    await expectNoneDoubled()
    return results
  } finally {
    await close()
  }
}
