import {
  type Ask,
  type AutomaticRule,
  askProblems,
  findStock,
  limitKinds,
  limitOf,
  mayNot,
  type Person,
  type Policy,
  passes,
  ruleFits,
  type Stock,
} from '../domain/policy.ts'
import { windowStart } from '../domain/window.ts'
import type { UsageOf } from '../ledger/ledger.ts'
import type { LimitState, Preview, Problem } from './grants.ts'

type CountUsage = (of: UsageOf) => Promise<{ count: number; quota: number }>

export type Judgement =
  | Extract<Preview, { kind: 'refused' }>
  | (Exclude<Preview, { kind: 'refused' }> & { stock: Stock })

/**
 * What the policy says to an ask: who asks, its form, the limits, the rules that approve by themselves; in this order.
 * `usage` is the ledger's count: inside the transaction that records the grant, so that what was counted is still
 * true when it is written.
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
    const by = {
      user: { openid: ask.openid },
      requester: { requester: person.id },
      stock: { stock: stock.key },
    }[kind]
    const used = await usage({ by, since: limit.since })
    const refusal = passes(kind, limit, used, stock.quota)
    if (refusal) problems.push({ field: fieldOf[kind], refusal })
    limits.push({ kind, limit, used })
  }
  if (problems.length > 0) return { kind: 'refused', problems }

  for (const rule of policy.approval.automatic) {
    if (ruleFits(rule, stock, ask.reason) && !(await usedUp(policy, rule, person, stock, now, usage)))
      return { kind: 'automatic', rule: rule.name, limits, stock }
  }
  const { approvals, channel, expiresAfter } = policy.approval
  return { kind: 'needs-approval', approvals, channel, expiresAt: now + expiresAfter, limits, stock }
}

const fieldOf = { user: 'openid', requester: null, stock: 'stock' } as const

async function usedUp(
  policy: Policy,
  rule: AutomaticRule,
  person: Person,
  stock: Stock,
  now: number,
  usage: CountUsage,
): Promise<boolean> {
  const limit = rule.perRequester
  if (!limit) return false
  const since = windowStart(now, limit.days, policy.timezone)
  const used = await usage({ by: { requester: person.id }, rule: rule.name, since })
  return passes('requester', limit, used, stock.quota) !== null
}
