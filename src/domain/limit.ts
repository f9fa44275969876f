import { firstDay } from './calendar-days.ts'
import type { Policy } from './policy.ts'
import type { Refusal } from './refusal.ts'

/** At most so many coupons, or so much quota (fen), in so many days. At least one of the two is set. */
export interface Limit {
  count: number | null
  quota: number | null
  days: number
}

export const limitKinds = ['user', 'requester', 'stock'] as const
export type LimitKind = (typeof limitKinds)[number]

/** Coupons and quota (fen) that hold a place in a limit. */
export interface Usage {
  count: number
  quota: number
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
export function refusalByLimit(kind: LimitKind, limit: Limit, used: Usage, quota: number): Refusal | null {
  const over = (measure: 'count' | 'quota', adding: number): Refusal | null => {
    const max = limit[measure]
    if (max === null || used[measure] + adding <= max) return null
    return { code: 'limit-reached', limit: kind, measure, used: used[measure], max, adding, days: limit.days }
  }
  return over('count', 1) ?? over('quota', quota)
}
