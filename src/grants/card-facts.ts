import { calendarDay, windowStart } from '../domain/calendar-days.ts'
import type { Grant } from '../domain/grant.ts'
import { limitKinds, limitOf } from '../domain/limit.ts'
import { levelFor } from '../domain/permissions.ts'
import { stockOfGrant } from '../domain/policy.ts'
import type { Settlement } from '../domain/settlement.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { DueCard } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { limitOwner } from './judge-ask.ts'
import type { CardFacts } from './notifier.ts'

/** How far back a card tells what the user got, where the policy's limit does not say. */
const DAYS = 30
/** Of so many, the latest, it is told by whom. */
const MOST_GIVEN = 3
/** In which these are looked for. */
const LOOK_BACK = 20

/** What a card shows besides its grant, as it is now. */
export async function cardFacts(deps: GrantsDeps, { card, grant, decisions }: DueCard): Promise<CardFacts> {
  const decides = card.kind === 'approval' && grant.state === 'pending'
  const settlement = await settledBy(deps, grant)
  return { decisions, settlement, forDeciding: decides ? await forDeciding(deps, grant) : null }
}

/** Of a grant that people have settled the trail tells how; only one of unknown outcome can be. */
async function settledBy({ ledger }: GrantsDeps, grant: Grant): Promise<Settlement | null> {
  if (grant.maybeExecutedAt === null || !['issued', 'refused'].includes(grant.state)) return null
  const events = await ledger.eventsOf(grant.id)
  const end = events.findLast(({ kind }) => ['issue', 'refuse', 'correct'].includes(kind))
  if (end?.kind !== 'issue' && end?.kind !== 'refuse') return null
  const { settlement } = end.data
  return settlement === undefined ? null : ledger.settlement(settlement)
}

async function forDeciding(deps: GrantsDeps, grant: Grant): Promise<NonNullable<CardFacts['forDeciding']>> {
  const { ledger } = deps
  const policy = deps.policy()
  const days = policy.limits.perUser?.days ?? DAYS
  const since = windowStart(deps.now(), days, policy.timezone)
  const { openid } = grant
  const open = await ledger.openGrantsOf({ openid })
  const { count } = await ledger.usage({ by: { openid }, from: calendarDay(since, policy.timezone) })
  const latest = await ledger.grantsOf({ of: { openid }, offset: 0, limit: LOOK_BACK })
  const limits = []
  for (const kind of limitKinds) {
    const limit = limitOf(policy, kind, deps.now())
    if (!limit) continue
    const by = limitOwner(kind, { openid, requester: grant.requester, stockRef: stockRefOf(grant) })
    limits.push({ kind, limit, used: await ledger.usage({ by, from: limit.from }) })
  }
  return {
    approvers: levelFor(policy, grant).approvers,
    given: {
      days,
      // What holds a place in the limits and is not open was given.
      count: Math.max(0, count - open.filter(({ createdAt }) => createdAt >= since).length),
      latest: latest
        .filter(({ state, createdAt }) => state === 'issued' && createdAt >= since)
        .slice(0, MOST_GIVEN),
    },
    underWay: open.filter(({ id }) => id !== grant.id),
    limits,
    cost: stockOfGrant(policy, grant)?.cost ?? null,
  }
}
