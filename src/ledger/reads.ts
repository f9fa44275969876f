import { type RawBuilder, sql } from 'kysely'
import { type Grant, type GrantState, openStates, reservingStates } from '../domain/grant.ts'
import { holdThatStops } from '../domain/hold.ts'
import { closedChannels } from './closed-channels.ts'
import { absencesOf, decisionsOf } from './decisions.ts'
import { erasable, erasureBy } from './erasures.ts'
import { isOf, usedBySubject, withNotAsked } from './grants.ts'
import { countWaiting, openHolds, withHolds } from './holds.ts'
import type { LedgerReads } from './interface.ts'
import type { GrantsOf } from './records.ts'
import { pointedAt, toAttempt, toCard, toEvent, toGrant, toHold, toPlacedHold, toSettlement } from './rows.ts'
import { evidenceOf, openSettlements } from './settlements.ts'
import { subjectOf, subjectsOf, textAt } from './subjects.ts'
import { withHoldLines } from './trail.ts'
import type { From } from './tx.ts'

/**
 * Written out as literals, like limits: if a parameter decides on an index or the sort order, SQLite plans the query
 * again each time, which takes longer than running it.
 */
export const written = (states: readonly GrantState[]) =>
  sql.raw<string>(states.map((state) => `'${state}'`).join(', '))
/** For a grant with a flag: whether people must look. */
export const needsLook = sql<boolean>`flag like '%"needs-look"%'`
const open = written(openStates)
const used = [
  sql<number>`cast(coalesce(sum(count), 0) as bigint)`.as('count'),
  sql<number>`cast(coalesce(sum(quota), 0) as bigint)`.as('quota'),
] as const
const amounts = [
  sql<number>`cast(count as bigint)`.as('count'),
  sql<number>`cast(quota as bigint)`.as('quota'),
] as const
function areOf(of: GrantsOf): RawBuilder<boolean> {
  if ('openid' in of) return sql`subject in ${subjectsOf(of.openid)}`
  if ('requester' in of) return sql`requester = ${of.requester}`
  if ('ticket' in of) return sql`ticket = ${of.ticket}`
  return 'couponId' in of ? sql`coupon_id = ${of.couponId}` : sql`send_request_no = ${of.sendRequestNo}`
}
/** Newest first; ids grow with time and decide within the same millisecond. */
const NEWEST = sql`created_at desc, id desc`

/** Most rows to work off in one write. */
const AT_ONCE = 100

/** Reads of the ledger, in a transaction or by a connection that only reads. */
export function createReads(from: From): LedgerReads {
  const { db } = from
  const grants = () => db.selectFrom('grants').selectAll().select(pointedAt)
  const shown = (rows: Parameters<typeof toGrant>[0][]) =>
    withHolds(from, rows.map(toGrant)).then((grants) => withNotAsked(db, grants))
  /** Grants that may still be decided and whose time by this column has come; the first of them. */
  async function waitingPast(column: 'remind_at' | 'escalate_at', by: number, now: number): Promise<Grant[]> {
    const rows = await grants()
      .where(sql<boolean>`${sql.ref(column)} is not null`)
      .where(column, '<=', by)
      .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
      .limit(sql.lit(AT_ONCE))
      .execute()
    return rows.map(toGrant)
  }
  return {
    async grant(id) {
      const [grant = null] = await shown(await grants().where('id', '=', id).execute())
      return grant
    },

    async grantOfSubmission(submission) {
      const [grant = null] = await shown(await grants().where('submission', '=', submission).execute())
      return grant
    },

    async openGrantsOf({ openid, appid }) {
      const rows = await grants()
        .where('subject', 'in', appid === undefined ? subjectsOf(openid) : subjectOf({ openid, appid }))
        .where('state', 'in', ['pending', 'approved', 'issuing'])
        .orderBy(NEWEST)
        .execute()
      return shown(rows)
    },

    async latestGrant({ openid, appid, stockRef, since }) {
      const rows = await grants()
        .where('subject', '=', subjectOf({ openid, appid }))
        .where('stock_ref', '=', stockRef)
        .where(sql<boolean>`(state in (${open}) or (state = 'issued' and issued_at >= ${since}))`)
        .orderBy(NEWEST)
        .limit(sql.lit(1))
        .execute()
      const [grant = null] = await shown(rows)
      return grant
    },

    async grantsByCouponIds(ids) {
      const found = []
      // Below every engine's limit of parameters.
      for (let from = 0; from < ids.length; from += 500)
        found.push(
          ...(await grants()
            .where('coupon_id', 'in', ids.slice(from, from + 500))
            .execute()),
        )
      return found.map(toGrant)
    },

    async otherUsersOf({ ticket, openid, since }) {
      const latest = db
        .selectFrom('grants')
        .select('subject')
        .where('ticket', '=', ticket)
        .where('created_at', '>=', since)
        .where(sql<boolean>`state in (${written(reservingStates)})`)
        .where(({ not, eb }) => not(eb('subject', 'in', subjectsOf(openid))))
        .orderBy(NEWEST)
        .limit(sql.lit(100))
      const { users } = await db
        .selectFrom(latest.as('latest'))
        .select(sql<number>`count(distinct subject)`.as('users'))
        .executeTakeFirstOrThrow()
      return Number(users)
    },

    async stocksOf(openid) {
      const rows = await grants().where('subject', 'in', subjectsOf(openid)).orderBy(NEWEST).execute()
      const stocks = new Map(
        rows.reverse().map((row) => [JSON.stringify([row.appid, row.stock_id]), toGrant(row)]),
      )
      return [...stocks.values()]
        .reverse()
        .map(({ stockId, appid, mchid, stock, stockName }) => ({ stockId, appid, mchid, stock, stockName }))
    },

    async calendar() {
      const { time_zone, undated } = await db.selectFrom('calendar').selectAll().executeTakeFirstOrThrow()
      return { timeZone: time_zone, isMoving: undated !== null }
    },

    async usage({ by, rule = '', from }) {
      if ('openid' in by)
        return db
          .selectFrom('subjects')
          .select([
            sql<number>`cast(coalesce(sum(${usedBySubject('count', from)}), 0) as bigint)`.as('count'),
            sql<number>`cast(coalesce(sum(${usedBySubject('quota', from)}), 0) as bigint)`.as('quota'),
          ])
          .where('openid', '=', by.openid)
          .executeTakeFirstOrThrow()
      return db
        .selectFrom('usage')
        .select(used)
        .where(isOf(by))
        .where('rule', '=', rule)
        .where('day', '>=', from)
        .executeTakeFirstOrThrow()
    },

    async usageOfStocks({ stockRefs, from }) {
      if (stockRefs.length === 0) return new Map()
      const rows = await db
        .selectFrom('usage')
        .select(['owner', ...used])
        .where('kind', '=', 'stock')
        .where('owner', 'in', stockRefs)
        .where('rule', '=', '')
        .where('day', '>=', from)
        .groupBy('owner')
        .execute()
      return new Map(rows.map(({ owner, count, quota }) => [owner, { count, quota }]))
    },

    async usageByDay({ kind, owners, rule = '', from }) {
      if (owners.length === 0) return []
      return db
        .selectFrom('usage')
        .select(['owner', 'day', ...amounts])
        .where('kind', '=', kind)
        .where('owner', 'in', owners)
        .where('rule', '=', rule)
        .where('day', '>=', from)
        .where(({ or, eb }) => or([eb('count', '>', 0), eb('quota', '>', 0)]))
        .execute()
    },

    async countLookups({ person, since }) {
      const { count, oldest } = await db
        .selectFrom('events')
        .select([sql<number>`count(*)`.as('count'), sql<number | null>`min(at)`.as('oldest')])
        .where('actor', '=', person)
        .where('kind', '=', 'look-up')
        .where('at', '>=', since)
        .executeTakeFirstOrThrow()
      return { count, oldestAt: oldest }
    },

    async hasLookedUp({ person, openid, since }) {
      const found = await db
        .selectFrom('events')
        .select('id')
        .where('actor', '=', person)
        .where('kind', '=', 'look-up')
        .where('at', '>=', since)
        .where('subject', 'in', subjectsOf(openid))
        .limit(1)
        .executeTakeFirst()
      return found !== undefined
    },

    async pendingGrants({ limit }) {
      const rows = await grants()
        .where(sql<boolean>`state = 'pending'`)
        .orderBy(sql`created_at, id`)
        .limit(limit)
        .execute()
      return rows.map(toGrant)
    },

    async grantsOf({ of, offset, limit }) {
      const rows = await grants().where(areOf(of)).orderBy(NEWEST).limit(limit).offset(offset).execute()
      return shown(rows)
    },

    async countGrantsOf({ of, most }) {
      const some = db
        .selectFrom('grants')
        .select(sql<number>`1`.as('one'))
        .where(areOf(of))
        .limit(sql.lit(most))
      const { count } = await db
        .selectFrom(some.as('some'))
        .select(sql<number>`count(*)`.as('count'))
        .executeTakeFirstOrThrow()
      return count
    },

    async approvedBy({ approver, grantIds }) {
      if (grantIds.length === 0) return new Set()
      const rows = await db
        .selectFrom('decisions')
        .select('grant_id')
        .where('grant_id', 'in', grantIds)
        .where('approver', '=', approver)
        .where('decision', '=', 'approve')
        .where('lapsed_at', 'is', null)
        .execute()
      return new Set(rows.map(({ grant_id }) => grant_id))
    },

    decisionsOf: (grantId) => decisionsOf(db, [grantId]),

    async lateGrants(now) {
      const pending = await grants()
        .where(sql<boolean>`state = 'pending'`)
        .where('expires_at', '<=', now)
        .limit(sql.lit(AT_ONCE))
        .execute()
      const approved = await grants()
        .where(sql<boolean>`state = 'approved'`)
        .where('issue_by', '<=', now)
        .limit(sql.lit(AT_ONCE))
        .execute()
      return [...pending, ...approved].map(toGrant)
    },

    grantsToRemindOf: (now, by = now) => waitingPast('remind_at', by, now),

    grantsToEscalate: (now) => waitingPast('escalate_at', now, now),

    absencesOf: (of) => absencesOf(db, of),
    erasable: (of) => erasable(db, of),
    erasure: (id) => erasureBy(db, id),

    async latestEvent() {
      const { latest } = await db
        .selectFrom('events')
        .select(({ fn }) => fn.max('id').as('latest'))
        .executeTakeFirstOrThrow()
      return Number(latest ?? 0)
    },

    async eventsOf(grantId) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .select(textAt('events.said_text').as('said'))
        .where('grant_id', '=', grantId)
        .orderBy('id')
        .execute()
      const events = rows.map(toEvent)
      const [first] = events
      const grant = await db
        .selectFrom('grants')
        .select('stock_ref')
        .where('id', '=', grantId)
        .executeTakeFirst()
      if (!first || !grant) return events
      const holds = await db
        .selectFrom('holds')
        .selectAll()
        .where(({ or, eb }) => or([eb('ended_after', 'is', null), eb('ended_after', '>=', first.id)]))
        .execute()
      return withHoldLines(events, holds.map(toPlacedHold), grant.stock_ref)
    },

    async attemptsOf(grantId) {
      const rows = await db
        .selectFrom('attempts')
        .selectAll()
        .where('grant_id', '=', grantId)
        .orderBy('number')
        .execute()
      return rows.map(toAttempt)
    },

    async cardsOf(grantId) {
      const rows = await db
        .selectFrom('cards')
        .selectAll()
        .where('grant_id', '=', grantId)
        .orderBy('id')
        .execute()
      return rows.map(toCard)
    },

    async policyText(hash) {
      const row = await db.selectFrom('policies').select('text').where('hash', '=', hash).executeTakeFirst()
      return row?.text ?? null
    },

    openHolds: () => openHolds(from),

    countedHolds: async () => countWaiting(from, await openHolds(from)),

    async hold(id) {
      const row = await db.selectFrom('holds').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toHold(row) : null
    },

    async grantToLookUp() {
      const open = await grants()
        .where('state', 'in', ['approved', 'issuing'])
        .limit(sql.lit(1))
        .executeTakeFirst()
      const any = () =>
        grants().where('id', '>', '').orderBy('id', 'desc').limit(sql.lit(1)).executeTakeFirst()
      const row = open ?? (await any())
      return row ? toGrant(row) : null
    },

    async holdOn(stockRef) {
      return (
        holdThatStops(await openHolds(from), { state: 'approved', stockRef, attempts: 0 })?.reason ?? null
      )
    },

    async flaggedGrants({ limit }) {
      const rows = await grants()
        .where(sql<boolean>`flag is not null`)
        .orderBy(sql`case when ${needsLook} then 0 else 1 end, first_attempt_at, id`)
        .limit(limit)
        .execute()
      return shown(rows)
    },

    closedChannels: () => closedChannels(db),

    openSettlements: (grantIds) => openSettlements(db, grantIds),

    async settlement(id) {
      const row = await db
        .selectFrom('settlements')
        .selectAll()
        .select(evidenceOf)
        .where('id', '=', id)
        .executeTakeFirst()
      return row ? toSettlement(row) : null
    },
  }
}
