import type { News, Notice, Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import { withNotAsked } from './grants.ts'
import { type Claim, claim, dueIn, giveBack } from './queue.ts'
import { pointedAt, toCard, toGrant, toNotice } from './rows.ts'
import type { Tx } from './trail.ts'

/** A notice to be told now; for one about a grant, the grant as it is and the approvers' card in whose thread it goes. */
export interface DueNotice {
  notice: Notice
  grant: Grant | null
  thread: Place | null
}

/** ms in which the same news is told once, however many replicas have found it. */
const TOLD_ONCE_WITHIN: Partial<Record<News['kind'], number>> = {
  'policy-broken': 60_000,
  'set-up-blocked': 24 * 3_600_000,
}

/** Keeps news to be told. @param wait ms */
export async function addNotice(tx: Tx, news: News, wait = 0): Promise<void> {
  const data = JSON.stringify(news)
  if (await isKept(tx, news, data)) return
  const due = dueIn(tx, wait)
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

async function isKept(tx: Tx, news: News, data: string): Promise<boolean> {
  const within = TOLD_ONCE_WITHIN[news.kind]
  if (within === undefined) return false
  const kept = await tx.db
    .selectFrom('notices')
    .select('data')
    .where('kind', '=', news.kind)
    .where('created_at', '>', tx.now() - within)
    .execute()
  return kept.some((one) => one.data === data || isSameSetUp(one.data, news))
}

/** The same faults, whatever was measured: a clock that is off is so by another second each time. */
function isSameSetUp(data: string, news: News): boolean {
  if (news.kind !== 'set-up-blocked') return false
  const codes = (findings: readonly { code: string }[]) =>
    findings
      .map(({ code }) => code)
      .sort()
      .join()
  return codes(JSON.parse(data).findings) === codes(news.findings)
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

/** Claims notices to be told, the longest due first. */
export async function claimNotices(tx: Tx, of: Claim): Promise<DueNotice[]> {
  const rows = await claim(tx, 'notices', of)
  const ids = rows.flatMap(({ grant_id }) => grant_id ?? [])
  const about = ids.length > 0 ? await grantsAndThreads(tx, ids) : null
  return rows.map((row) => ({
    notice: toNotice(row),
    grant: about?.grants.find(({ id }) => id === row.grant_id) ?? null,
    thread: about?.cards.find(({ grantId }) => grantId === row.grant_id)?.place ?? null,
  }))
}

async function grantsAndThreads(tx: Tx, ids: string[]) {
  const rows = await tx.db.selectFrom('grants').selectAll().select(pointedAt).where('id', 'in', ids).execute()
  const cards = await tx.db
    .selectFrom('cards')
    .selectAll()
    .where('grant_id', 'in', ids)
    .where('kind', '=', 'approval')
    .execute()
  return { grants: await withNotAsked(tx.db, rows.map(toGrant)), cards: cards.map(toCard) }
}

/** Notes that notices were told, or gives them back. @param ends.retryIn ms; null: it was told */
export async function endNotices(
  tx: Tx,
  worker: string,
  ends: readonly { id: string; retryIn: number | null }[],
): Promise<void> {
  for (const end of ends) await giveBack(tx, 'notices', { ...end, worker })
}
