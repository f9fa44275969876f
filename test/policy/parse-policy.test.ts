import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fitsTicket } from '../../src/domain/ask.ts'
import { formatMistakes } from '../../src/policy/mistakes.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import { policyWords, type Values } from '../../src/policy/words/index.ts'
import { englishIn } from '../english-in.ts'

const defaults = { mchid: '1230000109', appid: 'wx0000000000000000' }
const example = readFileSync(new URL('../../manifest/policy.example.yaml', import.meta.url), 'utf8')
const words = 'never allowed required optional records reconcile wx NaN'.split(' ')
const keys = [...words, ...[...example.matchAll(/\b([a-z_]+):/g)].map(([, key = '']) => key)]

const smallest = `roles: { requesters: [S0AGENTS] }
stocks:
  ten: { stock_id: '1', name: { en: Ten, zh-CN: 十元 }, quota: 1000 }
reasons:
  outage: { en: Outage, zh-CN: 服务中断 }
approval: { channel: C0APPROVE }
`

function policyOf(text: string) {
  const parsed = parsePolicy(text, defaults)
  if (!parsed.ok) throw new Error(formatMistakes('policy.yaml', parsed.mistakes, 'en'))
  return parsed.policy
}
/** Each in English; the same in Chinese has no English in it. */
function mistakesOf(text: string): string[] {
  const parsed = parsePolicy(text, defaults)
  if (parsed.ok) return []
  const lines = formatMistakes('p', parsed.mistakes, 'en').split('\n')
  const chinese = formatMistakes('p', parsed.mistakes, 'zh-CN').split('\n')
  expect(chinese).toHaveLength(lines.length)
  const known = [...keys, ...(text.slice(0, 10_000).match(/\w+/g) ?? [])]
  for (const line of chinese.slice(0, 50)) expect(englishIn(line, known), line).toEqual([])
  return lines
}
/** The smallest policy with one text replaced by another. */
function changed(from: string, to: string): string {
  if (!smallest.includes(from)) throw new Error(`not in the policy: ${from}`)
  return smallest.replace(from, to)
}

test('reads the example policy', () => {
  const policy = policyOf(example)
  expect(policy).toMatchObject({
    timezone: 'Asia/Shanghai',
    language: 'zh-CN',
    roles: {
      viewer: ['S0AGENTS', 'S0LEADS1'],
      requester: ['S0AGENTS', 'S0LEADS1'],
      approver: ['S0LEADS1'],
      auditor: ['U0AUDIT1'],
      operator: ['ops@example.com'],
    },
    alerts: 'C0ALERTS1',
    stocks: [
      { key: 'withdraw-10', stockId: '1304490000000059', quota: 1000, cost: 1, ...defaults },
      { key: 'withdraw-50', stockId: '1304490000000060', quota: 5000, cost: null, ...defaults },
    ],
    reasons: [{ noteRequired: false }, { noteRequired: false }, { key: 'other', noteRequired: true }],
    rejections: [{ key: 'given-already', name: { 'zh-CN': '该用户已获得足够补偿' } }, { key: 'no-evidence' }],
    ticket: {
      required: false,
      pattern: '^SUP-\\d+$',
      url: 'https://example.com/tickets/{id}',
      example: 'SUP-123',
    },
    approval: {
      channel: 'C0APPROVE',
      approvals: 1,
      expiresAfter: 24 * 3_600_000,
      automatic: [
        {
          name: 'Small goodwill',
          title: { en: 'Small goodwill', 'zh-CN': '小额补偿' },
          stocks: ['withdraw-10'],
          reasons: null,
          upToQuota: 1000,
          perRequester: { count: 3, quota: null, days: 1 },
        },
      ],
    },
    limits: {
      perUser: { count: 3, quota: null, days: 30 },
      perRequester: { count: null, quota: 20000, days: 7 },
      perStock: { count: 1000, quota: null, days: 1 },
      lookups: { perPerson: 60, per: 3_600_000 },
    },
  })
  expect(policy.text).toBe(example)
  expect(policy.hash).toMatch(/^[0-9a-f]{64}$/)
})

test('fills in what a small policy leaves out', () => {
  expect(policyOf(smallest)).toMatchObject({
    timezone: 'Asia/Shanghai',
    language: 'zh-CN',
    roles: { viewer: [], requester: ['S0AGENTS'], approver: [], auditor: [], operator: [] },
    alerts: null,
    ticket: null,
    approval: { channel: 'C0APPROVE', approvals: 1, expiresAfter: 86_400_000, automatic: [] },
    limits: {
      perUser: null,
      perRequester: null,
      perStock: null,
      lookups: { perPerson: 60, per: 3_600_000 },
    },
  })
})

test('gives another text another hash', () => {
  expect(policyOf(smallest).hash).not.toBe(policyOf(`${smallest}# changed\n`).hash)
})

test('compares e-mail addresses in lower case and takes an entry once', () => {
  const policy = policyOf(changed('[S0AGENTS]', '[Ada@Example.com, ada@example.com, U0AGENT1]'))
  expect(policy.roles.requester).toEqual(['ada@example.com', 'U0AGENT1'])
})

test('lets lists be shared by an anchor', () => {
  const policy = policyOf(
    changed('{ requesters: [S0AGENTS] }', '{ requesters: &team [S0AGENTS], viewers: *team }'),
  )
  expect(policy.roles.viewer).toEqual(['S0AGENTS'])
})

test('names a rule without a name by its place', () => {
  const policy = policyOf(
    changed('{ channel: C0APPROVE }', '{ channel: C0APPROVE, automatic: [{ stocks: [ten] }] }'),
  )
  expect(policy.approval.automatic[0]?.name).toBe('automatic-1')
})

test.each([
  ['90m', 90 * 60_000],
  ['24h', 24 * 3_600_000],
  ['7d', 7 * 86_400_000],
])('reads the duration %s', (text, ms) => {
  const policy = policyOf(changed('{ channel: C0APPROVE }', `{ channel: C0APPROVE, expires_after: ${text} }`))
  expect(policy.approval.expiresAfter).toBe(ms)
})

test('tells every mistake at once, each with its line and what to do', () => {
  const text = `timezone: Asia/Shanghi
langage: en
roles:
  requesters: ["@lea"]
  approver: [S0LEADS1]
stocks:
  ten:
    stock_id: 1304490000000059
    name: { en: Ten }
    quota: 10.5
  nine:
    stock_id: '9'
    name: { en: Nine, zh-CN: 九元 }
    quota: 900
  again:
    stock_id: '9'
    name: { en: Nine, zh-CN: 九元 }
    quota: 900
reasons:
ticket: { pattern: '(', url: 'http://example.com/{id}' }
approval:
  automatic:
    - stocks: [tan]
      per_requester: { days: 1 }
`
  const found = mistakesOf(text).map((line) => line.split(/ → /)[0])
  expect(found).toEqual([
    'p:1:11 timezone: "Asia/Shanghi" is not a time zone',
    'p:2:1 langage: is not known',
    'p:4:16 roles.requesters[0]: is neither a Slack id (U…, W… or S…) nor an e-mail address',
    'p:5:3 roles.approver: is not known',
    'p:8:15 stocks.ten.stock_id: is the number 1304490000000059, not text',
    'p:9:5 stocks.ten.name.zh-CN: is missing',
    'p:10:12 stocks.ten.quota: is the number 10.5, not a whole number',
    'p:16:15 stocks.again.stock_id: is the stock_id of nine as well',
    'p:19:1 reasons: is empty',
    'p:20:20 ticket.pattern: is not a regular expression: Unterminated group',
    'p:20:30 ticket.url: is not an https address',
    'p:21:1 approval.channel: is missing',
    'p:23:16 approval.automatic[0].stocks[0]: "tan" is not the short name of a stock',
    'p:24:7 approval.automatic[0].per_requester: limits nothing',
  ])
  expect(mistakesOf(text).every((line) => / → \S/.test(line))).toBe(true)
})

test.each([
  ['an unknown key', 'roles:', 'langage: en\nroles:', '1:1 langage: is not known → did you mean language?'],
  [
    'a time zone that several places call so',
    'roles:',
    'timezone: CST\nroles:',
    '"CST" is not a time zone → write one such as Asia/Shanghai',
  ],
  ['a mistyped time zone', 'roles:', 'timezone: America/New York\nroles:', 'did you mean America/New_York?'],
  [
    'an offset as time zone',
    'roles:',
    'timezone: "+08:00"\nroles:',
    '1:11 timezone: "+08:00" is not a time zone',
  ],
  [
    'complaints without the orders that tell whose openid it is',
    'roles:',
    'customers: { complaints: true }\nroles:',
    'customers.complaints: find nobody without orders: only the order of a complaint tells whose openid it is → write orders: true',
  ],
  [
    'a look-up in the clear',
    'roles:',
    "customers: { endpoint: 'http://crm.example.com/find', kinds: { phone: { en: Phone, zh-CN: 手机号 } } }\nroles:",
    'customers.endpoint: is not an https address, nor http of this machine → write the https address of your look-up',
  ],
  [
    'a look-up that is never asked',
    'roles:',
    "customers: { endpoint: 'https://crm.example.com/find' }\nroles:",
    'customers.endpoint: is never asked: no kinds are named → name under kinds what it takes',
  ],
  [
    'a kind that WeChat Pay has',
    'roles:',
    "customers: { endpoint: 'https://crm.example.com/find', kinds: { order: { en: Order, zh-CN: 订单 } } }\nroles:",
    'customers.kinds.order: is a kind of WeChat Pay → choose another short name',
  ],
  [
    'order numbers that nobody looks up',
    'roles:',
    "customers: { merchant_orders: '^SHOP' }\nroles:",
    'customers.merchant_orders: has no effect without orders → write orders: true',
  ],
  [
    'a language without words',
    'roles:',
    'language: fr\nroles:',
    'must be one of: en, zh-CN → write en or zh-CN',
  ],
  [
    'a role that is no list',
    '[S0AGENTS]',
    'S0AGENTS',
    'roles.requesters: is text, not a list → write a list',
  ],
  ['a group handle', 'S0AGENTS', '"@agents"', 'write a user group by its id (S012AB3CD)'],
  ['a channel name', 'C0APPROVE', '"#approvals"', 'approval.channel: is not the id of a channel'],
  ['a DM as channel', 'C0APPROVE', 'D0APPROVE', 'approval.channel: is not the id of a channel'],
  ['a stock_id of letters', "'1'", 'abc', 'stock_id: must be 1 to 20 digits'],
  ['a stock_id of 21 digits', "'1'", `'${'1'.repeat(21)}'`, 'stock_id: must be 1 to 20 digits'],
  [
    'a quota in words',
    '1000',
    '¥10',
    'is text, not a whole number → write a whole number of fen: 1000 is ¥10.00',
  ],
  ['no quota', '1000', '0', 'quota: must be 1 or more'],
  ['a quota below zero', '1000', '-5', 'quota: must be 1 or more'],
  ['a quota beyond reason', '1000', '1e15', 'quota: must be at most 1000000000'],
  ['a quota beyond all numbers', '1000', '1e300', 'quota: must be at most 1000000000'],
  ['a quota that is no number', '1000', '.nan', 'quota: is the number NaN, not a whole number'],
  ['a name of 76 characters', 'Ten', 'x'.repeat(76), 'name.en: is longer than 75 characters'],
  ['a name of blanks', 'Ten', '"  "', 'name.en: is empty'],
  ['a name over two lines', 'Ten', '"T\\nen"', 'name.en: has a line break'],
  ['a short name that is a number', 'ten:', '10:', 'stocks.10: is not a short name'],
  ['a short name of the language', 'ten:', '__proto__: 1\n  ten:', 'stocks.__proto__: is not a short name'],
  ['a mchid that is a number', "'1',", "'1', mchid: 5,", 'mchid: is the number 5, not text'],
  ['a mchid that is none', "'1',", "'1', mchid: '12',", 'mchid: is not a merchant id (商户号)'],
  ['an appid that is none', "'1',", "'1', appid: wx123,", 'appid: is not an appid'],
  ['no reasons at all', '  outage: { en: Outage, zh-CN: 服务中断 }', '  {}', 'reasons: is empty'],
  [
    'a reason to reject in one language',
    'reasons:',
    'rejections: { given: { en: Given already } }\nreasons:',
    'rejections.given.zh-CN: is missing',
  ],
  [
    'ten reasons to reject',
    'reasons:',
    `rejections: {${Array.from({ length: 10 }, (_, n) => ` r${n}: { en: a, zh-CN: b }`).join()} }\nreasons:`,
    'rejections: has more than 9 entries',
  ],
  [
    'an unknown note',
    'Outage,',
    'Outage, note: maybe,',
    'reasons.outage.note: must be one of: required, optional',
  ],
  [
    'a duration as a number',
    'C0APPROVE',
    'C0APPROVE, expires_after: 24',
    'is the number 24, not text → write minutes',
  ],
  [
    'quiet hours that are no time',
    'C0APPROVE',
    "C0APPROVE, quiet: { from: '24:00', to: '08:00' }",
    "approval.quiet.from: is not a time of day → write hours and minutes in quotes: '22:00'",
  ],
  [
    'quiet hours without an end',
    'C0APPROVE',
    "C0APPROVE, quiet: { from: '22:00' }",
    "approval.quiet.to: is missing → write hours and minutes in quotes: '08:00'",
  ],
  [
    'quiet hours that never end',
    'C0APPROVE',
    'C0APPROVE, quiet: { from: 8:00, to: 08:00 }',
    "approval.quiet: begins when it ends → write e.g. { from: '22:00', to: '08:00' }",
  ],
  [
    'quiet hours as a text',
    'C0APPROVE',
    "C0APPROVE, quiet: '22-8'",
    'approval.quiet: is text, not keys with values → write e.g. {',
  ],
  ['a duration in weeks', 'C0APPROVE', 'C0APPROVE, expires_after: 2w', 'expires_after: is not a duration'],
  ['a duration of years', 'C0APPROVE', 'C0APPROVE, expires_after: 900d', 'must be between 5m and 30d'],
  ['no approvals', 'C0APPROVE', 'C0APPROVE, approvals: 0', 'approvals: must be 1 or more'],
  [
    'a rule for everything',
    'C0APPROVE',
    'C0APPROVE, automatic: [{}]',
    'automatic[0]: would approve everything',
  ],
  [
    'a rule for an unknown reason',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ reasons: [outrage] }]',
    'reasons[0]: "outrage" is not the short name of a reason → did you mean outage?',
  ],
  [
    'two rules of one name',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ name: a, stocks: [ten] }, { name: a, stocks: [ten] }]',
    'automatic[1].name: has the name "a", as rule 1 has',
  ],
  [
    'a ticket address without {id}',
    'roles:',
    'ticket: { url: "https://example.com" }\nroles:',
    'url: lacks {id}',
  ],
  [
    'an example of a ticket that is none',
    'roles:',
    "ticket: { pattern: '^SUP-', example: BUG-1 }\nroles:",
    'ticket.example: does not fit ticket.pattern',
  ],
  [
    'a long pattern',
    'roles:',
    `ticket: { pattern: ${'x'.repeat(201)} }\nroles:`,
    'is longer than 200 characters',
  ],
  [
    'a limit without days',
    'roles:',
    'limits: { per_user: { count: 1 } }\nroles:',
    'limits.per_user.days: is missing',
  ],
  [
    'a limit of nothing',
    'roles:',
    'limits: { per_user: { days: 1 } }\nroles:',
    'limits.per_user: limits nothing',
  ],
  [
    'approvals beyond reason',
    'C0APPROVE',
    'C0APPROVE, approvals: 11',
    'approval.approvals: must be at most 10 → write how many approvers must agree, e.g. 1',
  ],
  [
    'a self-approval that is not said in words',
    'C0APPROVE',
    'C0APPROVE, self_approval: yes',
    'approval.self_approval: must be one of: never, allowed → write never, or allowed if requesters may approve',
  ],
  [
    'a reminder without an interval',
    'C0APPROVE',
    'C0APPROVE, remind: { after: 2h }',
    'approval.remind.every: is missing → write minutes, hours or days: 30m, 2h or 1d',
  ],
  [
    'a reminder every second',
    'C0APPROVE',
    'C0APPROVE, remind: { after: 2h, every: 1m }',
    'approval.remind.every: must be between 5m and 30d',
  ],
  [
    'a reminder that is only a time',
    'C0APPROVE',
    'C0APPROVE, remind: 2h',
    'approval.remind: is text, not keys with values → write e.g. { after: 2h, every: 4h }',
  ],
  [
    'a time to issue that is too short',
    'C0APPROVE',
    'C0APPROVE, issue_within: 1m',
    'approval.issue_within: must be between 5m and 30d → write minutes, hours or days',
  ],
  [
    'a level that changes nothing',
    'C0APPROVE',
    'C0APPROVE, levels: [{ above_quota: 5 }]',
    'approval.levels[0]: changes nothing → write what is different for it: approvals or approvers',
  ],
  [
    'a level of nobody',
    'C0APPROVE',
    'C0APPROVE, levels: [{ approvers: [] }]',
    'approval.levels[0].approvers: is empty → list user groups and people',
  ],
  [
    'a level of somebody without an id',
    'C0APPROVE',
    'C0APPROVE, levels: [{ approvers: [boss] }]',
    'approval.levels[0].approvers[0]: is neither a Slack id',
  ],
  [
    'a level of an unknown stock',
    'C0APPROVE',
    'C0APPROVE, levels: [{ stocks: [tem], approvals: 2 }]',
    'approval.levels[0].stocks[0]: "tem" is not the short name of a stock → did you mean ten?',
  ],
  [
    'a level above a quota below zero',
    'C0APPROVE',
    'C0APPROVE, levels: [{ above_quota: -1, approvals: 2 }]',
    'approval.levels[0].above_quota: must be 0 or more → write a whole number of fen',
  ],
  [
    'a level with an unknown key',
    'C0APPROVE',
    'C0APPROVE, levels: [{ aprovals: 2, approvers: [U0BOSS01] }]',
    'approval.levels[0].aprovals: is not known → did you mean approvals?',
  ],
  [
    'a rule whose limit per user limits nothing',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten], per_user: { days: 3 } }]',
    'approval.automatic[0].per_user: limits nothing → add count',
  ],
  [
    'a rule whose limit per user has no days',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten], per_user: { count: 3 } }]',
    'approval.automatic[0].per_user.days: is missing → write a whole number of days',
  ],
  [
    'approvers that are nobody',
    '[S0AGENTS] }',
    '[S0AGENTS], approvers: [] }',
    '1:34 roles.approvers: names nobody, so nothing could be approved → list user groups and people',
  ],
  [
    'a counted rule without a name',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten], per_requester: { count: 3, days: 1 } }]',
    'approval.automatic[0]: has no name, but its use is counted (per_requester) → give it a name of its own; name: automatic-1 keeps what was counted so far',
  ],
  [
    'a rule without a name that counts what a user got',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten], per_user: { quota: 3000, days: 1 } }]',
    'approval.automatic[0]: has no name, but its use is counted (per_user)',
  ],
  [
    'a note with a slip of the pen',
    'Outage,',
    'Outage, note: optinal,',
    '5:31 reasons.outage.note: must be one of: required, optional → did you mean optional?',
  ],
  ['a note that is half required', 'Outage,', 'Outage, note: Required,', 'did you mean required?'],
  [
    'a key of a note with a slip of the pen',
    'Outage,',
    'Outage, notes: required,',
    'reasons.outage.notes: is not known → did you mean note?',
  ],
  [
    'a stock twice in a rule',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten, ten] }]',
    'approval.automatic[0].stocks[1]: "ten" stands here twice → name it once',
  ],
  [
    'a reason twice in a rule',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ reasons: [outage, outage] }]',
    'approval.automatic[0].reasons[1]: "outage" stands here twice',
  ],
  [
    'a stock twice in a level',
    'C0APPROVE',
    'C0APPROVE, levels: [{ stocks: [ten, ten], approvals: 2 }]',
    'approval.levels[0].stocks[1]: "ten" stands here twice',
  ],
  [
    'a level after one for everything',
    'C0APPROVE',
    'C0APPROVE, levels: [{ approvals: 2 }, { stocks: [ten], above_quota: 500, approvals: 3 }]',
    'approval.levels[1]: is never reached: level 1 fits whatever this one fits → put it first, or take it out',
  ],
  [
    'a level after one with a lower quota',
    'C0APPROVE',
    'C0APPROVE, levels: [{ above_quota: 100, approvals: 2 }, { above_quota: 500, approvals: 3 }]',
    'approval.levels[1]: is never reached: level 1',
  ],
  [
    'a level above the quota of its stocks',
    'C0APPROVE',
    'C0APPROVE, levels: [{ stocks: [ten], above_quota: 1000, approvals: 2 }]',
    'approval.levels[0].above_quota: fits none of its stocks: the highest quota among them is 1000 → write a lower quota',
  ],
  [
    'a rule after one for all of it',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ stocks: [ten] }, { name: b, stocks: [ten], reasons: [outage] }]',
    'approval.automatic[1]: is never reached: rule 1 approves whatever this one fits',
  ],
  [
    'a rule whose limit lets nothing through',
    'C0APPROVE',
    'C0APPROVE, automatic: [{ name: a, stocks: [ten], per_requester: { quota: 10, days: 1 } }]',
    'approval.automatic[0].per_requester.quota: lets no coupon through',
  ],
  [
    'a limit below the quota of every coupon',
    'roles:',
    'limits: { per_user: { quota: 50, days: 1 } }\nroles:',
    '1:30 limits.per_user.quota: lets no coupon through: the lowest quota of its stocks is 1000 → write 1000 or more',
  ],
  [
    'a limit of no coupons',
    'roles:',
    'limits: { per_user: { count: 0, days: 1 } }\nroles:',
    'limits.per_user.count: must be 1 or more',
  ],
  [
    'a reminder after the end',
    'C0APPROVE',
    'C0APPROVE, remind: { after: 1d, every: 4h }',
    'approval.remind.after: reminds nobody: a request has expired by then (expires_after: 24h) → write a time before it expires',
  ],
  [
    'a reminder at the very end that is written',
    'C0APPROVE',
    'C0APPROVE, expires_after: 90m, remind: { after: 90m, every: 4h }',
    'approval.remind.after: reminds nobody',
  ],
  [
    'no time to keep',
    'roles:',
    'records: { keep: 3 years }\nroles:',
    '1:18 records.keep: is not a number of days or years → write days or years: 400d or 3y, or leave the line out so that nobody is erased by itself',
  ],
  [
    'too short a time to keep',
    'roles:',
    'records: { keep: 7d }\nroles:',
    '1:18 records.keep: must be between 30d and 30y',
  ],
  ['an empty section', 'roles:', 'limits:\nroles:', '1:1 limits: is empty'],
  [
    'a key twice',
    'reasons:',
    'roles: {}\nreasons:',
    '4:1 the same key stands here twice → keep one of the two',
  ],
  ['a tab', 'roles:', '\troles:', 'is not YAML: Tabs are not allowed as indentation → indent with spaces'],
  [
    'a second document',
    'roles:',
    'a: 1\n---\nroles:',
    'Source contains multiple documents → take the line --- out',
  ],
  ['a tag', 'C0APPROVE', '!!js/function C0APPROVE', 'is not YAML: Unresolved tag'],
  [
    'an alias of nothing',
    '[S0AGENTS]',
    '*team',
    'p:1:22 has an alias (*name) before or without its anchor (&name)',
  ],
  [
    'a stock that is called all',
    'ten: {',
    'all: {',
    'stocks.all: means all coupons after /withdraw-coupon pause',
  ],
  ['a stock that is named all', 'zh-CN: 十元', 'zh-CN: 全部', 'stocks.ten.name.zh-CN: means all coupons'],
])('names %s', (_, from, to, message) => {
  const mistakes = mistakesOf(changed(from, to))
  expect(mistakes.join('\n')).toContain(message)
  expect(mistakes).toHaveLength(1)
})

test.each([
  ['approvals: 3', '', 'approval.approvals: needs 3 approvals of 2 people, so nothing could be approved'],
  ['levels: [{ approvals: 3 }]', '', 'approval.levels[0].approvals: needs 3 approvals of 2 people'],
  [
    'approvals: 2, levels: [{ stocks: [ten], approvers: [U0BOSS01] }]',
    '',
    'approval.levels[0]: needs 2 approvals of 1 person',
  ],
  ['approvals: 2', '', ''],
  ['approvals: 3', ', S0LEADS1', ''],
])('compares with how many people could decide: %s%s', (approval, more, message) => {
  const approvers = `[U0LEAD1, lea@example.com, Lea@example.com${more}]`
  const text = changed('[S0AGENTS] }', `[S0AGENTS], approvers: ${approvers} }`)
  const mistakes = mistakesOf(text.replace('C0APPROVE', `C0APPROVE, ${approval}`))
  expect(mistakes.join('\n')).toContain(message)
  expect(mistakes).toHaveLength(message === '' ? 0 : 1)
})

test.each([
  'levels: [{ above_quota: 500, approvals: 3 }, { above_quota: 100, approvals: 2 }, { approvals: 1 }]',
  'levels: [{ above_quota: 10000, approvals: 2 }]',
  'levels: [{ stocks: [ten], approvals: 2 }, { approvals: 3 }]',
  'automatic: [{ name: a, stocks: [ten], per_user: { count: 1, days: 1 } }, { name: b, stocks: [ten] }]',
  'automatic: [{ reasons: [outage] }, { stocks: [ten] }]',
  'automatic: []',
  'remind: { after: 2h, every: 30d }',
])('takes what can be meant: %s', (approval) => {
  expect(mistakesOf(changed('C0APPROVE', `C0APPROVE, ${approval}`))).toEqual([])
})

test('keeps what was counted of a rule wherever it stands in the file', () => {
  const small = '{ name: small, stocks: [ten], per_requester: { count: 1, days: 1 } }'
  const rules = ['{ reasons: [outage], name: other }', small]
  const namesOf = (list: string[]) =>
    policyOf(changed('C0APPROVE', `C0APPROVE, automatic: [${list}]`)).approval.automatic.map(
      ({ name }) => name,
    )
  expect(namesOf(rules.toReversed())).toEqual(namesOf(rules).toReversed())
})

test('names a rule once or in each language, and counts it by the English name', () => {
  const ruled = (name: string) =>
    changed('C0APPROVE', `C0APPROVE, automatic: [{ name: ${name}, up_to_quota: 1000 }]`)
  const rulesOf = (name: string) =>
    policyOf(ruled(name)).approval.automatic.map(({ name: counted, title }) => [counted, title])
  expect(rulesOf('small')).toEqual([['small', null]])
  expect(rulesOf('{ en: Small, zh-CN: 小额 }')).toEqual([['Small', { en: 'Small', 'zh-CN': '小额' }]])
  const remedy = /approval\.automatic.*\.name.* → write/
  for (const wrong of ['{ en: Small }', '7', '{ en: Small, zh-CN: 小额, fr: Petit }', "''"]) {
    const [first, ...rest] = mistakesOf(ruled(wrong))
    expect([first, rest], wrong).toEqual([expect.stringMatching(/approval\.automatic/), []])
  }
  expect(mistakesOf(ruled('7'))[0]).toMatch(remedy)
  const twice = changed(
    'C0APPROVE',
    'C0APPROVE, automatic: [{ name: { en: A, zh-CN: 甲 }, up_to_quota: 1 }, { name: A, up_to_quota: 2 }]',
  )
  expect(mistakesOf(twice)[0]).toContain('has the name "A", as rule 1 has')
})

test('takes words to pass on, Chinese first, and tells what in them would not be filled in', () => {
  const passed = (text: string) => `${smallest}\npass_on: ${text}`
  expect(policyOf(passed("{ en: 'Until {expires}', zh-CN: '{quota} 以内免手续费' }")).passOn).toEqual([
    { language: 'zh-CN', text: '{quota} 以内免手续费' },
    { language: 'en', text: 'Until {expires}' },
  ])
  expect(policyOf(smallest).passOn).toEqual([])
  expect(mistakesOf(passed("{ en: 'Up to {amount}' }"))).toEqual([
    'p:8:16 pass_on.en: has {amount}, which is not filled in → write one line; {quota} and {expires} are filled in',
  ])
  expect(mistakesOf(passed('{}'))[0]).toContain('pass_on: is empty → write what customers are told')
  expect(mistakesOf(passed('{ fr: x }'))[0]).toMatch(/^p:8:\d+ pass_on/)
})

test('refuses more than 100 stocks, as a select shows no more', () => {
  const stock = (index: number) =>
    `  s${index}: { stock_id: '${index + 10}', name: { en: S, zh-CN: S }, quota: 1 }\n`
  const many = (count: number) =>
    changed('reasons:', `${Array.from({ length: count }, (_, index) => stock(index)).join('')}reasons:`)
  expect(mistakesOf(many(99))).toEqual([])
  expect(mistakesOf(many(100))[0]).toContain('stocks: has more than 100 entries')
})

test.each([
  ['an empty file', '', 'p:1:1 is empty'],
  ['a file of comments', '# nothing yet\n', 'p:1:1 is empty'],
  ['a list', '- a\n- b\n', 'p:1:1 is a list, not keys with values'],
  ['a sentence', 'hello', 'p:1:1 is text, not keys with values'],
  ['something else than YAML', '{"a": ', 'is not YAML'],
  ['a binary file', 'PK\0\0', 'is not a text'],
  ['a file of a megabyte', 'x'.repeat(1024 * 1024), 'is larger than 256 KB'],
  ['endless nesting', '['.repeat(20_000), 'is nested too deeply'],
  [
    'aliases of aliases',
    `a0: &a0 [x, x]\n${[1, 2, 3, 4].map((n) => `a${n}: &a${n} [${Array(10).fill(`*a${n - 1}`)}]\n`).join('')}`,
    'too many aliases',
  ],
])('names %s', (_, text, message) => {
  const [first, ...rest] = mistakesOf(text)
  expect(first).toContain(message)
  expect(rest).toEqual([])
})

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

test.each([
  ['a role of 200,000 characters', `roles: { requesters: ["a@${'.'.repeat(200_000)}#"] }`],
  ['a name of 200,000 characters', `reasons: { late: { en: ${'x'.repeat(200_000)}, zh-CN: 晚 } }`],
  ['a pattern of 200,000 characters', `ticket: { pattern: '${'(a*)*'.repeat(40_000)}' }`],
  ['a key of 200,000 characters', `stocks: { ${'s'.repeat(200_000)}: {} }`],
  ['an address of 200,000 characters', `ticket: { url: "https://${'a.'.repeat(100_000)}{id}" }`],
])('tells of %s in few words', (_, text) => {
  expectFew(mistakesOf(text))
})

function expectFew(lines: string[]): void {
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.length).toBeLessThanOrEqual(51)
  expect(lines.join('\n').length).toBeLessThan(30_000)
}

/** What this process computes meanwhile, µs: how long it waits for its turn does not count. */
function costOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

test.each<[string, (count: number) => string]>([
  ['members', (count) => `roles: { requesters: [${many(count, (n) => `U${n}AB, `)}] }`],
  ['times the same key', (count) => 'a: 1\n'.repeat(count)],
  ['unknown keys', (count) => many(count, (n) => `key${n}: 1\n`)],
  [
    'stocks and as many that are none',
    (count) =>
      `stocks:\n${many(count, (n) => `  s${n}: 1\n`)}approval: { levels: [{ stocks: [${many(count, (n) => `t${n},`)}] }] }`,
  ],
  [
    'levels',
    (count) => `approval:\n  levels:\n${many(count, (n) => `    - { stocks: [t${n}], approvals: 2 }\n`)}`,
  ],
  ['aliases', (count) => `roles: &r {x: 1}\n${many(count, (n) => `z${n}: *r\n`)}`],
])('tells of 5,000 %s in few words, and about as fast as of ten times 500', (_, text) => {
  const few = costOf(() => mistakesOf(text(500)))
  const all = costOf(() => expectFew(mistakesOf(text(5000))))
  // Each with each compared, or each place looked for anew, it would be a hundred times as much.
  expect(all).toBeLessThan(40 * few)
})

test.each([
  '^([A-Z]+-?)+\\d+$',
  '(a|a)*$',
  '^(?:\\w+\\s?)*$',
  '\\p{Script=Han}+|\\u0041{2}',
])('takes the pattern %s, since it is not matched by trying', (pattern) => {
  const policy = policyOf(`${smallest}\nticket: { pattern: '${pattern}' }`)
  expect(policy.ticket?.pattern).toBe(pattern)
  for (const end of ['!', '-', '1']) fitsTicket(policy, 'A'.repeat(99) + end)
})

test.each([
  ['(?<=SUP-)\\d+', 'looks ahead or behind, or refers back'],
  ['^(?!X).*$', 'looks ahead or behind, or refers back'],
  ['^(\\w)\\1$', 'looks ahead or behind, or refers back'],
  ['^(?<a>\\w)\\k<a>$', 'looks ahead or behind, or refers back'],
  ['(?:a{1,100}){1,100}', 'repeats too much'],
  ['(?:.?){1000}(?:.?){1000}(?:.?){1000}', 'repeats too much'],
  ['a{1001}', 'repeats too much'],
  ['[\\b]', 'has something that is not possible in patterns here: \\b'],
  ['\\p{Letter}', 'has something that is not possible in patterns here: \\p{Letter}'],
])('refuses the pattern %s with its line and what to do', (pattern, message) => {
  for (const at of [`ticket: { pattern: '${pattern}' }`, `openid: '${pattern}'`]) {
    const [first, ...rest] = mistakesOf(`${smallest}\n${at}`)
    expect(first).toMatch(/^p:\d+:\d+ (?:ticket\.pattern|openid): /)
    expect(first).toContain(message)
    expect(first).toContain('without look-ahead, look-behind')
    expect(rest).toEqual([])
  }
})

test('takes what openids look like, where they look different', () => {
  expect(policyOf(smallest).openid).toBeNull()
  expect(policyOf(`${smallest}\nopenid: '^wx-[0-9]+$'`).openid).toBe('^wx-[0-9]+$')
  expect(mistakesOf(`${smallest}\nopenid: '('`)[0]).toContain('openid: is not a regular expression')
  expect(mistakesOf(`${smallest}\nopenid: 7`)[0]).toContain("'^o[0-9A-Za-z_-]{27}$', or leave the line out")
})

test('shows the first 50 of many mistakes', () => {
  const lines = mistakesOf(Array.from({ length: 70 }, (_, index) => `zz${index}: 1`).join('\n'))
  expect(lines).toHaveLength(51)
  expect(lines.at(-1)).toBe('p: and 24 more')
})

test('has words of its own in each language for every mistake and every place', () => {
  const { en, 'zh-CN': zh } = policyWords
  const values = new Proxy<Values>(
    {},
    { get: (_, name) => (name === 'is' || name === 'expected' ? 'list' : '7') },
  )
  const said = (words: typeof zh) => [
    ...Object.values(words.mistakes).flatMap((say) => say(values).filter((one) => one !== undefined)),
    ...Object.values(words.places),
    words.compare,
    words.meant('7'),
    words.more('7', 7),
    ...words.unread('7', '').map(String),
    words.hiddenFile,
  ]
  const [english, chinese] = [said(en), said(zh)]
  expect(chinese).toHaveLength(english.length)
  for (const text of chinese) {
    expect(text).toMatch(/\p{Script=Han}/u)
    expect(englishIn(text, keys), text).toEqual([])
  }
  const prose = english.map((text) => text.replace(/[{'（(].*[}'）)]/g, ''))
  expect(prose.filter((text) => /\p{Script=Han}/u.test(text))).toEqual([])
})
