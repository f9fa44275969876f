import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, askProblems, MAX_NOTE, openidProblemOf } from '../../src/domain/ask.ts'
import { type Limit, limitOf, refusalByLimit } from '../../src/domain/limit.ts'
import { groupsOf, mayNot, type Person, rolesOf } from '../../src/domain/permissions.ts'
import { type AutomaticRule, findStock, type Policy, roles, ruleFits } from '../../src/domain/policy.ts'
import { formatMistakes } from '../../src/policy/mistakes.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'

const text = readFileSync(new URL('../../manifest/policy.example.yaml', import.meta.url), 'utf8')
const parsed = parsePolicy(text, { mchid: '1230000109', appid: 'wx0000000000000000' })
if (!parsed.ok) throw new Error(formatMistakes('policy.example.yaml', parsed.mistakes, 'en'))
const policy: Policy = parsed.policy

const ada: Person = {
  id: 'U0AGENT1',
  email: 'ada@example.com',
  groups: ['S0AGENTS'],
  standing: 'member',
}
const ask: Ask = {
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  stock: 'withdraw-10',
  reason: 'outage',
  note: null,
  ticket: null,
}
const standings = ['guest', 'bot', 'deactivated', 'other-workspace'] as const

test('gives roles by group, by id and by e-mail address in any case', () => {
  expect(rolesOf(policy, ada)).toEqual(['viewer', 'requester'])
  expect(rolesOf(policy, { ...ada, groups: ['S0LEADS1'] })).toEqual(['viewer', 'requester', 'approver'])
  expect(rolesOf(policy, { ...ada, groups: [], id: 'U0AUDIT1' })).toEqual(['auditor'])
  expect(rolesOf(policy, { ...ada, groups: [], email: 'OPS@example.com' })).toEqual(['operator'])
  expect(rolesOf(policy, { ...ada, groups: [] })).toEqual([])
})

test.each(standings)('gives no role to a %s, whatever the policy names', (standing) => {
  const everything = {
    ...ada,
    id: 'U0AUDIT1',
    email: 'ops@example.com',
    groups: ['S0AGENTS', 'S0LEADS1'],
    standing,
  }
  expect(rolesOf(policy, everything)).toEqual([])
  for (const role of roles)
    expect(mayNot(policy, everything, [role])).toEqual({ code: 'not-a-member', standing })
})

test('says no while the groups are not known, even to who is named by id', () => {
  const unknown = { ...ada, id: 'U0AUDIT1', groups: null }
  expect(mayNot(policy, unknown, ['auditor'])).toEqual({ code: 'roles-unknown' })
})

test('asks for the first of the roles that would do', () => {
  expect(mayNot(policy, ada, ['approver', 'operator'])).toEqual({ code: 'role-missing', role: 'approver' })
  expect(mayNot(policy, ada, ['approver', 'viewer'])).toBeNull()
})

test('knows the groups it names, each once', () => {
  expect(groupsOf(policy)).toEqual(['S0AGENTS', 'S0LEADS1'])
})

test('finds nothing wrong with a good ask', () => {
  expect(askProblems(policy, ask)).toEqual([])
  expect(askProblems(policy, { ...ask, ticket: 'SUP-12', note: 'x'.repeat(MAX_NOTE) })).toEqual([])
})

test('tells all that is wrong with an ask at once, each at its field', () => {
  const wrong = { openid: 'a b', stock: 'gone', reason: 'whim', note: 'x'.repeat(501), ticket: 'SUP-' }
  expect(askProblems(policy, wrong)).toEqual([
    {
      field: 'openid',
      refusal: { code: 'openid-malformed', problem: { kind: 'character', character: ' ', position: 2 } },
    },
    { field: 'stock', refusal: { code: 'stock-unknown', stock: 'gone' } },
    { field: 'reason', refusal: { code: 'reason-unknown', reason: 'whim' } },
    { field: 'note', refusal: { code: 'note-too-long', length: 501, max: 500 } },
    { field: 'ticket', refusal: { code: 'ticket-malformed', pattern: '^SUP-\\d+$', example: 'SUP-123' } },
  ])
})

test.each([null, '', '  \n'])('asks for a note where the reason needs one and it is %j', (note) => {
  expect(askProblems(policy, { ...ask, reason: 'other', note })).toEqual([
    { field: 'note', refusal: { code: 'note-missing' } },
  ])
})

test('asks for a ticket only where the policy requires one', () => {
  const required: Policy = { ...policy, ticket: { required: true, pattern: null, url: null } }
  expect(askProblems(required, ask)).toEqual([{ field: 'ticket', refusal: { code: 'ticket-missing' } }])
  expect(askProblems(required, { ...ask, ticket: 'anything' })).toEqual([])
  expect(askProblems(required, { ...ask, ticket: 'x'.repeat(101) })).toHaveLength(1)
  expect(askProblems({ ...policy, ticket: null }, ask)).toEqual([])
})

test('begins the window of a limit in the zone of the policy', () => {
  const noon = Date.parse('2026-11-24T12:00:00+08:00')
  expect(limitOf(policy, 'requester', noon)).toEqual({
    count: null,
    quota: 20000,
    days: 7,
    from: 20261118,
  })
  expect(limitOf({ ...policy, limits: { ...policy.limits, perUser: null } }, 'user', noon)).toBeNull()
})

const maybe = (max: number) => fc.option(fc.integer({ min: 1, max }))
const limit: fc.Arbitrary<Limit> = fc.record({ count: maybe(20), quota: maybe(20_000), days: fc.constant(1) })
const quota = fc.integer({ min: 1, max: 5000 })

test('lets nothing past a limit, however many ask', () => {
  fc.assert(
    fc.property(limit, fc.array(quota, { maxLength: 50 }), (max, asks) => {
      const used = { count: 0, quota: 0 }
      for (const one of asks) {
        if (refusalByLimit('user', max, used, one)) continue
        used.count += 1
        used.quota += one
      }
      expect(used.count).toBeLessThanOrEqual(max.count ?? Number.POSITIVE_INFINITY)
      expect(used.quota).toBeLessThanOrEqual(max.quota ?? Number.POSITIVE_INFINITY)
    }),
  )
})

test('refuses only what would pass a limit, and says by how much', () => {
  fc.assert(
    fc.property(limit, fc.nat(30), fc.nat(30_000), quota, (max, count, sum, adding) => {
      const refusal = refusalByLimit('stock', max, { count, quota: sum }, adding)
      const fits =
        (max.count === null || count + 1 <= max.count) && (max.quota === null || sum + adding <= max.quota)
      expect(refusal === null).toBe(fits)
      if (refusal?.code === 'limit-reached')
        expect(refusal.used + refusal.adding).toBeGreaterThan(refusal.max)
    }),
  )
})

test('lets the last of a limit be taken once', () => {
  const one: Limit = { count: 1, quota: null, days: 1 }
  expect(refusalByLimit('user', one, { count: 0, quota: 0 }, 1000)).toBeNull()
  expect(refusalByLimit('user', one, { count: 1, quota: 1000 }, 1000)).toEqual({
    code: 'limit-reached',
    limit: 'user',
    measure: 'count',
    used: 1,
    max: 1,
    adding: 1,
    days: 1,
  })
})

test('fits a rule to stock, reason and quota together', () => {
  const stock = findStock(policy, 'withdraw-10')
  if (!stock) throw new Error('the example has this stock')
  const rule: AutomaticRule = {
    name: 'r',
    stocks: null,
    reasons: null,
    upToQuota: null,
    perRequester: null,
    perUser: null,
  }
  expect(ruleFits(rule, stock, 'outage')).toBe(true)
  expect(
    ruleFits({ ...rule, stocks: ['withdraw-10'], reasons: ['outage'], upToQuota: 1000 }, stock, 'outage'),
  ).toBe(true)
  expect(ruleFits({ ...rule, stocks: ['withdraw-50'] }, stock, 'outage')).toBe(false)
  expect(ruleFits({ ...rule, reasons: ['apology'] }, stock, 'outage')).toBe(false)
  expect(ruleFits({ ...rule, upToQuota: 999 }, stock, 'outage')).toBe(false)
})

test('takes what the policy says openids look like, as a whole and up to 128 characters', () => {
  const problem = (openid: string, pattern: string) => openidProblemOf({ openid: pattern }, openid)
  expect(problem('wx-77', 'wx-[0-9]+')).toBeNull()
  expect(problem('a-wx-77', 'wx-[0-9]+')).toEqual({ kind: 'pattern', pattern: 'wx-[0-9]+' })
  expect(problem('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', '^wx-[0-9]+$')).toMatchObject({ kind: 'pattern' })
  expect(problem('9'.repeat(129), '^[0-9]+$')).toEqual({ kind: 'too-long', length: 129 })
  expect(problem('wx 77', '^.*$')).toMatchObject({ kind: 'character' })
  expect(openidProblemOf({ openid: null }, 'wx-77')).toEqual({ kind: 'length', length: 5 })
})
