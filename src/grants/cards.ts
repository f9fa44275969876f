import { isSamePlace, type Place } from '../domain/card.ts'
import type { Grant, Settlement } from '../domain/grant.ts'
import { calendarDay, limitKinds, limitOf, windowStart } from '../domain/limit.ts'
import { levelFor } from '../domain/permissions.ts'
import { stockOfGrant } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { DueCard } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { CardFacts } from './notifier.ts'
import { limitOwner } from './request-grant.ts'

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

/** What a pending grant is decided by, beside what it says itself. */
export async function forDeciding(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  grant: Grant,
): Promise<NonNullable<CardFacts['forDeciding']>> {
  const { ledger } = deps
  const policy = deps.policy()
  const level = levelFor(policy, grant)
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
    approvers: level.approvers,
    level: { approvals: level.approvals, aboveQuota: level.aboveQuota },
    given: {
      days,
      // What holds a place in the limits and is not open was given.
      count: Math.max(0, count - open.filter(({ createdAt }) => createdAt >= since).length),
      latest: latest
        .filter(({ state, createdAt }) => state === 'issued' && createdAt >= since)
        .slice(0, MOST_GIVEN),
    },
    underWay: open.filter(({ id }) => id !== grant.id),
    ticketUsers: 0,
    limits,
    cost: stockOfGrant(policy, grant)?.cost ?? null,
  }
}

/**
 * What a message is in which somebody pressed: the one that is kept true, `stray`: a copy beside that one, or `unknown`:
 * not known by this ledger, or not to be said now.
 */
export type Recognised = 'this' | 'stray' | 'unknown'

type Deps = Pick<GrantsDeps, 'ledger' | 'notifier'>

/**
 * Which card of a grant a message is. What carries a card is that card, wherever it is: where the answer to its post was
 * lost, where its message has vanished, or its channel has got another id, this message is its place from now on. Only a
 * copy of a card that stands elsewhere is a stray one: to take away the only card would be worse than to leave a copy.
 * @param card.cardId as the message says; null: it does not say
 */
export async function recogniseCard(
  { ledger, notifier }: Deps,
  card: { grantId: string; cardId: string | null },
  pressed: Place,
): Promise<Recognised> {
  const kind = 'channel' in pressed && pressed.channel.startsWith('D') ? 'dm' : 'approval'
  return recognise(notifier, pressed, {
    async read() {
      const cards = await ledger.cardsOf(card.grantId)
      return cards.find((one) => (card.cardId === null ? one.kind === kind : one.id === card.cardId))
    },
    adopt: ({ id }, from) => ledger.adoptCard(id, pressed, from),
  })
}

/** The same for the message that tells the operators of a hold. */
export async function recogniseAlert(
  { ledger, notifier }: Deps,
  holdId: string,
  pressed: Place,
): Promise<Recognised> {
  return recognise(notifier, pressed, {
    read: () => ledger.hold(holdId),
    adopt: (_hold, from) => ledger.adoptHold(holdId, pressed, from),
  })
}

/** Who draws it may note another place meanwhile. */
const MOST_LOOKS = 3

async function recognise<T extends { place: Place | null }>(
  notifier: Deps['notifier'],
  pressed: Place,
  of: { read(): Promise<T | null | undefined>; adopt(one: T, from: Place | null): Promise<boolean> },
): Promise<Recognised> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const one = await of.read()
    if (!one) return 'unknown'
    const { place } = one
    if (place && isSamePlace(place, pressed)) return 'this'
    const stands = place ? await notifier.stands(place) : false
    if (stands === null) return 'unknown'
    // A channel that gets another id keeps its messages, and these their times.
    if (stands) return place && isSameTime(place, pressed) ? 'this' : 'stray'
    if (await of.adopt(one, place)) return 'this'
  }
  return 'unknown'
}

function isSameTime(one: Place, other: Place): boolean {
  return 'ts' in one && 'ts' in other && one.ts === other.ts
}
