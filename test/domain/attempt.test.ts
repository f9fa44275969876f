import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AttemptResult,
  type Before,
  isDefinite,
  leavesDoubt,
  mayRepeat,
  REPEAT_FOR,
  retryDelay,
  settle,
} from '../../src/domain/attempt.ts'

const first = Date.UTC(2026, 10, 24)
const MINUTE = 60_000
const codes = ['RULE_LIMIT', 'NOT_ENOUGH', 'ALREADY_EXISTS', 'RESOURCE_ALREADY_EXISTS', 'INVALID_REQUEST']

const result: fc.Arbitrary<AttemptResult> = fc.oneof(
  fc.record({ kind: fc.constant('issued' as const), couponId: fc.string(), expiresAt: fc.constant(null) }),
  fc.record({
    kind: fc.constant('refused' as const),
    code: fc.constantFrom(...codes),
    message: fc.string(),
    requestId: fc.constant(null),
    verified: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('setup' as const),
    scope: fc.constantFrom('all' as const, 'stock' as const),
    code: fc.constantFrom('SIGN_ERROR', 'NO_AUTH'),
    message: fc.string(),
  }),
  fc.record({ kind: fc.constant('not-executed' as const), reason: fc.constantFrom('connect', 'busy') }),
  fc.record({
    kind: fc.constant('unknown' as const),
    reason: fc.constantFrom(
      'no-answer' as const,
      'untrusted' as const,
      'unexpected' as const,
      'lost' as const,
    ),
    detail: fc.string(),
  }),
)
const before = (maybeExecuted: fc.Arbitrary<boolean>): fc.Arbitrary<Before> =>
  fc.record({
    maybeExecuted,
    attempts: fc.integer({ min: 1, max: 500 }),
    firstAttemptAt: fc.constant(first),
  })
const later = fc.integer({ min: 0, max: 3 * REPEAT_FOR }).map((ms) => first + ms)

test('ends a grant after an unknown outcome by nothing but a coupon', () => {
  fc.assert(
    fc.property(result, before(fc.constant(true)), later, (ended, earlier, now) => {
      const { step } = settle(ended, earlier, now)
      expect(step).toBe(ended.kind === 'issued' ? 'issue' : null)
    }),
  )
})

test('keeps that so over any number of attempts, whatever the answers', () => {
  fc.assert(
    fc.property(fc.array(result, { minLength: 1, maxLength: 30 }), (results) => {
      let maybeExecuted = false
      for (const [index, ended] of results.entries()) {
        const { step } = settle(ended, { maybeExecuted, attempts: index + 1, firstAttemptAt: first }, first)
        if (step === 'issue') break
        if (maybeExecuted || results.slice(0, index).some(({ kind }) => kind === 'unknown'))
          expect(step).toBeNull()
        maybeExecuted ||= leavesDoubt(ended)
        if (step === 'refuse') break
      }
    }),
  )
})

test('always issues by a coupon, and by nothing else', () => {
  fc.assert(
    fc.property(result, before(fc.boolean()), later, (ended, earlier, now) => {
      expect(settle(ended, earlier, now).step === 'issue').toBe(ended.kind === 'issued')
    }),
  )
})

test('sends nothing again when a day has passed since the first attempt, but asks people to look', () => {
  fc.assert(
    fc.property(result, before(fc.boolean()), later, (ended, earlier, now) => {
      const settlement = settle(ended, earlier, now)
      if (settlement.step !== null) return
      if (settlement.retryIn === null) {
        expect(settlement.flag).toMatchObject({ kind: 'needs-look' })
        expect(now + retryDelay(earlier.attempts) - first).toBeGreaterThanOrEqual(REPEAT_FOR)
      } else expect(mayRepeat(first, now + settlement.retryIn)).toBe(true)
    }),
  )
})

test.each(['RULE_LIMIT', 'NOT_ENOUGH', 'INVALID_REQUEST'])('ends a grant by a first answer %s', (code) => {
  const refused = { kind: 'refused', code, message: '', requestId: null, verified: true } as const
  expect(settle(refused, { maybeExecuted: false, attempts: 1, firstAttemptAt: first }, first)).toEqual({
    step: 'refuse',
  })
  expect(isDefinite(code, { maybeExecuted: false })).toBe(true)
})

test('takes no refusal for definite once WeChat Pay said that something exists', () => {
  const exists = {
    kind: 'refused',
    code: 'ALREADY_EXISTS',
    message: '',
    requestId: null,
    verified: true,
  } as const
  const limit = { ...exists, code: 'RULE_LIMIT' }
  const next = { maybeExecuted: leavesDoubt(exists), attempts: 2, firstAttemptAt: first }
  expect(settle(limit, next, first).step).toBeNull()
  expect(settle({ kind: 'not-executed', reason: 'connect' }, next, first).step).toBeNull()
  expect(leavesDoubt(limit)).toBe(false)
})

test.each(['ALREADY_EXISTS', 'RESOURCE_ALREADY_EXISTS'])('never takes %s for a refusal', (code) => {
  const refused = { kind: 'refused', code, message: '', requestId: null, verified: true } as const
  expect(settle(refused, { maybeExecuted: false, attempts: 1, firstAttemptAt: first }, first)).toEqual({
    step: null,
    retryIn: 1000,
    flag: { kind: 'needs-look', reason: code },
  })
})

test('flags a refusal after an unknown outcome for people to look at', () => {
  const refused = {
    kind: 'refused',
    code: 'RULE_LIMIT',
    message: '',
    requestId: null,
    verified: true,
  } as const
  expect(settle(refused, { maybeExecuted: true, attempts: 2, firstAttemptAt: first }, first)).toEqual({
    step: null,
    retryIn: 3000,
    flag: { kind: 'needs-look', reason: 'refused-after-unknown', code: 'RULE_LIMIT' },
  })
})

test('takes an attempt back that can not have been executed', () => {
  const earlier = { maybeExecuted: false, attempts: 1, firstAttemptAt: first }
  const unsigned = { kind: 'setup', scope: 'all', code: 'SIGN_ERROR', message: '' } as const
  expect(settle({ kind: 'not-executed', reason: 'connect' }, earlier, first)).toEqual({
    step: 'release',
    retryIn: 1000,
  })
  expect(settle(unsigned, earlier, first)).toEqual({ step: 'release', retryIn: MINUTE })
})

test('never lets a later 401 clear an earlier unknown', () => {
  const unsigned = { kind: 'setup', scope: 'all', code: 'SIGN_ERROR', message: '' } as const
  expect(settle(unsigned, { maybeExecuted: true, attempts: 2, firstAttemptAt: first }, first)).toMatchObject({
    step: null,
    flag: { kind: 'checking', reason: 'setup', code: 'SIGN_ERROR' },
  })
})

test('keeps on checking by itself when no answer came', () => {
  const unknown = { kind: 'unknown', reason: 'no-answer', detail: '' } as const
  expect(settle(unknown, { maybeExecuted: false, attempts: 1, firstAttemptAt: first }, first)).toEqual({
    step: null,
    retryIn: 1000,
    flag: { kind: 'checking', reason: 'no-answer' },
  })
})

test('waits longer from attempt to attempt, ten minutes at most', () => {
  const delays = Array.from({ length: 12 }, (_, index) => retryDelay(index + 1))
  expect(delays).toEqual([...delays].sort((one, other) => one - other))
  expect(delays[0]).toBe(1000)
  expect(delays.at(-1)).toBe(10 * MINUTE)
  expect(retryDelay(1_000_000)).toBe(10 * MINUTE)
})
