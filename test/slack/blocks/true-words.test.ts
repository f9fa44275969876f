import { expect, test } from 'vitest'
import type { Grant } from '../../../src/domain/grant.ts'
import type { CountedHold } from '../../../src/domain/hold.ts'
import type { Policy } from '../../../src/domain/policy.ts'
import type { Language } from '../../../src/domain/text.ts'
import type { ListOutcome } from '../../../src/grants/index.ts'
import { formView } from '../../../src/slack/ask/form.ts'
import { refusalBlocks } from '../../../src/slack/blocks/explain.ts'
import { grantButtons, showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { askBlock } from '../../../src/slack/blocks/grant-facts.ts'
import { idsMessage } from '../../../src/slack/blocks/grant-parts.ts'
import { holdMessage } from '../../../src/slack/blocks/hold.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { helpMessage } from '../../../src/slack/help.ts'
import { couponListMessage } from '../../../src/slack/lists/coupons.ts'
import { abilitiesWith, grantWith, issued, NOON, OPENID, policyWith } from '../builders.ts'

/** What people read is what is so, with what they can do next. */

const reader = (language: Language = 'en', policy: Partial<Policy> = {}) =>
  createReader(language, policyWith(policy))
/** All that is shown, as one text. */
const shown = (grant: Partial<Grant>, to = reader()) => JSON.stringify(showGrant(grantWith(grant), to).blocks)

const pending: Partial<Grant> = {
  state: 'pending',
  approvalChannel: 'C0APPROVE',
  approvalsNeeded: 1,
  approvedByRule: null,
  expiresAt: NOON,
}

test('says that an ask waits for approval, and not that anybody was told of it', () => {
  expect(shown(pending)).toContain('Waiting for approval in <#C0APPROVE>. Expires <!date^')
  expect(shown(pending)).toContain('Nothing is issued until it is approved.')
  expect(shown(pending, reader('zh-CN'))).toContain('等待审批（<#C0APPROVE>）。<!date^')
  expect(shown(pending) + shown(pending, reader('zh-CN'))).not.toMatch(/sent|已发送/i)
})

test('blames no silence on WeChat Pay when it has answered', () => {
  const checking = (reason: 'no-answer' | 'untrusted') =>
    shown({ state: 'issuing', flag: { kind: 'checking', reason, at: NOON } })
  expect(checking('no-answer')).toContain('WeChat Pay isn’t answering.')
  expect(checking('untrusted')).toContain('WeChat Pay hasn’t confirmed this coupon yet.')
  expect(checking('untrusted')).not.toContain('isn’t answering')
})

test('does not say "issuing now" of what is held or needs a look', () => {
  const hold = { reason: 'SIGN_ERROR', at: NOON }
  const flag = { kind: 'needs-look', reason: 'lost', at: NOON } as const
  for (const state of ['approved', 'issuing'] as const) {
    expect(shown({ state, hold })).toContain(
      'WeChat Pay doesn’t accept this app’s credentials. Operators must correct the set-up.',
    )
    for (const grant of [{ hold }, { flag }, { hold, flag }])
      expect(shown({ state, ...grant })).not.toContain('Issuing now')
  }
})

test('says that nothing was given before it says what to do about a refusal', () => {
  const refusal = { code: 'RULE_LIMIT', message: '领取超限', requestId: '08F7' }
  expect(shown({ state: 'refused', refusal })).toContain(
    'this user has reached the limit of this coupon. Nothing was issued.\\nChoose another coupon',
  )
})

test('names the numbers of a coupon as WeChat Pay’s support does, behind a menu and not on the card', () => {
  const { text } = idsMessage(grantWith(issued), reader())
  expect(text).toContain(`coupon_id\n\`${issued.couponId}\``)
  expect(text).toContain('send_request_no\n`01JD')
  expect(shown(issued)).not.toContain(issued.couponId)
  expect(idsMessage(grantWith(), reader()).blocks).toHaveLength(2)
})

test('links a ticket where the policy tells its address, and never what else was typed', () => {
  const withUrl = (url: string | null) => reader('en', { ticket: { required: false, pattern: null, url } })
  const card = (ticket: string, to: ReturnType<typeof reader>) =>
    JSON.stringify(askBlock(grantWith({ ticket }), to))
  const linked = withUrl('https://example.com/tickets/{id}')
  expect(card('SUP-12', linked)).toContain(
    '{"type":"link","url":"https://example.com/tickets/SUP-12","text":"SUP-12"}',
  )
  expect(shown({ ticket: 'SUP-12' }, linked)).toContain(' · <https://example.com/tickets/SUP-12|SUP-12>')
  const evil = '../?x=<https://evil.example|SUP-12>'
  expect(card(evil, linked)).toContain(`"url":"https://example.com/tickets/${encodeURIComponent(evil)}"`)
  expect(shown({ ticket: evil }, linked)).toContain('`../?x=&lt;https://evil.example|SUP-12&gt;`')
  expect(card('SUP-12', withUrl(null))).toContain('{"type":"text","text":"SUP-12"}')
  expect(shown({ ticket: 'SUP-12' }, withUrl(null))).toContain(' · SUP-12"')
  const host = withUrl('https://{id}.example.com/')
  expect(card('evil.example/', host)).not.toContain('"type":"link"')
  expect(shown({ ticket: 'a' }, withUrl('https://example.com/|{id}>'))).not.toContain('<https:')
})

test('offers the form again under every grant that has ended', () => {
  const labels = (state: Grant['state']) => JSON.stringify(grantButtons(grantWith({ state }), reader()))
  expect(labels('issued')).toContain('Give another')
  for (const state of ['refused', 'rejected', 'cancelled', 'expired'] as const)
    expect(labels(state)).toContain('Ask again')
  for (const state of ['pending', 'approved', 'issuing'] as const)
    expect(labels(state)).not.toMatch(/Give another|Ask again/)
})

function listTitle(listed: Partial<Extract<ListOutcome, { kind: 'listed' }>>): string {
  const all = { kind: 'listed' as const, openid: OPENID, coupons: [], open: [], failed: [], stocks: 2 }
  const options = { page: 1, stock: null, mayGive: true, readsHistory: true, now: NOON, reader: reader() }
  return couponListMessage({ ...all, ...listed }, options).text
}
const failure = { stock: 'withdraw-10', name: null, code: 'NO_ANSWER' }

test('does not call empty what could not be looked up', () => {
  expect(listTitle({})).toBe('No coupons · oUpF…jWeS6o')
  expect(listTitle({ failed: [failure] })).toBe('No coupons · incomplete · oUpF…jWeS6o')
  expect(listTitle({ failed: [failure, failure] })).toBe('The coupons could not be looked up · oUpF…jWeS6o')
})

const form = (options: Partial<Parameters<typeof formView>[0]>, to = reader()) =>
  JSON.stringify(
    formView({
      reader: to,
      policy: policyWith(),
      abilities: abilitiesWith(),
      filled: { openid: null, stock: null, reason: null, note: null, ticket: null },
      preview: null,
      ...options,
    }),
  )

test('keeps the quota of a coupon in sight however long its name is', () => {
  const [first] = policyWith().stocks
  if (!first) throw new Error('no stock')
  const stock = { ...first, name: { en: 'n'.repeat(75), 'zh-CN': '免'.repeat(75) }, quota: 100_000_000 }
  const abilities = abilitiesWith({ stocks: [{ stock, left: null }] })
  expect(form({ abilities })).toContain('n… · up to ¥1,000,000.00"')
  expect(form({ abilities }, reader('zh-CN'))).toContain('免… · 额度 ¥1,000,000.00"')
})

test('says how many coupons are left by whichever of the limits is reached first', () => {
  const [stock] = policyWith().stocks
  if (!stock) throw new Error('no stock')
  const left = (count: number, quota: number, days = 1, language: 'en' | 'zh-CN' = 'en') => {
    const abilities = abilitiesWith({ stocks: [{ stock, left: { count, quota, days } }] })
    const asked = { name: 'help', rest: '' } as const
    const help = helpMessage({ asked, abilities, policy: policyWith(), reader: reader(language) })
    return [form({ abilities }, reader(language)), JSON.stringify(help.blocks)]
  }
  const none = Number.POSITIVE_INFINITY
  for (const text of left(500, 2999)) expect(text).toMatch(/2 left today|¥10: 2"/)
  for (const text of left(none, 2999)) expect(text).toMatch(/2 left today|¥10: 2"/)
  for (const text of left(1, none)) expect(text).toMatch(/1 left today|¥10: 1"/)
  for (const text of left(none, none)) expect(text).not.toMatch(/[Ll]eft today/)

  // By the limit's own window.
  const [inForm, inHelp] = left(5, none, 30)
  expect(inForm).toContain('5 left in 30 days, today included')
  expect(inHelp).toContain('Left in 30 days, today included: ')
  for (const text of left(5, none, 30)) expect(text).not.toMatch(/left today/i)
  const [zhForm, zhHelp] = left(5, none, 30, 'zh-CN')
  expect(zhForm).toContain('近 30 天（含今天）还可发放 5 张')
  expect(zhHelp).toContain('近 30 天（含今天）还可发放：')
  for (const text of left(5, none, 1, 'zh-CN')) expect(text).toContain('今天还可发放')
})

test('says in the form which reasons need a note', () => {
  expect(form({})).toMatch(/"Apology"[^}]*\},"value":"apology","description":\{[^}]*"Needs a note"/)
})

test('names somebody to ask even where the policy names no operator', () => {
  const told = (operator: string[]) =>
    JSON.stringify(
      refusalBlocks(
        [{ code: 'role-missing', role: 'viewer' }],
        policyWith({ roles: { ...policyWith().roles, operator } }),
        reader(),
      ).blocks,
    )
  expect(told(['U0OPS001'])).toContain('ask <@U0OPS001>.')
  expect(told([])).toContain('ask whoever runs this app')
})

test('lets nothing that was typed become a mention in a notification', () => {
  const stock = '<!channel> <@U0AGENT1>'
  const { text } = refusalBlocks([{ code: 'stock-unknown', stock }], policyWith(), reader())
  expect(text).not.toMatch(/[<>]/)
  const asked = { name: null, typed: '<!here>', meant: null }
  const help = helpMessage({ asked, abilities: abilitiesWith(), policy: policyWith(), reader: reader() })
  expect(help.text).not.toMatch(/[<>]/)
})

test('does not say that a person may do nothing when only Slack did not tell', () => {
  const unknown = { code: 'roles-unknown' as const }
  const help = helpMessage({
    asked: { name: 'help', rest: '' },
    abilities: abilitiesWith({ mayRequest: unknown, mayLookUp: unknown, stocks: [] }),
    policy: policyWith(),
    reader: reader(),
  })
  expect(JSON.stringify(help.blocks)).toContain('Slack didn’t say in time')
  expect(JSON.stringify(help.blocks)).not.toContain('you may neither')
})

const hold: CountedHold = {
  id: 'h1',
  kind: 'all',
  stockRef: null,
  stock: null,
  reason: 'SIGN_ERROR',
  message: '验签失败',
  since: NOON,
  endedAt: null,
  begunBy: 'app',
  endedBy: null,
  waiting: 4,
}
const told = (change: Partial<CountedHold>, language: Language = 'en') => {
  const { text, blocks } = holdMessage({ ...hold, ...change }, reader(language))
  return JSON.stringify([text, ...blocks])
}

test('speaks of a hold that has ended as of the past', () => {
  expect(told({})).toContain('Nothing is issued · since')
  expect(told({ endedAt: NOON })).toContain('Nothing was issued · since')
  expect(told({ endedAt: NOON })).not.toContain('Nothing is issued')
})

test('puts only WeChat Pay’s own words into its mouth', () => {
  expect(told({})).toContain('WeChat Pay: SIGN_ERROR 验签失败')
  const ours = { kind: 'first-attempts', reason: 'untrusted-answers', message: 'no trust' } as const
  expect(told(ours)).toContain('"no trust"')
  expect(told(ours)).not.toContain('WeChat Pay: untrusted-answers')
})

test('promises a try a minute only where there is one', () => {
  expect(told({})).toContain('The app tries once a minute')
  const kind = 'first-attempts'
  expect(told({ kind, reason: 'untrusted-answers' })).not.toContain('The app tries once a minute')
  expect(told({ kind, reason: 'untrusted-answers' })).toContain('once an answer can be verified')
})
