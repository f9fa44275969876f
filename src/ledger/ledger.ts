/** The front door of the ledger, the app's durable memory. */
export type { CardEnd, DueCard } from './cards.ts'
export type { FoundClosed } from './closed-channels.ts'
export { backUp, type Copied, restore } from './copies.ts'
export {
  CommitUncertainError,
  LedgerBusyError,
  LedgerLockedError,
  LedgerNotEmptyError,
  LedgerRowError,
  LedgerSetupError,
  LedgerTooNewError,
  LedgerUnavailableError,
} from './errors.ts'
export type { EventData, EventKind, LedgerEvent, NewEvent } from './events.ts'
export type { Figures } from './figures.ts'
export type { GrantedStock, Ledger, LedgerLogger, LedgerOptions, LedgerReads, LedgerTx } from './interface.ts'
export type { DueNotice } from './notices.ts'
export { openLedger } from './open-ledger.ts'
export type {
  Attempt,
  AttemptEnd,
  Claimed,
  Drawn,
  GrantChange,
  NewCard,
  NewGrant,
  NewHold,
  Page,
  UsageOf,
} from './records.ts'
export type { Miscounted } from './recount.ts'
export type { NewSettlement } from './settlements.ts'
export { sqlitePath } from './sqlite.ts'
export type { HoldEnd, UntoldHold } from './untold-holds.ts'
