import { type Asked, requestIdOf } from './answers.ts'
import {
  NoAnswerError,
  type NoAnswerReason,
  RefusedError,
  SetupError,
  UnexpectedAnswerError,
  UntrustedAnswerError,
  type UntrustedReason,
  type WechatPayError,
} from './errors.ts'
import { connectionReason } from './reasons.ts'
import type { Scrubber } from './scrubbing.ts'
import type { TransportFailure, WireAnswer } from './transport.ts'

const NO_ANSWER: Record<Exclude<NoAnswerReason, 'busy' | 'server'>, string> = {
  connect: 'no connection could be made',
  timeout: 'no whole answer in time',
  aborted: 'given up by the caller',
  broken: 'the connection broke before the answer was whole',
}

/** The error that a failed exchange stands for; undici's own error becomes its cause, scrubbed. */
export function transportError(failure: TransportFailure, asked: Asked, scrub: Scrubber): WechatPayError {
  const mayHaveBeenExecuted = failure.hasStarted && asked.method === 'POST'
  const cause = scrub.error(failure.cause, asked.openid)
  const reason = connectionReason(failure.cause)
  const told = (what: string) => {
    const why = reason === undefined ? what : `${what}: ${reason}`
    const message = `${asked.method} ${asked.path}: ${why}${afterthought(mayHaveBeenExecuted)}`
    return { message, why, mayHaveBeenExecuted, cause }
  }
  const { kind, hasStarted } = failure
  if (kind === 'too large') return new UnexpectedAnswerError(told('the answer is larger than any should be'))
  const what = kind === 'timeout' && !hasStarted ? 'no connection in time' : NO_ANSWER[kind]
  return new NoAnswerError(kind, told(what))
}

const UNTRUSTED: Record<UntrustedReason, string> = {
  headers: 'without a whole signature',
  serial: 'signed by a key that is not known',
  time: 'signed five minutes or more away from now',
  signature: 'with a signature that does not fit',
}

/** The error that an answer stands for whose origin is not proved. */
export function untrustedError(
  reason: UntrustedReason,
  answer: WireAnswer,
  asked: Asked,
  scrub: Scrubber,
): UntrustedAnswerError {
  const mayHaveBeenExecuted = asked.method === 'POST'
  const what = `an answer ${UNTRUSTED[reason]}, so it is not read`
  return new UntrustedAnswerError(reason, {
    message: `${asked.method} ${asked.path}: ${what}${afterthought(mayHaveBeenExecuted)}`,
    why: what,
    status: answer.status,
    requestId: requestIdOf(answer, asked, scrub),
    mayHaveBeenExecuted,
  })
}

/**
 * What an answer to the download of certificates means for the call that waits for them.
 *
 * A refusal of the download is never one of that call: taken for one, it would end a grant that nobody refused.
 */
export function ofCertificates(error: WechatPayError): WechatPayError {
  if (!(error instanceof RefusedError || error instanceof SetupError)) return error
  const { status, code, requestId, message } = error
  const why =
    code === 'RESOURCE_NOT_EXISTS'
      ? 'this merchant has no platform certificates but a WeChat Pay public key: ' +
        'configure WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY'
      : `platform certificates can not be had: ${message}`
  return new SetupError('all', {
    message: why,
    status,
    code,
    requestId,
    isVerified: error.isVerified,
    cause: error,
  })
}

function afterthought(mayHaveBeenExecuted: boolean): string {
  return mayHaveBeenExecuted ? '; it may have been executed' : ''
}
