import { type ControlledTransaction, sql } from 'kysely'
import { closeAttempt, recordCoupons } from './attempts.ts'
import { slowDown } from './claim-grants.ts'
import { recheckClosedChannels } from './closed-channels.ts'
import { lapseApproval, recordDecision, setAbsence } from './decisions.ts'
import { CommitUncertainError, type Engine, LedgerBusyError } from './engines.ts'
import { askErasure, endErasure, erase } from './erasures.ts'
import type { EventSays, StepKind } from './events.ts'
import { changeGrant, recordGrant, takeStep } from './grants.ts'
import { beginHold, endHolds, nameStocks } from './holds.ts'
import type { LedgerLogger, LedgerTx } from './interface.ts'
import { addNotice, setReminder } from './notices.ts'
import { keepPolicy, putInForce, showPolicy } from './policies.ts'
import { createReads } from './reads.ts'
import { noteListed } from './reconciliation.ts'
import { endSettlement, propose } from './settlements.ts'
import { noteSubject } from './subjects.ts'
import type { Tables } from './tables.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/** How the ledger is changed: one write of this process at a time, each by the functions of a transaction. */

/** The functions of one transaction. */
export function createTransaction(tx: Tx): LedgerTx {
  return {
    ...createReads(tx),
    recordGrant: (grant, cards) => recordGrant(tx, grant, cards),
    step: (grantId, kind, actor, ...[change = {}, data]) =>
      takeStep(
        tx,
        grantId,
        { kind, actor, data: data ?? {} } as EventSays<StepKind> & { actor: string },
        change,
      ),
    change: (grantId, states, kind, actor, change, ...[data]) =>
      changeGrant(
        tx,
        grantId,
        states,
        { kind, actor, data: data ?? {} } as EventSays & { actor: string },
        change,
      ),
    recordCoupons: (worker, coupons) => recordCoupons(tx, worker, coupons),
    closeAttempt: (attemptId, worker, end) => closeAttempt(tx, attemptId, worker, end),
    subject: (user) => noteSubject(tx, user),
    event: (event) => addEvent(tx, event),
    decide: (decision) => recordDecision(tx, decision),
    lapseApproval: (of) => lapseApproval(tx, of),
    remindAt: (grantId, at) => setReminder(tx, grantId, at),
    setAbsence: (of) => setAbsence(tx, of),
    notice: (news) => addNotice(tx, news),
    keepPolicy: (hash, text) => keepPolicy(tx, hash, text),
    putInForce: (policy) => putInForce(tx, policy),
    showPolicy: (hash) => showPolicy(tx, hash),
    recheckClosedChannels: (named) => recheckClosedChannels(tx, named),
    beginHold: (hold) => beginHold(tx, hold),
    nameStocks: (stocks) => nameStocks(tx, stocks),
    endHolds: ({ by = 'app', ...of }) => endHolds(tx, { ...of, by }),
    order: (id) => noteOrder(tx, id),
    slowDown: (tooMany) => slowDown(tx, tooMany),
    propose: (settlement) => propose(tx, settlement),
    noteListed: (given, of) => noteListed(tx, given, of),
    erase: (of, how) => erase(tx, of, how),
    askErasure: (of) => askErasure(tx, of),
    endErasure: (id, end) => endErasure(tx, id, end),
    endSettlement: (id, end) => endSettlement(tx, id, end),
  }
}

/** ms that a commit sent near the end of its time still gets for its answer. */
export const COMMIT_AT_LEAST = 500

/** ms between log lines about failing writes: a full disk fails every one. */
const TELL_EVERY = 60_000

export interface Writes {
  /**
   * @param within ms from this call to the commit, or to getting the lock if `work` is given
   * @param work ms from getting the lock to the commit
   * @throws LedgerBusyError, CommitUncertainError
   */
  run<T>(fn: (tx: ControlledTransaction<Tables>) => Promise<T>, within: number, work?: number): Promise<T>
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>
}

/**
 * Runs the writes of this process one at a time. Each write's deadline counts from its call, so a caller behind a slow
 * write gets an answer in time.
 */
export function createWrites(engine: Engine, logger: LedgerLogger | undefined): Writes {
  let toldAt = Number.NEGATIVE_INFINITY
  let last: Promise<void> = Promise.resolve()

  async function run<T>(
    fn: (tx: ControlledTransaction<Tables>) => Promise<T>,
    within: number,
    work?: number,
  ): Promise<T> {
    let deadline = performance.now() + within
    const before = last
    const ended = Promise.withResolvers<void>()
    last = before.then(() => ended.promise)

    if (!(await inTime(before, deadline))) {
      ended.resolve()
      throw new LedgerBusyError('other writes take too long')
    }
    // The lock passes on only when this transaction is really over, which may be after its caller has an answer.
    const giveOn = (over: Promise<unknown>) => void over.catch(() => {}).finally(ended.resolve)

    const begun = engine.begin(Math.max(1, deadline - performance.now()), work)
    let tx: ControlledTransaction<Tables>
    try {
      const had = await inTime(begun, deadline)
      if (!had) throw new LedgerBusyError('the write lock was not had in time')
      tx = had.value
      if (work !== undefined) deadline = performance.now() + work
    } catch (error) {
      giveOn(begun.then((late) => late.rollback().execute()))
      throw busyOr(error)
    }

    let value: T
    try {
      const done = await inTime(fn(tx), deadline)
      if (!done || performance.now() > deadline) throw new LedgerBusyError('the write took too long')
      value = done.value
    } catch (error) {
      giveOn(tx.rollback().execute())
      throw busyOr(error)
    }

    const committed = tx.commit().execute()
    try {
      const answered = await inTime(committed, Math.max(deadline, performance.now() + COMMIT_AT_LEAST))
      if (!answered) throw new CommitUncertainError('the commit was not answered in time')
      ended.resolve()
      return value
    } catch (error) {
      giveOn(committed.catch(() => tx.rollback().execute()))
      if (engine.isUncertain(error))
        throw new CommitUncertainError('the answer of the commit was lost', { cause: error })
      throw busyOr(error)
    }
  }

  function busyOr(error: unknown): unknown {
    if (error instanceof LedgerBusyError || !engine.isBusy(error)) return error
    if (performance.now() - toldAt >= TELL_EVERY) {
      toldAt = performance.now()
      logger?.error(
        { err: error },
        'the ledger can not be written: nothing is recorded until it can, and people are told so; look at its disk or server',
      )
    }
    return new LedgerBusyError('the ledger could not be written', { cause: error })
  }

  return { run, idle: () => last }
}

/** The value, or null if the deadline (by `performance.now()`) comes first; a later value is dropped. */
export async function inTime<T>(promise: Promise<T>, deadline: number): Promise<{ value: T } | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), null)
  })
  const value = promise.then((value) => ({ value }))
  value.catch(() => {})
  return Promise.race([value, late]).finally(() => clearTimeout(timer))
}

/** A holder of a request that Slack signed can repeat it for five minutes; Slack itself repeats within seconds. */
const KEPT = 24 * 60 * 60 * 1000

/** Records an order by the id of its request. @returns false if it was recorded before */
export async function noteOrder(tx: Tx, id: string): Promise<boolean> {
  await tx.db
    .deleteFrom('orders')
    .where('at', '<', sql<number>`${tx.clock} - ${sql.lit(KEPT)}`)
    .execute()
  const noted = await tx.db
    .insertInto('orders')
    .values({ id, at: tx.clock })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return noted !== undefined
}
