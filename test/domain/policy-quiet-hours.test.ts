import { expect, test } from 'vitest'
import { isQuietFor, quietSince } from '../../src/domain/policy.ts'
import { policyWith } from '../slack/builders.ts'

const policy = (from: number, to: number, timezone = 'Asia/Shanghai') => {
  const { approval } = policyWith()
  return policyWith({ timezone, approval: { ...approval, quiet: { from: from * 60, to: to * 60 } } })
}
/** Of 24 November 2026 in Shanghai. */
const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 24, hour - 8, minute)

test('is quiet over midnight from its first minute to before its last, in the policy’s time zone', () => {
  const night = policy(22, 8)
  expect(quietSince(night, at(21, 59))).toBeNull()
  expect(quietSince(night, at(22))).toBe(at(22))
  expect(quietSince(night, at(31, 59))).toBe(at(22))
  expect(quietSince(night, at(32))).toBeNull()
  expect(quietSince(policy(12, 14), at(13, 30))).toBe(at(12))
  expect(quietSince(policy(12, 14), at(14))).toBeNull()
  expect(quietSince(policy(22, 8, 'America/New_York'), at(12))).toBe(at(11))
  expect(quietSince(policyWith(), at(23))).toBeNull()
})

test('is quiet for who asked before, and not for who has asked in these same hours', () => {
  const night = policy(22, 8)
  expect(isQuietFor(night, { createdAt: at(21) }, at(23))).toBe(true)
  expect(isQuietFor(night, { createdAt: at(22, 30) }, at(23))).toBe(false)
  expect(isQuietFor(night, { createdAt: at(22, 30) }, at(47))).toBe(true)
  expect(isQuietFor(night, { createdAt: at(21) }, at(33))).toBe(false)
})
