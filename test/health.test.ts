import { expect, test } from 'vitest'
import { createReadiness } from '../src/health.ts'

function readinessOf(run: () => Promise<void>, { keep = 0, retry = 0 } = {}) {
  const log: string[] = []
  const readiness = createReadiness({
    checks: { ledger: { run, keep, retry }, keys: { run: async () => {}, keep: 0, retry: 0 } },
    reasonOf: (error) => (error instanceof Error ? error.message : 'unknown'),
    logger: { info: (_fields, message) => log.push(message), error: (_fields, message) => log.push(message) },
  })
  return { readiness, log }
}

test('names each check with why it does not hold, and logs each change once', async () => {
  let fault: Error | null = null
  const { readiness, log } = readinessOf(() => (fault ? Promise.reject(fault) : Promise.resolve()))
  expect(await readiness.read()).toEqual({ ready: true, checks: { ledger: 'ok', keys: 'ok' } })
  fault = new Error('disk full')
  for (let time = 0; time < 3; time++)
    expect(await readiness.read()).toEqual({ ready: false, checks: { ledger: 'disk full', keys: 'ok' } })
  fault = null
  expect((await readiness.read()).ready).toBe(true)
  expect(log).toEqual(['not ready: this does not hold', 'this holds again'])
})

test('counts a check that hangs as one that does not hold, and asks it once at a time', async () => {
  let asked = 0
  const { readiness } = readinessOf(() => {
    asked += 1
    return new Promise(() => {})
  })
  const hanging = { ready: false, checks: { ledger: 'no answer within 1000 ms', keys: 'ok' } }
  expect(await Promise.all([readiness.read(), readiness.read()])).toEqual([hanging, hanging])
  expect(asked).toBe(1)
})

test('keeps an answer, so that probes cost nothing', async () => {
  let asked = 0
  const { readiness } = readinessOf(
    async () => {
      asked += 1
    },
    { keep: 60_000 },
  )
  for (let time = 0; time < 100; time++) await readiness.read()
  expect(asked).toBe(1)
})

test('is not ready from the moment it is stopped', async () => {
  const { readiness } = readinessOf(async () => {})
  readiness.stop()
  expect(await readiness.read()).toEqual({ ready: false, checks: { app: 'stopping' } })
})
