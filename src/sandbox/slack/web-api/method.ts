import type { World } from '../world.ts'
import { ApiError, type Arguments } from './arguments.ts'

export type Answer = Record<string, unknown>

/** One Web API method of the stand-in. */
export type Method = {
  /** The token that the method accepts; `any` is for auth.test. Default: the bot's. */
  token?: 'bot' | 'app' | 'any'
  /** Always needed; `needScope` in the method checks scopes that depend on the arguments. */
  scope?: string
  /** The published rate, calls a minute, for each `rateKey` separately. */
  perMinute: number
  /** Calls that may come at once; default: a minute's worth. */
  burst?: number
  rateKey?: (args: Arguments) => string
  run(args: Arguments, world: World, token: 'bot' | 'app'): Answer
}

/** Checks that the bot has a scope. @throws ApiError missing_scope with the needed and the granted scopes. */
export function needScope(world: World, scope: string): void {
  const provided = world.installation.scopes
  if (!provided.includes(scope))
    throw new ApiError('missing_scope', { needed: scope, provided: provided.join(',') })
}

/** One page of a list, with Slack's cursors. */
export function page<T>(
  args: Arguments,
  all: T[],
  most = 1000,
): { items: T[]; response_metadata: { next_cursor: string } } {
  const limit = args.count('limit', { least: 1, most, otherwise: most })
  const cursor = args.optionalText('cursor')
  const start =
    cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('next:', ''))
  if (!Number.isInteger(start) || start < 0) throw new ApiError('invalid_cursor')
  const end = start + limit
  const next = end < all.length ? Buffer.from(`next:${end}`).toString('base64') : ''
  return { items: all.slice(start, end), response_metadata: { next_cursor: next } }
}

/**
 * Slack's published tiers, calls a minute: https://docs.slack.dev/apis/web-api/rate-limits
 * A method may be called in a burst of a minute's worth; after that, calls become free one by one.
 */
export const TIER = { two: 20, three: 50, four: 100, hundreds: 600 }

export type Rates = ReturnType<typeof createRates>

/** Token buckets by method and key, in real time. */
export function createRates() {
  const buckets = new Map<string, { left: number; at: number }>()

  /** Takes one call. @returns 0 if it may go, otherwise the seconds to wait, rounded up. */
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
