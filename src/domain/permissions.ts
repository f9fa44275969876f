import type { Refusal } from './ask.ts'
import type { Grant } from './grant.ts'
import { type ApprovalLevel, type Policy, type Role, roles, stockOfGrant } from './policy.ts'

/** What the app knows about a person who acts. */
export interface Person {
  /** Slack user id. */
  id: string
  email: string | null
  /** The policy's user groups that contain the person; null if Slack didn't say in time. */
  groups: readonly string[] | null
  /** Absent approvers for whom this person decides. */
  standsInFor?: readonly Person[]
  /** Slack no longer accepts the app's token, so the groups won't be known later either. */
  isCutOff?: true
  standing: 'member' | 'guest' | 'bot' | 'deactivated' | 'other-workspace'
}

/** The ledger's name for a person at the command line; all other actors are Slack user ids, or parts of the app. */
export function actorAtCommandLine(user: string): string {
  return `cli:${user}`
}

/** Who acted at the command line; null: the actor wasn't there. */
export function commandLineUser(actor: string): string | null {
  return /^cli:(.*)$/s.exec(actor)?.[1] ?? null
}

/** A person's standing in the app's own workspace, by Slack's `users.info`. */
export function standingOf(user: {
  deleted?: boolean | undefined
  is_bot?: boolean | undefined
  is_restricted?: boolean | undefined
  is_ultra_restricted?: boolean | undefined
}): Exclude<Person['standing'], 'other-workspace'> {
  if (user.deleted) return 'deactivated'
  if (user.is_bot) return 'bot'
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member'
}

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
    ...policy.approval.escalate.flatMap(({ add }) => add),
  ]
  return [...new Set(named)].filter(isGroup)
}

/** Whether a member named in the policy is a user group. */
export function isGroup(member: string): boolean {
  return /^S[0-9A-Z]+$/.test(member)
}

/** What levels look at: the stock's ids at WeChat Pay, whatever its key was at the ask, and the quota. */
type Leveled = Pick<Grant, 'mchid' | 'stockId' | 'appid' | 'quota'>

/** Who decides a coupon of this stock and quota, and how many of them must approve. */
export function levelFor(policy: Policy, of: Leveled): Omit<ApprovalLevel, 'stocks'> {
  const key = stockOfGrant(policy, of)?.key
  const level = policy.approval.levels.find(
    ({ stocks, aboveQuota }) =>
      (stocks === null || stocks.some((stock) => stock === key)) &&
      (aboveQuota === null || of.quota > aboveQuota),
  )
  return level ?? { approvals: policy.approval.approvals, approvers: policy.roles.approver, aboveQuota: null }
}

/**
 * Who may decide a grant now: the approvers of its level, and people whom the policy adds once
 * it has waited long enough.
 */
export function decidersOf(
  policy: Policy,
  grant: Leveled & Pick<Grant, 'createdAt'>,
  now: number,
): readonly string[] {
  const { approvers } = levelFor(policy, grant)
  const added = policy.approval.escalate.filter(({ after }) => now >= grant.createdAt + after)
  return [...new Set([...approvers, ...added.flatMap(({ add }) => add)])]
}

/** When the policy next adds approvers to a grant, epoch ms; null: never again. */
export function escalatesAt(
  policy: Policy,
  { createdAt }: Pick<Grant, 'createdAt'>,
  now: number,
): number | null {
  const times = policy.approval.escalate.map(({ after }) => createdAt + after).filter((at) => at > now)
  return times.length > 0 ? Math.min(...times) : null
}

/** Whether a person decides at least some kinds of coupon. */
export function decidesSome(policy: Policy, person: Person): boolean {
  const { levels, escalate } = policy.approval
  const deciders = [
    policy.roles.approver,
    ...levels.map((level) => level.approvers),
    ...escalate.map(({ add }) => add),
  ]
  return mayNotAct(person) === null && deciders.some((members) => isAmong(members, person))
}

/**
 * For whom a person decides a grant. Null: for themselves; an id: for that absent approver; undefined: they may not.
 * A stand-in must also be an approver by the policy, of at least some coupons; and nobody stands in for the requester.
 */
export function decidesAs(
  policy: Policy,
  person: Person,
  grant: Leveled & Pick<Grant, 'requester' | 'createdAt'>,
  now: number,
): string | null | undefined {
  const deciders = decidersOf(policy, grant, now)
  if (isAmong(deciders, person)) return null
  if (!decidesSome(policy, person)) return undefined
  return (person.standsInFor ?? []).find(
    (away) => away.id !== grant.requester && mayNotAct(away) === null && isAmong(deciders, away),
  )?.id
}

/**
 * Why a person may not decide a grant, or null. A missing role comes before "your own grant", as the plainer reason.
 */
export function mayNotDecide(
  policy: Policy,
  person: Person,
  grant: Leveled & Pick<Grant, 'requester' | 'createdAt'>,
  now: number,
): Refusal | null {
  const refusal = mayNotAct(person)
  if (refusal) return refusal
  if (decidesAs(policy, person, grant, now) === undefined) {
    const isUntold = person.standsInFor?.some(({ groups }) => groups === null)
    return isUntold ? { code: 'roles-unknown' } : { code: 'role-missing', role: 'approver' }
  }
  if (grant.requester === person.id && !policy.approval.selfApproval) return { code: 'own-grant' }
  return null
}

/** Why somebody may do nothing here at all, whatever their roles, or null. */
export function mayNotAct(person: Person): Refusal | null {
  if (person.standing !== 'member') return { code: 'not-a-member', standing: person.standing }
  if (person.groups !== null) return null
  return { code: person.isCutOff ? 'cut-off' : 'roles-unknown' }
}

/** Whether the refusal isn't about the person: Slack just didn't say who they are. */
export function isNotTold({ code }: Refusal): boolean {
  return code === 'roles-unknown' || code === 'cut-off'
}

/**
 * Why a person may not act in any of these roles, or null.
 * Unknown groups count as a no, even if another entry would say yes: half an answer isn't trusted.
 */
export function mayNot(policy: Policy, person: Person, anyOf: readonly [Role, ...Role[]]): Refusal | null {
  const refusal = mayNotAct(person)
  if (refusal) return refusal
  const held = rolesOf(policy, person)
  return anyOf.some((role) => held.includes(role)) ? null : { code: 'role-missing', role: anyOf[0] }
}
