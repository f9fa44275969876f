import type { AnyBlock, ModalView } from '@slack/types'
import { expect, test } from 'vitest'
import type { CustomerMatch, NotFound } from '../../../src/customers/index.ts'
import { type FindingCode, kinds } from '../../../src/doctor/index.ts'
import {
  type Decision,
  type Grant,
  grantStates,
  MAX_EVIDENCE,
  type Settlement,
} from '../../../src/domain/grant.ts'
import type { CountedHold } from '../../../src/domain/hold.ts'
import type { CardFacts, ListedCoupon } from '../../../src/grants/index.ts'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/check.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { formView } from '../../../src/slack/ask/form.ts'
import { anotherView } from '../../../src/slack/ask/submit.ts'
import { noticeView } from '../../../src/slack/blocks/buttons-and-views.ts'
import { refusalBlocks } from '../../../src/slack/blocks/explain.ts'
import { grantButtons, recordedView, showApproval, showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { holdMessage } from '../../../src/slack/blocks/hold.ts'
import {
  differsMessage,
  lookMessage,
  mentioning,
  policyMessage,
  remindersMessage,
  reminderText,
  sealedMessage,
} from '../../../src/slack/blocks/news.ts'
import { endMessage } from '../../../src/slack/blocks/outcome-message.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { blockedMessage, setUpMessage } from '../../../src/slack/blocks/set-up.ts'
import { fitMessage, typed } from '../../../src/slack/blocks/text.ts'
import { outcomeMessage, whyView } from '../../../src/slack/decide/decide.ts'
import { trailView } from '../../../src/slack/decide/trail.ts'
import { createAnswer } from '../../../src/slack/edge/answer.ts'
import { findMessage } from '../../../src/slack/find/find-typed.ts'
import { findView, foundView } from '../../../src/slack/find/find-view.ts'
import { helpMessage } from '../../../src/slack/help.ts'
import { couponListMessage } from '../../../src/slack/lists/coupons.ts'
import { grantListMessage } from '../../../src/slack/lists/grants.ts'
import { confirmView, settleView } from '../../../src/slack/operate/settle-views.ts'
import { stuckMessage } from '../../../src/slack/operate/stuck.ts'
import {
  abilitiesWith,
  findsNobody,
  foundWith,
  grantsThat,
  grantWith,
  NOON,
  OPENID,
  policyWith,
  trailEntry,
} from '../builders.ts'

/** Every message and every view of the app, with as much in each as there can be, and more. */

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n))

/** What people, the policy and WeChat Pay may say at great length. */
const fillings = { Chinese: '券', 'what is escaped': '&', lines: '字\n', emoji: '😀', code: '`' }

function extreme(unit: string, language: 'en' | 'zh-CN') {
  const long = (length: number) => unit.repeat(length).slice(0, length)
  const named = { en: `n${long(80)}`, 'zh-CN': `名${long(80)}` }
  const base = policyWith()
  const [first] = base.stocks
  if (!first) throw new Error('no stock')
  const people = times(50, (n) => `U0APPROVER${n}`)
  const policy = policyWith({
    stocks: times(130, (n) => ({ ...first, key: `withdraw-${n}-${'k'.repeat(50)}`, name: named })),
    reasons: times(130, (n) => ({ key: `reason-${n}`, name: named, noteRequired: true })),
    roles: {
      viewer: people,
      requester: people,
      approver: people,
      auditor: people,
      operator: times(50, (n) => `${'a'.repeat(60)}${n}@example.com`),
    },
    ticket: { required: true, pattern: null, url: 'https://example.com/{id}', example: 'SUP-123' },
  })
  const reader = createReader(language, policy)
  const grant = (change: Partial<Grant> = {}) =>
    grantWith({
      stockName: named,
      reasonName: named,
      note: long(3000),
      ticket: `t${long(3000)}`,
      foundBy: { kind: 'phone', name: named, number: long(40), amount: 1e9, at: NOON },
      approvalChannel: 'C0APPROVE',
      approvalsNeeded: 10,
      approvedByRule: long(300),
      expiresAt: NOON,
      couponId: 'c'.repeat(300),
      couponExpiresAt: NOON,
      refusal: { code: 'LONG', message: long(3000), requestId: long(100) },
      ended: { by: 'U0LEAD1', reason: long(3000) },
      hold: { reason: 'paused', at: NOON },
      flag: { kind: 'needs-look', reason: 'other', code: long(3000), at: NOON },
      ...change,
    })
  const decisions: Decision[] = times(20, (n) => ({
    grantId: 'g',
    approver: `U0APPROVER${n}`,
    kind: 'approve',
    reason: long(3000),
    at: NOON,
  }))
  const settlement: Settlement = {
    id: '01JD0000000000000000000009',
    grantId: '01JD0000000000000000000001',
    verdict: { kind: 'issued', couponId: 'c'.repeat(128) },
    evidence: long(Math.max(3000, MAX_EVIDENCE)),
    proposedBy: `cli:${long(200)}`,
    proposedAt: NOON,
    ended: null,
  }
  const hold = (kind: CountedHold['kind'], stock: string | null, reason = 'paused'): CountedHold => ({
    id: 'h',
    kind,
    stockRef: stock && `1900000001/${stock}`,
    stock,
    reason,
    message: long(3000),
    since: NOON,
    endedAt: null,
    begunBy: `cli:${long(200)}`,
    endedBy: null,
    waiting: 1e6,
  })
  const coupon = (n: number): ListedCoupon => ({
    couponId: `${n}${'c'.repeat(300)}`,
    stock: { key: 'k', stockId: '1'.repeat(40), name: named },
    state: long(200),
    usable: false,
    quota: 1e9,
    used: 1e9,
    sentAt: NOON,
    expiresAt: NOON,
    grant: grant(),
  })
  const foundBy = { kind: 'phone', name: named, number: long(40), amount: 1e9, at: NOON }
  const match = (): CustomerMatch => ({
    openid: `o${'x'.repeat(127)}`,
    appid: 'wx0000000000000000',
    foundBy,
    state: 'refunded',
    label: long(200),
    hint: long(200),
  })
  const findKinds = times(10, (n) => ({ key: `kind-${n}`, name: named }))
  const faults = ['slow', 'down', 'unsigned', 'stale', 'redirect', 'too-large', 'odd'] as const
  const notFound: NotFound[] = [
    { code: 'nothing', of: { key: 'phone', name: named }, mchid: long(700) },
    { code: 'unpaid', state: long(100) },
    { code: 'wechatpay', failure: long(100) },
    ...faults.map((fault) => ({ code: 'endpoint' as const, fault })),
  ]
  return {
    long,
    policy,
    reader,
    grant,
    decisions,
    settlement,
    hold,
    coupon,
    people,
    match,
    findKinds,
    notFound,
  }
}

for (const [what, unit] of Object.entries(fillings))
  for (const language of ['en', 'zh-CN'] as const) {
    const given = extreme(unit, language)
    const {
      long,
      policy,
      reader,
      grant,
      decisions,
      settlement,
      hold,
      coupon,
      people,
      match,
      findKinds,
      notFound,
    } = given
    const { words } = reader
    const taken = (blocks: AnyBlock[]) => {
      const sent = fitMessage({ blocks }, words).blocks
      expect(checkBlocks(sent, 'message')).toEqual([])
      const buttons = (all: AnyBlock[]) => JSON.stringify(all).match(/"action_id":"[^"]*"/g)
      expect(buttons(sent)).toEqual(buttons(blocks))
      return JSON.stringify(sent)
    }
    const shown = (view: ModalView) => {
      expect(checkView(view, 'modal')).toEqual([])
      expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000)
    }

    const forDeciding: CardFacts['forDeciding'] = {
      approvers: people,
      given: { days: 366, count: 1e6, latest: times(3, () => grant()) },
      underWay: times(30, () => grant()),
      ticketUsers: 100,
      level: { approvals: 2, aboveQuota: 1 },
      limits: [],
      cost: 1e9,
    }

    test(`cards of any state are what Slack takes, full of ${what} (${language})`, () => {
      const ended = {
        ...settlement,
        ended: { by: `cli:${long(200)}`, at: NOON, verdict: 'confirmed' },
      } as never
      for (const state of grantStates)
        for (const flagged of [true, false]) {
          const one = grant({ state, ...(flagged ? {} : { flag: null, hold: null }) })
          for (const said of [null, ended]) {
            const beside = { decisions, settlement: said, forDeciding }
            const card = showApproval(one, beside, reader)
            taken(card.blocks)
            expect(card.text.length).toBeLessThan(4000)
            const own = showGrant(one, reader, beside)
            taken([...own.blocks, grantButtons(one, reader)])
            shown(recordedView(one, reader, { ...beside, note: words.card.repeated }))
          }
          for (const kind of ['reject', 'cancel'] as const) shown(whyView(kind, one, reader))
          const told = outcomeMessage(
            { grants: grantsThat() } as never,
            { kind: 'already', grant: one, decisions },
            reader,
          )
          shown(noticeView(reader, told.blocks))
          expect(reminderText({ grant: one, decisions }, policy, reader).length).toBeLessThan(4000)
        }
    })

    test(`lists and answers are what Slack takes, full of ${what} (${language})`, () => {
      const link = `https://example.slack.com/${'p'.repeat(200)}`
      for (const [kind, most, rows] of [
        ['pending', 5, 6],
        ['mine', 8, 9],
        ['history', 20, 2],
      ] as const) {
        const grants = times(most, () => ({
          grant: grant({ state: 'pending' }),
          decisions,
          forDeciding,
          link,
        }))
        const value = { kind, page: 999_999, key: kind === 'history' ? 'k'.repeat(128) : null }
        const page = { page: 999_999, from: 4e6, total: 1000, isMore: true, hasMore: true }
        const of = kind === 'history' ? 'ticket' : kind
        const { blocks } = grantListMessage(foundWith(grants, { of, ...page }), value, reader)
        taken(blocks)
        expect(blocks.filter(({ type }) => type === 'actions')).toHaveLength(rows)
      }
      const listed = {
        kind: 'listed' as const,
        openid: OPENID,
        coupons: times(40, coupon),
        open: times(40, () => grant({ state: 'issuing' })),
        failed: times(40, () => ({
          stock: long(100),
          name: policy.stocks[0]?.name ?? null,
          code: long(100),
        })),
        stocks: 130,
      }
      taken(
        couponListMessage(listed, {
          page: 1,
          stock: null,
          mayGive: true,
          readsHistory: true,
          now: NOON,
          reader,
        }).blocks,
      )
      const stuck = {
        kind: 'stuck' as const,
        holds: times(30, (n) => hold('paused', `${n}${'k'.repeat(60)}`)),
        grants: times(10, () => ({ grant: grant({ state: 'issuing' }), settlement })),
        closed: times(30, (n) => ({
          channel: `C0CLOSED${n}`,
          code: long(200),
          since: NOON,
          operatorsTold: false,
          asks: 1e6,
          waiting: 1e6,
        })),
        hasMore: true,
      }
      const all = stuckMessage(stuck, NOON, reader).blocks
      expect(taken(all).split('"type":"actions"').length - 1).toBe(10)
      const refusal = { code: 'role-missing' as const, role: 'viewer' as const }
      for (const mayNot of [null, refusal]) {
        const abilities = abilitiesWith({
          roles: ['operator', 'viewer', 'requester'],
          decides: true,
          mayRequest: mayNot,
          mayLookUp: mayNot,
          stocks: policy.stocks.map((stock) => ({ stock, left: { count: 1e9, quota: 1e12, days: 366 } })),
        })
        const asked = { name: null, typed: long(3000), meant: 'list' as const }
        taken(helpMessage({ asked, abilities, policy, reader }).blocks)
      }
      taken(refusalBlocks([{ code: 'stock-unknown', stock: long(3000) }, refusal], policy, reader).blocks)
      const customers = { ...findsNobody, kinds: () => findKinds }
      const edge = { customers, grants: grantsThat() }
      const may = { give: true, lookUp: true, read: true }
      const beside = { stock: long(40), reason: long(40), ticket: long(100), note: long(500) }
      const options = { number: long(200), beside, may, edge, reader }
      for (const matches of [[], times(5, match)])
        taken(findMessage({ kind: 'found', matches, more: true, problems: notFound }, options).blocks)
      taken(findMessage({ kind: 'which', fit: findKinds }, options).blocks)
      taken(findMessage({ kind: 'which', fit: [] }, options).blocks)
    })

    test(`alerts and news are what Slack takes, full of ${what} (${language})`, () => {
      const key = 'k'.repeat(64)
      for (const [kind, stock] of [
        ['all', null],
        ['paused', null],
        ['stock', key],
        ['paused', key],
      ] as const)
        for (const reason of ['paused', 'restored', 'SIGN_ERROR'])
          for (const endedAt of [null, NOON])
            taken(holdMessage({ ...hold(kind, stock, reason), endedAt }, reader).blocks)
      const about = { grant: grant({ state: 'issuing' }), decisions, thread: null }
      for (const differs of ['no-grant', 'not-listed'] as const)
        taken(
          differsMessage(
            { kind: 'coupon-differs', couponId: 'c'.repeat(300), differs, of: 'G', stock: 's'.repeat(300) },
            reader,
          ).blocks,
        )
      const head = { number: 1e9, last: 1e12, hash: 'a'.repeat(64), key: 'k'.repeat(43), at: 0 }
      for (const key of [null, head.key])
        taken(sealedMessage({ kind: 'sealed', ...head, key }, reader).blocks)
      for (const said of [null, settlement])
        for (const kind of ['needs-look', 'issued-after-all', 'coupon-after-end'] as const) {
          const news = { kind, grantId: 'G', couponId: 'c'.repeat(300) }
          taken(lookMessage(news, { ...about, settlement: said }, reader).blocks)
        }
      const values = new Proxy({} as Record<string, string>, { get: () => long(4000) })
      const findings = Object.keys(kinds).map((code) => ({ code: code as FindingCode, values }))
      taken(setUpMessage(findings, reader).blocks)
      taken(blockedMessage({ kind: 'set-up-blocked', what: '', findings }, reader).blocks)
      const mistakes = times(60, (n) => `policy.yaml:${n}:1 stocks.${n}: ${long(2000)}`).join('\n')
      const broken = policyMessage({ kind: 'policy-broken', mistakes }, reader).blocks
      // Filled with lines of their own there are more lines than mistakes.
      expect(taken(broken)).toMatch(language === 'en' ? /and \d+ more/ : /另有 \d+ 处/)
      const changes = times(300, (n) => ({ path: `stocks.${n}`, before: long(4000), after: long(4000) }))
      const changed = policyMessage(
        { kind: 'policy-changed', from: 'a', to: 'b'.repeat(64), changes },
        reader,
      )
      expect(taken(changed.blocks)).toMatch(language === 'en' ? /and \d+ more/ : /另有 \d+ 项/)
    })

    test(`messages of ends and of several requests are what Slack takes, full of ${what} (${language})`, () => {
      const more = language === 'en' ? /and \d+ more/ : /另有 \d+ 笔/
      const link = `https://example.slack.com/archives/${'C'.repeat(60)}`
      const refusal = { code: long(300), message: long(3000), requestId: long(300) }
      const ended = { by: 'U0LEAD1', reason: long(3000) }
      for (const state of grantStates) {
        const one = { grant: grant({ state, refusal, ended }), isAfterAll: true, link }
        taken(endMessage([one], reader).blocks)
        expect(
          taken(
            endMessage(
              times(500, () => one),
              reader,
            ).blocks,
          ),
        ).toMatch(more)
      }
      const ask = { grant: grant({ state: 'pending', expiresAt: NOON }), decisions, link }
      const many = remindersMessage(
        times(500, () => ask),
        people,
        reader,
      )
      expect(taken(many.blocks)).toMatch(more)
      taken(mentioning(many, people.map((id) => `<@${id}>`).join()).blocks)
    })

    test(`forms and views are what Slack takes, full of ${what} (${language})`, () => {
      const attempts = times(60, (n) => ({
        id: 'a',
        grantId: 'g',
        subject: 's',
        number: n,
        worker: 'w',
        startedAt: NOON,
        endedAt: NOON,
        outcome: long(50),
        code: long(100),
        requestId: null,
        detail: long(3000),
        maybeExecuted: true,
      }))
      const known = {
        kind: 'candidates' as const,
        grant: grant({ state: 'issuing' }),
        settlement: null,
        attempts,
        coupons: times(30, (n) => ({ ...coupon(n), couponId: `${n}${'c'.repeat(120)}` })),
        failure: null,
      }
      shown(settleView(known as never, reader))
      shown(settleView({ ...known, failure: long(3000) } as never, reader))
      shown(confirmView(known.grant, settlement, reader))
      const entries = [
        ...times(200, () => trailEntry('reject', {}, { said: long(3000) })),
        ...times(200, () =>
          trailEntry(
            'settlement-proposed',
            { settlement: 's', verdict: settlement.verdict },
            { said: settlement.evidence },
          ),
        ),
      ]
      const trail = trailView(entries, reader)
      shown(trail)
      const told = JSON.stringify(trail.blocks).match(/<!date\^/g)?.length ?? 0
      expect(told).toBeGreaterThan(20)
      expect(JSON.stringify(trail.blocks[0])).toContain(words.trail.cut(400 - told))
      shown(
        noticeView(
          reader,
          times(99, () => typed(long(3000))),
        ),
      )
      const filled = { openid: long(3000), stock: null, reason: null, note: long(3000), ticket: long(3000) }
      const problems = times(40, (n) => ({
        field: null,
        refusal: { code: 'stock-unknown' as const, stock: `${n}${long(3000)}` },
      }))
      const form = formView({
        reader,
        policy,
        abilities: abilitiesWith({ stocks: policy.stocks.map((stock) => ({ stock, left: null })) }),
        filled,
        preview: { kind: 'refused', problems },
      })
      shown(form)
      expect(JSON.stringify(form.blocks).split(words.cut.more(30)).length - 1).toBe(2)
      expect(JSON.stringify(form.blocks)).toContain(words.cut.more(35))
      const customers = { ...findsNobody, kinds: () => findKinds }
      const held = { stock: long(40), reason: long(40), ticket: long(100), note: long(500) }
      shown(findView({ customers }, reader, { form: held, kind: 'order', number: long(3000) }))
      for (const count of [1, 5]) {
        const outcome = {
          kind: 'found' as const,
          matches: times(count, match),
          more: true,
          problems: notFound,
        }
        shown(foundView(outcome, { form: held }, reader))
        shown(foundView(outcome, { next: ['give', 'look-up', 'records'] }, reader))
      }
      const ask = { openid: OPENID, stock: 's', reason: 'r', note: null, ticket: null }
      shown(anotherView(ask, grant(), reader))
    })

    test(`an answer with what a click did above a long list is what Slack takes, full of ${what} (${language})`, async () => {
      const answers: { blocks?: AnyBlock[]; text?: string }[] = []
      const post = async (_url: string, message: object) => void answers.push(message)
      const to = { responseUrl: 'https://hooks.slack.com/x', user: 'U0AGENT1' }
      const answer = createAnswer({ post } as never, to, () => words)
      await answer({ text: long(9000), blocks: times(49, () => typed(long(3000))) })
      await answer({ text: long(9000) })
      expect(checkBlocks(answers[0]?.blocks, 'message')).toEqual([])
      expect(answers.map(({ text }) => (text ?? '').length <= 4000)).toEqual([true, true])
    })
  }
