import { EventEmitter, once } from 'node:events'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWorker, type Task } from '../../src/jobs/worker.ts'

const never = 1_000_000_000

/** A worker that ends with the test, and what it logged. */
function working(tasks: Task[], pause: (failures: number) => number = () => 0) {
  const logged: { level: string; fields: object; message: string }[] = []
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message })
  }
  const worker = createWorker({ tasks, logger: { info: log('info'), error: log('error') }, pause })
  onTestFinished(async () => {
    await worker.stop(1000)
  })
  return { worker, logged }
}

/** A task whose runs wait to be ended by the test, one by one. */
function heldTask({ name = 'held', every = never } = {}) {
  const events = new EventEmitter()
  const runs: ((result: number | Error) => void)[] = []
  const task: Task = {
    name,
    every,
    run: () =>
      new Promise((resolve, reject) => {
        runs.push((result) => (result instanceof Error ? reject(result) : resolve(result)))
        events.emit('begun')
      }),
  }
  /** Ends the run that is under way and awaits the next. */
  const endAndAwaitNext = async (result: number | Error) => {
    const next = once(events, 'begun')
    runs.at(-1)?.(result)
    await next
  }
  return { task, runs, endAndAwaitNext, begun: () => once(events, 'begun') }
}

/** Lets everything happen that waits for nothing. */
async function settled() {
  for (let i = 0; i < 5; i++) await setImmediate()
}

test('runs every task at start, and none before', async () => {
  const ran: string[] = []
  const task = (name: string): Task => ({ name, every: never, run: async () => ran.push(name) && 0 })
  const { worker } = working([task('one'), task('two')])
  worker.wake()
  await settled()
  expect(ran).toEqual([])
  worker.start()
  await settled()
  expect(ran).toEqual(['one', 'two'])
})

test('runs a task again by its timer', async () => {
  const { task, runs, endAndAwaitNext } = heldTask({ every: 1 })
  working([task]).worker.start()
  await endAndAwaitNext(0)
  await endAndAwaitNext(0)
  expect(runs).toHaveLength(3)
  runs.at(-1)?.(0)
})

test('runs a task at once when woken', async () => {
  const { task, runs, begun } = heldTask()
  const { worker } = working([task])
  worker.start()
  runs[0]?.(0)
  await settled()
  expect(runs).toHaveLength(1)
  const second = begun()
  worker.wake()
  await second
  expect(runs).toHaveLength(2)
  runs[1]?.(0)
})

test('lets a task rest between its runs, and does once what it was woken for meanwhile', async () => {
  const rest = 1000
  const { task, runs, begun } = heldTask()
  const { worker } = working([{ ...task, rest }])
  worker.start()
  const second = begun()
  worker.wake()
  runs[0]?.(1)
  const ended = performance.now()
  await settled()
  worker.wake()
  worker.wake()
  expect(runs).toHaveLength(1)
  await second
  // A timer may fire a little early.
  expect(performance.now() - ended).toBeGreaterThan(rest - 2)
  runs[1]?.(0)
  await settled()
  expect(runs).toHaveLength(2)
})

test('wakes a rested task at once', async () => {
  const { task, runs, begun } = heldTask()
  const { worker } = working([{ ...task, rest: 1 }])
  worker.start()
  runs[0]?.(0)
  await sleep(5)
  const second = begun()
  worker.wake()
  expect(runs).toHaveLength(2)
  await second
  runs[1]?.(0)
})

test('leaves a task that goes by the clock to its timer when others are woken', async () => {
  const ran: string[] = []
  const task = (name: string): Task => ({ name, every: never, run: async () => ran.push(name) && 0 })
  const { worker } = working([{ ...task('clock'), byClock: true }, task('woken')])
  worker.start()
  await settled()
  worker.wake()
  await settled()
  expect(ran).toEqual(['clock', 'woken', 'woken'])
})

test('never runs a task twice at the same time, but once more when woken meanwhile', async () => {
  const { task, runs, endAndAwaitNext } = heldTask()
  const { worker } = working([task])
  worker.start()
  worker.wake()
  worker.wake()
  await settled()
  expect(runs).toHaveLength(1)
  await endAndAwaitNext(0)
  runs[1]?.(0)
  await settled()
  expect(runs).toHaveLength(2)
})

test('runs a task again at once as long as it finds something to do', async () => {
  const { task, runs, endAndAwaitNext } = heldTask()
  working([task]).worker.start()
  await endAndAwaitNext(5)
  await endAndAwaitNext(1)
  runs[2]?.(0)
  await settled()
  expect(runs).toHaveLength(3)
})

test('logs a failure, pauses longer after each, and says when it works again', async () => {
  const pauses: number[] = []
  const { task, runs, endAndAwaitNext } = heldTask()
  const { worker, logged } = working([task], (failures) => {
    pauses.push(failures)
    return 1
  })
  worker.start()
  await endAndAwaitNext(new Error('ledger busy'))
  await endAndAwaitNext(new Error('ledger busy'))
  runs[2]?.(0)
  await settled()
  expect(pauses).toEqual([1, 2])
  expect(logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: task failed, it runs again',
    'error: task failed, it runs again',
    'info: task works again',
  ])
  expect(logged[1]?.fields).toMatchObject({ task: 'held', failures: 2, retryIn: 1 })
})

test('does not cut the pause after a failure short when woken', async () => {
  const { task, runs } = heldTask()
  const { worker } = working([task], () => never)
  worker.start()
  runs[0]?.(new Error('no'))
  await settled()
  worker.wake()
  await settled()
  expect(runs).toHaveLength(1)
})

test('keeps other tasks going when one fails or hangs', async () => {
  const hanging = heldTask({ name: 'hanging' })
  const failing = heldTask({ name: 'failing' })
  const good = heldTask({ name: 'good', every: 1 })
  const { worker } = working([hanging.task, failing.task, good.task], () => never)
  worker.start()
  failing.runs[0]?.(new Error('no'))
  await good.endAndAwaitNext(0)
  await good.endAndAwaitNext(0)
  expect(good.runs).toHaveLength(3)
  hanging.runs[0]?.(0)
  good.runs[2]?.(0)
})

test('logs a task that throws before it returns a promise', async () => {
  const task: Task = {
    name: 'broken',
    every: never,
    run: () => {
      throw new Error('no')
    },
  }
  const { worker, logged } = working([task], () => never)
  worker.start()
  await settled()
  expect(logged).toHaveLength(1)
})

test('stops after what is under way and begins nothing more', async () => {
  const { task, runs } = heldTask({ every: 0 })
  const { worker } = working([task])
  worker.start()
  worker.wake()
  const stopped = worker.stop(10_000)
  runs[0]?.(5)
  expect(await stopped).toBe(true)
  worker.wake()
  worker.start()
  await settled()
  expect(runs).toHaveLength(1)
})

test('waits for a stop no longer than its deadline', async () => {
  const { task, runs } = heldTask()
  const { worker } = working([task])
  worker.start()
  expect(await worker.stop(5)).toBe(false)
  runs[0]?.(0)
  expect(await worker.stop(1000)).toBe(true)
})
