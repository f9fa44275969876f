import { sql } from 'kysely'
import type { Grant, GrantState } from '../domain/grant.ts'
import { type Tx, tellGrants } from './trail.ts'

/**
 * While it is not known whether an attempt gave a coupon, other grants of the same user and stock wait: another coupon
 * could be one too many. That is told on them like a hold, though it is nobody's to end but the other grant's.
 */
const REASON = 'same-user'

interface Blocker {
  id: string
  openid: string
  appid: string
  stock_id: string
  state: GrantState
  flag: string | null
}

/** Lays over approved grants that another one makes wait why they do. */
export async function withBlocked(db: Tx['db'], grants: Grant[]): Promise<Grant[]> {
  const free = grants.filter(({ state, hold }) => state === 'approved' && !hold)
  if (free.length === 0) return grants
  const { rows } = await sql<{ id: string; flag: string }>`select g.id as id, o.flag as flag from grants g
    join grants o on o.openid = g.openid and o.appid = g.appid and o.stock_id = g.stock_id
      and o.state = 'issuing' and o.flag is not null and o.id <> g.id
    where g.id in (${sql.join(free.map(({ id }) => id))})`.execute(db)
  const since = new Map(rows.map(({ id, flag }) => [id, (JSON.parse(flag) as { at: number }).at]))
  return grants.map((grant) => {
    const at = since.get(grant.id)
    return at === undefined ? grant : { ...grant, hold: { reason: REASON, at } }
  })
}

function blocks({ state, flag }: Pick<Blocker, 'state' | 'flag'>): boolean {
  return state === 'issuing' && flag !== null
}

/** Tells the grants that wait for another one when that begins, and when it ends. */
export async function tellBlocked(
  tx: Tx,
  before: Pick<Blocker, 'state' | 'flag'>,
  after: Blocker,
): Promise<void> {
  if (blocks(before) === blocks(after)) return
  const waiting = await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('openid', '=', after.openid)
    .where('appid', '=', after.appid)
    .where('stock_id', '=', after.stock_id)
    .where('state', '=', 'approved')
    .where('hold_scope', 'is', null)
    .where('id', '<>', after.id)
    .returning('id')
    .execute()
  const kind = blocks(after) ? 'held' : 'resumed'
  const data = { reason: REASON, grant: after.id }
  await tellGrants(tx, waiting, { kind, actor: 'app', data })
}
