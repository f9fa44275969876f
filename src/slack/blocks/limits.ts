import type { Limit, LimitKind } from '../../domain/limit.ts'
import type { Abilities, LimitState } from '../../grants/index.ts'

type Says = (
  kind: LimitKind,
  measure: 'count' | 'quota',
  used: number,
  max: number,
  days: Limit['days'],
) => string

/** How much of each limit is used, in words; a limit may count coupons, what they cover, or both. */
export function limitTexts(limits: readonly LimitState[], says: Says): string[] {
  return limits.flatMap(({ kind, limit, used }) =>
    (['count', 'quota'] as const).flatMap((measure) => {
      const max = limit[measure]
      return max === null ? [] : [says(kind, measure, used[measure], max, limit.days)]
    }),
  )
}

/** How many coupons of this quota (fen) the stock's limit leaves, or null where it sets none. */
export function couponsLeft(left: Abilities['stocks'][number]['left'], quota: number): number | null {
  const count = left ? Math.min(left.count, Math.floor(left.quota / quota)) : Number.POSITIVE_INFINITY
  return Number.isFinite(count) ? count : null
}
