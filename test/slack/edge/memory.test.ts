import { expect, test } from 'vitest'
import { createMemory } from '../../../src/slack/edge/memory.ts'

/** What is asked for, by a clock that stands still until it is moved. */
function start(options: { renewAfter?: number } = {}) {
  const clock = { now: 1_000_000 }
  const asked: { id: string; tell(value: string): void; fail(): void }[] = []
  const ask = (id: string) =>
    new Promise<string>((resolve, reject) => {
      asked.push({ id, tell: resolve, fail: () => reject(new Error('away')) })
    })
  return { clock, asked, memory: createMemory({ ask, now: () => clock.now, ...options }) }
}

test('asks once for all who ask at once, and again a minute after it was asked', async () => {
  const { clock, asked, memory } = start()
  const both = Promise.all([memory.get('a'), memory.get('a')])
  clock.now += 20_000
  asked[0]?.tell('one')
  expect(await both).toEqual(['one', 'one'])
  clock.now += 39_999
  expect(await memory.get('a')).toBe('one')
  expect(asked).toHaveLength(1)
  clock.now += 1
  const anew = memory.get('a')
  asked[1]?.tell('two')
  expect(await anew).toBe('two')
})

test('keeps no failure, and what was told before it', async () => {
  const { clock, asked, memory } = start()
  const first = memory.get('a')
  asked[0]?.tell('one')
  await first
  clock.now += 60_000
  const failing = memory.get('a')
  asked[1]?.fail()
  await expect(failing).rejects.toThrow('away')
  expect(memory.fresh('a')).toBeUndefined()
  expect(memory.last('a')).toBe('one')
  const again = memory.get('a')
  asked[2]?.tell('two')
  expect(await again).toBe('two')
})

test('does not keep what a call brings that began before a change', async () => {
  const { asked, memory } = start()
  const before = memory.get('a')
  memory.forget('a')
  const after = memory.get('a')
  asked[1]?.tell('new')
  expect(await after).toBe('new')
  asked[0]?.tell('old')
  expect(await before).toBe('old')
  expect(memory.fresh('a')).toBe('new')
})

test('takes what is from the future for unknown', async () => {
  const { clock, asked, memory } = start()
  const first = memory.get('a')
  asked[0]?.tell('one')
  await first
  clock.now -= 1
  expect(memory.fresh('a')).toBeUndefined()
  expect(memory.all()).toEqual([])
})

test('renews beside its use what is half as old as it may be', async () => {
  const { clock, asked, memory } = start({ renewAfter: 30_000 })
  const first = memory.get('a')
  asked[0]?.tell('one')
  await first
  clock.now += 30_000
  expect(await memory.get('a')).toBe('one')
  expect(asked).toHaveLength(2)
  asked[1]?.tell('two')
  await expect.poll(() => memory.fresh('a')).toBe('two')
})
