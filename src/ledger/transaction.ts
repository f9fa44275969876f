import { closeAttempt } from './claims.ts'
import { beginHold, endHolds } from './holds.ts'
import type { LedgerTx } from './interface.ts'
import { createReads } from './reads.ts'
import { recordGrant } from './record-grant.ts'
import { changeGrant, takeStep } from './steps.ts'
import { addEvent, type Tx } from './trail.ts'

/** The verbs of one transaction. */
export function createTransaction(tx: Tx): LedgerTx {
  return {
    ...createReads(tx.db),
    recordGrant: (grant, cards) => recordGrant(tx, grant, cards),
    step: (grantId, step, actor, change, data) => takeStep(tx, grantId, step, actor, change, data),
    change: (grantId, states, kind, actor, change, data = {}) =>
      changeGrant(tx, grantId, states, { kind, actor, data }, change),
    closeAttempt: (attemptId, worker, end) => closeAttempt(tx, attemptId, worker, end),
    event: (event) => addEvent(tx, event),
    async keepPolicy(hash, text) {
      const kept = await tx.db
        .insertInto('policies')
        .values({ hash, text, first_seen_at: tx.now() })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .returning('hash')
        .executeTakeFirst()
      return kept !== undefined
    },
    beginHold: (hold) => beginHold(tx, hold),
    endHolds: ({ scopes, begunBy = tx.now() }) => endHolds(tx, scopes, begunBy),
  }
}
