import { tzOffset } from '@date-fns/tz'
import type { Limit } from './limit.ts'
import type { Language, Named } from './text.ts'
import { stockRefOf } from './wechatpay-ids.ts'

/**
 * The contents of a policy. `policy/` reads its file; what it means for people,
 * asks and limits is in the files beside this one.
 */

export const roles = ['viewer', 'requester', 'approver', 'auditor', 'operator'] as const
export type Role = (typeof roles)[number]

export interface Stock {
  /** Short name in the policy. */
  key: string
  stockId: string
  appid: string
  mchid: string
  name: Named
  /** Fen that a coupon covers. */
  quota: number
  /** Fen that a coupon costs the merchant, if the policy says so. */
  cost: number | null
}

export interface Reason {
  key: string
  name: Named
  noteRequired: boolean
}

export interface AutomaticRule {
  /** Unique in the policy: usage is counted by it, and decisions are recorded under it. */
  name: string
  /** Its name in each language, if the policy gives one. */
  title?: Named | null
  /** Keys; null: all stocks. */
  stocks: readonly string[] | null
  reasons: readonly string[] | null
  /** Fen; null: any. */
  upToQuota: number | null
  /** How often one requester may use this rule. */
  perRequester: Limit | null
  /** What the user may have received by then, this coupon included, whoever decided it. */
  perUser: Limit | null
}

/** Overrides approvers and the number of approvals for some coupons. */
export interface ApprovalLevel {
  /** Keys; null: all stocks. */
  stocks: readonly string[] | null
  /** Fen; null: any. */
  aboveQuota: number | null
  approvals: number
  approvers: readonly string[]
}

export interface Escalation {
  /** ms after the ask. */
  after: number
  /** User groups, people or e-mail addresses. */
  add: readonly string[]
}

/** Why the policy doesn't approve an ask by itself. */
export type ApprovalReason =
  /** The policy approves nothing by itself. */
  | { code: 'always' }
  | { code: 'no-rule' }
  | { code: 'above-quota'; max: number }
  | { code: 'rule-used-up'; rule: string; by: 'requester' | 'user'; limit: Limit }

/** How a user can be found without an openid. */
export interface CustomerRules {
  /** Whether to ask WeChat Pay about orders, and complaints. */
  orders: boolean
  complaints: boolean
  /** The form of the merchant's own order numbers, matched as a whole; null: any text may be one. */
  merchantOrders: string | null
  /** For a service provider: the merchants whose orders to ask about; empty: the app's own merchant. */
  subMchids: readonly string[]
  /** Address of the merchant's own look-up. */
  endpoint: string | null
  /** The kinds of number that it takes. */
  kinds: readonly { key: string; name: Named; pattern: string | null }[]
  /** Where people get an openid, shown beside its field. */
  openidHelp: { text: Named; url: string | null } | null
}

export interface Policy {
  /** SHA-256 of the text, hex. */
  hash: string
  text: string
  /** IANA name. */
  timezone: string
  /** The language of channels; what one person sees is in that person's language. */
  language: Language
  /** User groups (`S…`), people (`U…`, `W…`) or e-mail addresses in lower case. */
  roles: Record<Role, readonly string[]>
  /** The operators' channel. */
  alerts: string | null
  stocks: readonly Stock[]
  reasons: readonly Reason[]
  /** Reasons for a rejection, to choose from. */
  rejections: readonly { key: string; name: Named }[]
  /** The form of the merchant's openids, matched as a whole; null: as WeChat gives them out. */
  openid: string | null
  customers: CustomerRules | null
  /** What to tell customers about an issued coupon, with `{quota}` and `{expires}`; left out: the app's own words. */
  passOn?: readonly { language: Language; text: string }[]
  ticket: {
    required: boolean
    pattern: string | null
    url: string | null
    /** An example to show people, who never see the pattern. */
    example?: string | null
  } | null
  approval: {
    channel: string
    approvals: number
    /** ms */
    expiresAfter: number
    /** ms from the approval until the app cancels an approved grant that it couldn't issue. */
    issueWithin: number
    /** Whether requesters may approve their own grants. */
    selfApproval: boolean
    /** When to remind approvers of a pending grant, ms; null: never. */
    remind: { after: number; every: number } | null
    /** In the policy's time zone; null: none. */
    quiet: QuietHours | null
    /** Approvers whom the policy adds once a grant has waited this long; it removes nobody. */
    escalate: readonly Escalation[]
    /** The first level that applies decides who is asked; if none does, the approvers' role. */
    levels: readonly ApprovalLevel[]
    automatic: readonly AutomaticRule[]
  }
  limits: {
    perUser: Limit | null
    perRequester: Limit | null
    perStock: Limit | null
    lookups: { perPerson: number /** ms */; per: number } | null
  }
  /** How long to keep a person about whom nothing happens, ms; null: for good. */
  records: { keep: number | null }
  /** How many users a minute to reconcile with WeChat Pay, and over how many days; null: none. */
  reconcile: { perMinute: number; days: number } | null
}

/** The stock with this key; undefined: the policy has none. */
export function findStock(policy: Policy, key: string): Stock | undefined {
  return policy.stocks.find((stock) => stock.key === key)
}

/** The policy's stock that a grant is of, whatever its key is now. */
export function stockOfGrant(
  policy: Pick<Policy, 'stocks'>,
  of: { mchid: string; stockId: string; appid: string },
): Stock | undefined {
  const ref = stockRefOf(of)
  return policy.stocks.find((stock) => stockRefOf(stock) === ref && stock.appid === of.appid)
}

/** Words after `pause` and `resume` that mean all coupons; no stock may be named like this. */
export const wordsForAll: ReadonlySet<string> = new Set(['all', 'everything', '全部', '所有', '一切'])

/** Whether a rule fits an ask, regardless of what was used of it. */
export function ruleFits(rule: AutomaticRule, stock: Stock, reason: string): boolean {
  return (
    (rule.stocks === null || rule.stocks.includes(stock.key)) &&
    (rule.reasons === null || rule.reasons.includes(reason)) &&
    (rule.upToQuota === null || stock.quota <= rule.upToQuota)
  )
}

/** Hours in which only operators get notifications. */

/** Minutes of a day; `from` is later than `to` if midnight lies between them. */
export interface QuietHours {
  from: number
  to: number
}

const MINUTE = 60_000
const DAY = 24 * 60

/** When the quiet hours now under way began; null: there are none. @param now epoch ms @returns epoch ms */
export function quietSince(
  { timezone, approval: { quiet } }: Pick<Policy, 'timezone' | 'approval'>,
  now: number,
): number | null {
  if (!quiet) return null
  const local = now / MINUTE + tzOffset(timezone, new Date(now))
  const minute = ((local % DAY) + DAY) % DAY
  const [since, lasts] = [(minute - quiet.from + DAY) % DAY, (quiet.to - quiet.from + DAY) % DAY]
  return since < lasts ? now - since * MINUTE : null
}

/**
 * Whether a requester may not be notified now. Somebody who asked in these same quiet hours is awake,
 * and waits for the outcome.
 */
export function isQuietFor(
  policy: Pick<Policy, 'timezone' | 'approval'>,
  { createdAt }: { createdAt: number },
  now: number,
): boolean {
  const since = quietSince(policy, now)
  return since !== null && createdAt < since
}
