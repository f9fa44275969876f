import { sql } from 'kysely'
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
import { createReads } from './reads.ts'
import { noteListed } from './reconciliation.ts'
import { endSettlement, propose } from './settlements.ts'
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

/** Keeps a policy's text by its hash. */
async function keepPolicy(tx: Tx, hash: string, text: string): Promise<void> {
  await tx.db
    .insertInto('policies')
    .values({ hash, text, first_seen_at: tx.now() })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
}

/**
 * Keeps a policy as the one in force.
 * @returns the one before it, or null where there was none; undefined if it is in force already
 */
async function putInForce(
  tx: Tx,
  policy: { hash: string; text: string },
): Promise<{ hash: string; text: string } | null | undefined> {
  const latest = await tx.db
    .selectFrom('policies')
    .select(['hash', 'text', 'in_force_at'])
    .where('in_force_at', 'is not', null)
    .orderBy('in_force_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (latest?.hash === policy.hash) return undefined
  await keepPolicy(tx, policy.hash, policy.text)
  await tx.db
    .updateTable('policies')
    // Later than the one before, also on a clock that was set back.
    .set({ in_force_at: Math.max(tx.now(), (latest?.in_force_at ?? 0) + 1) })
    .where('hash', '=', policy.hash)
    .execute()
  return latest ? { hash: latest.hash, text: latest.text } : null
}

/** Whoever has a request that Slack signed can repeat it for five minutes; Slack itself repeats within seconds. */
const KEPT = 24 * 60 * 60 * 1000

/** Notes an order by the request that brought it. @returns false when it was noted before */
async function noteOrder(tx: Tx, id: string): Promise<boolean> {
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
