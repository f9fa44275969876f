import { slowDown } from './attempt-pace.ts'
import { closeAttempt, recordCoupons } from './attempts.ts'
import { recheckClosedChannels } from './closed-channels.ts'
import { lapseApproval, recordDecision } from './decisions.ts'
import type { EventSays, StepKind } from './events.ts'
import { beginHold, endHolds, nameStocks } from './holds.ts'
import type { LedgerTx } from './interface.ts'
import { addNotice, setReminder } from './notices.ts'
import { noteOrder } from './orders.ts'
import { keepPolicy, putInForce } from './policies.ts'
import { createReads } from './reads.ts'
import { recordGrant } from './record-grant.ts'
import { endSettlement, propose } from './settlements.ts'
import { changeGrant, takeStep } from './steps.ts'
import { noteSubject } from './subjects.ts'
import { addEvent, type Tx } from './trail.ts'

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
    endSettlement: (id, end) => endSettlement(tx, id, end),
  }
}
