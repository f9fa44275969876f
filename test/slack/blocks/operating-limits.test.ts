import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDoubt, type Settlement } from '../../../src/domain/grant.ts'
import type { CountedHold } from '../../../src/domain/hold.ts'
import type { CandidatesOutcome, TrailEntry } from '../../../src/grants/index.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { holdMessage } from '../../../src/slack/blocks/hold.ts'
import { lookMessage } from '../../../src/slack/blocks/news.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { trailView } from '../../../src/slack/decide/trail.ts'
import { pauseMessage, resumeMessage, unclearMessage } from '../../../src/slack/operate/pause.ts'
import { confirmView, settleView } from '../../../src/slack/operate/settle-views.ts'
import { stuckMessage } from '../../../src/slack/operate/stuck.ts'
import { anyText, checkSent, grantWith, NOON, policyWith, trailEntry } from '../builders.ts'

/** Slack's limits hold for whatever operators type and WeChat Pay says. */

const many = { size: 'max' as const }
const time = fc.option(fc.integer({ min: NOON - 1e10, max: NOON }))
const policy = policyWith()
const reader = fc
  .constantFrom('en' as const, 'zh-CN' as const)
  .map((language) => createReader(language, policy))
const actor = fc.oneof(
  fc.constantFrom('U0OPS001', 'app'),
  anyText(200).map((name) => `cli:${name}`),
)
const word = anyText(80).map((key) => `k${key}`)

const scope = fc.oneof(
  fc.record({
    kind: fc.constantFrom('all' as const, 'first-attempts' as const, 'paused' as const),
    stockRef: fc.constant(null),
    stock: fc.constant(null),
  }),
  fc.record({
    kind: fc.constantFrom('paused' as const, 'stock' as const),
    stockRef: word.map((id) => `1900000001/${id}`),
    stock: word,
  }),
)
const about = fc.record({
  id: fc.constant('h'),
  reason: fc.constantFrom('paused', 'restored', 'SIGN_ERROR', 'untrusted-answers'),
  message: anyText(500),
  since: fc.constant(NOON),
  endedAt: fc.constantFrom(null, NOON),
  begunBy: actor,
  endedBy: fc.option(actor),
  waiting: fc.nat(1e6),
})
const hold: fc.Arbitrary<CountedHold> = fc.tuple(scope, about).map(([of, rest]) => ({ ...of, ...rest }))
const reason = fc.oneof(
  anyText(300),
  fc.constantFrom(
    'no-answer',
    'no-outcome-in-24h:refused-after-unknown:RULE_LIMIT',
    'ALREADY_EXISTS',
    'other',
  ),
  anyText(300).map((detail) => `refused-after-unknown:${detail}`),
)
const grant = fc
  .record({
    name: anyText(200).map((name) => `n${name}`),
    kind: fc.constantFrom('checking' as const, 'needs-look' as const),
    reason,
  })
  .map(({ name, kind, reason }) =>
    grantWith({
      state: 'issuing',
      stockName: { en: name, 'zh-CN': name },
      flag: { kind, at: NOON, ...readDoubt(reason) },
      firstAttemptAt: NOON,
    }),
  )
const couponId = fc.string({ unit: fc.constantFrom('a', '0', '-'), minLength: 1, maxLength: 128, ...many })
const settlement: fc.Arbitrary<Settlement> = fc.record({
  id: fc.constant('01JD0000000000000000000009'),
  grantId: fc.constant('01JD0000000000000000000001'),
  verdict: fc.oneof(
    fc.constant({ kind: 'not-issued' as const }),
    couponId.map((id) => ({ kind: 'issued' as const, couponId: id })),
  ),
  evidence: anyText(500).map((evidence) => `e${evidence}`),
  proposedBy: actor,
  proposedAt: fc.constant(NOON),
  ended: fc.constant(null),
})
const attempt = fc.record({
  id: fc.constant('a'),
  grantId: fc.constant('g'),

  subject: fc.constant('s'),
  number: fc.nat(1e4),
  worker: fc.constant('w'),
  startedAt: fc.constant(NOON),
  endedAt: time,
  outcome: fc.option(fc.oneof(anyText(50), fc.constantFrom('unknown', 'refused', 'lost'))),
  code: fc.option(anyText(100)),
  requestId: fc.constant(null),
  detail: fc.option(anyText(1000)),
  maybeExecuted: fc.boolean(),
})
const found: fc.Arbitrary<Extract<CandidatesOutcome, { kind: 'candidates' }>> = fc.record({
  kind: fc.constant('candidates' as const),
  grant,
  settlement: fc.constant(null),
  attempts: fc.array(attempt, { maxLength: 60, ...many }),
  coupons: fc.array(
    fc.record({
      couponId,
      stock: fc.constant({ key: 'k', stockId: '1', name: null }),
      state: anyText(200),
      usable: fc.boolean(),
      quota: fc.nat(),
      used: fc.nat(),
      sentAt: time,
      expiresAt: fc.constant(null),
      grant: fc.constant(null),
    }),
    { maxLength: 30, ...many },
  ),
  failure: fc.option(anyText(200)),
})

const closedChannel = fc.record({
  channel: fc.oneof(fc.constant('direct-messages'), anyText(20)),
  code: fc.oneof(fc.constantFrom('is_archived', 'restricted_action_thread_only_channel'), anyText(100)),
  since: fc.integer({ min: NOON - 1e9, max: NOON }),
  operatorsTold: fc.boolean(),
  waiting: fc.nat(),
  asks: fc.nat(),
})

test('any pause, its end and what is said of it make messages that Slack takes', () => {
  fc.assert(
    fc.property(
      fc.array(hold, { maxLength: 30, ...many }),
      hold,
      anyText(300),
      reader,
      (holds, one, typed, to) => {
        const asked = { stock: typed || null, policy, reader: to }
        for (const { blocks } of [
          holdMessage(one, to),
          pauseMessage({ kind: 'paused', hold: one }, asked),
          pauseMessage({ kind: 'refused', refusal: { code: 'stock-unknown', stock: typed } }, asked),
          unclearMessage({ word: typed || 'x', key: 'withdraw-10', rest: typed, reason: typed }, asked),
          resumeMessage({ kind: 'not-paused', holds, isKnown: true }, asked),
          resumeMessage({ kind: 'not-paused', holds, isKnown: false }, asked),
          resumeMessage({ kind: 'resumed', hold: one, holds }, asked),
          resumeMessage({ kind: 'repeated', holds }, asked),
          resumeMessage({ kind: 'over', over: { ...one, endedAt: NOON, endedBy: typed }, holds }, asked),
          pauseMessage({ kind: 'over', over: null, holds }, asked),
        ])
          expect(checkSent(blocks)).toEqual([])
      },
    ),
    { numRuns: 25, endOnFailure: true },
  )
})

test('whatever is stuck makes a message that Slack takes, with what a click did above it', () => {
  const grants = fc.array(fc.record({ grant, settlement: fc.option(settlement) }), { maxLength: 10, ...many })
  fc.assert(
    fc.property(
      fc.array(hold, { maxLength: 12, ...many }),
      fc.array(closedChannel, { maxLength: 9 }),
      grants,
      fc.boolean(),
      reader,
      (holds, closed, some, more, to) => {
        const { blocks } = stuckMessage(
          { kind: 'stuck', holds, closed, grants: some, hasMore: more },
          NOON,
          to,
        )
        expect(checkSent(blocks)).toEqual([])
        expect(blocks.length).toBeLessThanOrEqual(48)
      },
    ),
    { numRuns: 25, endOnFailure: true },
  )
})

test('whatever is known of a grant makes forms and alerts that Slack takes', () => {
  fc.assert(
    fc.property(found, settlement, reader, (known, said, to) => {
      expect(checkView(settleView(known, to), 'modal')).toEqual([])
      expect(checkView(confirmView(known.grant, said, to), 'modal')).toEqual([])
      const about = { grant: known.grant, decisions: [], thread: null }
      for (const one of [null, said])
        for (const kind of ['needs-look', 'issued-after-all', 'coupon-after-end'] as const)
          expect(
            checkSent(
              lookMessage({ kind, grantId: 'G', couponId: 'C' }, { ...about, settlement: one }, to).blocks,
            ),
          ).toEqual([])
    }),
    { numRuns: 25, endOnFailure: true },
  )
})

test('a trail full of settlements makes a view that Slack takes', () => {
  const entry: fc.Arbitrary<TrailEntry> = settlement.map(({ verdict, evidence, proposedBy }) =>
    trailEntry('settlement-proposed', { settlement: 's', verdict }, { actor: proposedBy, said: evidence }),
  )
  fc.assert(
    fc.property(fc.array(entry, { minLength: 150, maxLength: 250, ...many }), reader, (entries, to) => {
      expect(checkView(trailView(entries, to), 'modal')).toEqual([])
    }),
    { numRuns: 5, endOnFailure: true },
  )
})
