import { expect, test } from 'vitest'
import {
  doubtText,
  grantStates,
  grantSteps,
  isOpen,
  openStates,
  readDoubt,
  reservingStates,
  stepOf,
} from '../../src/domain/grant.ts'

test('allows exactly the steps of the design', () => {
  const table = grantSteps.map((step) => {
    const { from, to } = stepOf(step)
    return `${step}: ${from.join(' ')} -> ${to}`
  })
  expect(table).toEqual([
    'approve: pending -> approved',
    'reject: pending -> rejected',
    'expire: pending -> expired',
    'cancel: pending approved -> cancelled',
    'claim: approved -> issuing',
    'issue: issuing -> issued',
    'refuse: issuing -> refused',
    'release: issuing -> approved',
    'correct: refused -> issued',
  ])
})

test('leaves no state once a grant has ended, but where WeChat Pay proves people wrong', () => {
  const others = grantSteps.filter((step) => step !== 'correct')
  const left = new Set(others.flatMap((step) => stepOf(step).from))
  expect(grantStates.filter((state) => !left.has(state))).toEqual([
    'issued',
    'refused',
    'rejected',
    'cancelled',
    'expired',
  ])
  expect([...left].sort()).toEqual([...openStates].sort())
  expect(grantStates.filter(isOpen)).toEqual(openStates)
})

test('leads from every open state to an end', () => {
  for (const state of openStates) {
    const reached = new Set<string>([state])
    for (let round = 0; round < grantStates.length; round++)
      for (const step of grantSteps)
        if (stepOf(step).from.some((from) => reached.has(from))) reached.add(stepOf(step).to)
    expect([...reached]).toContain('issued')
  }
})

test('never cancels, rejects or expires what is being issued', () => {
  const fromIssuing = grantSteps.filter((step) => stepOf(step).from.includes('issuing'))
  expect(fromIssuing).toEqual(['issue', 'refuse', 'release'])
})

test('keeps the place in a limit until a grant ended without a coupon', () => {
  expect(grantStates.filter((state) => !(reservingStates as readonly string[]).includes(state))).toEqual([
    'refused',
    'rejected',
    'cancelled',
    'expired',
  ])
})

test('keeps why a grant has a flag as the ledger has always written it', () => {
  const kept = {
    lost: { reason: 'lost' },
    ALREADY_EXISTS: { reason: 'ALREADY_EXISTS' },
    'setup:SIGN_ERROR': { reason: 'setup', code: 'SIGN_ERROR' },
    'coupon-of-another:01JD': { reason: 'coupon-of-another', grantId: '01JD' },
    'no-outcome-in-24h:refused-after-unknown:RULE_LIMIT': {
      reason: 'no-outcome-in-24h',
      last: { reason: 'refused-after-unknown', code: 'RULE_LIMIT' },
    },
    busy: { reason: 'other', code: 'busy' },
    'not:known': { reason: 'other', code: 'not:known' },
  }
  for (const [text, doubt] of Object.entries(kept)) {
    expect(readDoubt(text)).toEqual(doubt)
    expect(doubtText(readDoubt(text))).toBe(text)
  }
})
