import type { Said, Values } from './index.ts'

/** The policy's mistakes in English: what is wrong, and what to do. */

const kinds: Readonly<Record<string, string>> = {
  whole: 'a whole number',
  number: 'the number',
  text: 'text',
  boolean: 'true or false',
  keys: 'keys with values',
  list: 'a list',
}
/** What a value is; for a number or a boolean, which one. */
const given = ({ is = '', value = '' }: Values) =>
  is === 'number' ? `the number ${value}` : is === 'boolean' ? `the word ${value}` : kinds[is]

const yamlRemedies: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'take the line --- out',
  NON_STRING_KEY: 'write a plain word as the key',
  TAG_RESOLVE_FAILED: 'take the tag (!…) out',
  BAD_INDENT: 'check the spaces at the start of this line and the one before',
}

const mistakes = {
  missing: () => ['is missing'],
  empty: () => ['is empty'],
  'wrong-type': (values) => [`is ${given(values)}, not ${kinds[values.expected ?? '']}`],
  'none-of': ({ known }) => [`must be one of: ${known}`],
  'unknown-key': ({ known }) => ['is not known', `known here: ${known}`],
  'at-least': ({ minimum }) => [`must be ${minimum} or more`],
  'at-most': ({ maximum }) => [`must be at most ${maximum}`],
  between: ({ least, most }) => [`must be between ${least} and ${most}`],
  'too-long': ({ maximum }) => [`is longer than ${maximum} characters`],
  'too-many': ({ maximum }) => [`has more than ${maximum} entries`],
  'line-break': () => ['has a line break or another control character'],
  'not-filled-in': ({ field }) => [`has ${field}, which is not filled in`],
  'not-a-duration': () => ['is not a duration'],
  'not-a-time-to-keep': () => ['is not a number of days or years'],
  'not-a-time-of-day': () => ['is not a time of day'],
  'not-a-time-zone': ({ name }) => [`${name} is not a time zone`, 'write one such as Asia/Shanghai'],
  'not-a-short-name': () => ['is not a short name: a letter, then up to 39 letters, digits, - _ or .'],
  'not-a-member': () => ['is neither a Slack id (U…, W… or S…) nor an e-mail address'],
  'not-a-channel': () => ['is not the id of a channel'],
  'not-a-stock-id': () => ['must be 1 to 20 digits'],
  'not-a-merchant-id': () => ['is not a merchant id (商户号)'],
  'not-an-appid': () => ['is not an appid'],
  'not-a-pattern': ({ why }) => [`is not a regular expression${why ? `: ${why}` : ''}`],
  'pattern-looks-around': () => [
    'looks ahead or behind, or refers back: one text could stop the app for minutes',
  ],
  'pattern-repeats': () => ['repeats too much: one text could stop the app for seconds'],
  'pattern-has': ({ part }) => [
    `has something that is not possible in patterns here${part ? `: ${part}` : ''}`,
  ],
  'lacks-id': () => ['lacks {id}'],
  'not-https': () => ['is not an https address'],
  'not-https-or-here': () => ['is not an https address, nor http of this machine'],
  'has-password': () => ['has a user or password in it'],
  'no-time-between': () => ['begins when it ends'],
  unfit: () => ['has a value that is not possible here'],

  'too-large': ({ kilobytes }) => [
    `is larger than ${kilobytes} KB`,
    'check that it is the policy and not another file',
  ],
  'not-a-text': () => ['is not a text', 'save it as UTF-8 text'],
  'empty-file': () => ['is empty', 'start from manifest/policy.example.yaml'],
  'alias-without-anchor': () => [
    'has an alias (*name) before or without its anchor (&name)',
    'write the value out',
  ],
  'too-deep': () => ['is nested too deeply or repeats itself by too many aliases', 'write the values out'],
  'not-yaml': ({ code = '', why }) => [
    `is not YAML: ${why}`,
    yamlRemedies[code] ?? 'check colons, quotes and indentation around this place',
  ],
  'same-key-twice': () => ['the same key stands here twice', 'keep one of the two'],

  'reserved-key': () => ['is not a short name', 'start the name with a letter'],
  'called-all': () => ['means all coupons after /withdraw-coupon pause and resume', 'choose another name'],
  'same-stock-id': ({ other }) => [
    `is the stock_id of ${other} as well`,
    'describe each stock of WeChat Pay once',
  ],
  'ticket-example': () => ['does not fit ticket.pattern', 'write one that does'],
  'no-approvers': () => [
    'names nobody, so nothing could be approved',
    'list user groups and people: [S012AB3CD, U012AB3CD, person@example.com]',
  ],
  'too-few-approvers': ({ needed, people }) => [
    `needs ${needed} approvals of ${people === 1 ? '1 person' : `${people} people`}, so nothing could be approved`,
    'name more approvers, or ask for fewer approvals',
  ],
  'late-reminder': ({ expires }) => [
    `reminds nobody: a request has expired by then (expires_after: ${expires})`,
    'write a time before it expires, e.g. 2h',
  ],
  'late-step': ({ expires }) => [
    `adds nobody: a request has expired by then (expires_after: ${expires})`,
    'write a time before it expires, e.g. 4h',
  ],
  'endpoint-without-kinds': () => [
    'is never asked: no kinds are named',
    'name under kinds what it takes, e.g. phone',
  ],
  'kinds-without-endpoint': () => [
    'are found by nobody: there is no endpoint',
    'write the address of your look-up under endpoint',
  ],
  'complaints-without-orders': () => [
    'find nobody without orders: only the order of a complaint tells whose openid it is',
    'write orders: true',
  ],
  'nothing-without-orders': () => [
    'has no effect without orders',
    'write orders: true, or leave the line out',
  ],
  'kind-of-wechat-pay': () => ['is a kind of WeChat Pay', 'choose another short name'],
  'limits-nothing': () => ['limits nothing', 'add count (a number of coupons), quota (fen), or both'],
  'limit-too-low': ({ lowest }) => [
    `lets no coupon through: the lowest quota of its stocks is ${lowest}`,
    `write ${lowest} or more, or leave the line out`,
  ],
  'named-twice': ({ key }) => [`${key} stands here twice`, 'name it once'],
  'not-a-stock': ({ key, known }) => [
    `${key} is not the short name of a stock`,
    known ? `write one of: ${known}` : 'write the short name of a stock',
  ],
  'not-a-reason': ({ key, known }) => [
    `${key} is not the short name of a reason`,
    known ? `write one of: ${known}` : 'write the short name of a reason',
  ],
  'level-changes-nothing': () => [
    'changes nothing',
    'write what is different for it: approvals or approvers',
  ],
  'level-never-reached': ({ level }) => [
    `is never reached: level ${level} fits whatever this one fits`,
    'put it first, or take it out',
  ],
  'level-fits-nothing': ({ highest }) => [
    `fits none of its stocks: the highest quota among them is ${highest}`,
    'write a lower quota, or leave the line out',
  ],
  'rule-without-name': ({ limits, name }) => [
    `has no name, but its use is counted (${limits})`,
    `give it a name of its own; name: ${name} keeps what was counted so far`,
  ],
  'rule-for-everything': () => [
    'would approve everything',
    'name what it approves: stocks, reasons or up_to_quota',
  ],
  'same-rule-name': ({ name, rule }) => [
    `has the name ${name}, as rule ${rule} has`,
    'give each rule a name of its own: its use is counted by name',
  ],
  'rule-never-reached': ({ rule }) => [
    `is never reached: rule ${rule} approves whatever this one fits`,
    'put it first, or take it out',
  ],
} satisfies Record<string, (values: Values) => Said>

const places = {
  timezone: 'write an IANA name such as Asia/Shanghai',
  language: 'write en or zh-CN',
  roles: 'list who may do what under viewers, requesters, approvers, auditors and operators',
  'roles.*': 'write a list: [S012AB3CD, U012AB3CD, person@example.com]',
  'roles.*.*':
    'write a user group by its id (S012AB3CD), a person by member id (U012AB3CD) or by e-mail address; Slack shows ids under "Copy group ID" and "Copy member ID"',
  alerts: 'write the id of a channel, e.g. C012AB3CD: Slack shows it at the end of "View channel details"',
  channel: 'write the id of a channel, e.g. C012AB3CD: Slack shows it at the end of "View channel details"',
  stocks: 'describe each kind of coupon under a short name of its own',
  'approval.automatic.*.stocks': 'list short names of stocks, or leave the line out for all of them',
  'approval.levels.*.stocks': 'list short names of stocks, or leave the line out for all of them',
  'approval.automatic.*.reasons': 'list short names of reasons, or leave the line out for all of them',
  'stocks.*': 'start the name with a letter, and give it a stock_id, a name and a quota',
  stock_id: "write WeChat Pay's id of the stock in quotes: '1304490000000059'",
  mchid: "write the merchant id in quotes: '1230000109', or leave the line out for the configured one",
  appid: 'write the appid, wx and 16 letters and digits, or leave the line out for the configured one',
  name: "write both languages: { en: 'Fee-free withdrawal ¥10', zh-CN: '10 元提现免费券' }",
  'approval.automatic.*.name':
    "write a short name, or one in each language: { en: 'Small goodwill', zh-CN: '小额补偿' }; it is shown as the decision",
  pass_on:
    "write what customers are told: pass_on: { zh-CN: '您好，已发放提现免费券（{quota}），{expires}前有效。' }",
  'pass_on.*': 'write one line; {quota} and {expires} are filled in',
  en: 'write the English words',
  'zh-CN': 'write the Chinese words',
  quota: 'write a whole number of fen: 1000 is ¥10.00',
  up_to_quota: 'write a whole number of fen: 1000 is ¥10.00',
  cost_fen: 'write a whole number of fen: 1 is ¥0.01, or leave the line out',
  reasons: 'describe each reason under a short name of its own',
  'reasons.*': 'start the name with a letter, and write both languages: { en: Outage, zh-CN: 服务中断 }',
  rejections: 'describe each reason to reject under a short name of its own, at most nine of them',
  'rejections.*':
    'start the name with a letter, and write both languages: { en: Given already, zh-CN: 已经发放过 }',
  note: 'write note: required, or leave it out',
  customers: 'write e.g. customers: { orders: true, complaints: true }, or leave the line out',
  'customers.orders': 'write true, so that users are found by their orders at WeChat Pay, or false',
  complaints: 'write true, so that users are found by their complaints at WeChat Pay, or false',
  merchant_orders:
    "write what your order numbers look like, in single quotes: '^SHOP\\d{14}$', or leave the line out",
  'sub_mchids.*': "write the merchant id in quotes: '1900000109'",
  sub_mchids: "write a list of merchant ids in quotes: ['1900000109'], or leave the line out",
  endpoint: 'write the https address of your look-up, without user and password; http only for 127.0.0.1',
  'customers.kinds':
    "write e.g. kinds: { phone: { en: Phone number, zh-CN: 手机号, pattern: '^1\\d{10}$' } }",
  'kinds.*': 'start the name with a letter, and write both languages: { en: Phone number, zh-CN: 手机号 }',
  'openid_help.url': 'write the https address of a page that says where to find an openid',
  openid_help: 'write both languages: { en: Profile > WeChat, zh-CN: 用户资料 > 微信 }',
  ticket: "write e.g. ticket: { required: false, pattern: '^SUP-\\d+$', example: 'SUP-123' }",
  required: 'write true or false',
  openid:
    "write what a whole openid looks like, in single quotes, without look-ahead, look-behind and \\1: '^o[0-9A-Za-z_-]{27}$', or leave the line out",
  pattern:
    "write a regular expression in single quotes, without look-ahead, look-behind and \\1: '^SUP-\\d+$'",
  example: "write one that fits the pattern: 'SUP-123', or leave the line out",
  url: "write the https address of a ticket with {id} in it: 'https://example.com/tickets/{id}'",
  approval: 'name at least the channel in which approvers are asked: approval: { channel: C012AB3CD }',
  approvals: 'write how many approvers must agree, e.g. 1',
  expires_after: 'write minutes, hours or days: 90m, 24h or 7d',
  issue_within: 'write minutes, hours or days: 90m, 24h or 7d',
  self_approval: 'write never, or allowed if requesters may approve what they asked for themselves',
  remind: 'write e.g. { after: 2h, every: 4h }, or leave the line out so that nobody is reminded',
  quiet: "write e.g. { from: '22:00', to: '08:00' }, or leave the line out",
  'quiet.from': "write hours and minutes in quotes: '22:00'",
  'quiet.to': "write hours and minutes in quotes: '08:00'",
  escalate: 'write e.g. [{ after: 4h, add: [S012AB3CD] }], or leave the line out so that nobody is added',
  add: 'list user groups and people: [S012AB3CD, U012AB3CD, person@example.com]',
  after: 'write minutes, hours or days: 30m, 2h or 1d',
  every: 'write minutes, hours or days: 30m, 2h or 1d',
  levels: 'write a list, or leave the line out so that one rule serves every coupon',
  'levels.*': 'write e.g. { stocks: [withdraw-50], above_quota: 2000, approvals: 2, approvers: [S012AB3CD] }',
  'levels.*.approvers': 'list user groups and people, or leave the line out for those of roles.approvers',
  'levels.*.approvers.*':
    'write a user group by its id (S012AB3CD), a person by member id (U012AB3CD) or by e-mail address',
  above_quota: 'write a whole number of fen: 1000 is ¥10.00',
  automatic: 'write a list of rules, or leave the line out so that people decide everything',
  'automatic.*': 'name what it approves: stocks, reasons or up_to_quota',
  limits: 'write per_user, per_requester, per_stock or lookups under it, or leave the line out',
  per_user: 'write e.g. { count: 1, days: 30 }',
  per_requester: 'write e.g. { quota: 20000, days: 7 }',
  per_stock: 'write e.g. { count: 1000, days: 1 }',
  lookups: 'write e.g. { per_person: 60, per: 1h }',
  count: 'write a whole number of coupons',
  days: 'write a whole number of days; 1 is today only',
  per_person: 'write a whole number of look-ups',
  per: 'write minutes, hours or days: 30m, 1h or 1d',
  reconcile: 'write e.g. reconcile: { per_minute: 6, days: 30 }, or leave the line out',
  per_minute: 'write how many users a minute are compared with WeChat Pay, e.g. 6',
  records: 'write e.g. records: { keep: 3y }, or leave the line out so that nobody is erased by itself',
  keep: 'write days or years: 400d or 3y, or leave the line out so that nobody is erased by itself',
}

export const en = {
  mistakes,
  places,
  compare: 'compare with manifest/policy.example.yaml',
  meant: (word: string) => `did you mean ${word}?`,
  more: (file: string, count: number) => `${file}: and ${count} more`,
  hiddenFile: 'the file of POLICY_FILE',
  unread: (file: string, code: string): Said => [
    `${file} can't be read${code}`,
    `copy manifest/policy.example.yaml to ${file} and change it, or set POLICY_FILE`,
  ],
}
