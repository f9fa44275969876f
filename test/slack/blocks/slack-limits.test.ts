import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Refusal } from '../../../src/domain/ask.ts'
import { type Grant, grantStates } from '../../../src/domain/grant.ts'
import type { Language } from '../../../src/domain/text.ts'
import { cleanOrNull } from '../../../src/domain/text.ts'
import type { ListedCoupon, Preview } from '../../../src/grants/index.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { formView } from '../../../src/slack/ask/form.ts'
import { anotherView } from '../../../src/slack/ask/submit.ts'
import { grantButtons, recordedView, showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { holdMessage } from '../../../src/slack/blocks/hold.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { helpMessage } from '../../../src/slack/help.ts'
import { couponListMessage } from '../../../src/slack/lists/coupons.ts'
import { abilitiesWith, anyText, checkSent, grantWith, NOON, OPENID, policyWith } from '../builders.ts'

/** Slack's limits hold for whatever the policy, people and WeChat Pay say: everything goes through Slack's own rules. */

const long = anyText(4000)
const named = fc
  .record({ en: anyText(200), 'zh-CN': anyText(200) })
  .map(({ en, ...rest }) => ({ en: `n${en}`, 'zh-CN': `名${rest['zh-CN']}` }))
const time = fc.option(fc.integer({ min: NOON - 1e10, max: NOON + 1e10 }))
const language = fc.constantFrom<Language>('en', 'zh-CN')
const withTickets = policyWith({
  ticket: { required: false, pattern: null, url: 'https://example.com/tickets/{id}?from=slack' },
})
const reader = language.map((chosen) => createReader(chosen, withTickets))

const grant: fc.Arbitrary<Grant> = fc
  .record({
    state: fc.constantFrom(...grantStates),
    stockName: named,
    reasonName: named,
    // As it is recorded: blank is none.
    note: anyText(500).map(cleanOrNull),
    ticket: fc.option(anyText(100).map((ticket) => `t${ticket}`)),
    approvedByRule: fc.option(anyText(300)),
    hold: fc.option(fc.record({ reason: anyText(50), at: fc.constant(NOON) })),
    flag: fc.option(
      fc.record({
        kind: fc.constantFrom('checking' as const, 'needs-look' as const),
        reason: fc.constantFrom('setup' as const, 'other' as const),
        code: anyText(50),
        at: fc.constant(NOON),
      }),
    ),
    couponId: fc.option(anyText(300)),
    couponExpiresAt: time,
    expiresAt: time,
    approvalChannel: fc.option(fc.constant('C0APPROVE')),
    refusal: fc.option(fc.record({ code: anyText(60), message: long, requestId: fc.option(anyText(100)) })),
    quota: fc.integer({ min: 1, max: 1e12 }),
  })
  .map((change) => grantWith(change))

/** Texts as long as these are shrunk for hours: a failure is told as it was found. */
const runs = { numRuns: 60, endOnFailure: true }

test('any grant makes a card and a view that Slack takes', () => {
  fc.assert(
    fc.property(grant, reader, (shown, to) => {
      expect(checkSent([...showGrant(shown, to).blocks, grantButtons(shown, to)])).toEqual([])
      expect(checkView(recordedView(shown, to, { note: 'note' }), 'modal')).toEqual([])
      expect(showGrant(shown, to).text.length).toBeLessThanOrEqual(150)
    }),
    runs,
  )
})

const coupon: fc.Arbitrary<ListedCoupon> = fc.record({
  couponId: anyText(300),
  stock: fc.record({ key: fc.constant('k'), stockId: anyText(40), name: fc.option(named) }),
  state: anyText(200),
  usable: fc.boolean(),
  quota: fc.nat(),
  used: fc.nat(),
  sentAt: time,
  expiresAt: time,
  grant: fc.option(grant),
})

test('any list makes a message that Slack takes', () => {
  const listed = fc.record({
    kind: fc.constant('listed' as const),
    openid: fc.constant(OPENID),
    coupons: fc.array(coupon, { maxLength: 40, size: 'max' }),
    open: fc.array(
      grant.map((one) => ({ ...one, state: 'issuing' as const })),
      { maxLength: 20, size: 'max' },
    ),
    failed: fc.array(fc.record({ stock: anyText(100), name: fc.option(named), code: anyText(100) }), {
      maxLength: 20,
      size: 'max',
    }),
    stocks: fc.nat(50),
  })
  fc.assert(
    fc.property(listed, reader, fc.nat(10), fc.boolean(), (found, to, page, mayGive) => {
      const message = couponListMessage(found, {
        page,
        stock: null,
        mayGive,
        readsHistory: mayGive,
        now: NOON,
        reader: to,
      })
      expect(checkSent(message.blocks)).toEqual([])
    }),
    { numRuns: 25, endOnFailure: true },
  )
})

test('any form makes a view that Slack takes', () => {
  const stocks = fc.array(fc.record({ key: anyText(60), name: named }), {
    minLength: 1,
    maxLength: 130,
    size: 'max',
  })
  const refusal: fc.Arbitrary<Refusal> = fc.oneof(
    anyText(3000).map((stock) => ({ code: 'stock-unknown' as const, stock })),
    anyText(3000).map((pattern) => ({ code: 'ticket-malformed' as const, pattern, example: pattern })),
  )
  const preview: fc.Arbitrary<Preview | null> = fc.oneof(
    fc.constant(null),
    fc.array(refusal, { minLength: 1, maxLength: 12, size: 'max' }).map((all) => ({
      kind: 'refused' as const,
      problems: all.map((one) => ({ field: null, refusal: one })),
    })),
    fc.constant<Preview>({ kind: 'automatic', rule: 'r', limits: [] }),
  )
  fc.assert(
    fc.property(stocks, preview, reader, long, (named, shown, to, typed) => {
      const base = policyWith()
      const first = base.stocks[0]
      if (!first) throw new Error('no stock')
      const all = named.map(({ key, name }, index) => ({
        ...first,
        key: `${index}-${key}`.slice(0, 60),
        name,
      }))
      const policy = policyWith({
        stocks: all,
        reasons: all.map(({ key, name }) => ({ key, name, noteRequired: false })),
      })
      const view = formView({
        reader: to,
        policy,
        abilities: abilitiesWith({
          stocks: all.map((stock) => ({ stock, left: { count: 1e9, quota: 1e12, days: 366 } })),
        }),
        filled: { openid: typed, stock: all[0]?.key ?? null, reason: typed, note: typed, ticket: typed },
        preview: shown,
      })
      expect(checkView(view, 'modal')).toEqual([])
    }),
    runs,
  )
})

test('any ask fits into what a second view carries', () => {
  fc.assert(
    fc.property(anyText(500), anyText(100), grant, reader, (note, ticket, previous, to) => {
      const ask = {
        openid: 'o'.repeat(128),
        stock: 's'.repeat(60),
        reason: 'r'.repeat(60),
        note: note.slice(0, 500),
        ticket: ticket.slice(0, 100),
      }
      expect(checkView(anotherView(ask, previous, to), 'modal')).toEqual([])
    }),
    runs,
  )
})

test('any person’s help and any hold make messages that Slack takes', () => {
  fc.assert(
    fc.property(
      reader,
      long,
      fc.array(fc.constantFrom('S0A', 'U0B', 'a@b.c'), { maxLength: 40, size: 'max' }),
      (to, typed, people) => {
        const policy = policyWith({ roles: { ...policyWith().roles, operator: people, approver: people } })
        const refusal = { code: 'role-missing' as const, role: 'viewer' as const }
        for (const abilities of [
          abilitiesWith(),
          abilitiesWith({ mayRequest: refusal, mayLookUp: refusal }),
        ]) {
          const asked = { name: null, typed, meant: 'list' as const }
          expect(checkSent(helpMessage({ asked, abilities, policy, reader: to }).blocks)).toEqual([])
        }
        const hold = {
          id: 'h',
          kind: 'stock' as const,
          stockRef: '1900000001/1304490000000059',
          stock: typed.slice(0, 64),
          reason: typed,
          message: typed,
          since: NOON,
          endedAt: null,
          begunBy: 'app',
          endedBy: null,
          waiting: 3,
        }
        expect(checkSent(holdMessage(hold, to).blocks)).toEqual([])
      },
    ),
    runs,
  )
})
