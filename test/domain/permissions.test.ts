import { expect, test } from 'vitest'
import {
  decidersOf,
  decidesAs,
  decidesSome,
  groupsOf,
  levelFor,
  mayNotDecide,
  type Person,
} from '../../src/domain/permissions.ts'
import { findStock, type Policy } from '../../src/domain/policy.ts'
import { NOON, policyWith } from '../slack/builders.ts'

const person: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const requester = 'U0AGENT1'
/** A grant of a stock of the policy. */
const grantOf = (key: string, quota: number, of: Policy = policyWith()) => {
  const { mchid, stockId, appid } = findStock(of, key) ?? expect.fail(`no stock is called ${key}`)
  return { mchid, stockId, appid, quota, requester, createdAt: NOON }
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
  expect(levelFor(policy, grant)).toEqual({ approvals: 3, approvers: ['S0LEADS1'], aboveQuota: null })
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
  expect(mayNotDecide(policy, boss, grant, NOON)).toBeNull()
  expect(mayNotDecide(policy, person, grant, NOON)).toEqual({ code: 'role-missing', role: 'approver' })
  expect(mayNotDecide(policy, boss, grantOf('withdraw-50', 1000), NOON)).toMatchObject({
    code: 'role-missing',
  })
})

test('never lets who asked decide, unless the policy says so in words', () => {
  const own = { ...grant, requester: person.id }
  expect(mayNotDecide(policyOf({}), person, own, NOON)).toEqual({ code: 'own-grant' })
  expect(mayNotDecide(policyOf({ selfApproval: true }), person, own, NOON)).toBeNull()
  // That the role is missing is the plainer reason, and allowing it does not give the role.
  const other = { ...person, groups: [] }
  for (const selfApproval of [true, false])
    expect(mayNotDecide(policyOf({ selfApproval }), other, own, NOON)).toMatchObject({ code: 'role-missing' })
})

test('tells who may not act at all before all else', () => {
  const own = { ...grant, requester: person.id }
  for (const standing of ['guest', 'bot', 'deactivated', 'other-workspace'] as const)
    expect(mayNotDecide(policyOf({}), { ...person, standing }, own, NOON)).toEqual({
      code: 'not-a-member',
      standing,
    })
  expect(mayNotDecide(policyOf({}), { ...person, groups: null }, own, NOON)).toEqual({
    code: 'roles-unknown',
  })
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

test('adds whom the policy says once a grant has waited, and takes nobody away', () => {
  const policy = policyOf({ escalate: [{ after: 1000, add: ['S0HEADS1'] }] })
  expect(decidersOf(policy, grant, NOON + 999)).toEqual(['S0LEADS1'])
  expect(decidersOf(policy, grant, NOON + 1000)).toEqual(['S0LEADS1', 'S0HEADS1'])
  const head: Person = { ...person, id: 'U0HEAD01', groups: ['S0HEADS1'] }
  expect(mayNotDecide(policy, head, grant, NOON)).toMatchObject({ code: 'role-missing' })
  expect(mayNotDecide(policy, head, grant, NOON + 1000)).toBeNull()
  expect(groupsOf(policy)).toContain('S0HEADS1')
})

test('lets an approver decide in the place of one who is away, and never for the requester', () => {
  const policy = policyOf({ levels: [level({ approvers: ['U0BOSS01'] })] })
  const boss: Person = { ...person, id: 'U0BOSS01', groups: [] }
  const standIn: Person = { ...person, standsInFor: [boss] }
  expect(mayNotDecide(policy, person, grant, NOON)).toMatchObject({ code: 'role-missing' })
  expect(mayNotDecide(policy, standIn, grant, NOON)).toBeNull()
  expect(decidesAs(policy, standIn, grant, NOON)).toBe('U0BOSS01')
  expect(decidesAs(policy, boss, grant, NOON)).toBeNull()
  // Who stands in must be an approver too, and who is away still be one.
  expect(decidesAs(policy, { ...standIn, groups: ['S0AGENTS'] }, grant, NOON)).toBeUndefined()
  expect(
    decidesAs(policy, { ...standIn, standsInFor: [{ ...boss, standing: 'deactivated' }] }, grant, NOON),
  ).toBeUndefined()
  expect(decidesAs(policy, standIn, { ...grant, requester: 'U0BOSS01' }, NOON)).toBeUndefined()
  expect(mayNotDecide(policy, standIn, { ...grant, requester: standIn.id }, NOON)).toEqual({
    code: 'own-grant',
  })
  // Nobody is refused for good because Slack was slow.
  const untold = { ...standIn, standsInFor: [{ ...boss, groups: null }] }
  expect(mayNotDecide(policy, untold, grant, NOON)).toEqual({ code: 'roles-unknown' })
})
