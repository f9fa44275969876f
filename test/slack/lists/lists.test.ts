import type { AnyBlock } from '@slack/types'
import { expect, test } from 'vitest'
import type { Grant } from '../../../src/domain/grant.ts'
import type { Language } from '../../../src/domain/text.ts'
import type { Budget, CardFacts, ListedCoupon, ListOutcome } from '../../../src/grants/index.ts'
import { showApproval } from '../../../src/slack/blocks/grant-cards.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { tableForms, withTablesAs } from '../../../src/slack/blocks/table.ts'
import type { Message } from '../../../src/slack/blocks/text.ts'
import { leftMessage } from '../../../src/slack/lists/budget-left.ts'
import { couponListMessage } from '../../../src/slack/lists/coupons.ts'
import {
  grantListMessage,
  readGrantList,
  readGrantValue,
  writeGrantList,
} from '../../../src/slack/lists/grants.ts'
import { checkSent, EXPIRES, foundWith, grantWith, issued, NOON, OPENID, policyWith } from '../builders.ts'
import { inLines } from '../drawn-lines.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const policy = policyWith({
  ticket: { required: false, pattern: '^SUP-\\d+$', url: 'https://example.com/tickets/{id}' },
  approval: {
    ...policyWith().approval,
    automatic: [
      {
        name: 'small-goodwill',
        title: { en: 'Small goodwill', 'zh-CN': '小额补偿' },
        stocks: null,
        reasons: null,
        upToQuota: null,
        perRequester: null,
        perUser: null,
      },
    ],
  },
})
const [ten, fifty] = policy.stocks
if (!ten || !fifty) throw new Error('no stocks')
const of50 = { stock: fifty.key, stockId: fifty.stockId, stockName: fifty.name, quota: fifty.quota }

const coupon = (change: Partial<ListedCoupon> = {}): ListedCoupon => ({
  couponId: 'C688134DB8D27165DCD630B319A870679F29B3720EF89F4F8EAE01429641F8C2-17-1505164059',
  stock: { key: fifty.key, stockId: fifty.stockId, name: fifty.name },
  state: 'VALID',
  usable: true,
  quota: 5000,
  used: 0,
  sentAt: NOON - 4 * HOUR,
  expiresAt: EXPIRES,
  grant: grantWith({ ...issued, ...of50, requester: 'U0AGENT2', ticket: 'SUP-12' }),
  ...change,
})
const outside = coupon({
  grant: null,
  expiresAt: null,
  sentAt: null,
  couponId: 'OUTSIDE1',
  quota: null,
  used: null,
})
const many = [
  coupon(),
  coupon({ used: 4000, quota: 5000 }),
  outside,
  coupon({ state: 'USED', usable: false, used: 5000 }),
  coupon({ state: 'EXPIRED', usable: false, expiresAt: NOON - DAY }),
  coupon({ state: 'FROZEN*', usable: false, grant: grantWith({ ...issued, ticket: '*not* one' }) }),
]
const under: Grant = grantWith({
  ...of50,
  state: 'pending',
  requester: 'U0AGENT2',
  approvalChannel: 'C0APPROVE',
})

function list(change: Partial<Extract<ListOutcome, { kind: 'listed' }>>, page = 1) {
  const all = { kind: 'listed' as const, openid: OPENID, coupons: [], open: [], failed: [], stocks: 2 }
  return (language: Language): Message => {
    const shown = { page, stock: null, mayGive: true, readsHistory: true, now: NOON }
    return couponListMessage({ ...all, ...change }, { ...shown, reader: createReader(language, policy) })
  }
}

const forDeciding: CardFacts['forDeciding'] = {
  approvers: ['S0LEADS1'],
  level: { approvals: 2, aboveQuota: 1000 },
  given: {
    days: 30,
    count: 1,
    latest: [grantWith({ ...issued, requester: 'U0AGENT2', createdAt: NOON - 2 * DAY })],
  },
  underWay: [],
  ticketUsers: 0,
  limits: [{ kind: 'user', limit: { count: 3, quota: null, days: 30 }, used: { count: 2, quota: 6000 } }],
  cost: 5,
}
const asked: Partial<Grant> = {
  ...of50,
  state: 'pending',
  note: 'The app was down for *two* hours <!channel>\nand nobody told her',
  ticket: 'SUP-12',
  expiresAt: NOON + DAY,
  approvalsNeeded: 2,
  approvalChannel: 'C0APPROVE',
  approvedByRule: null,
  approvalReason: { code: 'above-quota', max: 1000 },
}
const byLea = [{ grantId: 'g', approver: 'U0LEAD1', kind: 'approve' as const, reason: null, at: NOON + HOUR }]
const link = 'https://example.slack.com/archives/C0APPROVE/p1'
const rejected: Partial<Grant> = {
  ...asked,
  state: 'rejected',
  ended: { by: 'U0LEAD2', reason: 'She got one *yesterday*' },
  stateAt: NOON + HOUR,
}
const given: Partial<Grant> = { ...asked, ...issued, note: 'sorry' }
const past = [
  { grant: grantWith(given), decisions: byLea },
  { grant: grantWith(rejected), decisions: [] },
  { grant: grantWith({ ...issued, approvedByRule: 'small-goodwill' }) },
  { grant: grantWith({ ...asked, state: 'cancelled', ended: { by: 'policy', reason: 'too-late' } }) },
]

function grants(
  kind: 'pending' | 'mine' | 'history',
  some: Parameters<typeof foundWith>[0],
  change: Parameters<typeof foundWith>[1] = {},
) {
  const key = { pending: null, mine: null, history: change.of === 'ticket' ? 'SUP-12' : OPENID }[kind]
  const of = kind === 'history' ? 'user' : kind
  return (language: Language): Message =>
    grantListMessage(
      foundWith(some, { of, ...change }),
      { kind, page: 1, key },
      createReader(language, policy),
    )
}

const used = (count: number, quota: number) => ({ count, quota })
const budget: Budget = {
  mayRequest: null,
  mayLookUp: null,
  lines: [
    {
      of: { kind: 'requester' },
      limit: { count: null, quota: 20_000, days: 7 },
      used: used(4, 6000),
      moreAt: NOON + 3 * DAY,
    },
    {
      of: { kind: 'rule', rule: 'small-goodwill' },
      limit: { count: 3, quota: null, days: 1 },
      used: used(3, 3000),
      moreAt: NOON + 10 * HOUR,
    },
    {
      of: { kind: 'stock', stock: ten },
      limit: { count: 1000, quota: null, days: 1 },
      used: used(12, 12_000),
      moreAt: NOON + 10 * HOUR,
    },
    {
      of: { kind: 'stock', stock: fifty },
      limit: { count: 1000, quota: 1e6, days: 1 },
      used: used(0, 0),
      moreAt: null,
    },
  ],
  perUser: { count: 2, quota: null, days: 30 },
  lookups: { left: 57, max: 60, per: HOUR, moreAt: NOON + HOUR },
}
const left = (change: Partial<Budget>) => (language: Language) =>
  leftMessage({ ...budget, ...change }, createReader(language, policy))

/** Every list, by what is in it. */
const drawn: Record<string, (language: Language) => Message> = {
  'no coupon': list({}),
  'one coupon': list({ coupons: [coupon()] }),
  'three coupons, one given outside, and one under way': list({
    coupons: [coupon(), outside, coupon({ state: 'USED', usable: false, used: 5000 })],
    open: [under],
  }),
  'six coupons, as a table': list({ coupons: many }),
  'forty-five coupons, the second page': list({ coupons: Array.from({ length: 45 }, () => coupon()) }, 2),
  'coupons of which one kind could not be asked': list({
    coupons: [coupon()],
    failed: [{ stock: ten.key, name: ten.name, code: 'NO_ANSWER' }],
  }),
  'a coupon that may be of a request that is checked': list({
    coupons: [{ ...outside, stock: { key: ten.key, stockId: ten.stockId, name: ten.name } }],
    open: [grantWith({ state: 'issuing', flag: { kind: 'checking', reason: 'no-answer', at: NOON } })],
  }),
  'nothing waits': grants('pending', []),
  'two wait, the first of them approved once': grants('pending', [
    { grant: grantWith(asked), decisions: byLea, forDeciding, link },
    { grant: grantWith({ ...asked, note: null, ticket: null }), forDeciding },
  ]),
  'twelve wait': grants('pending', [{ grant: grantWith(asked), forDeciding, link }], {
    total: 12,
    hasMore: true,
  }),
  'mine: one waits, one was given, one was rejected': grants('mine', [
    { grant: grantWith(asked), decisions: byLea, link },
    ...past.slice(0, 2),
  ]),
  'mine: one waits, four are over': grants('mine', [{ grant: grantWith(asked), link }, ...past], {
    total: 100,
    hasMore: true,
  }),
  'history of a user, two': grants('history', past.slice(0, 2)),
  'history of a user, as a table': grants('history', past),
  'history of a ticket, as a table': grants('history', past, {
    of: 'ticket',
    total: 1000,
    isMore: true,
    hasMore: true,
  }),
  'what is left, as a table': left({}),
  'what is left, of one limit': left({ lines: budget.lines.slice(0, 1), perUser: null }),
  'what is left, where nothing is limited': left({ lines: [], perUser: null, lookups: null }),
  'what is left of look-ups': left({
    mayRequest: { code: 'role-missing', role: 'requester' },
    lines: [],
    perUser: null,
    lookups: { left: 0, max: 60, per: 2 * HOUR, moreAt: NOON + HOUR },
  }),
}

test.each(['en', 'zh-CN'] as const)('draws every list as the golden file has it: %s', async (language) => {
  const lines = Object.entries(drawn).flatMap(([name, draw]) => [
    `══ ${name}`,
    ...inLines(draw(language), language, 110),
    '',
  ])
  await expect(lines.join('\n')).toMatchFileSnapshot(`./lists.${language}.txt`)
})

test('draws lists that Slack takes, with whatever tables it takes', () => {
  for (const draw of Object.values(drawn))
    for (const language of ['en', 'zh-CN'] as const)
      for (const form of tableForms) {
        const { text, blocks } = draw(language)
        expect(checkSent(withTablesAs(form, blocks))).toEqual([])
        expect(text).not.toBe('')
        expect(JSON.stringify(blocks)).not.toContain('"mrkdwn","text":"<!channel>')
      }
})

test('shows in the list of what waits every fact that the card shows', () => {
  const reader = createReader('en', policy)
  const texts = (blocks: AnyBlock[]) => {
    const found = JSON.stringify(blocks).matchAll(/"text":"((?:[^"\\]|\\.)*)"|"user_id":"(\w+)"/g)
    return [...found].map(([, text, user]) => text ?? user ?? '')
  }
  const facts = { grant: grantWith(asked), decisions: byLea, forDeciding }
  const card = showApproval(facts.grant, { decisions: byLea, forDeciding, settlement: null }, reader)
  const entry = grantListMessage(
    foundWith([facts], { of: 'pending' }),
    { kind: 'pending', page: 1, key: null },
    reader,
  )
  const [title = '', ...rest] = texts(card.blocks)
  const shown = texts(entry.blocks)
  // All that stands below its title, word for word, with what may be pressed; and what the title says.
  expect(rest.filter((text) => !shown.includes(text))).toEqual([])
  for (const fact of title.split(' · ')) expect(shown.join('\n').replaceAll('*', '')).toContain(fact)
  const ids = (blocks: AnyBlock[]) =>
    [...JSON.stringify(blocks).matchAll(/"action_id":"(\w+)"/g)].map(([, id]) => id)
  expect(ids(entry.blocks).toSorted()).toEqual(ids(card.blocks).toSorted())
})

test('takes back what a button of a list carries, also one that was drawn by the version before', () => {
  const list = { kind: 'history' as const, page: 2, key: 'SUP|12 / ¥%' }
  expect(readGrantList(writeGrantList(list))).toEqual(list)
  expect(writeGrantList({ ...list, key: '工'.repeat(128) }).length).toBeLessThan(2000)
  expect(readGrantList(writeGrantList({ ...list, key: '工'.repeat(128) }))?.key).toHaveLength(128)
  expect(readGrantList(`history|3|${OPENID}`)).toEqual({ kind: 'history', page: 3, key: OPENID })
  expect(readGrantList('pending|1|')).toEqual({ kind: 'pending', page: 1, key: null })
  expect(readGrantValue('01JD|mine|2|')).toEqual({
    grantId: '01JD',
    list: { kind: 'mine', page: 2, key: null },
  })
  for (const tampered of [
    '',
    'history|1|',
    'pending|1|x',
    'mine|0|',
    'all|1|',
    'history|1|%E0%A4%A',
    'history|1|a b',
    'history|1',
  ])
    expect(readGrantList(tampered)).toBeNull()
})
