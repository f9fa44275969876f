import { expect, test } from 'vitest'
import { decidesSome, groupsOf, levelFor, mayNotDecide, type Person } from '../../src/domain/permissions.ts'
import { findStock, type Policy } from '../../src/domain/policy.ts'
import { policyWith } from '../slack/builders.ts'

const person: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const requester = 'U0AGENT1'
/** A grant of a stock of the policy. */
const grantOf = (key: string, quota: number, of: Policy = policyWith()) => {
  const { mchid, stockId, appid } = findStock(of, key) ?? expect.fail(`no stock is called ${key}`)
  return { mchid, stockId, appid, quota, requester }
}
const grant = grantOf('withdraw-10', 1000)

function policyOf(change: Partial<Policy['approval']>): Policy {
  return policyWith({ approval: { ...policyWith().approval, ...change } })
}
const level = (change: Partial<Policy['approval']['levels'][number]>) => ({
  stocks: null,
  aboveQuota: null,
  approvals: 1,
  approvers: ['S0LEADS1'],
  ...change,
})

test('asks the approvers’ role where no level fits', () => {
  const policy = policyOf({ approvals: 3, levels: [level({ stocks: ['withdraw-50'] })] })
  expect(levelFor(policy, grant)).toEqual({ approvals: 3, approvers: ['S0LEADS1'] })
})

test('takes the first level that fits by stock and quota together', () => {
  const policy = policyOf({
    levels: [
      level({ stocks: ['withdraw-50'], aboveQuota: 4000, approvals: 5 }),
      level({ stocks: ['withdraw-50'], approvals: 4 }),
      level({ aboveQuota: 1000, approvals: 3 }),
      level({ aboveQuota: 0, approvals: 2 }),
    ],
  })
  const approvals = (stock: string, quota: number) => levelFor(policy, grantOf(stock, quota)).approvals
  expect(approvals('withdraw-50', 4001)).toBe(5)
  expect(approvals('withdraw-50', 4000)).toBe(4)
  expect(approvals('withdraw-10', 1001)).toBe(3)
  // A quota that is just so high is not above.
  expect(approvals('withdraw-10', 1000)).toBe(2)
})

test('takes the same level for a grant whose stock has another key in the policy by now', () => {
  const named = (key: string) => {
    const policy = policyOf({ levels: [level({ stocks: [key], approvals: 4 })] })
    const stocks = policy.stocks.map((stock) => (stock.key === 'withdraw-10' ? { ...stock, key } : stock))
    return { ...policy, stocks }
  }
  expect(levelFor(named('withdraw-10'), grant).approvals).toBe(4)
  expect(levelFor(named('ten'), grant).approvals).toBe(4)
})

test('lets those of a level decide, and not those of the role', () => {
  const policy = policyOf({ levels: [level({ stocks: ['withdraw-10'], approvers: ['boss@example.com'] })] })
  const boss: Person = { ...person, id: 'U0BOSS01', email: 'Boss@Example.com', groups: [] }
  expect(mayNotDecide(policy, boss, grant)).toBeNull()
  expect(mayNotDecide(policy, person, grant)).toEqual({ code: 'role-missing', role: 'approver' })
  expect(mayNotDecide(policy, boss, grantOf('withdraw-50', 1000))).toMatchObject({
    code: 'role-missing',
  })
})

test('never lets who asked decide, unless the policy says so in words', () => {
  const own = { ...grant, requester: person.id }
  expect(mayNotDecide(policyOf({}), person, own)).toEqual({ code: 'own-grant' })
  expect(mayNotDecide(policyOf({ selfApproval: true }), person, own)).toBeNull()
  // That the role is missing is the plainer reason, and allowing it does not give the role.
  const other = { ...person, groups: [] }
  for (const selfApproval of [true, false])
    expect(mayNotDecide(policyOf({ selfApproval }), other, own)).toMatchObject({ code: 'role-missing' })
})

test('tells who may not act at all before all else', () => {
  const own = { ...grant, requester: person.id }
  for (const standing of ['guest', 'bot', 'deactivated', 'other-workspace'] as const)
    expect(mayNotDecide(policyOf({}), { ...person, standing }, own)).toEqual({
      code: 'not-a-member',
      standing,
    })
  expect(mayNotDecide(policyOf({}), { ...person, groups: null }, own)).toEqual({ code: 'roles-unknown' })
})

test('knows who decides any kind of coupon, by role or by a level', () => {
  const policy = policyOf({
    levels: [level({ stocks: ['withdraw-50'], approvers: ['U0BOSS01', 'S0BOARD1'] })],
  })
  expect(decidesSome(policy, person)).toBe(true)
  expect(decidesSome(policy, { ...person, id: 'U0BOSS01', groups: [] })).toBe(true)
  expect(decidesSome(policy, { ...person, groups: ['S0BOARD1'] })).toBe(true)
  expect(decidesSome(policy, { ...person, groups: ['S0AGENTS'] })).toBe(false)
  expect(decidesSome(policy, { ...person, standing: 'guest' })).toBe(false)
  expect(decidesSome(policy, { ...person, groups: null })).toBe(false)
  expect(groupsOf(policy)).toContain('S0BOARD1')
})
