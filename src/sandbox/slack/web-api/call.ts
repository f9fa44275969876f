import { newSecret } from '../ids.ts'
import type { FaultSpec } from '../plantable-faults.ts'
import type { World } from '../world.ts'
import { ApiError, createArguments } from './arguments.ts'
import { chatMethods } from './chat-methods.ts'
import { conversationMethods } from './conversation-methods.ts'
import { fileMethods } from './file-methods.ts'
import { type Answer, createRates, type Method, needScope } from './method.ts'
import { peopleMethods } from './people-methods.ts'
import { viewMethods } from './view-methods.ts'

export type Call = {
  method: string
  /** From the Authorization header, or the `token` argument. */
  token: string | undefined
  args: Record<string, unknown>
}
/** `silence` is a planted fault: keep the caller waiting, or reset the connection. */
export type CallResult =
  | { status: number; headers?: Record<string, string>; body: string | Answer }
  | { silence: 'hang' | 'reset' }
export type WebApi = ReturnType<typeof createWebApi>

/** Answers Web API calls in Slack's order: method, token, rate, scope, arguments. */
export function createWebApi(world: World, sockets: { newAddress(): string }) {
  const rates = createRates()
  const methods: Record<string, Method> = {
    ...peopleMethods,
    ...conversationMethods,
    ...chatMethods,
    ...viewMethods,
    ...fileMethods,
    'apps.connections.open': { token: 'app', perMinute: 60, run: () => ({ url: sockets.newAddress() }) },
  }

  function call({ method: name, token, args }: Call): CallResult {
    const end = world.traffic.begin({
      direction: 'to_slack',
      kind: 'web_api',
      name,
      transport: 'http',
      request: args,
    })
    const fault = world.faults.take(
      ['web_api_429', 'web_api_500', 'web_api_hang', 'web_api_reset', 'web_api_error'],
      ({ method = name, channel = args.channel }) => method === name && channel === args.channel,
    )
    const result = fault ? spoiled(fault, () => answer(name, token, args)) : answer(name, token, args)
    end({
      ...('silence' in result ? { error: result.silence } : { answer: result.body, status: result.status }),
      ...(fault ? { fault: fault.name } : {}),
    })
    return result
  }

  function answer(name: string, token: string | undefined, raw: Record<string, unknown>): CallResult {
    try {
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined
      if (!method) throw new ApiError('unknown_method', { req_method: name })
      const kind = tokenKind(world, token, method)
      const args = createArguments(raw)
      const wait = world.hasRates ? rates.take(`${name} ${method.rateKey?.(args) ?? ''}`, method) : 0
      if (wait > 0) return limited(wait)
      if (method.scope !== undefined) needScope(world, method.scope)
      const { response_metadata, ...rest } = method.run(args, world, kind)
      return ok({ ok: true, ...rest, ...(response_metadata ? { response_metadata } : {}) })
    } catch (error) {
      if (error instanceof ApiError) return ok({ ok: false, error: error.code, ...error.extra })
      throw error
    }
  }

  function ok(body: Answer): CallResult {
    return {
      status: 200,
      headers: {
        'x-oauth-scopes': world.installation.scopes.join(','),
        'x-slack-req-id': newSecret(),
        date: new Date(Date.now() + world.installation.clockAhead).toUTCString(),
      },
      body,
    }
  }

  return { call }
}

function tokenKind(world: World, token: string | undefined, method: Method): 'bot' | 'app' {
  if (token === undefined || token === '') throw new ApiError('not_authed')
  const kind = token === world.botToken ? 'bot' : token === world.appToken ? 'app' : undefined
  if (kind === undefined) throw new ApiError('invalid_auth')
  const wanted = method.token ?? 'bot'
  if (wanted !== 'any' && wanted !== kind) throw new ApiError('not_allowed_token_type')
  return kind
}

function limited(seconds: number): CallResult {
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { ok: false, error: 'ratelimited' },
  }
}

function spoiled(fault: FaultSpec, act: () => CallResult): CallResult {
  if (fault.name === 'web_api_429') return limited(fault.retryAfter ?? 1)
  if (fault.name === 'web_api_error')
    return { status: 200, body: { ok: false, error: fault.error ?? 'internal_error' } }
  if (fault.acted) act()
  if (fault.name === 'web_api_500') return { status: 500, body: 'Internal Server Error' }
  return { silence: fault.name === 'web_api_hang' ? 'hang' : 'reset' }
}
