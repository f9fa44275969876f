import type { Named } from './grant.ts'
import { type OpenidProblem, openidProblem } from './openid.ts'
import { readPattern } from './pattern.ts'
import { stockRefOf } from './stock-ref.ts'
import { firstDay } from './window.ts'

/** What the policy says, as pure functions over it and plain facts. The file itself is read by `policy-file.ts`. */

export const roles = ['viewer', 'requester', 'approver', 'auditor', 'operator'] as const
export type Role = (typeof roles)[number]
export type Language = 'en' | 'zh-CN'

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

/** At most so many coupons, or so much quota (fen), in so many days. At least one of the two is set. */
export interface Limit {
  count: number | null
  quota: number | null
  days: number
}

export interface AutomaticRule {
  /** Unique in the policy; told as the decision. */
  name: string
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

/** Why the policy does not approve an ask by itself. */
export type ApprovalReason =
  /** The policy approves nothing by itself. */
  | { code: 'always' }
  | { code: 'no-rule' }
  | { code: 'above-quota'; max: number }
  | { code: 'rule-used-up'; rule: string; by: 'requester' | 'user'; limit: Limit }

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
  /** What the merchant's openids look like, as a whole; null: as WeChat gives them out. */
  openid: string | null
  ticket: { required: boolean; pattern: string | null; url: string | null } | null
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
}

/** What is known of a person who acts. */
export interface Person {
  /** Slack user id. */
  id: string
  email: string | null
  /** User groups of the policy that the person is in; null when they could not be had in time. */
  groups: readonly string[] | null
  /** Slack accepts the app's token no more: they can't be had later either. */
  isCutOff?: true
  standing: 'member' | 'guest' | 'bot' | 'deactivated' | 'other-workspace'
}

/** What a person asks for. */
export interface Ask {
  /** Cleaned. */
  openid: string
  /** Key. */
  stock: string
  /** Key. */
  reason: string
  note: string | null
  ticket: string | null
}

export const limitKinds = ['user', 'requester', 'stock'] as const
export type LimitKind = (typeof limitKinds)[number]

/** Why something is not done; each has words in the catalogue. */
export type Refusal =
  | { code: 'not-a-member'; standing: Exclude<Person['standing'], 'member'> }
  | { code: 'roles-unknown' }
  /** Slack accepts the app's token no more. */
  | { code: 'cut-off' }
  | { code: 'role-missing'; role: Role }
  | { code: 'openid-malformed'; problem: OpenidProblem }
  | { code: 'stock-unknown'; stock: string }
  | { code: 'reason-unknown'; reason: string }
  | { code: 'note-missing' }
  | { code: 'note-too-long'; length: number; max: number }
  | { code: 'ticket-missing' }
  | { code: 'ticket-malformed'; pattern: string }
  | {
      code: 'limit-reached'
      limit: LimitKind
      measure: 'count' | 'quota'
      used: number
      max: number
      /** What this ask would add. */
      adding: number
      days: number
    }
  | { code: 'own-grant' }
  /** It waits, but the policy offers its stock no more. */
  | { code: 'stock-left'; stock: string }
  | { code: 'why-missing' }
  /** Fewer people than needed could decide it. */
  | { code: 'no-approvers'; needed: number; reachable: number }
  /** Slack did not tell in time who could decide it. */
  | { code: 'approvers-unknown' }
  /** Whether those who approved before are approvers still. */
  | { code: 'earlier-approvers-unknown' }
  /** Whether who said how a grant ended is an operator still. */
  | { code: 'proposer-unknown' }
  | { code: 'channel-unusable'; channel: string; why: ChannelProblem }
  /** Who says how a grant ended is not who confirms it. */
  | { code: 'own-settlement' }
  | { code: 'evidence-missing' }
  | { code: 'evidence-too-long'; length: number; max: number }
  | { code: 'coupon-id-malformed' }
  /** The coupon belongs to another grant. */
  | { code: 'coupon-taken'; grantId: string }
  | { code: 'lookups-reached'; max: number /** ms */; per: number /** epoch ms */; againAt: number }

/** Why approvers can't be asked in a channel. */
export type ChannelProblem = 'not-joined' | 'shared' | 'archived' | 'unreadable'

/** Coupons and quota (fen) that hold a place in a limit. */
export interface Usage {
  count: number
  quota: number
}

export const MAX_NOTE = 500
export const MAX_TICKET = 100

/** Roles of a person; a person who is not a member of the workspace has none. */
export function rolesOf(policy: Policy, person: Person): Role[] {
  if (person.standing !== 'member') return []
  return roles.filter((role) => isAmong(policy.roles[role], person))
}

function isAmong(members: readonly string[], { id, groups, email }: Person): boolean {
  const names = new Set([id, ...(groups ?? []), ...(email ? [email.toLowerCase()] : [])])
  return members.some((member) => names.has(member))
}

/** User groups that the policy names. */
export function groupsOf(policy: Policy): string[] {
  const named = [
    ...Object.values(policy.roles).flat(),
    ...policy.approval.levels.flatMap((level) => level.approvers),
  ]
  return [...new Set(named)].filter(isGroup)
}

export function isGroup(member: string): boolean {
  return /^S[0-9A-Z]+$/.test(member)
}

/** Who decides a coupon of this stock and quota, and how many of them must agree. */
export function levelFor(
  policy: Policy,
  of: { stock: string; quota: number },
): Pick<ApprovalLevel, 'approvals' | 'approvers'> {
  const level = policy.approval.levels.find(
    ({ stocks, aboveQuota }) =>
      (stocks === null || stocks.includes(of.stock)) && (aboveQuota === null || of.quota > aboveQuota),
  )
  return level ?? { approvals: policy.approval.approvals, approvers: policy.roles.approver }
}

/** Whether a person decides any kind of coupon at all. */
export function decidesSome(policy: Policy, person: Person): boolean {
  const deciders = [policy.roles.approver, ...policy.approval.levels.map((level) => level.approvers)]
  return mayNotAct(person) === null && deciders.some((members) => isAmong(members, person))
}

/** Why a person may not decide a grant, or null. A missing role is told before the own grant, since it is the plainer reason. */
export function mayNotDecide(
  policy: Policy,
  person: Person,
  grant: { stock: string; quota: number; requester: string },
): Refusal | null {
  const refusal = mayNotAct(person)
  if (refusal) return refusal
  if (!isAmong(levelFor(policy, grant).approvers, person)) return { code: 'role-missing', role: 'approver' }
  if (grant.requester === person.id && !policy.approval.selfApproval) return { code: 'own-grant' }
  return null
}

/** Why somebody may do nothing here at all, whatever the roles, or null. */
export function mayNotAct(person: Person): Refusal | null {
  if (person.standing !== 'member') return { code: 'not-a-member', standing: person.standing }
  if (person.groups !== null) return null
  return { code: person.isCutOff ? 'cut-off' : 'roles-unknown' }
}

/** Whether it says nothing of the person, but that Slack did not tell who that is. */
export function isNotTold({ code }: Refusal): boolean {
  return code === 'roles-unknown' || code === 'cut-off'
}

/**
 * Why a person may not act in any of these roles, or null.
 * Groups that could not be had count as a no, even where another entry would say yes: half an answer is not trusted.
 */
export function mayNot(policy: Policy, person: Person, anyOf: readonly [Role, ...Role[]]): Refusal | null {
  const refusal = mayNotAct(person)
  if (refusal) return refusal
  const held = rolesOf(policy, person)
  return anyOf.some((role) => held.includes(role)) ? null : { code: 'role-missing', role: anyOf[0] }
}

/** Everything wrong with the form of an ask, each with the field it belongs to. */
export function askProblems(policy: Policy, ask: Ask): { field: keyof Ask; refusal: Refusal }[] {
  const problems: { field: keyof Ask; refusal: Refusal }[] = []
  const openid = openidProblemOf(policy, ask.openid)
  if (openid) problems.push({ field: 'openid', refusal: { code: 'openid-malformed', problem: openid } })
  if (!findStock(policy, ask.stock))
    problems.push({ field: 'stock', refusal: { code: 'stock-unknown', stock: ask.stock } })
  const reason = policy.reasons.find(({ key }) => key === ask.reason)
  if (!reason) problems.push({ field: 'reason', refusal: { code: 'reason-unknown', reason: ask.reason } })
  if (reason?.noteRequired && !ask.note?.trim())
    problems.push({ field: 'note', refusal: { code: 'note-missing' } })
  if (ask.note && ask.note.length > MAX_NOTE)
    problems.push({
      field: 'note',
      refusal: { code: 'note-too-long', length: ask.note.length, max: MAX_NOTE },
    })
  const ticket = ticketProblem(policy, ask.ticket)
  if (ticket) problems.push({ field: 'ticket', refusal: ticket })
  return problems
}

/** Why a cleaned text is no openid here, or null. */
export function openidProblemOf(
  { openid: pattern }: Pick<Policy, 'openid'>,
  text: string,
): OpenidProblem | null {
  return openidProblem(text, pattern === null ? null : { pattern, ...readPattern(pattern) })
}

function ticketProblem(policy: Policy, ticket: string | null): Refusal | null {
  if (!ticket) return policy.ticket?.required ? { code: 'ticket-missing' } : null
  return fitsTicket(policy, ticket)
    ? null
    : { code: 'ticket-malformed', pattern: policy.ticket?.pattern ?? '.*' }
}

/** Whether a text can be a ticket: short, and as the policy's pattern wants it. */
export function fitsTicket({ ticket: wanted }: Pick<Policy, 'ticket'>, text: string): boolean {
  if (text.length > MAX_TICKET) return false
  return !wanted?.pattern || readPattern(wanted.pattern).finds(text)
}

export function findStock(policy: Policy, key: string): Stock | undefined {
  return policy.stocks.find((stock) => stock.key === key)
}

/** The stock of the policy that a grant is of, whatever its key is called now. */
export function stockOfGrant(
  policy: Policy,
  of: { mchid: string; stockId: string; appid: string },
): Stock | undefined {
  const ref = stockRefOf(of)
  return policy.stocks.find((stock) => stockRefOf(stock) === ref && stock.appid === of.appid)
}

/** The limit of a kind, with the first day of its window, or null where the policy sets none. */
export function limitOf(policy: Policy, kind: LimitKind, now: number): (Limit & { from: number }) | null {
  const limit = {
    user: policy.limits.perUser,
    requester: policy.limits.perRequester,
    stock: policy.limits.perStock,
  }[kind]
  return limit && { ...limit, from: firstDay(now, limit.days, policy.timezone) }
}

/** Why one more coupon of this quota would pass a limit, or null. */
export function passes(kind: LimitKind, limit: Limit, used: Usage, quota: number): Refusal | null {
  const over = (measure: 'count' | 'quota', adding: number): Refusal | null => {
    const max = limit[measure]
    if (max === null || used[measure] + adding <= max) return null
    return { code: 'limit-reached', limit: kind, measure, used: used[measure], max, adding, days: limit.days }
  }
  return over('count', 1) ?? over('quota', quota)
}

/** Whether a rule fits an ask, what was used of it left aside. */
export function ruleFits(rule: AutomaticRule, stock: Stock, reason: string): boolean {
  return (
    (rule.stocks === null || rule.stocks.includes(stock.key)) &&
    (rule.reasons === null || rule.reasons.includes(reason)) &&
    (rule.upToQuota === null || stock.quota <= rule.upToQuota)
  )
}
