/**
 * Slack's published tiers, calls a minute: https://docs.slack.dev/apis/web-api/rate-limits
 * A method may be called in a burst of a minute's worth; after that calls come free one by one.
 */
export const TIER = { two: 20, three: 50, four: 100, hundreds: 600 }

export type Rates = ReturnType<typeof createRates>

/** Token buckets by method and key, in real time. */
export function createRates() {
  const buckets = new Map<string, { left: number; at: number }>()

  /** Takes one call. @returns 0 when it may go, else after how many whole seconds to come again. */
  function take(
    key: string,
    { perMinute, burst = perMinute }: { perMinute: number; burst?: number | undefined },
  ): number {
    const now = performance.now()
    const bucket = buckets.get(key) ?? { left: burst, at: now }
    const left = Math.min(burst, bucket.left + ((now - bucket.at) * perMinute) / 60_000)
    const isAllowed = left >= 1
    buckets.set(key, { left: isAllowed ? left - 1 : left, at: now })
    return isAllowed ? 0 : Math.max(1, Math.ceil(((1 - left) * 60) / perMinute))
  }

  return { take }
}
