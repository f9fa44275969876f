import { prepareIssuing } from './issuing/issuers.ts'
import type { Slice, ToPace, ToSlice } from './issuing/issuing-process.ts'
import { type EngineName, engines } from './ledgers.ts'
import type { Answering } from './processes.ts'
import { type Bound, type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'

export const about = `issue: approved grants that are due, issued by the worker of one process with every claim and every outcome committed
  and synced (SQLite synchronous=FULL, PostgreSQL with fsync), at a stand-in that takes 50 ms an answer. At most 64 at once, by the
  client alone, as many at once; with 100,000 waiting, by 5,000. Then, once, at WECHATPAY_RATE=500 with an ask every 50 ms, by the
  same asks with nothing issued. Then two replicas on one PostgreSQL, by one of them alone.`

const AT_ONCE = 64
const GRANTS = 1280
const MANY = 100_000
const FEW = 5000
const RATE = 500
const ASKS = 800
const ASK_EVERY = 50

const goals: Record<EngineName, Record<'share' | 'ask' | 'delay', Bound>> = {
  SQLite: {
    share: { is: 'at least', goal: 0.7, floor: 0.55 },
    ask: { is: 'at most', goal: 20, floor: 40, absolute: true },
    delay: { is: 'at most', goal: 15, floor: 30, absolute: true },
  },
  PostgreSQL: {
    share: { is: 'at least', goal: 0.6, floor: 0.45 },
    ask: { is: 'at most', goal: 60, floor: 120, absolute: true },
    delay: { is: 'at most', goal: 10, floor: 20, absolute: true },
  },
}

export async function benchIssue(pace: Pace): Promise<Result[]> {
  const { open, perSecond, count, expectNoneDoubled, close } = await prepareIssuing()
  const turn = { count: Math.max(80, Math.round(GRANTS * pace.scale)), atOnce: AT_ONCE }
  try {
    const results: Result[] = []
    const add = (name: string, unit: string, pairs: Parameters<typeof resultOf>[1], bound?: Bound) =>
      results.push(resultOf({ part: 'issue', name, unit, ...(bound && { bound }) }, pairs))
    for (const engine of engines) {
      const alone = await open(engine)
      const [worker] = alone.replicas as [Answering]
      add(
        `issued a second, ${engine}`,
        '/s',
        await inTurns(pace, {
          ours: () => perSecond(alone, turn),
          other: () => worker.ask<number>('bare', turn),
        }),
        goals[engine].share,
      )
      const many = await open(engine)
      await many.fill(Math.round(MANY * pace.scale))
      await alone.fill(FEW)
      add(
        `issued a second, 100,000 waiting, ${engine}`,
        '/s',
        await inTurns(pace, {
          ours: () => perSecond(many, turn),
          other: () => perSecond(alone, turn),
        }),
        { is: 'at least', goal: 0.9, floor: 0.8 },
      )
      for (const one of [worker, ...many.replicas]) await one.ask('close', {})

      const calm = await open(engine)
      const [asked] = calm.replicas as [Answering]
      const lasts = Math.round(ASKS * pace.scale) * ASK_EVERY
      const asking = async (rate: number, of: ToSlice) => {
        await asked.ask('beginPaced', { atOnce: AT_ONCE, rate, every: ASK_EVERY } satisfies ToPace)
        const seen = await asked.ask<Slice>('slice', of)
        count(await asked.ask<number>('endPaced', {}))
        return seen
      }
      const idle = await asking(0, { lasts: lasts / 4 })
      await calm.fill(RATE * (lasts / 1000 + 5))
      const busy = await asking(RATE, { lasts })
      const name = (what: string) => `${what} at ${RATE} a second, ${engine}`
      const once = (figure: 'askP99' | 'delayP99') => ({ ours: [busy[figure]], other: [idle[figure]] })
      const paced = { ours: [busy.perSecond], other: [RATE] }
      add(name('issued'), '/s', paced, { is: 'at least', goal: 480, floor: 450, absolute: true })
      add(name('ask p99'), 'ms', once('askP99'), goals[engine].ask)
      add(name('event-loop delay p99'), 'ms', once('delayP99'), goals[engine].delay)
      await asked.ask('close', {})
    }

    const both = await open('PostgreSQL', 2)
    const one = { ...both, replicas: both.replicas.slice(0, 1) }
    const together = (atOnce: number) =>
      inTurns(pace, {
        ours: () => perSecond(both, { ...turn, atOnce }),
        other: () => perSecond(one, { ...turn, atOnce }),
      })
    add('two replicas by one, 16 at once each', '/s', await together(16), {
      is: 'at least',
      goal: 1.85,
      floor: 1.7,
    })
    add('two replicas by one, 64 at once each', '/s', await together(64), {
      is: 'at least',
      goal: 900,
      floor: 700,
      absolute: true,
    })
    await expectNoneDoubled()
    return results
  } finally {
    await close()
  }
}
