import {
  NoAnswerError,
  type NoAnswerReason,
  RefusedError,
  SetupError,
  UnexpectedAnswerError,
  UntrustedAnswerError,
} from './errors.ts'

/** How a call ended, in one word of few, to be counted by. */
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
