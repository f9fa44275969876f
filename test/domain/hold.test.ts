import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Claimable,
  claimable,
  type Holdable,
  type HoldScope,
  holdThatStops,
  isSameScope,
  readTrust,
  stoppedOnlyBy,
  trustText,
} from '../../src/domain/hold.ts'

const stockRef = fc.constantFrom('1/a', '1/b', '1/c')
const scope: fc.Arbitrary<HoldScope> = fc.oneof(
  fc.record({ kind: fc.constantFrom('all' as const, 'first-attempts' as const, 'paused' as const) }),
  fc.record({ kind: fc.constantFrom('stock' as const, 'paused' as const), stockRef }),
)
const holds = fc.uniqueArray(scope, { maxLength: 5, comparator: isSameScope })
/** Approved and issuing grants, each with the lane that a claim finds it in. */
const grant: fc.Arbitrary<Holdable> = fc.record({
  state: fc.constantFrom('approved' as const, 'issuing' as const),
  attempts: fc.nat(2),
  stockRef,
})
const laneOf = ({ state, attempts }: Holdable) => (state === 'issuing' && attempts > 0 ? 0 : 1)

function isAmong(of: Claimable, one: Holdable): boolean {
  if ('nothing' in of || !of.lanes.includes(laneOf(one))) return false
  return !of.exceptStocks.includes(one.stockRef) && (of.onlyStock ?? one.stockRef) === one.stockRef
}

test('lets claims take exactly what no hold stops', () => {
  fc.assert(
    fc.property(holds, grant, (open, one) => {
      expect(isAmong(claimable(open), one)).toBe(holdThatStops(open, one) === null)
    }),
  )
})

test('counts each grant that waits for the very hold that it is shown', () => {
  fc.assert(
    fc.property(holds, grant, (open, one) => {
      const counting = open.filter((hold) => isAmong(stoppedOnlyBy(hold, open), one))
      expect(counting).toEqual([holdThatStops(open, one)].filter((hold) => hold !== null))
    }),
  )
})

test('shows a grant the strictest of the holds that stop it', () => {
  const open: HoldScope[] = [
    { kind: 'stock', stockRef: '1/a' },
    { kind: 'all' },
    { kind: 'first-attempts' },
    { kind: 'paused', stockRef: '1/a' },
    { kind: 'paused' },
  ]
  const one = { state: 'approved', attempts: 0, stockRef: '1/a' } as const
  for (const left of [5, 4, 3, 2, 1]) expect(holdThatStops(open.slice(0, left), one)).toBe(open[left - 1])
  expect(holdThatStops(open.slice(0, 3), { ...one, state: 'issuing', attempts: 1 })).toBe(open[1])
})

test('tells a hold of everything from one of a stock', () => {
  expect(isSameScope({ kind: 'paused' }, { kind: 'paused', stockRef: null })).toBe(true)
  expect(isSameScope({ kind: 'paused' }, { kind: 'paused', stockRef: '1/a' })).toBe(false)
})

test('reads from the message of a hold what does not fit, as the ledger has always written it', () => {
  const trust = { fault: 'other-key', came: 'A', expected: 'B' }
  expect(trustText(trust)).toBe('other-key: came A, expected B: ')
  expect(readTrust('other-key: came A, expected B: get the key anew')).toEqual(trust)
  expect(readTrust('answers of WeChat Pay can not be verified')).toBeNull()
})
