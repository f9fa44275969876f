import type { KeyFault } from './keys.ts'

/** What is known about a failed call. None of its texts contains secrets or openids. */
interface ErrorFacts {
  message: string
  /** Whether WeChat Pay may have executed the call. Always false for a GET, which changes nothing. */
  mayHaveBeenExecuted: boolean
  /** What went wrong, without naming the call; default: `message`. */
  why?: string | undefined
  /** Whether it is about an answer that WeChat Pay provably signed. */
  isVerified?: boolean | undefined
  requestId?: string | undefined
  status?: number | undefined
  code?: string | undefined
  cause?: Error | undefined
}

/**
 * The parent of every error of the client.
 *
 * `mayHaveBeenExecuted` is what matters: if it is true, a coupon may exist, and the only safe next step is the same
 * call with the same `send_request_no`.
 */
export class WechatPayError extends Error {
  override readonly name: string = 'WechatPayError'
  readonly mayHaveBeenExecuted: boolean
  /** What went wrong, in words, without naming the call. */
  readonly why: string
  /** Whether it is an answer that WeChat Pay provably signed. An unsigned answer proves nothing about keys. */
  readonly isVerified: boolean
  /** WeChat Pay's `Request-ID`, to quote to their support. */
  declare readonly requestId?: string
  /** The HTTP status of the answer, if there was one. */
  declare readonly status?: number
  /** WeChat Pay's error code, if the answer had one. */
  declare readonly code?: string

  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause ? { cause: facts.cause } : undefined)
    this.mayHaveBeenExecuted = facts.mayHaveBeenExecuted
    this.why = facts.why ?? facts.message
    this.isVerified = facts.isVerified ?? false
    if (facts.requestId !== undefined) this.requestId = facts.requestId
    if (facts.status !== undefined) this.status = facts.status
    if (facts.code !== undefined) this.code = facts.code
  }
}

/**
 * WeChat Pay refused this call, with a code from its table.
 *
 * It is about this one call only: after an earlier call with an unknown outcome, the refusal may be that call's echo.
 * `ALREADY_EXISTS` has `mayHaveBeenExecuted`, because something exists under the number.
 */
export class RefusedError extends WechatPayError {
  override readonly name = 'RefusedError'
  declare readonly code: string
}

/** What is wrong with an option of the client: as a code, for translations, and in words. */
export interface OptionFault {
  option: string
  /** `form`: its form is wrong; `missing`: one of several options is required, and none is given. */
  fault: KeyFault | 'form' | 'missing'
  /** A detail of the fault: a serial number, a date, a kind, or a number of bits. */
  detail: string
  problem: string
}

/**
 * Keys, serials, ids or permissions don't fit: nothing was executed, and nothing will be until a person fixes it.
 *
 * `scope` says what stands still: every call (`all`), or the calls for this stock (`stock`).
 */
export class SetupError extends WechatPayError {
  override readonly name = 'SetupError'
  readonly scope: 'all' | 'stock'
  /** Each wrong option, if options are the problem. */
  readonly faults: readonly OptionFault[]

  constructor(
    scope: 'all' | 'stock',
    facts: Omit<ErrorFacts, 'mayHaveBeenExecuted'>,
    faults: readonly OptionFault[] = [],
  ) {
    super({ ...facts, mayHaveBeenExecuted: false })
    this.scope = scope
    this.faults = faults
  }
}

/** Why there is no answer; `busy` is a 429, `server` a 5xx, `broken` a cut connection. */
export type NoAnswerReason = 'connect' | 'timeout' | 'aborted' | 'broken' | 'busy' | 'server'

/** No answer came back that decides anything. */
export class NoAnswerError extends WechatPayError {
  override readonly name = 'NoAnswerError'
  readonly reason: NoAnswerReason

  constructor(reason: NoAnswerReason, facts: ErrorFacts) {
    super(facts)
    this.reason = reason
  }
}

/** What is wrong with an answer's proof of origin. */
export type UntrustedReason = 'signature' | 'serial' | 'time' | 'headers'

/** What to fix if answers can't be verified; the words for each are in `failures.ts`. */
export type TrustFault =
  | 'headers-stripped'
  | 'headers-incomplete'
  | 'switch-not-begun'
  | 'public-key-missing'
  | 'other-public-key'
  | 'unknown-certificate'
  | 'other-key'
  | 'clock'

/** What doesn't match: the serials received and expected, `none` if there is none. */
export interface SeenFault {
  fault: TrustFault
  came: string
  expected: string
}

/**
 * An answer came that WeChat Pay has not provably signed; its content is not passed on. `why`: what was seen,
 * and the remedy.
 */
export class UntrustedAnswerError extends WechatPayError {
  override readonly name = 'UntrustedAnswerError'
  readonly reason: UntrustedReason
  readonly seen: SeenFault
  readonly remedy: string

  constructor(reason: UntrustedReason, seen: SeenFault, remedy: string, facts: ErrorFacts) {
    super(facts)
    this.reason = reason
    this.seen = seen
    this.remedy = remedy
  }
}

/** An answer that is trusted, or needs no trust, but isn't documented. */
export class UnexpectedAnswerError extends WechatPayError {
  override readonly name = 'UnexpectedAnswerError'
}

/** The call itself is invalid; nothing was sent. */
export class InvalidCallError extends WechatPayError {
  override readonly name = 'InvalidCallError'

  constructor(message: string) {
    super({ message, mayHaveBeenExecuted: false })
  }
}

/** How a call ended, as one of a few words, for metrics. */
export type CallOutcome =
  | 'answered'
  | 'refused'
  | 'setup'
  | 'untrusted'
  | 'unexpected'
  | `no-answer-${NoAnswerReason}`
  | 'failed'

/** The outcome of a call that ended with this error. */
export function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof NoAnswerError) return `no-answer-${error.reason}`
  if (error instanceof RefusedError) return 'refused'
  if (error instanceof SetupError) return 'setup'
  if (error instanceof UntrustedAnswerError) return 'untrusted'
  if (error instanceof UnexpectedAnswerError) return 'unexpected'
  return 'failed'
}
