import { type Selectable, sql } from 'kysely'
import type { Card, Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import type { GrantEnd, News, Notice } from '../domain/news.ts'
import { withNotAsked } from './grants.ts'
import { type Claim, claim, dueIn, giveBack, isFree } from './queue.ts'
import { pointedAt, toCard, toGrant, toNotice } from './rows.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/**
 * A notice to send now. If it is about a grant: the grant as it is now,
 * and the approvers' card whose thread it goes to.
 */
export interface DueNotice {
  notice: Notice
  grant: Grant | null
  thread: Place | null
  /** For a notice of outcomes. */
  outcomes: Outcome[]
  /** For a reminder of several grants: each with its card for approvers. */
  asks: { grant: Grant; card: Place | null }[]
}

/** The end of a grant, as its requester is told, and the current facts. */
export interface Outcome {
  /** The state when the notice became due. */
  state: GrantEnd['state']
  grant: Grant
  /** The requester's lasting message. */
  card: Card
  /** The view that followed the submission; null: there was none. `isOpen`: as far as the app knows. */
  view: { shown: Card['shown']; isOpen: boolean } | null
  /** The requester was told another outcome before. */
  isAfterAll: boolean
}

/** ms in which the same news is sent only once, however many replicas find it. */
const TOLD_ONCE_WITHIN: Partial<Record<News['kind'], number>> = {
  'policy-broken': 60_000,
  'set-up-blocked': 24 * 3_600_000,
}

/** Records news to be sent. @param wait ms */
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

/** An end to tell. `isQuiet`: only after the quiet hours. `isLate`: Slack didn't take its message at once. */
export type NewOutcome = GrantEnd & { isQuiet: boolean; isLate: boolean }

/** ms; an open view is drawn first, because an end seen there isn't told again, and other ends may follow. */
const TOGETHER_WITHIN = 2000
/** ms; once Slack is back, outcomes since then follow in a moment. */
const TOGETHER_LATE = 5000

/**
 * Records ends to tell, each once, however often a card is drawn: the id is made of the grant and the end. Leaves out
 * ends that the view after the submission has shown.
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

/** Whether the faults are the same, whatever was measured: a clock that is off differs by a second each time. */
function isSameSetUp(data: string, news: News): boolean {
  return news.kind === 'set-up-blocked' && JSON.parse(data).what === news.what
}

/** Sets when to remind approvers of a pending grant. */
export async function setReminder(tx: Tx, grantId: string, at: number | null): Promise<void> {
  await tx.db
    .updateTable('grants')
    .set({ remind_at: at })
    .where('id', '=', grantId)
    .where('state', '=', 'pending')
    .execute()
}

/** Claims due notices, longest due first. Ends that come together go into one notice. */
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

/** The result for a claimed notice. */
export type NoticeEnd =
  /** @param retryIn ms; null: it was sent, or nobody needs it any more */
  | { id: string; retryIn: number | null }
  /** Nobody may be notified now: it waits for `endQuiet`. */
  | { id: string; isQuiet: true }

/** Records that notices were sent, or gives them back. */
export async function endNotices(tx: Tx, worker: string, ends: readonly NoticeEnd[]): Promise<void> {
  for (const end of ends) {
    const isMine = await giveBack(tx, 'notices', { retryIn: null, ...end, worker })
    if (isMine && 'isQuiet' in end)
      await tx.db.updateTable('notices').set({ is_quiet: 1 }).where('id', '=', end.id).execute()
  }
}

/** How many at a time; the next notice tells the rest. */
const MOST_TOGETHER = 500

type OutcomeRow = Selectable<Tables['notices']> & { requester: string }

/**
 * Makes the first notice of each requester tell the ends of the others too, in the transaction before it is posted: so
 * it is known what one message tells, whatever crashes.
 * @param rows outcomes whose post has not begun; those that may have been posted stay separate
 * @returns ids of notices that are no longer needed
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

/** Due ends take along those about to be due, except those that an open view may be showing at this moment. */
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

/** Whether anything waits for the end of the quiet hours: asked far more often than there is. */
export async function hasQuiet(db: Tx['db']): Promise<boolean> {
  const first = await db
    .selectFrom('notices')
    .select('id')
    .where(sql<boolean>`is_quiet = 1`)
    .limit(sql.lit(1))
    .executeTakeFirst()
  return first !== undefined
}

/** Makes everything due that waited for the end of the quiet hours. */
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
