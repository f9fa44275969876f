/** Nothing is written, or read: the write lock was not had, the work not done in its time, or the database is away. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError'
}

/** The commit was sent and its answer lost: what was to be written may be written. */
export class CommitUncertainError extends Error {
  override readonly name = 'CommitUncertainError'
}

/** The ledger can't be used at all: address, permissions, disk, server. The message names the remedy. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError'
}

/** The ledger can't be used until a person changes something: its address, the password, the database. */
export class LedgerSetupError extends Error {
  override readonly name = 'LedgerSetupError'
}

/** A newer version of the app has migrated this ledger; the older one must not touch it. */
export class LedgerTooNewError extends Error {
  override readonly name = 'LedgerTooNewError'
}

/** Another app holds this SQLite ledger and did not let go in time. */
export class LedgerLockedError extends Error {
  override readonly name = 'LedgerLockedError'
}

/** A row of the ledger is not what the app writes. */
export class LedgerRowError extends Error {
  override readonly name = 'LedgerRowError'
}

/** What shall be filled holds something already. */
export class LedgerNotEmptyError extends Error {
  override readonly name = 'LedgerNotEmptyError'
}
