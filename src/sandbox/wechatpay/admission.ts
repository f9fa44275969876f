import type { KeyObject } from 'node:crypto'
import { type Answer, emptyAnswer, refusal } from './answers.ts'
import { checkAuthorization } from './authorization.ts'

export interface ApiRequest {
  method: string
  /** Path and query as they stood on the wire. */
  url: string
  path: string
  query: string
  header: (name: string) => string | undefined
  body: Buffer
}

/** What an admitted request is for; `segment` is the path segment of the openid, still encoded. */
export type Purpose = { route: 'certificates' } | { route: 'send' | 'list'; segment: string }

/**
 * Lets a request in or refuses it, in the real service's order: headers, path, method, credentials.
 *
 * @param nowMs the real clock
 * @returns what the request is for, or the answer that refuses it, which is never signed
 */
export function admit(
  request: ApiRequest,
  merchant: { mchid: string; serial: string; publicKey: KeyObject },
  nowMs: number,
): Purpose | Answer {
  if (!request.header('user-agent') || !request.header('accept')) return headersMissing()
  const methods = purposesOf(request.path)
  if (!methods) return emptyAnswer(404)
  const purpose = methods[request.method]
  if (!purpose) return emptyAnswer(405)
  const authorization = request.header('authorization')
  return checkAuthorization({ ...request, authorization }, merchant, nowMs) ?? purpose
}

/** What a path is for, by method. */
function purposesOf(path: string): Record<string, Purpose> | undefined {
  if (path === '/v3/certificates') return { GET: { route: 'certificates' } }
  const [, segment] = /^\/v3\/marketing\/withdraw-favor\/users\/([^/]+)\/coupons$/.exec(path) ?? []
  if (segment === undefined) return undefined
  return { GET: { route: 'list', segment }, POST: { route: 'send', segment } }
}

function headersMissing(): Answer {
  const message = 'Http头缺少Accept或User-Agent'
  return refusal({ status: 400, code: 'INVALID_REQUEST', message, signed: false })
}
