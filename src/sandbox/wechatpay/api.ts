import { type Answer, emptyAnswer, htmlAnswer, paramError, refusal, statusOf, success } from './answers.ts'
import { checkAuthorization } from './authorization.ts'
import type { RecordedCall } from './calls.ts'
import type { Coupons } from './coupons.ts'
import type { FaultName, FaultOf, Faults, FaultTarget } from './faults.ts'
import type { CertifiedKey } from './keys.ts'
import { createList } from './list.ts'
import { type Members, readOpenid } from './members.ts'
import { createSend } from './send.ts'
import { type SignatureFault, type Signatures, signatureFaults } from './signatures.ts'

export interface ApiRequest {
  method: string
  /** Path and query as they stood on the wire. */
  url: string
  path: string
  query: string
  header: (name: string) => string | undefined
  body: Buffer
}

/** What happens on the wire: an answer, nothing at all, or a reset. */
export type Reaction = { answer: Answer; signatureFault: SignatureFault | undefined } | 'silence' | 'reset'

const outcomes = [
  'no-answer-before',
  'no-answer-after',
  'reset-before',
  'reset-after',
  'too-many-requests',
  'server-error',
  'bad-gateway-html',
  'refuse',
] as const

type Outcome = FaultOf<(typeof outcomes)[number]>

/** Long enough that sends to one user that were started together meet. */
const WORK_MS = 5

export type Api = ReturnType<typeof createApi>

/**
 * Answers requests to the API as the real service does: headers, route, credentials, fields, then what the route is for.
 * Faults meet only requests that passed the signature check, so that a mistake of the caller never uses one up.
 *
 * @param deps.now the real clock in ms
 * @param deps.wait ends after so many ms
 */
export function createApi(deps: {
  merchant: CertifiedKey & { mchid: string }
  members: Members
  coupons: Coupons
  faults: Faults
  signatures: Signatures
  now: () => number
  wait: (ms: number) => Promise<void>
}) {
  const send = createSend(deps)
  const list = createList(deps)

  /** @param call is told what is found out about the request */
  return async (request: ApiRequest, call: RecordedCall): Promise<Reaction> => {
    const plain = (answer: Answer): Reaction => ({ answer, signatureFault: undefined })
    if (!request.header('user-agent') || !request.header('accept')) return plain(headersMissing())
    const route = findRoute(request.path)
    if (!route) return plain(emptyAnswer(404))
    if (!route.methods.includes(request.method)) return plain(emptyAnswer(405))
    const refused = checkAuthorization(
      { ...request, authorization: request.header('authorization') },
      deps.merchant,
      deps.now(),
    )
    if (refused) return plain(refused)
    call.verified = true

    const user = route.segment === undefined ? undefined : readOpenid(route.segment)
    const openid = user && 'openid' in user ? user.openid : undefined
    const target: FaultTarget = { method: request.method, path: request.path, openid }
    const take = <N extends FaultName>(...names: readonly N[]) => {
      const fault = deps.faults.take(names, target)
      if (fault) call.faults.push(fault.name)
      return fault
    }

    const act = async (): Promise<Answer> => {
      const takes = take('slow')?.ms ?? WORK_MS
      if (user && 'issue' in user) return paramError(user)
      if (openid === undefined) return after(takes, () => success(deps.signatures.certificates()))
      if (request.method === 'GET') {
        const conditions = {
          start: take('offset-start')?.start ?? 0,
          overlap: rowsOf(take('pages-overlap')),
          missing: lessOf(take('total-count-shrinks')),
        } as const
        return after(takes, () => list(openid, request.query, conditions))
      }
      const type = request.header('content-type') ?? ''
      if (!/^application\/json *(;|$)/i.test(type))
        return paramError({
          field: 'Content-Type',
          value: type,
          issue: '须为application/json',
          location: 'header',
        })
      return send(openid, request.body, {
        takes,
        limitsFirst: take('limits-before-idempotency') !== undefined,
        withoutExpireTime: take('expire-time-missing') !== undefined,
      })
    }
    const after = async (ms: number, answer: () => Answer): Promise<Answer> => {
      if (ms > WORK_MS) await deps.wait(ms)
      return answer()
    }
    const complete = (answer: Answer): Reaction => {
      const extra = answer.status === 200 ? take('extra-fields') : undefined
      return {
        answer: extra ? withExtraFields(answer, extra.bytes ?? 100) : answer,
        signatureFault: answer.signed ? take(...signatureFaults) : undefined,
      }
    }

    if (take('certificate-rotated')) await deps.signatures.rotate()
    const outcome = take(...outcomes)
    if (outcome === undefined) return complete(await act())
    if (actsFirst(outcome)) await act()
    const reaction = reactionOf(outcome)
    return typeof reaction === 'string' ? reaction : complete(reaction)
  }
}

function findRoute(path: string): { methods: string[]; segment?: string } | undefined {
  if (path === '/v3/certificates') return { methods: ['GET'] }
  const [, segment] = /^\/v3\/marketing\/withdraw-favor\/users\/([^/]+)\/coupons$/.exec(path) ?? []
  return segment === undefined ? undefined : { methods: ['GET', 'POST'], segment }
}

function headersMissing(): Answer {
  const message = 'Http头缺少Accept或User-Agent'
  return refusal({ status: 400, code: 'INVALID_REQUEST', message, signed: false })
}

function actsFirst(outcome: Outcome): boolean {
  if (outcome.name === 'no-answer-after' || outcome.name === 'reset-after') return true
  return 'after' in outcome && outcome.after === true
}

function reactionOf(outcome: Outcome): Answer | 'silence' | 'reset' {
  switch (outcome.name) {
    case 'no-answer-before':
    case 'no-answer-after':
      return 'silence'
    case 'reset-before':
    case 'reset-after':
      return 'reset'
    case 'too-many-requests':
      return refusal({
        status: 429,
        code: 'FREQUENCY_LIMITED',
        message: '频率限制，请降低频率后重试',
        signed: false,
      })
    case 'server-error':
      return refusal({ status: 500, code: 'SYSTEM_ERROR', message: '系统异常，请稍后重试', signed: false })
    case 'bad-gateway-html':
      return htmlAnswer(502, 'Bad Gateway')
    case 'refuse': {
      const { code, status = statusOf(code), message = `沙箱按要求返回${code}`, signed = true } = outcome
      return refusal({ status, code, message, signed })
    }
  }
}

function rowsOf(fault: FaultOf<'pages-overlap'> | undefined): number {
  return fault ? (fault.rows ?? 1) : 0
}

function lessOf(fault: (FaultOf<'total-count-shrinks'> & { before: number }) | undefined): number {
  return fault ? fault.before * (fault.by ?? 1) : 0
}

function withExtraFields(answer: Answer, bytes: number): Answer {
  const value = JSON.parse(answer.body) as Record<string, unknown>
  const extended = {
    ...value,
    unknown_text: 'x'.repeat(bytes),
    unknown_object: { unknown_list: [1, null, {}] },
  }
  const { data } = value
  return success(
    Array.isArray(data)
      ? { ...extended, data: data.map((row) => ({ ...row, unknown_flag: true })) }
      : extended,
  )
}
