import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decision, type Grant, grantStates } from '../../../src/domain/grant.ts'
import type { Change } from '../../../src/domain/news.ts'
import { cleanOrNull } from '../../../src/domain/text.ts'
import type { CardFacts, TrailEntry } from '../../../src/grants/index.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { noticeView } from '../../../src/slack/blocks/buttons-and-views.ts'
import { grantButtons, showApproval, showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { policyMessage, reminderText } from '../../../src/slack/blocks/news.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { outcomeMessage, whyView } from '../../../src/slack/decide/decide.ts'
import { trailView } from '../../../src/slack/decide/trail.ts'
import { grantListMessage } from '../../../src/slack/lists/grants.ts'
import {
  anyText,
  checkSent,
  foundWith,
  grantsThat,
  grantWith,
  NOON,
  policyWith,
  trailEntry,
} from '../builders.ts'

/** What approving shows is taken by Slack however much people, policies and WeChat Pay say, and loses nothing silently. */

/** Characters that grow when they are escaped, and half of one where it is cut. */
const growing = (length: number) =>
  fc.constantFrom('&'.repeat(length), '<!channel>'.repeat(length / 10), '😀'.repeat(length / 2))
const anything = (length: number) => fc.oneof(anyText(length), growing(length))
/** What people typed, as it is recorded: blank is none. */
const recorded = (length: number) =>
  fc.option(anything(length)).map((typed) => (typed === null ? null : cleanOrNull(typed)))
const named = anything(76).map((name) => ({ en: `n${name}`, 'zh-CN': `名${name}` }))
const reader = fc.constantFrom('en' as const, 'zh-CN' as const).map((language) =>
  createReader(language, {
    timezone: 'America/Argentina/ComodRivadavia',
    ticket: { required: false, pattern: null, url: 'https://example.com/{id}' },
  }),
)
const person = fc.constantFrom('U0LEAD1', 'U0AGENT1', `U${'0'.repeat(20)}`)
const decisions: fc.Arbitrary<Decision[]> = fc.array(
  fc.record({
    grantId: fc.constant('g'),
    approver: person,
    kind: fc.constantFrom('approve' as const, 'reject' as const),
    reason: recorded(3000),
    at: fc.constant(NOON),
  }),
  { maxLength: 11, size: 'max' },
)
const grant: fc.Arbitrary<Grant> = fc
  .record({
    state: fc.constantFrom(...grantStates),
    openid: fc.constantFrom('o'.repeat(128), 'o'),
    stockName: named,
    reasonName: named,
    note: recorded(500),
    ticket: fc.option(anything(100).map((ticket) => `t${ticket}`)),
    quota: fc.constantFrom(1, 1e9),
    approvalsNeeded: fc.integer({ min: 1, max: 10 }),
    approvalChannel: fc.constant('C0APPROVE'),
    expiresAt: fc.option(fc.constant(NOON)),
    approvalReason: fc.constantFrom<Grant['approvalReason']>(
      null,
      { code: 'always' },
      { code: 'above-quota', max: 1e9 },
      {
        code: 'rule-used-up',
        rule: '&'.repeat(75),
        by: 'requester',
        limit: { count: 1e9, quota: 1e9, days: 366 },
      },
    ),
    ended: fc.option(fc.record({ by: fc.constantFrom('U0LEAD1', 'policy', 'app'), reason: recorded(3000) })),
    hold: fc.option(fc.record({ reason: anyText(50), at: fc.constant(NOON) })),
    couponId: fc.option(anything(300)),
    refusal: fc.option(
      fc.record({ code: anyText(60), message: anything(4000), requestId: fc.option(anyText(100)) }),
    ),
  })
  .map((change) => grantWith({ approvedByRule: null, ...change }))

const limit = { count: 1e9, quota: 1e9, days: 366 }
const used = { count: 1e9, quota: 1e9 }
const forDeciding: fc.Arbitrary<CardFacts['forDeciding']> = fc.record({
  approvers: fc.array(
    fc.constantFrom('S012345678901234567890', 'U012345678901234567890', `${'a&'.repeat(50)}@b.cc`),
    {
      maxLength: 40,
      size: 'max',
    },
  ),
  given: fc.record({
    days: fc.constantFrom(1, 366),
    count: fc.nat(1e6),
    latest: fc.array(grant, { maxLength: 3, size: 'max' }),
  }),
  underWay: fc.array(grant, { maxLength: 30, size: 'max' }),
  ticketUsers: fc.nat(),
  level: fc.constant({ approvals: 2, aboveQuota: 10_000 }),
  limits: fc.constant(['user', 'requester', 'stock'].map((kind) => ({ kind: kind as 'user', limit, used }))),
  cost: fc.option(fc.constant(1e9)),
})

test('any grant makes a card, a message and a form that Slack takes', () => {
  fc.assert(
    fc.property(grant, decisions, fc.option(forDeciding), reader, (shown, said, deciding, to) => {
      const card = showApproval(shown, { decisions: said, settlement: null, forDeciding: deciding }, to)
      expect(checkSent(card.blocks)).toEqual([])
      expect(card.text.length).toBeLessThan(4000)
      const own = [...showGrant(shown, to, { decisions: said }).blocks, grantButtons(shown, to)]
      expect(checkSent(own)).toEqual([])
      for (const kind of ['reject', 'cancel'] as const)
        expect(checkView(whyView(kind, shown, to), 'modal')).toEqual([])
      const told = outcomeMessage(
        { grants: grantsThat() } as never,
        { kind: 'already', grant: shown, decisions: said },
        to,
      )
      expect(checkView(noticeView(to, told.blocks), 'modal')).toEqual([])
      expect(reminderText({ grant: shown, decisions: said }, policyWith(), to).length).toBeLessThan(4000)
    }),
    { numRuns: 25, endOnFailure: true },
  )
})

test('any page of grants makes a message that Slack takes', () => {
  const link = fc.constantFrom(null, 'https://example.slack.com/archives/C1/p1')
  const card = fc.constant(null)
  const one = fc.record({ grant, decisions, forDeciding: fc.option(forDeciding), link, card })
  const grants = fc.array(one, { maxLength: 20, size: 'max' })
  const list = fc.constantFrom('pending' as const, 'mine' as const, 'history' as const)
  fc.assert(
    fc.property(grants, list, reader, (some, kind, to) => {
      const most = { pending: 5, mine: 8, history: 20 }[kind]
      const page = { page: 999_999, from: 4e6, total: 1000, isMore: true, hasMore: true }
      const found = foundWith(some.slice(0, most), { of: kind === 'history' ? 'ticket' : kind, ...page })
      const key = kind === 'history' ? 'o'.repeat(128) : null
      const message = grantListMessage(found, { kind, page: 999_999, key }, to)
      expect(checkSent(message.blocks)).toEqual([])
    }),
    { numRuns: 30, endOnFailure: true },
  )
})

const actor = fc.constantFrom('U0LEAD1', 'app', 'policy', 'wechatpay', 'U'.padEnd(21, '0'))
const entry: fc.Arbitrary<TrailEntry> = fc.tuple(anything(3000), actor).chain(([text, by]) =>
  fc.constantFrom(
    trailEntry('requested', {}, { actor: by }),
    trailEntry('approval', { have: 1, needed: 2 }, { actor: by }),
    trailEntry('approve', { have: 2, needed: 2, own: true }, { actor: by }),
    trailEntry('reject', {}, { actor: by, said: text }),
    trailEntry('cancel', { reason: text }, { actor: by }),
    trailEntry('cancel', {}, { actor: by, said: text }),
    trailEntry('held', { reason: text }, { actor: by }),
    trailEntry('refuse', { code: text }, { actor: by }),
    trailEntry('outcome-unknown', { reason: text, why: text }, { actor: by }),
    // Told of no grant, and so without words of its own.
    trailEntry('look-up', { stock: text }, { actor: by }),
  ),
)

test('any trail makes a view that Slack takes', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40, size: 'max' }), reader, (entries, to) => {
      expect(checkView(trailView(entries, to), 'modal')).toEqual([])
    }),
    { numRuns: 30, endOnFailure: true },
  )
})

test('shows the last 200 lines of a long trail whole, and tells how many came before', () => {
  for (const language of ['en', 'zh-CN'] as const) {
    const to = createReader(language, policyWith())
    // The longest line that there is: each character of what was written grows fivefold.
    const entries = Array.from({ length: 230 }, (_, index) => ({
      ...trailEntry('reject', {}, { said: '&'.repeat(3000) }),
      at: NOON + index * 60_000,
    }))
    const view = trailView(entries, to)
    expect(checkView(view, 'modal')).toEqual([])
    const shown = JSON.stringify(view.blocks)
    expect(shown).toContain('30')
    expect(shown.match(/<!date\^[0-9]+\^[^>]+>/g)).toHaveLength(200)
    // Nothing is cut within an escaped character.
    expect(shown.replaceAll('&amp;', '')).not.toContain('&')
    expect(shown).not.toContain('&am…')
  }
})

const change: fc.Arbitrary<Change> = fc.record({
  path: anything(200),
  before: fc.option(anything(4000)),
  after: fc.option(anything(4000)),
})

test('any news of the policy makes a message that Slack takes', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 60, size: 'max' }),
      anything(20_000),
      reader,
      (changes, mistakes, to) => {
        const changed = policyMessage({ kind: 'policy-changed', from: 'a', to: 'b'.repeat(64), changes }, to)
        expect(checkSent(changed.blocks)).toEqual([])
        const broken = policyMessage({ kind: 'policy-broken', mistakes: mistakes || 'm' }, to)
        expect(checkSent(broken.blocks)).toEqual([])
      },
    ),
    { numRuns: 12, endOnFailure: true },
  )
})

test('tells in the trail why a call failed, and whether it is asked for again', () => {
  const why = 'no connection could be made: the connection was refused (ECONNREFUSED)'
  const line = (...of: Parameters<typeof trailEntry<'outcome-unknown' | 'release'>>) =>
    JSON.stringify(trailView([trailEntry(...of)], createReader('en', policyWith())))
  expect(line('release', { reason: 'connect', why })).toContain(`(${why})`)
  const unknown = { reason: 'no-answer', why: '500 SYSTEM_ERROR' }
  expect(line('outcome-unknown', unknown)).toContain('(no answer: 500 SYSTEM_ERROR): the app asks again')
  expect(line('outcome-unknown', { ...unknown, again: false })).toContain('the app doesn’t ask again')
})

test('the news of many changes, and of many mistakes, are told as far as there is room, and how many more', () => {
  for (const language of ['en', 'zh-CN'] as const) {
    const to = createReader(language, policyWith())
    const { more, moreMistakes } = to.words.policyNews
    const changes = Array.from({ length: 40 }, (_, index) => ({
      path: `stocks.s${index}`,
      before: '<'.repeat(400),
      after: '>'.repeat(400),
    }))
    const news = { kind: 'policy-changed' as const, from: 'a', to: 'b', changes }
    const shown = JSON.stringify(policyMessage(news, to).blocks)
    const told = changes.filter(({ path }) => shown.includes(`\`${path}\``)).length
    expect(told).toBeGreaterThan(4)
    expect(shown).toContain(more(40 - told))
    const few = { ...news, changes: changes.map((change) => ({ ...change, before: 'a', after: 'b' })) }
    const whole = JSON.stringify(policyMessage(few, to).blocks)
    for (const { path } of changes) expect(whole).toContain(`\`${path}\``)

    const lines = Array.from({ length: 60 }, (_, index) => `policy.yaml:${index}:1 ${'错'.repeat(200)} → y`)
    const mistakes = policyMessage({ kind: 'policy-broken', mistakes: lines.join('\n') }, to).blocks
    expect(checkSent(mistakes)).toEqual([])
    const text = JSON.stringify(mistakes)
    const listed = lines.filter((line) => text.includes(line)).length
    expect(listed).toBeGreaterThan(30)
    expect(text).toContain(moreMistakes(60 - listed))
  }
})
