import { z } from 'zod'
import { isTimeZone } from '../domain/limit.ts'
import { cut, languages, readPattern } from '../domain/text.ts'
import { APPID, MERCHANT_ID } from '../domain/wechatpay-ids.ts'
import type { MistakeCode, Values } from './words/index.ts'

/**
 * The shape of the policy file, in the words of the file. Messages are codes of mistakes; the words for them, and for
 * what the schema reports without a message, are in `words/`. `cross-checks.ts` checks what spans several places.
 */

/** Slack's limit for the options of a select. */
export const MAX_OPTIONS = 100
/** Slack's limit for the text of an option. */
const MAX_NAME = 75
/** Slack allows ten radio buttons, and one is for a reason in one's own words. */
const MAX_REJECTIONS = 9
/** Most kinds of number for the merchant's own look-up. */
const MAX_KINDS = 7
/** A text longer than any value here isn't checked further: some checks would take long. */
const MAX_VALUE = 400
/** ¥10 million; above it, a typing mistake is more likely than an intention. */
const MAX_FEN = 1_000_000_000

/** A message for which there are words. */
const says = (code: MistakeCode): MistakeCode => code
/** The same with the values that fill the words. */
const mistake = (message: MistakeCode, params: Values = {}) => ({ code: 'custom' as const, message, params })
const between = (least: string, most: string) => ({ error: says('between'), params: { least, most } })
const atMost = (maximum: number) => ({ error: says('too-many'), params: { maximum } })

const fen = z.int().min(1).max(MAX_FEN)
const count = z.int().min(1).max(MAX_FEN)
const days = z.int().min(1).max(366)

const text = z.string().max(MAX_VALUE, { abort: true })

const label = text
  .trim()
  .min(1)
  .max(MAX_NAME)
  .regex(/^[^\p{Cc}]*$/u, says('line-break'))
const named = z.strictObject({ en: label, 'zh-CN': label })

/** One name for everybody, or one per language. */
const ruleName = z.unknown().transform((value, context): z.output<typeof label> | z.output<typeof named> => {
  const read = (typeof value === 'string' ? label : named).safeParse(value)
  if (read.success) return read.data
  // Report the mistakes of the form that was meant, not "fits neither".
  for (const issue of read.error.issues) context.addIssue({ ...issue })
  return z.NEVER
})

/** Placeholders for the coupon's own values in the words to pass on. */
export const passOnFields = ['quota', 'expires'] as const
const passOn = text
  .trim()
  .min(1)
  .regex(/^[^\p{Cc}]*$/u, says('line-break'))
  .superRefine((said, context) => {
    for (const [whole, field] of said.matchAll(/\{([^{}]*)\}/g))
      if (!passOnFields.some((known) => known === field))
        context.addIssue(mistake('not-filled-in', { field: cut(whole, 40) }))
  })

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const written = /^[0-9]{1,6}\s*[mhd]$/
const ms = (text: string) => Number.parseInt(text, 10) * (units[text.slice(-1)] ?? Number.NaN)

/** A duration as written in the file, in ms; null: it isn't one. */
export function durationMs(value: unknown): number | null {
  return typeof value === 'string' && written.test(value.trim()) ? ms(value.trim()) : null
}

function duration(min: string, max: string) {
  return text
    .trim()
    .regex(written, says('not-a-duration'))
    .transform(ms)
    .refine((value) => value >= ms(min) && value <= ms(max), between(min, max))
}

const DAYS_OF_YEAR = 365
const keeping = text
  .trim()
  .regex(/^[0-9]{1,4}\s*[dy]$/, says('not-a-time-to-keep'))
  .transform((value) => Number.parseInt(value, 10) * (value.endsWith('y') ? DAYS_OF_YEAR : 1))
  .refine((value) => value >= 30 && value <= 30 * DAYS_OF_YEAR, between('30d', '30y'))
  .transform((value) => value * (units.d ?? 0))

/** Minutes of a day. */
const time = text
  .trim()
  .regex(/^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$/, says('not-a-time-of-day'))
  .transform((value) => {
    const [hours = 0, minutes = 0] = value.split(':').map(Number)
    return hours * 60 + minutes
  })

const key = text.regex(/^\p{L}[\p{L}\p{N}_.-]{0,39}$/u, says('not-a-short-name'))
const keys = z.array(text).max(MAX_OPTIONS)

const member = text
  .trim()
  .regex(/^(?:[UWS][0-9A-Z]{2,20}|[^\s@<>#]+@[^\s@<>#]+\.[^\s@<>#]+)$/, says('not-a-member'))
  .transform((entry) => (entry.includes('@') ? entry.toLowerCase() : entry))
const MAX_MEMBERS = 1000
const members = z
  .array(member)
  .max(MAX_MEMBERS)
  .default([])
  .transform((entries) => [...new Set(entries)])

const approvals = z.int().min(1).max(10)
const channel = text.trim().regex(/^[CG][0-9A-Z]{2,20}$/, says('not-a-channel'))
const merchantId = text.regex(MERCHANT_ID, says('not-a-merchant-id'))
const appid = text.regex(APPID, says('not-an-appid'))

const limit = z.strictObject({ count: count.optional(), quota: fen.optional(), days })

const timezone = text.superRefine((name, context) => {
  if (!isZone(name)) context.addIssue(mistake('not-a-time-zone', { name: JSON.stringify(cut(name, 60)) }))
})
/** Excludes CST, EST and IST, which each have several meanings. */
function isZone(name: string): boolean {
  return (name === 'UTC' || /^[A-Za-z]+\//.test(name)) && isTimeZone(name)
}

const pattern = z
  .string()
  .min(1)
  .max(200, { abort: true })
  .superRefine((source, context) => {
    const wrong = patternMistake(source)
    if (wrong) context.addIssue(wrong)
  })
function patternMistake(source: string): ReturnType<typeof mistake> | null {
  try {
    new RegExp(source, 'u')
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/u: /, '') : ''
    return mistake('not-a-pattern', { why })
  }
  try {
    readPattern(source)
    return null
  } catch (error) {
    if (/\\[1-9k]|\(\?<?[=!]/.test(source)) return mistake('pattern-looks-around')
    const { message, input } = error as { message: string; input?: string | null }
    if (/repeat|too large/.test(message)) return mistake('pattern-repeats')
    return mistake('pattern-has', { part: cut(input ?? '', 100) })
  }
}

const ticketUrl = text.superRefine((text, context) => {
  if (!text.includes('{id}')) context.addIssue(mistake('lacks-id'))
  if (!/^https:\/\//i.test(text) || !URL.canParse(text.replaceAll('{id}', '1')))
    context.addIssue(mistake('not-https'))
})

const webUrl = text.superRefine((text, context) => {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text)) context.addIssue(mistake('not-https'))
})

/** By anything other than https, or a loopback address, a phone number would travel for all to read. */
const endpointUrl = text.superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = /^(?:localhost|\[::1\]|127(?:\.[0-9]+){3})$/.test(url?.hostname ?? '')
  if (!(url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)))
    context.addIssue(mistake('not-https-or-here'))
  else if (url.username !== '' || url.password !== '') context.addIssue(mistake('has-password'))
})

function options<Value extends z.ZodType>(value: Value) {
  const number = (entries: object) => Object.keys(entries).length
  return z
    .record(key, value)
    .refine((entries) => number(entries) > 0, says('empty'))
    .refine((entries) => number(entries) <= MAX_OPTIONS, atMost(MAX_OPTIONS))
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
      stock_id: text.regex(/^[0-9]{1,20}$/, says('not-a-stock-id')),
      mchid: merchantId.optional(),
      appid: appid.optional(),
      name: named,
      quota: fen,
      cost_fen: z.int().min(0).max(MAX_FEN).optional(),
    }),
  ),
  reasons: options(
    z.strictObject({ en: label, 'zh-CN': label, note: z.enum(['required', 'optional']).optional() }),
  ),
  rejections: z
    .record(key, named)
    .refine((entries) => Object.keys(entries).length <= MAX_REJECTIONS, atMost(MAX_REJECTIONS))
    .default({}),
  openid: pattern.optional(),
  customers: z
    .strictObject({
      orders: z.boolean().default(false),
      complaints: z.boolean().default(false),
      merchant_orders: pattern.optional(),
      sub_mchids: z.array(merchantId).max(20).optional(),
      endpoint: endpointUrl.optional(),
      kinds: z
        .record(key, z.strictObject({ en: label, 'zh-CN': label, pattern: pattern.optional() }))
        .refine((kinds) => Object.keys(kinds).length <= MAX_KINDS, atMost(MAX_KINDS))
        .optional(),
      openid_help: z.strictObject({ en: label, 'zh-CN': label, url: webUrl.optional() }).optional(),
    })
    .optional(),
  pass_on: z
    .strictObject({ 'zh-CN': passOn.optional(), en: passOn.optional() })
    .refine((texts) => Object.keys(texts).length > 0, says('empty'))
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
      .refine(({ from, to }) => from !== to, says('no-time-between'))
      .optional(),
    escalate: z
      .array(
        z.strictObject({
          after: duration('5m', '30d'),
          add: z.array(member).min(1).max(MAX_MEMBERS),
        }),
      )
      .max(10)
      .default([]),
    levels: z
      .array(
        z.strictObject({
          stocks: keys.min(1).optional(),
          above_quota: z.int().min(0).max(MAX_FEN).optional(),
          approvals: approvals.optional(),
          approvers: z.array(member).min(1).max(MAX_MEMBERS).optional(),
        }),
      )
      .max(100)
      .default([]),
    automatic: z
      .array(
        z.strictObject({
          name: ruleName.optional(),
          stocks: keys.min(1).optional(),
          reasons: keys.min(1).optional(),
          up_to_quota: fen.optional(),
          per_requester: limit.optional(),
          per_user: limit.optional(),
        }),
      )
      .max(100)
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
      per_minute: z.int().min(1).max(60).default(6),
      days: days.default(30),
    })
    .optional(),
})
export type PolicyFile = z.output<typeof policySchema>

export const DEFAULT_LOOKUPS = { perPerson: 60, per: units.h ?? 0 }
