import { sql } from 'kysely'
import type { Grant } from '../domain/grant.ts'
import type { HoldScope, NewHold } from './records.ts'
import { inChunks, type Tx, tellGrants } from './trail.ts'

/** Once in so long a hold lets one grant through, to see whether what it is about is over. */
export const PROBE_EVERY = 60_000

interface OpenHold {
  scope: string
  reason: string
}
type Held = Pick<Grant, 'state' | 'stock' | 'attempts'>

/** Restored grants are issuing, and may never have been sent all the same. */
const neverSent = sql<boolean>`(state = 'approved' or attempts = 0)`

/** The open hold that stops such a grant, or null: where several do, the strictest, which lets no probe through. */
export async function holdThatStops(tx: Pick<Tx, 'db'>, grant: Held): Promise<OpenHold | null> {
  return strictest(await openHolds(tx), grant)
}

async function openHolds(tx: Pick<Tx, 'db'>): Promise<OpenHold[]> {
  return tx.db
    .selectFrom('holds')
    .select(['scope', 'reason'])
    .where('ended_at', 'is', null)
    .orderBy('since')
    .execute()
}

function strictest(holds: OpenHold[], { state, stock, attempts }: Held): OpenHold | null {
  const scopes: HoldScope[] = [
    'paused',
    `paused:${stock}`,
    ...(state === 'approved' || attempts === 0 ? (['first-attempts'] as const) : []),
    'all',
    `stock:${stock}`,
  ]
  for (const scope of scopes) {
    const hold = holds.find((open) => open.scope === scope)
    if (hold) return hold
  }
  return null
}

/** Begins a hold once, and marks what it stops from now on. */
export async function beginHold(tx: Tx, { by = 'app', tellIn = 0, ...hold }: NewHold): Promise<boolean> {
  const now = tx.now()
  const begun = await tx.db
    .insertInto('holds')
    .values({
      id: tx.randomId(),
      ...hold,
      since: now,
      begun_by: by,
      ended_at: null,
      ended_by: null,
      probe_at: sql<number>`${tx.clock} + ${sql.lit(PROBE_EVERY)}`,
      ...(tellIn > 0 && { tell_at: sql<number>`${tx.clock} + ${sql.lit(Math.round(tellIn))}` }),
      place: null,
    })
    .onConflict((conflict) => conflict.column('scope').where('ended_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!begun) return false

  const { scope, reason } = hold
  const stock = /^(?:stock|paused):(.*)$/s.exec(scope)?.[1]
  const marked = await tx.db
    .updateTable('grants')
    .set({ hold_scope: scope, hold_reason: reason, hold_at: now, version: sql<number>`version + 1` })
    .where('state', 'in', ['approved', 'issuing'])
    .$if(scope === 'first-attempts', (query) => query.where(neverSent))
    .where(weaker(scope))
    .$if(stock !== undefined, (query) => query.where('stock', '=', stock ?? ''))
    .returning('id')
    .execute()
  const data = { reason, ...(by !== 'app' && { by }) }
  await tellGrants(tx, marked, { kind: 'held', actor: 'app', data })
  return true
}

/** Which grants a new hold takes over: those that none stops, or one that stops less. */
function weaker(scope: HoldScope) {
  if (scope === 'paused') return sql<boolean>`true`
  if (scope.startsWith('paused:')) return sql<boolean>`(hold_scope is null or hold_scope <> 'paused')`
  if (scope === 'first-attempts') return sql<boolean>`(hold_scope is null or hold_scope not like 'paused%')`
  return sql<boolean>`hold_scope is null`
}

/**
 * Ends holds, if told so only those that had begun by then: what they stopped goes on at once, unless another hold stops it
 * as well.
 * @returns whether any was open
 */
export async function endHolds(
  tx: Tx,
  {
    scopes,
    reasons,
    begunBy,
    by,
  }: { scopes: readonly HoldScope[]; reasons?: readonly string[] | undefined; begunBy?: number; by: string },
): Promise<boolean> {
  if (scopes.length === 0) return false
  const now = tx.now()
  const ended = await tx.db
    .updateTable('holds')
    .set({ ended_at: now, ended_by: by })
    .where('scope', 'in', [...scopes])
    .where('ended_at', 'is', null)
    .$if(reasons !== undefined, (query) => query.where('reason', 'in', [...(reasons ?? [])]))
    .$if(begunBy !== undefined, (query) => query.where('since', '<=', begunBy ?? 0))
    .returning('scope')
    .execute()
  if (ended.length === 0) return false

  const left = await openHolds(tx)
  const released = await tx.db
    .selectFrom('grants')
    .select(['id', 'state', 'stock', 'attempts'])
    .where(
      'hold_scope',
      'in',
      ended.map(({ scope }) => scope),
    )
    .execute()
  // By what stops them now, so that any number of grants takes a few statements: all of it must end within one write.
  const groups = Map.groupBy(released, (grant) => strictest(left, grant))
  for (const [hold, grants] of groups) {
    await inChunks(grants, (some) =>
      tx.db
        .updateTable('grants')
        .set({
          hold_scope: hold?.scope ?? null,
          hold_reason: hold?.reason ?? null,
          hold_at: hold ? now : null,
          version: sql<number>`version + 1`,
          // What is not sent again by itself stays so.
          ...(!hold && {
            due_at: sql<number | null>`case when due_at is null then null else ${tx.clock} end`,
          }),
        })
        .where(
          'id',
          'in',
          some.map(({ id }) => id),
        )
        .execute(),
    )
    // Who has ended one hold has not begun the other.
    const data = hold ? { reason: hold.reason } : { ...(by !== 'app' && { by }) }
    await tellGrants(tx, grants, { kind: hold ? 'held' : 'resumed', actor: 'app', data })
  }
  return true
}
