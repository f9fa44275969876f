import type { KeyObject } from 'node:crypto'
import { type Answer, emptyAnswer, paramError, readOpenid, refusal, success } from './answers.ts'
import { checkAuthorization } from './authorization.ts'
import type { RecordedCall } from './calls.ts'
import type { Complaints } from './complaints.ts'
import type { Coupons } from './coupons.ts'
import { actsFirst, failureAnswer, failureNames, withExtraFields, withOddFields } from './failures.ts'
import { type FaultName, type FaultOf, type Faults, isFor } from './faults.ts'
import { createSend } from './issue-coupon.ts'
import type { CertifiedKey } from './keys.ts'
import { createList } from './list.ts'
import type { Orders } from './orders.ts'
import { type SignatureFault, type Signatures, signatureFaults } from './signatures.ts'
import type { Members } from './stocks.ts'

/** What happens on the wire: an answer, nothing at all, or a reset. */
export type Reaction = { answer: Answer; signatureFault: SignatureFault | undefined } | 'silence' | 'reset'

/** Returns the next fault with one of these names that matches the current request. */
type Take = <N extends FaultName>(...names: readonly N[]) => (FaultOf<N> & { before: number }) | undefined

/** Long enough for sends to one user that start together to overlap. */
const WORK_MS = 5

export type Api = ReturnType<typeof createApi>

/**
 * Answers API requests as the real service does. Faults apply only to requests that passed the signature check,
 * so that a caller's mistake never uses one up. Faults of different kinds combine in one request; those that
 * replace the answer apply one after the other.
 *
 * @param deps.now the real clock in ms
 * @param deps.wait resolves after this many ms
 */
export function createApi(deps: {
  merchant: CertifiedKey & { mchid: string }
  members: Members
  coupons: Coupons
  orders: Orders
  complaints: Complaints
  faults: Faults
  signatures: Signatures
  now: () => number
  wait: (ms: number) => Promise<void>
}) {
  const send = createSend(deps)
  const list = createList(deps)

  /** @param call records what is found out about the request */
  return async (request: ApiRequest, call: RecordedCall): Promise<Reaction> => {
    const purpose = admit(request, deps.merchant, deps.now())
    if ('status' in purpose) return { answer: purpose, signatureFault: undefined }
    call.verified = true
    const user = 'segment' in purpose ? readOpenid(purpose.segment) : undefined
    const openid = user && 'openid' in user ? user.openid : undefined
    const take: Take = (...names) => {
      const target = { method: request.method, path: request.path, openid }
      const fault = deps.faults.take(names, (spec) => isFor(spec, target))
      if (fault) call.faults.push(fault.name)
      return fault
    }
    const act = async () =>
      user && 'issue' in user ? paramError(user) : await answerTo(request, purpose, openid ?? '', take)

    if (take('certificate-announced')) await deps.signatures.announce()
    if (take('certificate-rotated')) await deps.signatures.rotate()
    const failure = take(...failureNames)
    const done = failure === undefined || actsFirst(failure) ? await act() : undefined
    const shown = failure === undefined ? done : failureAnswer(failure)
    if (typeof shown !== 'object') return shown ?? 'silence'
    const odd = shown.status === 200 ? take('odd-answer') : undefined
    const told = odd ? withOddFields(shown, odd) : shown
    const extra = told.status === 200 ? take('extra-fields') : undefined
    return {
      answer: extra ? withExtraFields(told, extra.bytes) : told,
      signatureFault: shown.signed ? take(...signatureFaults) : undefined,
    }
  }

  async function answerTo(
    request: ApiRequest,
    purpose: Purpose,
    openid: string,
    take: Take,
  ): Promise<Answer> {
    const { route } = purpose
    const slow = take('slow')?.ms
    if (route === 'send') {
      return send(openid, request, {
        takes: slow ?? WORK_MS,
        limitsFirst: take('limits-before-idempotency') !== undefined,
        withoutExpireTime: take('expire-time-missing') !== undefined,
      })
    }
    if (slow !== undefined) await deps.wait(slow)
    if (route === 'certificates') return success(deps.signatures.certificates())
    if (route === 'order') return deps.orders.transaction({ ...purpose, query: request.query })
    if (route === 'complaint') return deps.complaints.one(purpose.value)
    if (route === 'complaints') return deps.complaints.list(request.query)
    const overlap = take('pages-overlap')
    const shrinks = take('total-count-shrinks')
    return list(openid, request.query, {
      start: take('offset-start')?.start ?? 0,
      overlap: overlap ? (overlap.rows ?? 1) : 0,
      missing: shrinks ? shrinks.before * (shrinks.by ?? 1) : 0,
    })
  }
}

export interface ApiRequest {
  method: string
  /** Path and query as they were on the wire. */
  url: string
  path: string
  query: string
  header: (name: string) => string | undefined
  body: Buffer
}

/** What an admitted request is for; `segment` is the path segment of the openid, still encoded. */
export type Purpose =
  | { route: 'certificates' | 'complaints' }
  | { route: 'send' | 'list'; segment: string }
  | { route: 'order'; by: 'id' | 'out-trade-no'; value: string; isPartner: boolean }
  | { route: 'complaint'; value: string }

/**
 * Admits or refuses a request, in the real service's order: headers, path, method, credentials.
 *
 * @param nowMs the real clock
 * @returns the request's purpose, or the refusal, which is never signed
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

/** The purposes of a path, by method. */
function purposesOf(path: string): Record<string, Purpose> | undefined {
  if (path === '/v3/certificates') return { GET: { route: 'certificates' } }
  if (path === '/v3/merchant-service/complaints-v2') return { GET: { route: 'complaints' } }
  const [, complaint] = /^\/v3\/merchant-service\/complaints-v2\/([0-9A-Za-z]{1,64})$/.exec(path) ?? []
  if (complaint !== undefined) return { GET: { route: 'complaint', value: complaint } }
  const [, partner, by, number] =
    /^\/v3\/pay\/(partner\/)?transactions\/(id|out-trade-no)\/([^/]{1,96})$/.exec(path) ?? []
  if (number !== undefined) {
    const isPartner = partner !== undefined
    return {
      GET: { route: 'order', by: by === 'id' ? 'id' : 'out-trade-no', value: plain(number), isPartner },
    }
  }
  const [, segment] = /^\/v3\/marketing\/withdraw-favor\/users\/([^/]+)\/coupons$/.exec(path) ?? []
  if (segment === undefined) return undefined
  return { GET: { route: 'list', segment }, POST: { route: 'send', segment } }
}

/** Decodes a segment; a wrong encoding stays as it is, because no order has such a number. */
function plain(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function headersMissing(): Answer {
  const message = 'Http头缺少Accept或User-Agent'
  return refusal({ status: 400, code: 'INVALID_REQUEST', message, signed: false })
}
