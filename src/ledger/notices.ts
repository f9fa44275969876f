import { type Selectable, sql } from 'kysely'
import type { Card, Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import type { GrantEnd, News, Notice } from '../domain/news.ts'
import { withNotAsked } from './grants.ts'
import { type Claim, claim, dueIn, giveBack, isFree } from './queue.ts'
import { pointedAt, toCard, toGrant, toNotice } from './rows.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/** A notice to be told now; for one about a grant, the grant as it is and the approvers' card in whose thread it goes. */
export interface DueNotice {
  notice: Notice
  grant: Grant | null
  thread: Place | null
  /** What a notice of outcomes tells. */
  outcomes: Outcome[]
  /** Of what a notice of several reminds, each with the approvers' card. */
  asks: { grant: Grant; card: Place | null }[]
}

/** That a grant has ended, as its requester is told, and what is so now. */
export interface Outcome {
  /** As it was when the telling became due. */
  state: GrantEnd['state']
  grant: Grant
  /** The requester's lasting message. */
  card: Card
  /** The view that followed the submission; null: there was none. `isOpen`: as far as is known. */
  view: { shown: Card['shown']; isOpen: boolean } | null
  /** Something else had been said of it before. */
  isAfterAll: boolean
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

/** An end to be told. `isQuiet`: not before the quiet hours are over. `isLate`: Slack did not take its message at once. */
export type NewOutcome = GrantEnd & { isQuiet: boolean; isLate: boolean }

/** ms; an open view is drawn first, as who has seen an end there is not told again, and other ends may follow. */
const TOGETHER_WITHIN = 2000
/** ms; once Slack is back, what has ended meanwhile follows in a moment. */
const TOGETHER_LATE = 5000

/**
 * Keeps ends to be told, each once, however often a card is drawn: its id is made of what it tells. Left out are those
 * that the view after the submission has shown.
 */
export async function addOutcomes(tx: Tx, outcomes: readonly NewOutcome[]): Promise<void> {
  if (outcomes.length === 0) return
  const all = sql.join(
    outcomes.map(
      ({ isQuiet, isLate, ...end }) => sql`select ${end.grantId} as grant_id, ${end.state} as state,
        ${JSON.stringify({ kind: 'outcome', ...end })} as data, cast(${isQuiet ? 1 : 0} as bigint) as is_quiet,
        cast(${isLate ? TOGETHER_LATE : TOGETHER_WITHIN} as bigint) as wait`,
    ),
    sql` union all `,
  )
  const views = sql`from cards v where v.grant_id = r.grant_id and v.kind = 'view'`
  const due = sql`case when r.is_quiet = 0 then ${tx.clock} + r.wait end`
  await sql`insert into notices (id, kind, grant_id, data, created_at, due_at, lags_since, is_quiet)
    select r.grant_id || '-' || r.state, 'outcome', r.grant_id, r.data, cast(${tx.now()} as bigint), ${due}, ${tx.clock}, r.is_quiet
    from (${all}) r where (select count(*) ${views} and v.shown = r.state) = 0
    on conflict (id) do nothing`.execute(tx.db)
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
  return news.kind === 'set-up-blocked' && JSON.parse(data).what === news.what
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

/** Claims notices to be told, the longest due first. Of ends that have come together one notice tells all. */
export async function claimNotices(tx: Tx, of: Claim): Promise<DueNotice[]> {
  await gatherOutcomes(tx)
  const rows = await claim(tx, 'notices', of)
  const due = rows.map((row) => ({ notice: toNotice(row), grantId: row.grant_id }))
  const ids = due.flatMap(({ notice, grantId }) => [
    ...(grantId === null ? [] : [grantId]),
    ...endsOf(notice.news).map((end) => end.grantId),
    ...asksOf(notice.news),
  ])
  if (ids.length === 0)
    return due.map(({ notice }) => ({ notice, grant: null, thread: null, outcomes: [], asks: [] }))
  const { grants, cards } = await grantsAndCards(tx, [...new Set(ids)])
  const approvalOf = (id: string) =>
    cards.find((card) => card.grantId === id && card.kind === 'approval')?.place ?? null
  return due.map(({ notice, grantId }) => ({
    notice,
    grant: grants.get(grantId ?? '')?.grant ?? null,
    thread: grantId === null ? null : approvalOf(grantId),
    asks: asksOf(notice.news).flatMap((id) => {
      const grant = grants.get(id)?.grant
      return grant ? [{ grant, card: approvalOf(id) }] : []
    }),
    outcomes: endsOf(notice.news).flatMap(({ grantId, state }) => {
      const found = grants.get(grantId)
      const [card] = cards.filter((one) => one.grantId === grantId && one.kind === 'dm')
      const [view] = cards.filter((one) => one.grantId === grantId && one.kind === 'view')
      if (!found || !card) return []
      return [{ state, ...found, card, view: view ? { shown: view.shown, isOpen: !view.isGone } : null }]
    }),
  }))
}

function endsOf(news: News): GrantEnd[] {
  return news.kind === 'outcome' ? [news, ...news.also] : []
}

function asksOf(news: News): string[] {
  return news.kind === 'reminders' ? news.grantIds : []
}

async function grantsAndCards(tx: Tx, ids: string[]) {
  const rows = await tx.db
    .selectFrom('grants')
    .selectAll()
    .select(pointedAt)
    .select(
      sql<number>`(select count(*) from events where grant_id = grants.id and kind = 'correct')`.as(
        'after_all',
      ),
    )
    .where('id', 'in', ids)
    .execute()
  const cards = await tx.db.selectFrom('cards').selectAll().where('grant_id', 'in', ids).execute()
  const afterAll = new Set(rows.filter((row) => Number(row.after_all) > 0).map(({ id }) => id))
  const grants = await withNotAsked(tx.db, rows.map(toGrant))
  return {
    grants: new Map(grants.map((grant) => [grant.id, { grant, isAfterAll: afterAll.has(grant.id) }])),
    cards: cards.map((row) => ({ ...toCard(row), isGone: row.gone === 1 })),
  }
}

/** What became of a claimed notice. */
export type NoticeEnd =
  /** @param retryIn ms; null: it was told, or needs not be any more */
  | { id: string; retryIn: number | null }
  /** Nobody is to be pinged now: it waits for `endQuiet`. */
  | { id: string; isQuiet: true }

/** Notes that notices were told, or gives them back. */
export async function endNotices(tx: Tx, worker: string, ends: readonly NoticeEnd[]): Promise<void> {
  for (const end of ends) {
    const isMine = await giveBack(tx, 'notices', { retryIn: null, ...end, worker })
    if (isMine && 'isQuiet' in end)
      await tx.db.updateTable('notices').set({ is_quiet: 1 }).where('id', '=', end.id).execute()
  }
}

/** So many at a time: what is left is told by the next. */
const MOST_TOGETHER = 500

type OutcomeRow = Selectable<Tables['notices']> & { requester: string }

/**
 * Has the first notice of each requester tell the ends of the others too, in the transaction before it is posted: so what
 * one message tells is known whatever crashes.
 * @param rows outcomes of which no post was begun: what may have been posted already stays by itself
 * @returns ids of those that need not be told any more
 */
async function tellTogether(tx: Tx, rows: readonly OutcomeRow[]): Promise<string[]> {
  const told: string[] = []
  for (const [first, ...others] of Map.groupBy(rows, ({ requester }) => requester).values()) {
    if (!first || others.length === 0) continue
    const { news } = toNotice(first)
    if (news.kind !== 'outcome') continue
    const also = [...news.also, ...others.flatMap((other) => endsOf(toNotice(other).news))]
    await tx.db
      .updateTable('notices')
      .set({ data: JSON.stringify({ ...news, also }) })
      .where('id', '=', first.id)
      .execute()
    told.push(...others.map(({ id }) => id))
  }
  if (told.length > 0)
    await tx.db.updateTable('notices').set({ due_at: null, is_quiet: 0 }).where('id', 'in', told).execute()
  return told
}

const requester = sql<string>`(select g.requester from grants g where g.id = notices.grant_id)`

/** What is due takes along what is about to be: but not what an open view may be showing at this moment. */
async function gatherOutcomes(tx: Tx): Promise<void> {
  const rows = await tx.db
    .selectFrom('notices')
    .selectAll()
    .select([
      requester.as('requester'),
      sql<number>`case when due_at <= ${tx.clock} then 1 else 0 end`.as('due'),
    ])
    .where('due_at', 'is not', null)
    .where('kind', '=', 'outcome')
    .where('tries', '=', 0)
    .where(isFree(tx))
    .where(
      sql<boolean>`(select count(*) from cards v
        where v.grant_id = notices.grant_id and v.kind = 'view' and v.gone = 0) = 0`,
    )
    .orderBy('due_at')
    .orderBy('id')
    .limit(sql.lit(MOST_TOGETHER))
    .execute()
  const isDue = new Set(rows.filter(({ due }) => Number(due) === 1).map((row) => row.requester))
  await tellTogether(
    tx,
    rows.filter((row) => isDue.has(row.requester)),
  )
}

/** Whether something waits for the end of the quiet hours: asked far more often than there is. */
export async function hasQuiet(db: Tx['db']): Promise<boolean> {
  const first = await db
    .selectFrom('notices')
    .select('id')
    .where(sql<boolean>`is_quiet = 1`)
    .limit(sql.lit(1))
    .executeTakeFirst()
  return first !== undefined
}

/** Makes due what waited for the end of the quiet hours. */
export async function endQuiet(tx: Tx): Promise<number> {
  const rows = await tx.db
    .selectFrom('notices')
    .selectAll()
    .select(requester.as('requester'))
    .where(sql<boolean>`is_quiet = 1`)
    .orderBy('id')
    .limit(sql.lit(MOST_TOGETHER))
    .execute()
  const told = await tellTogether(
    tx,
    rows.filter(({ tries }) => tries === 0),
  )
  const due = rows.map(({ id }) => id).filter((id) => !told.includes(id))
  const over = { is_quiet: 0, due_at: tx.clock, lags_since: tx.clock }
  if (due.length > 0) await tx.db.updateTable('notices').set(over).where('id', 'in', due).execute()
  return rows.length
}
