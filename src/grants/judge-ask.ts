import { type Ask, askProblems } from '../domain/ask.ts'
import { firstDay } from '../domain/calendar-days.ts'
import { type LimitKind, limitKinds, limitOf, refusalByLimit } from '../domain/limit.ts'
import { levelFor, mayNot, type Person } from '../domain/permissions.ts'
import {
  type ApprovalReason,
  type AutomaticRule,
  findStock,
  type Policy,
  ruleFits,
  type Stock,
} from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { UsageOf } from '../ledger/ledger.ts'
import type { LimitState, Preview, Problem } from './grants.ts'

type CountUsage = (of: UsageOf) => Promise<{ count: number; quota: number }>

export type Judgement =
  | Extract<Preview, { kind: 'refused' }>
  | (Exclude<Preview, { kind: 'refused' }> & { stock: Stock })

/**
 * What the policy says to an ask: who asks, its form, the limits, the rules that approve by themselves; in this order.
 * `usage` is what the ledger has counted: inside the transaction that records the grant, so that it is still true when
 * the grant is written.
 */
export async function judgeAsk(
  policy: Policy,
  person: Person,
  ask: Ask,
  now: number,
  usage: CountUsage,
): Promise<Judgement> {
  const forbidden = mayNot(policy, person, ['requester'])
  if (forbidden) return { kind: 'refused', problems: [{ field: null, refusal: forbidden }] }
  const problems: Problem[] = askProblems(policy, ask)
  const stock = findStock(policy, ask.stock)
  if (problems.length > 0 || !stock) return { kind: 'refused', problems }

  const limits: LimitState[] = []
  for (const kind of limitKinds) {
    const limit = limitOf(policy, kind, now)
    if (!limit) continue
    const by = limitOwner(kind, { openid: ask.openid, requester: person.id, stockRef: stockRefOf(stock) })
    const used = await usage({ by, from: limit.from })
    const refusal = refusalByLimit(kind, limit, used, stock.quota)
    if (refusal) problems.push({ field: fieldOf[kind], refusal })
    limits.push({ kind, limit, used })
  }
  if (problems.length > 0) return { kind: 'refused', problems }

  let usedUp: ApprovalReason | null = null
  for (const rule of policy.approval.automatic.filter((one) => ruleFits(one, stock, ask.reason))) {
    const full = await whyUsedUp(policy, rule, person, ask.openid, stock, now, usage)
    if (!full) return { kind: 'automatic', rule: rule.name, limits, stock }
    usedUp ??= full
  }
  const { channel, expiresAfter } = policy.approval
  return {
    kind: 'needs-approval',
    ...levelFor(policy, stock),
    channel,
    expiresAt: now + expiresAfter,
    reason: usedUp ?? whyNoRule(policy, stock, ask.reason),
    limits,
    stock,
  }
}

/** Why none of the policy's rules fits; a quota that is too high is told before all else, as people can act on it. */
function whyNoRule({ approval: { automatic } }: Policy, stock: Stock, reason: string): ApprovalReason {
  if (automatic.length === 0) return { code: 'always' }
  const maxima = automatic
    .filter((rule) => ruleFits({ ...rule, upToQuota: null }, stock, reason))
    .flatMap(({ upToQuota }) => upToQuota ?? [])
  return maxima.length > 0 ? { code: 'above-quota', max: Math.max(...maxima) } : { code: 'no-rule' }
}

/** Whose or what's share a limit of this kind counts. */
export function limitOwner(
  kind: LimitKind,
  { openid, requester, stockRef }: { openid: string; requester: string; stockRef: string },
): UsageOf['by'] {
  return { user: { openid }, requester: { requester }, stock: { stockRef } }[kind]
}

const fieldOf = { user: 'openid', requester: null, stock: 'stock' } as const

/** A rule's use by the requester is counted by its name; what the user got counts by whatever decision. */
async function whyUsedUp(
  policy: Policy,
  rule: AutomaticRule,
  person: Person,
  openid: string,
  stock: Stock,
  now: number,
  usage: CountUsage,
): Promise<ApprovalReason | null> {
  const limits = [
    { by: 'requester', limit: rule.perRequester, of: { by: { requester: person.id }, rule: rule.name } },
    { by: 'user', limit: rule.perUser, of: { by: { openid } } },
  ] as const
  for (const { by, limit, of } of limits) {
    if (!limit) continue
    const used = await usage({ ...of, from: firstDay(now, limit.days, policy.timezone) })
    if (refusalByLimit(by, limit, used, stock.quota))
      return { code: 'rule-used-up', rule: rule.name, by, limit }
  }
  return null
}
