import { openidProblemOf } from '../domain/ask.ts'
import { type Card, isSamePlace, type Place } from '../domain/card.ts'
import { type Grant, isOpen, type Settlement } from '../domain/grant.ts'
import { calendarDay, limitKinds, limitOf, windowStart } from '../domain/limit.ts'
import { decidersOf, levelFor, mayNot, type Person } from '../domain/permissions.ts'
import { isQuietFor, stockOfGrant } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { CardEnd, Drawn, DueCard, FoundClosed, NewOutcome } from '../ledger/ledger.ts'
import { closedBy, reportClosed } from './closed-channels.ts'
import type { GrantsDeps } from './deps.ts'
import type { Received } from './grants.ts'
import { READS_HISTORY } from './list-coupons.ts'
import type { CardFacts, DrawnOn } from './notifier.ts'
import { limitOwner } from './request-grant.ts'
import { MAX_WAIT, together, waitAfter, workOff } from './work-through-due.ts'

/** Cards: drawing those that lag, what they show besides their grant, and telling them from strays. */

/** Of how many grants the cards follow a hold or a policy at a time. */
const FOLLOWING = 200

/**
 * Draws every card that lags behind its grant. The ledger knows what each card shows, so any process that is alive can
 * draw later what Slack did not take.
 */
export function drawDue(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease } = deps
  const end = together((ends: CardEnd[]) => ledger.endCards(worker, ends))
  return workOff(
    // Those that follow a hold or a policy come after all else, and only so many at a time: there may be very many.
    (limit) => ledger.claimCards({ worker, lease: cardLease, limit, follow: FOLLOWING }),
    (due) => drawCard(deps, due, end),
  )
}

/** @param end gives it back @returns whether it was drawn */
async function drawCard(
  deps: GrantsDeps,
  due: DueCard,
  end: (of: CardEnd) => Promise<unknown>,
): Promise<boolean> {
  const { notifier, logger, wake } = deps
  const { card, grant } = due
  const { id } = card
  let on: DrawnOn
  try {
    on = await notifier.draw(card, grant, await cardFacts(deps, due))
  } catch (error) {
    const closed = closedBy(deps, error)
    const retryIn = Math.min(waitAfter(error, card.tries), closed ? await closedWait(deps, closed) : MAX_WAIT)
    logger.warn({ err: error, grantId: grant.id, card: card.kind, retryIn }, 'card not drawn, trying again')
    const isNew = await end({ id, retryIn, closed })
    if (closed && isNew) reportClosed(deps, closed)
    if (closed?.foundBy === 'post' && card.kind === 'approval' && grant.state === 'pending')
      await askWherePolicySays(deps, card, closed)
    return false
  }
  const outcome = outcomeToTell(deps, card, grant, on)
  await end({ id, drawn: drawnAs(grant, on), outcome })
  if (outcome) wake()
  return true
}

function drawnAs({ version, state }: Grant, on: DrawnOn): Drawn {
  if ('gone' in on) return { version, gone: true, ...(on.isShown && { shows: state }) }
  const { place, posted = false } = on
  return { version, place, posted, shows: state }
}

/**
 * A requester is told of an end once the lasting message shows it, so that both say the same. Not of what their own
 * click did, nor where that message itself is new.
 */
function outcomeToTell(
  { policy, now }: GrantsDeps,
  card: Card,
  grant: Grant,
  on: DrawnOn,
): NewOutcome | null {
  const { id: grantId, state, ended, requester } = grant
  if (card.kind !== 'dm' || isOpen(state) || card.shown === state) return null
  if ('gone' in on || on.isNews || ended?.by === requester) return null
  return { grantId, state, isQuiet: isQuietFor(policy(), grant, now()), isLate: card.tries > 0 }
}

/** All that waits for a channel together tries it this often, ms: what gets through takes the rest along. */
const CLOSED_EVERY = 15_000

async function closedWait({ ledger }: GrantsDeps, { channel }: FoundClosed): Promise<number> {
  const closed = await ledger.closedChannels()
  return CLOSED_EVERY * Math.max(1, closed.find((one) => one.channel === channel)?.waiting ?? 1)
}

/** The policy may name another channel since the ask; where that serves, approvers are asked there. */
async function askWherePolicySays(deps: GrantsDeps, card: Card, closed: FoundClosed): Promise<void> {
  const { ledger, notifier, policy, wake } = deps
  const { channel: from } = closed
  const { channel: to } = policy().approval
  if (to === from) return
  const reach = await notifier.reach({ channel: to, members: [], except: null, enough: 0 })
  if (reach?.channel !== null) return
  if (await ledger.askElsewhere(card.id, { from, to })) wake()
}

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

/** For how many other users a ticket served in the days that a card looks back. */
function otherUsers({ ledger, now }: Pick<GrantsDeps, 'ledger' | 'now'>, ticket: string, openid: string) {
  return ledger.otherUsersOf({ ticket, openid, since: now() - DAYS * 24 * 60 * 60 * 1000 })
}

/** What a user has got and is about to get. @param except the id of the grant in question; null: none is recorded yet */
async function received(
  { ledger, policy, now }: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  openid: string,
  except: string | null,
): Promise<Received> {
  const { limits, timezone } = policy()
  const days = limits.perUser?.days ?? DAYS
  const since = windowStart(now(), days, timezone)
  const open = await ledger.openGrantsOf({ openid })
  const { count } = await ledger.usage({ by: { openid }, from: calendarDay(since, timezone) })
  const latest = await ledger.grantsOf({ of: { openid }, offset: 0, limit: LOOK_BACK })
  return {
    given: {
      days,
      // What holds a place in the limits and is not open was given.
      count: Math.max(0, count - open.filter(({ createdAt }) => createdAt >= since).length),
      latest: latest
        .filter(({ state, createdAt }) => state === 'issued' && createdAt >= since)
        .slice(0, MOST_GIVEN),
    },
    underWay: open.filter(({ id }) => id !== except),
  }
}

/**
 * What the form warns of: what the user was given, for those who may read that. It does not count as a look-up: it
 * shows only what this app recorded, of a user to whom the form is about to give something.
 */
export async function receivedLately(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  { person, openid, instead }: { person: Person; openid: string; instead: string | null },
): Promise<Received | null> {
  const policy = deps.policy()
  if (mayNot(policy, person, READS_HISTORY) || openidProblemOf(policy, openid)) return null
  return received(deps, openid, instead)
}

/** What a pending grant is decided by, beside what it says itself. */
export async function forDeciding(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  grant: Grant,
): Promise<NonNullable<CardFacts['forDeciding']>> {
  const { ledger } = deps
  const policy = deps.policy()
  const level = levelFor(policy, grant)
  const { openid } = grant
  const limits = []
  for (const kind of limitKinds) {
    const limit = limitOf(policy, kind, deps.now())
    if (!limit) continue
    const by = limitOwner(kind, { openid, requester: grant.requester, stockRef: stockRefOf(grant) })
    limits.push({ kind, limit, used: await ledger.usage({ by, from: limit.from }) })
  }
  return {
    approvers: decidersOf(policy, grant, deps.now()),
    level: { approvals: level.approvals, aboveQuota: level.aboveQuota },
    ...(await received(deps, openid, grant.id)),
    ticketUsers: grant.ticket === null ? 0 : await otherUsers(deps, grant.ticket, openid),
    limits,
    cost: stockOfGrant(policy, grant)?.cost ?? null,
  }
}

/**
 * What the message is in which somebody pressed: the card itself, which the app keeps true; `stray`: a copy beside it;
 * or `unknown`: this ledger does not know it, or can't say now.
 */
export type Recognised = 'this' | 'stray' | 'unknown'

type Deps = Pick<GrantsDeps, 'ledger' | 'notifier'>

/**
 * Which card of a grant a message is. A message that carries a card becomes the card's place if the card has no other:
 * the answer to its post was lost, its message vanished, or its channel got another id. It is stray only if the card
 * stands elsewhere: taking away the only card would be worse than leaving a copy.
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
