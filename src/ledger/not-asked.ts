import { sql } from 'kysely'
import type { Grant } from '../domain/grant.ts'
import type { Tx } from './trail.ts'

/** A pending grant of which approvers have seen nothing yet: its card was never posted. */
export const unseen = sql<boolean>`state = 'pending' and not exists (select 1 from cards
  where cards.grant_id = grants.id and cards.kind = 'approval' and cards.place is not null)`

/** Lays over pending grants that nobody was asked for yet. */
export async function withNotAsked(db: Tx['db'], grants: Grant[]): Promise<Grant[]> {
  const pending = grants.filter(({ state }) => state === 'pending')
  if (pending.length === 0) return grants
  const { rows } = await sql<{
    id: string
    told: number
  }>`select grants.id as id, closed_channels.told as told
    from grants join closed_channels on closed_channels.channel = grants.approval_channel
    where grants.id in (${sql.join(pending.map(({ id }) => id))}) and ${unseen}
      and not exists (select 1 from decisions where decisions.grant_id = grants.id)`.execute(db)
  const told = new Map(rows.map((row) => [row.id, row.told === 1]))
  return grants.map((grant) => {
    const operatorsTold = told.get(grant.id)
    return operatorsTold === undefined ? grant : { ...grant, notAsked: { operatorsTold } }
  })
}
