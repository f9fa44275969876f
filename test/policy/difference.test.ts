import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { policyDifference } from '../../src/policy/difference.ts'

test('tells what was changed, added and removed, each by its path', () => {
  const before = 'timezone: Asia/Shanghai\napproval: { approvals: 1, expires_after: 24h }\nalerts: C0A\n'
  const after = 'timezone: Asia/Shanghai\napproval: { approvals: 2, remind: { after: 2h } }\nalerts: C0A\n'
  expect(policyDifference(before, after)).toEqual([
    { path: 'approval.approvals', before: '1', after: '2' },
    { path: 'approval.remind.after', before: null, after: '2h' },
    { path: 'approval.expires_after', before: '24h', after: null },
  ])
})

test('tells nothing of comments, order, quotes and spelling', () => {
  const before = '# first\na: 1000\nb: { c: "x", d: [S1, S2] }\n'
  const after = 'b:\n  d: [S1, "S2"] # why\n  c: x\na: 1_000\n'.replace('1_000', '0x3e8')
  expect(policyDifference(before, after)).toEqual([])
})

test('tells a list of plain values as one, and a list of rules by their places', () => {
  expect(policyDifference('roles: { viewers: [S1, S2] }', 'roles: { viewers: [S1] }')).toEqual([
    { path: 'roles.viewers', before: '[S1, S2]', after: '[S1]' },
  ])
  expect(
    policyDifference('levels: [{ approvals: 1 }]', 'levels: [{ approvals: 1 }, { approvals: 2 }]'),
  ).toEqual([{ path: 'levels[1].approvals', before: null, after: '2' }])
  expect(policyDifference('automatic: []', 'automatic: [{ stocks: [a] }]')).toEqual([
    { path: 'automatic[0].stocks', before: null, after: '[a]' },
    { path: 'automatic', before: '[]', after: null },
  ])
})

test('tells by value what was written by an alias', () => {
  const before = 'roles: { viewers: &team [S1], requesters: *team }'
  const after = 'roles: { viewers: &team [S2], requesters: *team }'
  expect(policyDifference(before, after).map(({ path }) => path)).toEqual([
    'roles.viewers',
    'roles.requesters',
  ])
})

test('misses no change, and makes none up', () => {
  const value = fc.oneof(fc.integer(), fc.string({ maxLength: 8 }), fc.array(fc.integer(), { maxLength: 3 }))
  const name = fc.stringMatching(/^[a-z]{1,3}$/)
  const file = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, { minKeys: 1 })), {
    minKeys: 1,
  })
  fc.assert(
    fc.property(file, file, (one, other) => {
      const [before, after] = [stringify(one), stringify(other)]
      expect(policyDifference(before, before)).toEqual([])
      const forward = policyDifference(before, after)
      const back = policyDifference(after, before)
      const key = ({ path }: { path: string }) => path
      expect(forward.map(key).sort()).toEqual(back.map(key).sort())
      for (const change of forward) {
        const reverse = back.find(({ path }) => path === change.path)
        expect(reverse).toMatchObject({ before: change.after, after: change.before })
      }
    }),
  )
})
