import { z } from 'zod'
import { cut, languages, readPattern } from '../domain/text.ts'
import { APPID, MERCHANT_ID } from '../domain/wechatpay-ids.ts'

/** The shape of the policy file, in the words of the file. What spans several places is checked by `cross-checks.ts`. */

/** Slack's limit for the options of a select. */
export const MAX_OPTIONS = 100
/** Slack's limit for the text of an option. */
const MAX_NAME = 75
/** Radio buttons of Slack's are ten at most, one of which is for words of one's own. */
const MAX_REJECTIONS = 9
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

/** One name for everybody, or one in each language. */
const ruleName = z.unknown().transform((value, context): z.output<typeof label> | z.output<typeof named> => {
  const read = (typeof value === 'string' ? label : named).safeParse(value)
  if (read.success) return read.data
  // The mistakes of the form that was meant, not "fits neither".
  for (const issue of read.error.issues) context.addIssue({ ...issue })
  return z.NEVER
})

/** What stands in words to pass on for the coupon's own. */
export const passOnFields = ['quota', 'expires'] as const
const passOn = text
  .trim()
  .min(1, 'is empty')
  .regex(/^[^\p{Cc}]*$/u, 'has a line break or another control character')
  .superRefine((said, context) => {
    for (const [whole, field] of said.matchAll(/\{([^{}]*)\}/g))
      if (!passOnFields.some((known) => known === field))
        context.addIssue({ code: 'custom', message: `has ${cut(whole, 40)}, which is not filled in` })
  })

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

const DAYS_OF_YEAR = 365
const keeping = text
  .trim()
  .regex(/^[0-9]{1,4}\s*[dy]$/, 'is not a number of days or years')
  .transform((value) => Number.parseInt(value, 10) * (value.endsWith('y') ? DAYS_OF_YEAR : 1))
  .refine((value) => value >= 30 && value <= 30 * DAYS_OF_YEAR, 'must be between 30d and 30y')
  .transform((value) => value * (units.d ?? 0))

/** Minutes of a day. */
const time = text
  .trim()
  .regex(/^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$/, 'is not a time of day')
  .transform((value) => {
    const [hours = 0, minutes = 0] = value.split(':').map(Number)
    return hours * 60 + minutes
  })

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

const webUrl = text.superRefine((text, context) => {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text))
    context.addIssue({ code: 'custom', message: 'is not an https address' })
})

/** Over anything else than https, or off this machine, a phone number would travel for all to read. */
const endpointUrl = text.superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = /^(?:localhost|\[::1\]|127(?:\.[0-9]+){3})$/.test(url?.hostname ?? '')
  if (!(url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)))
    context.addIssue({ code: 'custom', message: 'is not an https address, nor http of this machine' })
  else if (url.username !== '' || url.password !== '')
    context.addIssue({ code: 'custom', message: 'holds a user or password' })
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
  language: z.enum(languages).default('zh-CN'),
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
  rejections: z
    .record(key, named)
    .refine((entries) => Object.keys(entries).length <= MAX_REJECTIONS, `names more than ${MAX_REJECTIONS}`)
    .default({}),
  openid: pattern.optional(),
  customers: z
    .strictObject({
      orders: z.boolean().default(false),
      complaints: z.boolean().default(false),
      merchant_orders: pattern.optional(),
      sub_mchids: z.array(merchantId).max(20, 'names more than 20').optional(),
      endpoint: endpointUrl.optional(),
      kinds: z
        .record(key, z.strictObject({ en: label, 'zh-CN': label, pattern: pattern.optional() }))
        .refine((kinds) => Object.keys(kinds).length <= 7, 'names more than 7 kinds')
        .optional(),
      openid_help: z.strictObject({ en: label, 'zh-CN': label, url: webUrl.optional() }).optional(),
    })
    .optional(),
  pass_on: z
    .strictObject({ 'zh-CN': passOn.optional(), en: passOn.optional() })
    .refine((texts) => Object.keys(texts).length > 0, 'has no text')
    .optional(),
  ticket: z
    .strictObject({
      required: z.boolean().default(false),
      pattern: pattern.optional(),
      url: ticketUrl.optional(),
      example: label.optional(),
    })
    .optional(),
  approval: z.strictObject({
    channel,
    approvals: approvals.default(1),
    expires_after: duration('5m', '30d').default(units.d ?? 0),
    issue_within: duration('5m', '30d').default(7 * (units.d ?? 0)),
    self_approval: z.enum(['never', 'allowed']).default('never'),
    remind: z.strictObject({ after: duration('5m', '30d'), every: duration('5m', '30d') }).optional(),
    quiet: z
      .strictObject({ from: time, to: time })
      .refine(({ from, to }) => from !== to, 'begins when it ends')
      .optional(),
    escalate: z
      .array(
        z.strictObject({
          after: duration('5m', '30d'),
          add: z.array(member).min(1, 'names nobody').max(MAX_MEMBERS),
        }),
      )
      .max(10, 'has more than 10 steps')
      .default([]),
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
          name: ruleName.optional(),
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
  records: z.strictObject({ keep: keeping.optional() }).default({}),
  reconcile: z
    .strictObject({
      per_minute: z.int().min(1, 'must be 1 or more').max(60, 'must be at most 60').default(6),
      days: days.default(30),
    })
    .optional(),
})
export type PolicyFile = z.output<typeof policySchema>

export const DEFAULT_LOOKUPS = { perPerson: 60, per: units.h ?? 0 }
