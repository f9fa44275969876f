import { tzOffset } from '@date-fns/tz'
import type { Limit } from './limit.ts'
import type { Language, Named } from './text.ts'
import { stockRefOf } from './wechatpay-ids.ts'

/** What the policy says. Its file is read by `policy/`; what follows from it for people, asks and limits stands beside this. */

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
  /** Fen that a coupon costs the merchant, where the policy tells. */
  cost: number | null
}

export interface Reason {
  key: string
  name: Named
  noteRequired: boolean
}

export interface AutomaticRule {
  /** Unique in the policy: counted and kept as the decision. */
  name: string
  /** What it is called, where the policy names it in each language. */
  title?: Named | null
  /** Keys; null: every one. */
  stocks: readonly string[] | null
  reasons: readonly string[] | null
  /** Fen; null: any. */
  upToQuota: number | null
  /** How often one requester may use this rule. */
  perRequester: Limit | null
  /** What the user may have got by then, this one included, by whatever decision. */
  perUser: Limit | null
}

/** Who decides some coupons, where it is not as for all others. */
export interface ApprovalLevel {
  /** Keys; null: every one. */
  stocks: readonly string[] | null
  /** Fen; null: any. */
  aboveQuota: number | null
  approvals: number
  approvers: readonly string[]
}

export interface Escalation {
  /** ms from the ask. */
  after: number
  /** User groups, people or e-mail addresses. */
  add: readonly string[]
}

/** Why the policy does not approve an ask by itself. */
export type ApprovalReason =
  /** The policy approves nothing by itself. */
  | { code: 'always' }
  | { code: 'no-rule' }
  | { code: 'above-quota'; max: number }
  | { code: 'rule-used-up'; rule: string; by: 'requester' | 'user'; limit: Limit }

/** By what a user can be found who is no openid yet. */
export interface CustomerRules {
  /** Whether orders at WeChat Pay are asked, and complaints. */
  orders: boolean
  complaints: boolean
  /** What the merchant's own order numbers look like, as a whole; null: any may be one. */
  merchantOrders: string | null
  /** Of a service provider: the merchants whose orders are asked; empty: the app's own merchant. */
  subMchids: readonly string[]
  /** The merchant's own look-up. */
  endpoint: string | null
  /** What that takes. */
  kinds: readonly { key: string; name: Named; pattern: string | null }[]
  /** Where people get an openid, told beside its field. */
  openidHelp: { text: Named; url: string | null } | null
}

export interface Policy {
  /** SHA-256 of the text, hex. */
  hash: string
  text: string
  /** IANA name. */
  timezone: string
  /** Of channels; what one person sees is in the person's language. */
  language: Language
  /** User groups (`S…`), people (`U…`, `W…`) or e-mail addresses in lower case. */
  roles: Record<Role, readonly string[]>
  /** Channel in which operators are told. */
  alerts: string | null
  stocks: readonly Stock[]
  reasons: readonly Reason[]
  /** Why requests are rejected, to choose from. */
  rejections: readonly { key: string; name: Named }[]
  /** What the merchant's openids look like, as a whole; null: as WeChat gives them out. */
  openid: string | null
  customers: CustomerRules | null
  /** What customers are told of an issued coupon, with `{quota}` and `{expires}`; none: the app's own words. */
  passOn?: readonly { language: Language; text: string }[]
  ticket: {
    required: boolean
    pattern: string | null
    url: string | null
    /** What one looks like: people are shown this, never the pattern. */
    example?: string | null
  } | null
  approval: {
    channel: string
    approvals: number
    /** ms */
    expiresAfter: number
    /** ms from the approval until an approved grant that could not be issued is cancelled. */
    issueWithin: number
    /** Whether requesters may approve their own grants. */
    selfApproval: boolean
    /** When approvers are reminded of a pending grant, ms; null: never. */
    remind: { after: number; every: number } | null
    /** In the policy's time zone; null: none. */
    quiet: QuietHours | null
    /** Whom the policy adds to those who decide a grant once it has waited so long; it takes nobody away. */
    escalate: readonly Escalation[]
    /** The first that fits decides who is asked; where none does, the approvers' role. */
    levels: readonly ApprovalLevel[]
    automatic: readonly AutomaticRule[]
  }
  limits: {
    perUser: Limit | null
    perRequester: Limit | null
    perStock: Limit | null
    lookups: { perPerson: number /** ms */; per: number } | null
  }
  /** How long a person is kept of whom nothing happens, ms; null: for good. */
  records: { keep: number | null }
  /** How many users a minute are asked about at WeChat Pay by itself, and of how many days; null: none. */
  reconcile: { perMinute: number; days: number } | null
}

export function findStock(policy: Policy, key: string): Stock | undefined {
  return policy.stocks.find((stock) => stock.key === key)
}

/** The stock of the policy that a grant is of, whatever its key is called now. */
export function stockOfGrant(
  policy: Pick<Policy, 'stocks'>,
  of: { mchid: string; stockId: string; appid: string },
): Stock | undefined {
  const ref = stockRefOf(of)
  return policy.stocks.find((stock) => stockRefOf(stock) === ref && stock.appid === of.appid)
}

/** What people write after `pause` and `resume` for all coupons at once; no stock may be called so. */
export const wordsForAll: ReadonlySet<string> = new Set(['all', 'everything', '全部', '所有', '一切'])

/** Whether a rule fits an ask, what was used of it left aside. */
export function ruleFits(rule: AutomaticRule, stock: Stock, reason: string): boolean {
  return (
    (rule.stocks === null || rule.stocks.includes(stock.key)) &&
    (rule.reasons === null || rule.reasons.includes(reason)) &&
    (rule.upToQuota === null || stock.quota <= rule.upToQuota)
  )
}

/** Hours in which nobody is pinged but operators. */

/** Minutes of a day; `from` is later than `to` where midnight lies between them. */
export interface QuietHours {
  from: number
  to: number
}

const MINUTE = 60_000
const DAY = 24 * 60

/** When the quiet hours began that last at this moment; null: it is not quiet. @param now epoch ms @returns epoch ms */
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

/** Whether a requester is not to be pinged now. Who has asked in these same quiet hours is awake, and waits for the end. */
export function isQuietFor(
  policy: Pick<Policy, 'timezone' | 'approval'>,
  { createdAt }: { createdAt: number },
  now: number,
): boolean {
  const since = quietSince(policy, now)
  return since !== null && createdAt < since
}
