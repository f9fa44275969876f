import type { AttemptResult } from '../domain/attempt.ts'
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

/** The code of a call that was never sent, since it is wrong by itself. */
export const INVALID_CALL = 'INVALID_CALL'

/** What a verified answer says. A coupon whose expiry can't be read is a coupon all the same. */
export function resultOfAnswer(answer: IssuedCoupon): AttemptResult {
  return { kind: 'issued', couponId: answer.coupon_id, expiresAt: timeOrNull(answer.expire_time) }
}

/** What an error says. Whatever is not known to be harmless counts as "a coupon may exist". */
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

/** Why a fault of the set-up holds: WeChat Pay's code, where it speaks of what is held. */
export function setupReason(scope: 'all' | 'stock', code: string | undefined): string {
  return code === undefined || (scope === 'all' && code !== 'SIGN_ERROR') ? 'SETUP' : code
}

/** The code under which a failed look-up is told. */
export function lookupFailure(error: unknown): string {
  if (error instanceof WechatPayError && error.code) return error.code
  if (error instanceof SetupError) return 'SETUP'
  if (error instanceof NoAnswerError) return 'NO_ANSWER'
  if (error instanceof UntrustedAnswerError) return 'UNTRUSTED_ANSWER'
  return 'UNEXPECTED_ANSWER'
}

/** A time of WeChat Pay's in epoch ms; null where it is missing or not of a documented form. */
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
