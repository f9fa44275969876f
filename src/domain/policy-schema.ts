import { z } from 'zod'
import { APPID, MERCHANT_ID } from './merchant.ts'
import { nearest } from './nearest.ts'
import { readPattern } from './pattern.ts'
import { cut } from './people-text.ts'

/** The shape of the policy file, in the words of the file. What spans several places is checked by `policy-rules.ts`. */

/** Slack's limit for the options of a select. */
export const MAX_OPTIONS = 100
/** Slack's limit for the text of an option. */
const MAX_NAME = 75
/** Longer texts than any value here are not looked at further: some checks would take long. */
const MAX_VALUE = 400
/** ¥10 million; above it a slip of the hand is more likely than an intention. */
const MAX_FEN = 1_000_000_000

const fen = z.int().min(1, 'must be 1 or more').max(MAX_FEN, `must be at most ${MAX_FEN}`)
const count = z.int().min(1, 'must be 1 or more').max(MAX_FEN, `must be at most ${MAX_FEN}`)
const days = z.int().min(1, 'must be 1 or more').max(366, 'must be at most 366')

const text = z.string().max(MAX_VALUE, { error: `is longer than ${MAX_VALUE} characters`, abort: true })

const label = text
  .trim()
  .min(1, 'is empty')
  .max(MAX_NAME, `is longer than ${MAX_NAME} characters`)
  .regex(/^[^\p{Cc}]*$/u, 'has a line break or another control character')
const named = z.strictObject({ en: label, 'zh-CN': label })

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const written = /^[0-9]{1,6}\s*[mhd]$/
const ms = (text: string) => Number.parseInt(text, 10) * (units[text.slice(-1)] ?? Number.NaN)

/** ms of a duration as it stands in the file, or null where it is none. */
export function durationMs(value: unknown): number | null {
  return typeof value === 'string' && written.test(value.trim()) ? ms(value.trim()) : null
}

function duration(min: string, max: string) {
  return text
    .trim()
    .regex(written, 'is not a duration')
    .transform(ms)
    .refine((value) => value >= ms(min) && value <= ms(max), `must be between ${min} and ${max}`)
}

const key = text.regex(
  /^\p{L}[\p{L}\p{N}_.-]{0,39}$/u,
  'is not a short name: a letter, then up to 39 letters, digits, - _ or .',
)
const keys = z.array(text).max(MAX_OPTIONS, `names more than ${MAX_OPTIONS}`)

const member = text
  .trim()
  .regex(
    /^(?:[UWS][0-9A-Z]{2,20}|[^\s@<>#]+@[^\s@<>#]+\.[^\s@<>#]+)$/,
    'is neither a Slack id (U…, W… or S…) nor an e-mail address',
  )
  .transform((entry) => (entry.includes('@') ? entry.toLowerCase() : entry))
const MAX_MEMBERS = 1000
const members = z
  .array(member)
  .max(MAX_MEMBERS, `names more than ${MAX_MEMBERS}`)
  .default([])
  .transform((entries) => [...new Set(entries)])

const approvals = z.int().min(1, 'must be 1 or more').max(10, 'must be at most 10')
const channel = text.trim().regex(/^[CG][0-9A-Z]{2,20}$/, 'is not the id of a channel')
const merchantId = text.regex(MERCHANT_ID, 'is not a merchant id (商户号)')
const appid = text.regex(APPID, 'is not an appid')

const limit = z.strictObject({ count: count.optional(), quota: fen.optional(), days })

const timezone = text.superRefine((name, context) => {
  if (!isZone(name))
    context.addIssue({ code: 'custom', message: `${JSON.stringify(cut(name, 60))} is not a time zone` })
})
function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

const pattern = z
  .string()
  .min(1, 'is empty')
  .max(200, { error: 'is longer than 200 characters', abort: true })
  .superRefine((source, context) => {
    const message = patternMistake(source)
    if (message) context.addIssue({ code: 'custom', message })
  })
function patternMistake(source: string): string | null {
  try {
    new RegExp(source, 'u')
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/u: /, '') : 'invalid'
    return `is not a regular expression: ${why}`
  }
  try {
    readPattern(source)
    return null
  } catch (error) {
    if (/\\[1-9k]|\(\?<?[=!]/.test(source))
      return 'looks ahead or behind, or refers back, by which one text could stop the app for minutes'
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : ''
    return /repeat|too large/.test(why)
      ? 'repeats too much, by which one text could stop the app for seconds'
      : `has something that patterns can’t have here: ${cut(why, 100)}`
  }
}

const ticketUrl = text.superRefine((text, context) => {
  if (!text.includes('{id}')) context.addIssue({ code: 'custom', message: 'lacks {id}' })
  if (!/^https:\/\//i.test(text) || !URL.canParse(text.replaceAll('{id}', '1')))
    context.addIssue({ code: 'custom', message: 'is not an https address' })
})

function options<Value extends z.ZodType>(value: Value, what: string) {
  const number = (entries: object) => Object.keys(entries).length
  return z
    .record(key, value)
    .refine((entries) => number(entries) > 0, `names no ${what}`)
    .refine((entries) => number(entries) <= MAX_OPTIONS, `names more than ${MAX_OPTIONS} ${what}s`)
}

export const policySchema = z.strictObject({
  timezone: timezone.default('Asia/Shanghai'),
  language: z.enum(['en', 'zh-CN']).default('zh-CN'),
  roles: z.strictObject({
    viewers: members,
    requesters: members,
    approvers: members,
    auditors: members,
    operators: members,
  }),
  alerts: channel.optional(),
  stocks: options(
    z.strictObject({
      stock_id: text.regex(/^[0-9]{1,20}$/, 'must be 1 to 20 digits'),
      mchid: merchantId.optional(),
      appid: appid.optional(),
      name: named,
      quota: fen,
      cost_fen: z.int().min(0, 'must be 0 or more').max(MAX_FEN, `must be at most ${MAX_FEN}`).optional(),
    }),
    'stock',
  ),
  reasons: options(
    z.strictObject({ en: label, 'zh-CN': label, note: z.enum(['required', 'optional']).optional() }),
    'reason',
  ),
  openid: pattern.optional(),
  ticket: z
    .strictObject({
      required: z.boolean().default(false),
      pattern: pattern.optional(),
      url: ticketUrl.optional(),
    })
    .optional(),
  approval: z.strictObject({
    channel,
    approvals: approvals.default(1),
    expires_after: duration('5m', '30d').default(units.d ?? 0),
    issue_within: duration('5m', '30d').default(7 * (units.d ?? 0)),
    self_approval: z.enum(['never', 'allowed']).default('never'),
    remind: z.strictObject({ after: duration('5m', '30d'), every: duration('5m', '30d') }).optional(),
    levels: z
      .array(
        z.strictObject({
          stocks: keys.min(1, 'names no stock').optional(),
          above_quota: z
            .int()
            .min(0, 'must be 0 or more')
            .max(MAX_FEN, `must be at most ${MAX_FEN}`)
            .optional(),
          approvals: approvals.optional(),
          approvers: z
            .array(member)
            .min(1, 'names nobody')
            .max(MAX_MEMBERS, `names more than ${MAX_MEMBERS}`)
            .optional(),
        }),
      )
      .max(100, 'has more than 100 levels')
      .default([]),
    automatic: z
      .array(
        z.strictObject({
          name: label.optional(),
          stocks: keys.min(1, 'names no stock').optional(),
          reasons: keys.min(1, 'names no reason').optional(),
          up_to_quota: fen.optional(),
          per_requester: limit.optional(),
          per_user: limit.optional(),
        }),
      )
      .max(100, 'has more than 100 rules')
      .default([]),
  }),
  limits: z
    .strictObject({
      per_user: limit.optional(),
      per_requester: limit.optional(),
      per_stock: limit.optional(),
      lookups: z.strictObject({ per_person: count, per: duration('1m', '31d') }).optional(),
    })
    .default({}),
})
export type PolicyFile = z.output<typeof policySchema>

export const DEFAULT_LOOKUPS = { perPerson: 60, per: units.h ?? 0 }

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
  'approval.automatic.*.name': 'write a short name; it is shown as the decision',
  en: 'write the English words',
  'zh-CN': 'write the Chinese words',
  quota: 'write a whole number of fen: 1000 is ¥10.00',
  up_to_quota: 'write a whole number of fen: 1000 is ¥10.00',
  cost_fen: 'write a whole number of fen: 1 is ¥0.01, or leave the line out',
  reasons: 'describe each reason under a short name of its own',
  'reasons.*': 'start the name with a letter, and write both languages: { en: Outage, zh-CN: 服务中断 }',
  note: 'write note: required, or leave it out',
  ticket: "write e.g. ticket: { required: false, pattern: '^SUP-\\d+$' }",
  required: 'write true or false',
  openid:
    "write what a whole openid looks like, in single quotes, without look-ahead, look-behind and \\1: '^o[0-9A-Za-z_-]{27}$', or leave the line out",
  pattern:
    "write a regular expression in single quotes, without look-ahead, look-behind and \\1: '^SUP-\\d+$'",
  url: "write the https address of a ticket with {id} in it: 'https://example.com/tickets/{id}'",
  approval: 'name at least the channel in which approvers are asked: approval: { channel: C012AB3CD }',
  approvals: 'write how many approvers must agree, e.g. 1',
  expires_after: 'write minutes, hours or days: 90m, 24h or 7d',
  issue_within: 'write minutes, hours or days: 90m, 24h or 7d',
  self_approval: 'write never, or allowed if requesters may approve what they asked for themselves',
  remind: 'write e.g. { after: 2h, every: 4h }, or leave the line out so that nobody is reminded',
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
}

/** What to write at a place of the file. */
export function remedyAt(path: readonly PropertyKey[], value: unknown): string {
  if (path.at(-1) === 'timezone' && typeof value === 'string') {
    const meant = nearest(value, Intl.supportedValuesOf('timeZone'))
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
