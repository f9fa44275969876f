import type { Card } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import { findStock, levelFor, limitKinds, limitOf } from '../domain/policy.ts'
import { windowStart } from '../domain/window.ts'
import type { GrantsDeps } from './deps.ts'
import { limitOwner } from './judge-ask.ts'
import type { Beside } from './notifier.ts'

/** How far back a card tells what the user got, where the policy's limit does not say. */
const DAYS = 30
/** More would not be read before deciding. */
const MOST_GRANTS = 20

/** What a card shows besides its grant, as it is now. */
export async function besideCard(deps: GrantsDeps, card: Card, grant: Grant): Promise<Beside> {
  const decisions = grant.approvalsNeeded > 0 ? await deps.ledger.decisionsOf(grant.id) : []
  const decides = card.kind === 'approval' && grant.state === 'pending'
  return { decisions, forDeciding: decides ? await forDeciding(deps, grant) : null }
}

async function forDeciding(deps: GrantsDeps, grant: Grant): Promise<NonNullable<Beside['forDeciding']>> {
  const { ledger } = deps
  const policy = deps.policy()
  const days = policy.limits.perUser?.days ?? DAYS
  const since = windowStart(deps.now(), days, policy.timezone)
  const ofUser = await ledger.grantsOf({ of: { openid: grant.openid }, offset: 0, limit: MOST_GRANTS })
  const others = ofUser.filter(({ id }) => id !== grant.id)
  const limits = []
  for (const kind of limitKinds) {
    const limit = limitOf(policy, kind, deps.now())
    if (!limit) continue
    const by = limitOwner(kind, { openid: grant.openid, requester: grant.requester, stock: grant.stock })
    limits.push({ kind, limit, used: await ledger.usage({ by, since: limit.since }) })
  }
  return {
    approvers: levelFor(policy, grant).approvers,
    given: {
      days,
      grants: others.filter(({ state, createdAt }) => state === 'issued' && createdAt >= since),
    },
    underWay: others.filter(({ state }) => ['pending', 'approved', 'issuing'].includes(state)),
    limits,
    cost: findStock(policy, grant.stock)?.cost ?? null,
  }
}
