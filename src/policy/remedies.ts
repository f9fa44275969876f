import { z } from 'zod'
import { didYouMean } from '../domain/text.ts'
import { policySchema } from './schema.ts'

/** What to write, by the end of the path; `*` stands for a name or an index. */
const remedies: Record<string, string> = {
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

/** What to write at a place of the file. */
export function remedyAt(path: readonly PropertyKey[], value: unknown): string {
  if (path.at(-1) === 'timezone' && typeof value === 'string') {
    const meant = didYouMean(value, Intl.supportedValuesOf('timeZone'))
    if (meant) return `did you mean ${meant}?`
  }
  const parts = path.map(String)
  for (let from = 0; from < parts.length; from++) {
    const end = parts.slice(from)
    const found = Object.keys(remedies).find((wanted) => fits(wanted.split('.'), end))
    if (found) return remedies[found] ?? ''
  }
  return 'compare with manifest/policy.example.yaml'
}

function fits(wanted: string[], parts: string[]): boolean {
  return (
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index])
  )
}

/** Keys that may stand at a place of the file; empty where the person chooses them. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = policySchema
  for (const part of path) schema = inner(plain(schema), part)
  const object = plain(schema)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function inner(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)]
  if (schema instanceof z.ZodRecord) return schema.valueType
  if (schema instanceof z.ZodArray) return schema.element
  return undefined
}

function plain(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return plain(schema.unwrap())
  if (schema instanceof z.ZodPipe) return plain(schema.in)
  return schema
}
