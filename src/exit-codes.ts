import {
  CommitUncertainError,
  LedgerBusyError,
  LedgerLockedError,
  LedgerNotEmptyError,
  LedgerSetupError,
  LedgerTooNewError,
  LedgerUnavailableError,
} from './ledger/ledger.ts'

/** How a process ends, as in sysexits.h, so that whoever started it knows whether trying again helps. */
export const EXIT = {
  /** Asked for, and not done: the answer says why. Of the app: a fault, or not all of it ended before the deadline. */
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

/** How errors of the ledger end a process. */
export const ledgerErrorCodes: ErrorCodes = [
  [LedgerNotEmptyError, EXIT.notDone],
  [LedgerUnavailableError, EXIT.ledger],
  [LedgerBusyError, EXIT.ledger],
  [CommitUncertainError, EXIT.ledger],
  [LedgerLockedError, EXIT.ledgerLocked],
  [LedgerSetupError, EXIT.config],
  [LedgerTooNewError, EXIT.config],
]

/** The code that an error ends a process with, or undefined where the table has none. */
export function exitCodeOf(error: unknown, codes: ErrorCodes): number | undefined {
  return codes.find(([kind]) => error instanceof kind)?.[1]
}
