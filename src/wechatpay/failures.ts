import { type Asked, requestIdOf } from './answers.ts'
import {
  NoAnswerError,
  type NoAnswerReason,
  SetupError,
  UnexpectedAnswerError,
  UntrustedAnswerError,
  type UntrustedReason,
  type WechatPayError,
} from './errors.ts'
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
  const told = (what: string) => ({
    message: `${asked.method} ${asked.path}: ${what}${afterthought(mayHaveBeenExecuted)}`,
    mayHaveBeenExecuted,
    cause: scrub.error(failure.cause, asked.openid),
  })
  return failure.kind === 'too large'
    ? new UnexpectedAnswerError(told('the answer is larger than any should be'))
    : new NoAnswerError(failure.kind, told(NO_ANSWER[failure.kind]))
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
    status: answer.status,
    requestId: requestIdOf(answer, asked, scrub),
    mayHaveBeenExecuted,
  })
}

/** What a merchant has to do whom WeChat Pay gives no platform certificates. */
export function withoutCertificates(cause: WechatPayError): SetupError {
  return new SetupError('all', {
    message:
      'this merchant has no platform certificates but a WeChat Pay public key: ' +
      'configure WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY',
    status: cause.status,
    code: cause.code,
    requestId: cause.requestId,
    cause,
  })
}

function afterthought(mayHaveBeenExecuted: boolean): string {
  return mayHaveBeenExecuted ? '; it may have been executed' : ''
}
