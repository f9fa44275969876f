import { setAbsence } from './absences.ts'
import { closeAttempt, recordCoupons } from './attempts.ts'
import { slowDown } from './claims.ts'
import { recheckClosedChannels } from './closed-channels.ts'
import { lapseApproval, recordDecision } from './decisions.ts'
import { erase } from './erase.ts'
import { askErasure, endErasure } from './erasures.ts'
import type { EventSays, StepKind } from './events.ts'
import { changeGrant, recordGrant, takeStep } from './grants.ts'
import { beginHold, endHolds, nameStocks } from './holds.ts'
import type { LedgerTx } from './interface.ts'
import { addNotice, setReminder } from './notices.ts'
import { noteOrder } from './once.ts'
import { keepPolicy, putInForce } from './policies.ts'
import { createReads } from './reads.ts'
import { noteListed } from './reconciliation.ts'
import { endSettlement, propose } from './settlements.ts'
import { noteSubject } from './subjects.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/** The verbs of one transaction. */
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
