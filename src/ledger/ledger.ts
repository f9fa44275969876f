/** The front door of the ledger, the app's durable memory. */

export {
  type AboutTrail,
  type AuditedGrant,
  type AuditReads,
  type Differences,
  openAuditReads,
  type ReportedGrant,
} from './audit-reads.ts'
export { type BackedUp, backUp, type Copied, forgetBackup, restore } from './backup-and-restore.ts'
export type { CardEnd, CardEnded, DueCard } from './cards.ts'
export type { FoundClosed } from './closed-channels.ts'
export {
  CommitUncertainError,
  LedgerBusyError,
  LedgerLockedError,
  LedgerNotEmptyError,
  LedgerRowError,
  LedgerSetupError,
  LedgerTooNewError,
  LedgerUnavailableError,
} from './engines.ts'
export type { Erased, ErasedFor } from './erasures.ts'
export type { EventData, EventKind, LedgerEvent, NewEvent } from './events.ts'
export { examineLedger, type LedgerState } from './examine-ledger.ts'
export type { HoldEnd, UntoldHold } from './follow-holds.ts'
export type { GrantedStock, Ledger, LedgerLogger, LedgerOptions, LedgerReads, LedgerTx } from './interface.ts'
export type { Figures } from './metrics-figures.ts'
export { LATEST_VERSION } from './migrate.ts'
export type { DueNotice, NewOutcome, NoticeEnd, Outcome } from './notices.ts'
export { openLedger } from './open-ledger.ts'
export type { Difference, GivenTo } from './reconciliation.ts'
export type {
  Attempt,
  AttemptEnd,
  Claimed,
  Drawn,
  GrantChange,
  GrantsOf,
  NewCard,
  NewGrant,
  NewHold,
  Page,
  UsageOf,
} from './records.ts'
export type { Miscounted } from './recount.ts'
export { MOST_SEALED } from './seal-trail.ts'
export type { NewSettlement } from './settlements.ts'
export { sqlitePath } from './sqlite.ts'
export { inTime } from './writes.ts'
