import { type AttemptResult, givenUp, isVerified, leavesDoubt, type Settlement } from '../domain/attempt.ts'
import type { Doubt, Flag, Grant } from '../domain/grant.ts'
import { isSameScope, isStockFault, isStockHold, OUTAGES, STOCK_FAULTS, UNTRUSTED } from '../domain/hold.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { Attempt, EventData, LedgerTx } from '../ledger/ledger.ts'
import {
  InvalidCallError,
  type IssuedCoupon,
  NoAnswerError,
  parseTime,
  RefusedError,
  SetupError,
  UntrustedAnswerError,
  WechatPayError,
} from '../wechatpay/index.ts'
import type { GrantsDeps } from './deps.ts'

/** The result of an attempt: read from WeChat Pay's answer, and recorded with all that follows for grant and holds. */

/** The code for a call that was never sent because the call itself is invalid. */
export const INVALID_CALL = 'INVALID_CALL'

/** The result that a verified answer gives. A coupon with an unreadable expiry is still a coupon. */
export function resultOfAnswer(answer: IssuedCoupon): AttemptResult {
  return { kind: 'issued', couponId: answer.coupon_id, expiresAt: timeOrNull(answer.expire_time) }
}

/** The result that an error gives. Any error not known to be harmless counts as "a coupon may exist". */
export function resultOfError(error: unknown): AttemptResult {
  if (error instanceof RefusedError) {
    const { code, message, requestId = null, isVerified: verified } = error
    return { kind: 'refused', code, message, requestId, verified }
  }
  if (error instanceof SetupError) {
    const { scope, code = 'SETUP', message, isVerified: verified } = error
    return { kind: 'setup', scope, code, message, verified }
  }
  if (error instanceof InvalidCallError) {
    return { kind: 'setup', scope: 'stock', code: INVALID_CALL, message: error.message }
  }
  if (!(error instanceof WechatPayError)) {
    return {
      kind: 'unknown',
      reason: 'unexpected',
      detail: error instanceof Error ? error.name : typeof error,
    }
  }
  const { why, isVerified: verified } = error
  if (!error.mayHaveBeenExecuted) return { kind: 'not-executed', reason: reasonOf(error), why, verified }
  if (error instanceof UntrustedAnswerError)
    return {
      kind: 'unknown',
      reason: 'untrusted',
      detail: error.reason,
      why,
      trust: { ...error.seen, remedy: error.remedy },
    }
  if (error instanceof NoAnswerError)
    return { kind: 'unknown', reason: 'no-answer', detail: error.reason, why, verified }
  return { kind: 'unknown', reason: 'unexpected', detail: error.message, why, verified }
}

/** The reason of a hold for a set-up fault: WeChat Pay's code, if it names what is held. */
export function setupReason(scope: 'all' | 'stock', code: string | undefined): string {
  return code === undefined || (scope === 'all' && code !== 'SIGN_ERROR') ? 'SETUP' : code
}

/** The code to show for a failed look-up. */
export function lookupFailure(error: unknown): string {
  if (error instanceof WechatPayError && error.code) return error.code
  if (error instanceof SetupError) return 'SETUP'
  if (error instanceof NoAnswerError) return 'NO_ANSWER'
  if (error instanceof UntrustedAnswerError) return 'UNTRUSTED_ANSWER'
  return 'UNEXPECTED_ANSWER'
}

/** A WeChat Pay time in epoch ms; null if it is missing or not in a documented format. */
export function timeOrNull(text: string | undefined): number | null {
  if (text === undefined) return null
  try {
    return parseTime(text)
  } catch {
    return null
  }
}

function reasonOf(error: WechatPayError): string {
  return error instanceof NoAnswerError ? error.reason : error.name
}

/** Ends a grant for which nothing was sent. */
export async function callOff(tx: LedgerTx, deps: GrantsDeps, grant: Grant, attempt: Attempt): Promise<void> {
  const end = { outcome: 'not-sent', maybeExecuted: false }
  if (!(await tx.closeAttempt(attempt.id, deps.worker, end))) return
  await tx.step(grant.id, 'release', 'app', {})
  const reason = 'stock-left-policy'
  await tx.step(grant.id, 'cancel', 'policy', { ended: { by: 'policy', code: reason } }, { reason })
}

/** Leaves a grant with an unknown outcome to people. */
export async function giveUp(tx: LedgerTx, deps: GrantsDeps, grant: Grant, attempt: Attempt): Promise<void> {
  const end = { outcome: 'not-sent', maybeExecuted: false }
  if (!(await tx.closeAttempt(attempt.id, deps.worker, end))) return
  const flag = flagFor(grant, givenUp(grant.flag ?? { reason: 'lost' }), deps.now())
  await tx.change(grant.id, ['issuing'], 'given-up', 'app', { flag, dueIn: null })
  await tellOfLook(tx, grant, flag)
}

export interface Recorded {
  grant: Grant
  attempt: Attempt
  result: AttemptResult
  settlement: Settlement
}

/** ms until the app looks again at a grant that waits for its stock; the stock's hold lets one through a minute. */
const STOCK_AGAIN = 60_000

/**
 * When a stock refuses everybody, only the first grant is refused: it begins the hold. The others wait for the hold's
 * end, including those sent before it began and those sent to probe it.
 */
export async function besideStockHold(
  tx: LedgerTx,
  { grant, result, settlement }: Pick<Recorded, 'grant' | 'result' | 'settlement'>,
): Promise<Settlement> {
  if (settlement.step !== 'refuse' || result.kind !== 'refused' || !isStockFault(result.code))
    return settlement
  const holds = await tx.openHolds()
  const isHeld = holds.some((hold) => hold.stockRef === stockRefOf(grant) && isStockHold(hold))
  return isHeld ? { step: 'release', retryIn: STOCK_AGAIN } : settlement
}

/** Records an attempt's result and the step that follows from it. */
export async function recordResult(
  tx: LedgerTx,
  deps: GrantsDeps,
  { grant, attempt, result, settlement }: Recorded,
): Promise<void> {
  const maybeExecuted = leavesDoubt(result)
  const mine = await tx.closeAttempt(attempt.id, deps.worker, {
    outcome: result.kind,
    maybeExecuted,
    code: 'code' in result ? result.code : null,
    requestId: 'requestId' in result ? result.requestId : null,
    detail: inWords(result),
  })
  // Another worker may have taken over after this lease expired; a coupon's id is worth keeping all the same.
  if (result.kind === 'issued') return recordCoupon(tx, deps, grant, result)
  if (!mine) return
  const now = deps.now()
  switch (settlement.step) {
    case 'issue':
      return
    case 'refuse': {
      if (result.kind !== 'refused') return
      const { code, message, requestId } = result
      const refusal = { code, message: refusalWords(message), requestId }
      await tx.step(grant.id, 'refuse', 'wechatpay', { refusal, flag: null, dueIn: null }, { code })
      return
    }
    case 'release': {
      const why = { result: result.kind, ...told(result) }
      await tx.step(grant.id, 'release', 'app', { dueIn: settlement.retryIn }, why)
      return
    }
    case null: {
      const flag = flagFor(grant, settlement.flag, now)
      const change = {
        flag,
        dueIn: settlement.retryIn,
        ...(maybeExecuted && { maybeExecutedAt: now }),
      }
      const again = settlement.retryIn === null ? { again: false as const } : {}
      const why = { result: result.kind, ...told(result), ...again }
      await tx.change(grant.id, ['issuing'], 'outcome-unknown', 'app', change, why)
      await tellOfLook(tx, grant, flag)
    }
  }
}

/** An attempt whose answer is a coupon. */
export type Given = Pick<Recorded, 'grant' | 'attempt'> & {
  result: Extract<AttemptResult, { kind: 'issued' }>
}

/**
 * Records many coupons at once, and what their answers mean for holds and the pace.
 * @returns the attempts recorded; for the others nothing is written
 */
export async function recordGiven(
  tx: LedgerTx,
  worker: string,
  given: readonly Given[],
): Promise<ReadonlySet<string>> {
  const recorded = await tx.recordCoupons(
    worker,
    given.map(({ grant, attempt, result: { couponId, expiresAt } }) => {
      return { grantId: grant.id, attemptId: attempt.id, couponId, expiresAt }
    }),
  )
  const those = given.filter(({ attempt }) => recorded.has(attempt.id))
  const [any] = those
  if (!any) return recorded
  await keepPace(tx, any.result)
  if ((await tx.openHolds()).length === 0) return recorded
  // The attempt that began last says most about whether a hold is over.
  for (const [last, ...others] of Map.groupBy(those, ({ grant }) => stockRefOf(grant)).values()) {
    if (!last) continue
    const later = (one: Given, other: Given) =>
      other.attempt.startedAt > one.attempt.startedAt ? other : one
    await keepHolds(tx, { ...others.reduce(later, last), trustIsLost: false })
  }
  return recorded
}

async function recordCoupon(
  tx: LedgerTx,
  deps: GrantsDeps,
  grant: Grant,
  { couponId, expiresAt }: Extract<AttemptResult, { kind: 'issued' }>,
): Promise<void> {
  const now = deps.now()
  const [holder] = await tx.grantsByCouponIds([couponId])
  if (holder && holder.id !== grant.id) {
    // Asking again would give the same answer every time.
    const flag = flagFor(grant, { kind: 'needs-look', reason: 'coupon-of-another', grantId: holder.id }, now)
    const change = { flag, dueIn: null, maybeExecutedAt: now }
    const data = { couponId, again: false as const }
    if (await tx.change(grant.id, ['issuing'], 'outcome-unknown', 'wechatpay', change, data))
      await tellOfLook(tx, grant, flag)
    else await tellAfterEnd(tx, grant, couponId)
    deps.logger.error({ grantId: grant.id, couponId, holder: holder.id }, 'given a coupon that another has')
    return
  }
  const change = { couponId, couponExpiresAt: expiresAt, issuedAt: now, flag: null, dueIn: null }
  if (holder || (await tx.step(grant.id, 'issue', 'wechatpay', change))) return
  if (await tx.step(grant.id, 'correct', 'wechatpay', change)) {
    await tx.notice({ kind: 'issued-after-all', grantId: grant.id })
    deps.logger.error({ grantId: grant.id, couponId }, 'settled as not given, and given after all')
    return
  }
  await tellAfterEnd(tx, grant, couponId)
  deps.logger.error({ grantId: grant.id, couponId }, 'given a coupon after its end: look what the user holds')
}

/** Reports a coupon given after the grant's end: the app alone can no longer make the grant's state true. */
async function tellAfterEnd(tx: LedgerTx, grant: Grant, couponId: string): Promise<void> {
  await tx.event({ grantId: grant.id, kind: 'coupon-after-end', actor: 'wechatpay', data: { couponId } })
  await tx.notice({ kind: 'coupon-after-end', grantId: grant.id, couponId })
}

/** Tells the operators once that people must look. */
async function tellOfLook(tx: LedgerTx, before: Grant, flag: Flag): Promise<void> {
  if (flag.kind === 'needs-look' && before.flag?.kind !== 'needs-look')
    await tx.notice({ kind: 'needs-look', grantId: before.id })
}

/** A grant that people must look at stays flagged until it is settled, whatever later attempts say. */
function flagFor(grant: Grant, flag: Pick<Flag, 'kind'> & Doubt, now: number): Flag {
  if (grant.flag?.kind === 'needs-look') return grant.flag
  return { ...flag, at: grant.flag?.at ?? now }
}

/**
 * Begins and ends holds by an attempt's result. A set-up fault holds what it stops. An answer that would be impossible
 * under the fault ends the hold, but an attempt that began before the hold proves nothing about its end.
 */
export async function keepHolds(
  tx: LedgerTx,
  {
    grant,
    attempt,
    result,
    trustIsLost,
  }: Omit<Recorded, 'settlement'> & {
    trustIsLost: boolean
  },
): Promise<void> {
  const stock = { ref: stockRefOf(grant), key: grant.stock }
  const ofStock = { kind: 'stock', stockRef: stock.ref } as const
  const ofAll = { kind: 'all' } as const
  const begunBy = attempt.startedAt
  if (isAnswered(result)) await tx.endHolds({ scopes: [ofAll], reasons: OUTAGES, begunBy })
  if (result.kind === 'setup') {
    const { scope, code, message } = result
    const reason = setupReason(scope, code)
    if (scope === 'stock' && code !== INVALID_CALL) {
      // WeChat Pay checks the signature before it looks at the stock.
      await tx.endHolds({ scopes: [ofAll], begunBy })
      await tx.endHolds({ scopes: [ofStock], reasons: STOCK_FAULTS, begunBy })
    }
    await tx.beginHold({ ...(scope === 'all' ? ofAll : { kind: 'stock', stock }), reason, message })
  } else if (result.kind === 'issued') {
    await tx.endHolds({ scopes: [ofAll, ofStock], begunBy })
  } else if (result.kind === 'refused') {
    await tx.endHolds({ scopes: [ofAll], begunBy })
    const { code, message } = result
    const open = (await tx.openHolds()).find((hold) => isSameScope(hold, ofStock))
    // A refusal of one user says nothing about a budget; another refusal by the stock says what is wrong now.
    const isOver = open && (isStockFault(code) ? open.reason !== code : !isStockHold(open))
    if (isOver) await tx.endHolds({ scopes: [ofStock], begunBy })
    if (isStockFault(code))
      await tx.beginHold({ kind: 'stock', stock, reason: code, message: refusalWords(message) })
  }
  if (isVerified(result)) await tx.endHolds({ scopes: [{ kind: 'first-attempts' }], begunBy })
  if (trustIsLost) {
    const trust = result.kind === 'unknown' ? result.trust : undefined
    const message = trust?.remedy ?? inWords(result) ?? ''
    await tx.beginHold({ kind: 'first-attempts', reason: UNTRUSTED, message, ...(trust && { trust }) })
  }
}

/** Strips the call and the code from a refusal, because both are kept or shown beside it. */
function refusalWords(message: string): string {
  return message.replace(/^[A-Z]+ \S+: (?:\d{3} )?(?:[A-Z_]+ )?/, '')
}

/** Whether WeChat Pay answered at all. */
function isAnswered(result: AttemptResult): boolean {
  if (result.kind === 'setup') return result.code !== INVALID_CALL
  if (result.kind === 'not-executed') return result.reason === 'busy'
  return result.kind !== 'unknown' || result.reason !== 'no-answer' || result.detail === 'server'
}

/**
 * "Too many" slows everything down; any other answer from WeChat Pay ends that. No answer says nothing about the pace.
 */
export async function keepPace(tx: LedgerTx, result: AttemptResult): Promise<void> {
  if (result.kind === 'not-executed' && result.reason === 'busy') await tx.slowDown(true)
  else if (['issued', 'refused', 'setup'].includes(result.kind)) await tx.slowDown(false)
}

/** The details of a result for the log and the trail. */
export function told(result: AttemptResult): EventData<'outcome-unknown'> {
  switch (result.kind) {
    case 'issued':
      return { couponId: result.couponId }
    case 'refused':
    case 'setup':
      return { code: result.code, why: result.message }
    case 'not-executed':
      return { reason: result.reason, why: result.why }
    case 'unknown':
      return { reason: result.reason, detail: result.detail, why: result.why }
  }
}

/** The explanation of a result that an attempt keeps for people; null if its kind says everything. */
function inWords(result: AttemptResult): string | null {
  if (result.kind === 'issued') return null
  if ('message' in result) return result.message
  return result.why ?? ('detail' in result ? result.detail : null)
}
