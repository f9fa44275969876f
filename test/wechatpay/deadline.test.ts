import { expect, test } from 'vitest'
import { createDeadline } from '../../src/wechatpay/transport.ts'

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

test('holds the process up no longer than the call takes', () => {
  const before = timers()
  const deadline = createDeadline(60_000)
  expect(timers()).toBe(before + 1)
  deadline.end()
  expect(timers()).toBe(before)
  createDeadline(60_000, AbortSignal.abort())
  expect(timers()).toBe(before)
})

test('tells once that it is over, and why', async () => {
  const aborting = new AbortController()
  const deadline = createDeadline(1, aborting.signal)
  const told: unknown[] = []
  const over = new Promise<void>((resolve) => deadline.whenOver(resolve))
  deadline.whenOver(() => told.push(deadline.over))
  deadline.whenOver(() => told.push('taken off'))()
  await over
  aborting.abort()
  expect(told).toEqual(['timeout'])
  expect(deadline.over).toBe('timeout')
})

test('waits for work as long as there is time, and takes its failure', async () => {
  const deadline = createDeadline(60_000)
  expect(await deadline.inTime(Promise.resolve(7))).toBe(7)
  await expect(deadline.inTime(Promise.reject(new Error('down')))).rejects.toThrow('down')
  deadline.end()

  const aborting = new AbortController()
  const given = createDeadline(60_000, aborting.signal)
  const late = given.inTime(new Promise(() => {}))
  aborting.abort()
  expect(await late).toBeUndefined()
  expect(await given.inTime(Promise.reject(new Error('too late')))).toBeUndefined()
})
