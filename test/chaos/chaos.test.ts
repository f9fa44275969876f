import { expect, inject, test } from 'vitest'
import { runChaos } from './run.ts'

test.concurrent.for([
  { engine: 'sqlite', replicas: 1, kills: 2 },
  { engine: 'postgres', replicas: 2, kills: 2 },
] as const)(
  'loses, doubles and wrongly tells nothing over some kills at random ($engine)',
  { timeout: 240_000 },
  async (how, { annotate, expect: expectHere }) => {
    const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)
    await annotate(`CHAOS_SEED=${seed}`)
    const lines: string[] = []
    const report = await runChaos({
      ...how,
      seed,
      keys: inject('wechatpayKeys'),
      say: (line) => lines.push(line),
    })
    expectHere({ ...report, lines }).toMatchObject({
      ok: true,
      lost: 0,
      doubled: 0,
      wronglyTold: 0,
      lines: [],
    })
    expect(report.coupons).toBeGreaterThan(0)
  },
)
