import {
  CommitUncertainError,
  LedgerBusyError,
  LedgerLockedError,
  LedgerNotEmptyError,
  LedgerSetupError,
  LedgerTooNewError,
  LedgerUnavailableError,
} from './ledger/ledger.ts'

/** Exit codes, as in sysexits.h, so that whatever started the process knows whether to try again. */
export const EXIT = {
  /** A tool did not do what was asked; its output says why. For the app: a fault, or work left at the deadline. */
  notDone: 1,
  usage: 64,
  /** Slack can't be reached: try again later. */
  slackAway: 69,
  /** The ledger can't be read or written. */
  ledger: 74,
  /** Another app holds the ledger: try again later. */
  ledgerLocked: 75,
  /** A person must change a setting, the policy, a key or a token first. */
  config: 78,
} as const

export type ErrorCodes = readonly (readonly [kind: abstract new (...args: never[]) => Error, code: number])[]

/** The exit codes for errors of the ledger. */
export const ledgerErrorCodes: ErrorCodes = [
  [LedgerNotEmptyError, EXIT.notDone],
  [LedgerUnavailableError, EXIT.ledger],
  [LedgerBusyError, EXIT.ledger],
  [CommitUncertainError, EXIT.ledger],
  [LedgerLockedError, EXIT.ledgerLocked],
  [LedgerSetupError, EXIT.config],
  [LedgerTooNewError, EXIT.config],
]

/** The exit code for an error, or undefined if the table has none. */
export function exitCodeOf(error: unknown, codes: ErrorCodes): number | undefined {
  return codes.find(([kind]) => error instanceof kind)?.[1]
}
