import { expect, test } from 'vitest'
import { type PolicyFacts, planFor } from '../../../src/sandbox/story/plan.ts'

const policy: PolicyFacts = {
  roles: {},
  alerts: null,
  stocks: [
    { key: 'fifty', quota: 5000 },
    { key: 'ten', quota: 1000 },
  ],
  reasons: [
    { key: 'other', name: { en: 'Other', 'zh-CN': '其他' }, noteRequired: true },
    { key: 'outage', name: { en: 'Outage', 'zh-CN': '服务中断' }, noteRequired: false },
  ],
  ticket: null,
  approval: { channel: 'C0APPROVE', automatic: [{ stocks: null, reasons: null, upToQuota: 1000 }] },
}

test('asks for what is approved by itself and for what is not, with the least to type', () => {
  expect(planFor(policy, 'zh-CN', 'why')).toEqual({
    automatic: { stock: 'ten', reason: 'outage', typedReason: '服务中断', ticket: null, note: null },
    byPeople: { stock: 'fifty', reason: 'outage', typedReason: '服务中断', ticket: null, note: null },
  })
})

test('has nothing to ask for where everything, or nothing, is approved by itself', () => {
  const all = { ...policy.approval, automatic: [{ stocks: null, reasons: null, upToQuota: null }] }
  expect(planFor({ ...policy, approval: all }, 'en', 'why').byPeople).toBeNull()
  const none = { ...policy.approval, automatic: [] }
  expect(planFor({ ...policy, approval: none }, 'en', 'why').automatic).toBeNull()
})

test('writes a note where the only reason needs one, and a ticket that fits', () => {
  const reasons = policy.reasons.slice(0, 1)
  const ticket = { required: true, pattern: '^SUP-\\d+$' }
  expect(planFor({ ...policy, reasons, ticket }, 'en', 'why').automatic).toMatchObject({
    reason: 'other',
    note: 'why',
    ticket: 'SUP-12',
  })
  expect(
    planFor({ ...policy, ticket: { required: false, pattern: '^X$' } }, 'en', 'why').automatic?.ticket,
  ).toBe(null)
})
