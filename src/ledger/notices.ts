import { sql } from 'kysely'
import type { Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import type { News, Notice } from '../domain/notice.ts'
import { withNotAsked } from './not-asked.ts'
import { pointedAt, toCard, toGrant, toNotice } from './rows.ts'
import { sinceDue, type Tx } from './trail.ts'

/** A notice to be told now; for one about a grant, the grant as it is and the approvers' card in whose thread it goes. */
export interface DueNotice {
  notice: Notice
  grant: Grant | null
  thread: Place | null
}

/** ms in which the same news of a policy file is told once, however many replicas read it. */
const SAME_NEWS = 60_000

/** Keeps news to be told. @param dueIn ms */
export async function addNotice(tx: Tx, news: News, dueIn = 0): Promise<void> {
  const data = JSON.stringify(news)
  if (news.kind === 'policy-broken' && (await isKept(tx, data))) return
  const due = sql<number>`${tx.clock} + ${sql.lit(dueIn)}`
  await tx.db
    .insertInto('notices')
    .values({
      id: tx.randomId(),
      kind: news.kind,
      grant_id: 'grantId' in news ? news.grantId : null,
      data,
      created_at: tx.now(),
      due_at: due,
      lags_since: due,
    })
    .execute()
}

async function isKept(tx: Tx, data: string): Promise<boolean> {
  const kept = await tx.db
    .selectFrom('notices')
    .select('id')
    .where('kind', '=', 'policy-broken')
    .where('data', '=', data)
    .where('created_at', '>', tx.now() - SAME_NEWS)
    .executeTakeFirst()
  return kept !== undefined
}

/** When approvers are reminded of a grant, while it is pending. */
export async function setReminder(tx: Tx, grantId: string, at: number | null): Promise<void> {
  await tx.db
    .updateTable('grants')
    .set({ remind_at: at })
    .where('id', '=', grantId)
    .where('state', '=', 'pending')
    .execute()
}

/** Claims the next notice to be told, the oldest first. */
export async function claimNotice(tx: Tx, of: { worker: string; lease: number }): Promise<DueNotice | null> {
  const { rows } = await sql<{ id: string }>`select id from notices
    where due_at <= ${tx.clock} and (lease_until is null or lease_until <= ${tx.clock})
    order by due_at, id limit 1`.execute(tx.db)
  const id = rows[0]?.id
  if (id === undefined) return null
  const row = await tx.db
    .updateTable('notices')
    .set({
      lease_owner: of.worker,
      lease_until: sql<number>`${tx.clock} + ${sql.lit(Math.round(of.lease))}`,
      tries: sql<number>`tries + 1`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const notice = toNotice({ ...row, tries: row.tries - 1 })
  if (row.grant_id === null) return { notice, grant: null, thread: null }
  const grant = await tx.db
    .selectFrom('grants')
    .selectAll()
    .select(pointedAt)
    .where('id', '=', row.grant_id)
    .executeTakeFirst()
  const card = await tx.db
    .selectFrom('cards')
    .selectAll()
    .where('grant_id', '=', row.grant_id)
    .where('kind', '=', 'approval')
    .executeTakeFirst()
  const [shown = null] = await withNotAsked(tx.db, grant ? [toGrant(grant)] : [])
  return { notice, grant: shown, thread: card ? toCard(card).place : null }
}

/** Notes that a notice was told, or gives it back. @param retryIn ms; null: it was told */
export async function noticeEnded(tx: Tx, id: string, worker: string, retryIn: number | null): Promise<void> {
  await tx.db
    .updateTable('notices')
    .set({
      due_at: retryIn === null ? null : sql<number>`${tx.clock} + ${sql.lit(Math.round(retryIn))}`,
      lags_since: sinceDue(tx),
      lease_owner: null,
      lease_until: null,
    })
    .where('id', '=', id)
    .where('lease_owner', '=', worker)
    .execute()
}
