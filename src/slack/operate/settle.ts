import { type Grant, isOpen } from '../../domain/grant.ts'
import { needsPeople } from '../cards/settlement-blocks.ts'
import type { Edge, User } from '../edge.ts'
import { readGrantId } from '../found/found-value.ts'
import { openWhenReady, type Ready } from '../open-view.ts'
import type { Respond } from '../respond.ts'
import { acting, CHANGING } from './acting.ts'
import { confirmView } from './confirm-view.ts'
import { settleView } from './settle-view.ts'
import { tellStuck } from './stuck.ts'
import { toldSettlement } from './told-settlement.ts'

const ownGrant = { kind: 'refused', refusal: { code: 'own-grant' } } as const

/** A loading view is looked at for as long as this, ms. */
const SLOW = 8000

interface Press {
  user: User
  /** The grant's id, with that of the settlement to be confirmed; to withdraw, only the settlement's. */
  value: string | undefined
  respond: Respond
}

/** Opens what is to be said of a grant, or, where that was said, what is to be confirmed. */
export async function openSettle(edge: Edge, press: Press & { triggerId: string }): Promise<void> {
  const { user, value, triggerId, respond } = press
  await openWhenReady(edge, {
    user,
    triggerId,
    respond,
    ready: prepare(edge, user, value ?? ''),
    loading: ({ settle }) => settle,
    late: ({ settle }) => settle.late,
  })
}

async function prepare(edge: Edge, user: User, value: string): Promise<Ready> {
  const { by, reader } = await acting(edge, user, SLOW)
  const [grantId = '', settlementId = ''] = value.split('|').map(readGrantId)
  const read = await edge.grants.settlementOf({ by, grantId, settlementId })
  if (read.kind !== 'settlement') return { reader, told: toldSettlement(edge, read, reader) }
  const { grant, settlement, over } = read
  if (!needsPeople(grant)) return { reader, told: toldSettlement(edge, notForPeople(grant), reader) }
  if (settlement) return { reader, view: confirmView(grant, settlement, reader, over), told: null }
  if (over?.ended) {
    // What the app itself took back, it did because more was sent.
    const became =
      over.ended.by === 'app'
        ? ({ kind: 'sent-since', grant, settlement: null } as const)
        : ({ kind: 'already', grant, settlement: over } as const)
    return { reader, told: toldSettlement(edge, became, reader) }
  }
  if (grant.requester === user.id) return { reader, told: toldSettlement(edge, ownGrant, reader) }
  const found = await edge.grants.candidates({ by, grantId })
  if (found.kind !== 'candidates') return { reader, told: toldSettlement(edge, found, reader) }
  return { reader, view: settleView(found, reader), told: null }
}

function notForPeople(grant: Grant) {
  return {
    kind: isOpen(grant.state) ? ('not-stuck' as const) : ('already' as const),
    grant,
    settlement: null,
  }
}

/** Takes back what was said: committed, then acknowledged, then answered. */
export async function withdraw(
  edge: Edge,
  { user, value, message, respond, ack }: Press & { message: object | null; ack: () => Promise<void> },
): Promise<void> {
  const who = await acting(edge, user, CHANGING)
  const settlementId = readGrantId(value ?? '')
  const outcome = await edge.grants.withdrawSettlement({ by: who.by, settlementId })
  await ack()
  const told = toldSettlement(edge, outcome, who.reader)
  if (message) await respond(told)
  else await tellStuck(edge, who, { respond, told: told.blocks, replace: true })
}
