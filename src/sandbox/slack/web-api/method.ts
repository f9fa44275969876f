import type { World } from '../world.ts'
import { ApiError, type Arguments } from './arguments.ts'

export type Answer = Record<string, unknown>

/** One Web API method of the stand-in. */
export type Method = {
  /** Which token serves; `any` is for auth.test. Default: the bot's. */
  token?: 'bot' | 'app' | 'any'
  /** Needed whatever the arguments are; what depends on them is asked for by `needScope` inside. */
  scope?: string
  /** Published rate, calls a minute (see `rates.ts`), for each `rateKey` apart. */
  perMinute: number
  /** Calls that may come at once; default: a minute's worth. */
  burst?: number
  rateKey?: (args: Arguments) => string
  run(args: Arguments, world: World, token: 'bot' | 'app'): Answer
}

/** @throws ApiError missing_scope with what is needed and what the manifest provides. */
export function needScope(world: World, scope: string): void {
  const provided = world.declared.botScopes
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
