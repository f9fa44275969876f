import { execFile } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { mostInAMinute } from './home.ts'
import { type Bound, type Result, resultOf, verdictOf } from './results.ts'
import { inTurns, quantile, ratioOf } from './rounds.ts'

const main = new URL('main.ts', import.meta.url).pathname

function bench(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: inject('compiled') }
    const child = execFile(process.execPath, [main, ...args], { env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

test('measures the client and the acknowledgements, and tells them as a table and as JSON', async () => {
  const { code, out, err } = await bench('client', 'ack', '--rounds', '1', '--quick')
  expect(err).toBe('')
  const { results } = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as {
    results: (Result & { verdict: string })[]
  }
  const named = results.map(({ part, name, bound }) => [`${part}: ${name}`, bound?.goal])
  expect(named).toEqual([
    ['client: calls a second, 1 at a time', undefined],
    ['client: event-loop delay p99, 1 at a time', undefined],
    ['client: calls a second, 16 at a time', undefined],
    ['client: event-loop delay p99, 16 at a time', undefined],
    ['client: calls a second, 64 at a time', 1.4],
    ['client: event-loop delay p99, 64 at a time', 0.7],
    ['client: calls a second, 64 at a time, prepared', undefined],
    ['client: event-loop delay p99, 64 at a time, prepared', undefined],
    ['ack: /withdraw-coupon list, p50', 1.2],
    ['ack: shortcut, p50', 1.2],
    ['ack: submission, p50', 4],
  ])
  for (const { part, name, ours, other } of results) {
    expect(out).toContain(`${part}: ${name}`)
    expect(ours).toBeGreaterThan(0)
    expect(other).toBeGreaterThan(0)
  }
  expect(code).toBe(results.some(({ verdict }) => verdict === 'FLOOR MISSED') ? 1 : 0)
})

test('says how it is used when asked for a part that it has not', async () => {
  const { code, err } = await bench('speed')
  expect(code).toBe(64)
  expect(err).toContain('usage: npm run bench [-- client|ack|')
})

test('takes the median of the rounds’ ratios, not the ratio of the medians', () => {
  expect(ratioOf({ ours: [1, 20, 3], other: [1, 10, 6] })).toEqual({ ratio: 1, lowest: 0.5, highest: 2 })
})

test('measures in turns, each first as often as the other, and drops what warms up', async () => {
  const order: string[] = []
  const measure = (who: string) => async () => order.push(who)
  const kept = await inTurns(
    { rounds: 2, warmUps: 1, scale: 1 },
    { ours: measure('ours'), other: measure('other') },
  )
  expect(order).toEqual(['other', 'ours', 'ours', 'other', 'other', 'ours'])
  expect(kept).toEqual({ ours: [3, 6], other: [4, 5] })
})

test('finds quantiles between the values', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([7], 0.99)).toBe(7)
  expect(() => quantile([], 0.5)).toThrow('nothing was measured')
})

test.each<[Bound['is'], number, string]>([
  ['at least', 1.4, 'goal met'],
  ['at least', 1.3, 'floor met, goal missed'],
  ['at least', 1.2, 'FLOOR MISSED'],
  ['at most', 1.2, 'goal met'],
  ['at most', 1.3, 'floor met, goal missed'],
  ['at most', 1.5, 'FLOOR MISSED'],
])('judges a ratio that shall be %s its goal: %s is %s', (is, ratio, verdict) => {
  const bound = is === 'at least' ? { is, goal: 1.4, floor: 1.25 } : { is, goal: 1.25, floor: 1.4 }
  const pairs = { ours: [ratio], other: [1] }
  expect(verdictOf(resultOf({ part: 'p', name: 'n', unit: 'ms', bound }, pairs))).toBe(verdict)
})

test('finds the busiest minute, wherever it begins', () => {
  const every = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at * 10)
  expect(mostInAMinute([])).toBe(0)
  expect(mostInAMinute([...every(0, 60), ...every(30_000, 50)])).toBe(110)
  expect(mostInAMinute([...every(0, 100), ...every(61_000, 100)])).toBe(100)
  expect(mostInAMinute([...every(0, 60), ...every(50_000, 40), ...every(70_000, 50)])).toBe(100)
})
