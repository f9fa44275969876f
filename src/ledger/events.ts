import { z } from 'zod'
import type { GrantStep } from '../domain/grant.ts'

/** The trail: what each kind of line holds, as stored and as read. */

const text = z.string()
const nothing = {}
/** For an attempt or its outcome: WeChat Pay's code, or the app's reason, and either in words. */
const failure = {
  result: text.exactOptional(),
  code: text.optional(),
  reason: text.optional(),
  detail: text.optional(),
  why: text.optional(),
}
const verdict = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('issued'), couponId: text }),
  z.object({ kind: z.literal('not-issued') }),
])
const votes = {
  /** The absent approver. */ for: text.exactOptional(),
  have: z.int(),
  needed: z.int(),
  /** The approver is the requester. */ own: z.literal(true).exactOptional(),
}
/** If people settled how it ended. */
const settled = { settlement: text.exactOptional(), proposedBy: text.exactOptional() }
/** `by`: who began or ended a pause; `grant`: the grant of the same user that must be settled first. */
const held = { reason: text.exactOptional(), by: text.exactOptional(), grant: text.exactOptional() }

/** Also used in a grant's row. */
export const foundBy = z.object({
  kind: text,
  name: z.object({ en: text, 'zh-CN': text }).nullable(),
  number: text,
  amount: z.int().nullable(),
  at: z.int().nullable(),
})

/** For a line without a grant: the stock's name at that time, and its ref. */
const ofStock = { stock: text.nullable().exactOptional(), stockRef: text.nullable().exactOptional() }

const base = z.object({
  id: z.int(),
  grant_id: text.nullable(),
  actor: text,
  subject: text.nullable(),
  at: z.int(),
  said: text.nullable(),
})

function event<K extends string, S extends z.core.$ZodLooseShape>(kind: K, data: S) {
  return base.extend({ kind: z.literal(kind), data: jsonColumn(z.object(data)) })
}

/** A line as SQL gives it. */
export const eventRow = z.discriminatedUnion('kind', [
  /** What the grant fixes for good; lines of 0.1.0 lack it. `instead`: the grant that it replaced. */
  event('requested', {
    subject: text.exactOptional(),
    stockRef: text.exactOptional(),
    quota: z.int().exactOptional(),
    reason: text.exactOptional(),
    instead: text.exactOptional(),
    /** How the user was found, if not by the openid. */
    found: foundBy.exactOptional(),
  }),
  event('approved-by-rule', { rule: text }),
  event('approval', votes),
  event('approve', votes),
  event('approval-lapsed', { approver: text, why: text }),
  /** `named`: the policy's reason, by its name at that time. */
  event('reject', { named: z.object({ en: text, 'zh-CN': text }).exactOptional() }),
  /** `reason`: the policy's. */
  event('cancel', { reason: text.exactOptional() }),
  event('expire', nothing),
  event('held', held),
  event('resumed', { ...held, ...ofStock }),
  event('attempt', { number: z.int() }),
  event('attempt-lost', { number: z.int() }),
  event('release', failure),
  event('outcome-unknown', {
    ...failure,
    couponId: text.exactOptional(),
    /** The app won't ask again. */
    again: z.literal(false).exactOptional(),
  }),
  event('given-up', nothing),
  event('issue', { ...settled, couponId: text.exactOptional() }),
  event('refuse', { ...settled, code: text.exactOptional() }),
  event('correct', { couponId: text.exactOptional() }),
  event('coupon-after-end', { couponId: text }),
  event('restored', nothing),
  event('reminded', nothing),
  /** More people may decide it now. */
  event('escalated', { added: z.array(text) }),
  /** Too few of its approvers can be reached; then: enough can again. */
  event('stranded', { needed: z.int(), reachable: z.int() }),
  event('reachable', nothing),
  event('away', { person: text, until: z.int(), standIn: text.exactOptional() }),
  event('back', { person: text }),
  event('channel-closed', { channel: text, code: text }),
  event('operators-told', { channel: text }),
  event('channel-open', { channel: text }),
  event('asked-elsewhere', { channel: text }),
  event('openid-shown', nothing),
  /** `reason`: somebody asked for it, or the policy's keeping time is over. */
  event('erased', { reason: text, /** If another person confirmed it. */ askedBy: text.exactOptional() }),
  event('erasure-asked', { erasure: text }),
  event('erasure-declined', { erasure: text }),
  event('settlement-proposed', { settlement: text, verdict }),
  event('settlement-withdrawn', { settlement: text }),
  /** `reason`: the app's. */
  event('paused', { ...ofStock, reason: text.exactOptional() }),
  /** `for`: the grant whose coupon was looked for; `find`: the kind of number by which a user was found. */
  event('look-up', {
    stock: text.nullable(),
    for: text.exactOptional(),
    find: text.exactOptional(),
    /** What the records were asked for by, instead of an openid. */
    by: z.enum(['number', 'coupon', 'ticket', 'unknown']).exactOptional(),
  }),
  event('policy-in-force', { from: text.nullable(), to: text }),
])

type Row = z.output<typeof eventRow>
export type EventKind = Row['kind']
export type EventData<K extends EventKind = EventKind> = Extract<Row, { kind: K }>['data']

/** A line of the trail; never changed or deleted. */
export type LedgerEvent<K extends EventKind = EventKind> = {
  [Kind in K]: {
    /** Grows with time. */
    id: number
    grantId: string | null
    kind: Kind
    /** Slack user id, `cli:NAME`, `app`, `policy` or `wechatpay`. */
    actor: string
    /** For a line about a user: the subject's id. */
    subject: string | null
    /** Epoch ms. */
    at: number
    /** What the actor typed. */
    said: string | null
    data: EventData<Kind>
  }
}[K]

/** Lines of steps, and of changes without one. */
export type StepKind = Exclude<GrantStep, 'claim'>
export type ChangeKind =
  | 'approval'
  | 'outcome-unknown'
  | 'given-up'
  | 'reminded'
  | 'escalated'
  | 'stranded'
  | 'reachable'

/** What a line holds; without `data` if its kind needs none. */
export type EventSays<K extends EventKind = EventKind> = {
  [Kind in K]: { kind: Kind } & (Record<never, never> extends EventData<Kind>
    ? { data?: EventData<Kind> }
    : { data: EventData<Kind> })
}[K]

export type NewEvent<K extends EventKind = EventKind> = EventSays<K> & {
  grantId?: string | null
  actor: string
  subject?: string
  said?: string | null
}

/** A column that holds JSON as text. Invalid JSON is rejected. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(schema)
}
