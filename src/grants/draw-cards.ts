import { openidProblemOf } from '../domain/ask.ts'
import { type Card, isSamePlace, type Place } from '../domain/card.ts'
import { type Grant, isOpen, type Settlement } from '../domain/grant.ts'
import { calendarDay, limitKinds, limitOf, windowStart } from '../domain/limit.ts'
import { decidersOf, levelFor, mayNot, type Person } from '../domain/permissions.ts'
import { isQuietFor, stockOfGrant } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { CardEnd, CardEnded, Drawn, DueCard, FoundClosed, NewOutcome } from '../ledger/ledger.ts'
import { closedBy, reportClosed } from './closed-channels.ts'
import type { GrantsDeps } from './deps.ts'
import type { Received } from './grants.ts'
import { READS_HISTORY } from './list-coupons.ts'
import type { CardFacts, DrawnOn } from './notifier.ts'
import { limitOwner } from './request-grant.ts'
import { MAX_WAIT, together, waitAfter, workOff } from './work-through-due.ts'

/** Cards: drawing those that lag, what they show besides their grant, and telling them from stray copies. */

/** For how many grants at a time the cards follow a change of a hold or of the policy. */
const FOLLOWING = 200

/**
 * Draws every card that lags behind its grant. The ledger knows what each card shows, so any live process can draw
 * later what Slack didn't take.
 */
export function drawDue(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease } = deps
  const end = together((ends: CardEnd[]) => ledger.endCards(worker, ends))
  return workOff(
    // Cards that follow a hold or the policy come last, and only a few at a time: there may be very many.
    (limit) => ledger.claimCards({ worker, lease: cardLease, limit, follow: FOLLOWING }),
    (due) => drawCard(deps, due, end),
  )
}

/** @param end gives the card back @returns whether it was drawn */
async function drawCard(
  deps: GrantsDeps,
  due: DueCard,
  end: (of: CardEnd) => Promise<CardEnded | undefined>,
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
    const isNew = (await end({ id, retryIn, closed })) === 'newly-closed'
    if (closed && isNew) reportClosed(deps, closed)
    if (closed?.foundBy === 'post' && card.kind === 'approval' && grant.state === 'pending')
      await askWherePolicySays(deps, card, closed)
    return false
  }
  const outcome = outcomeToTell(deps, card, grant, on)
  const ended = await end({ id, drawn: drawnAs(grant, on), outcome })
  // A person pressed the message of an earlier post meanwhile, which is the card now: nothing would keep this one true.
  if (ended === 'stray' && 'place' in on) await notifier.takeAway(on.place)
  if (outcome) wake()
  return true
}

function drawnAs({ version, state }: Grant, on: DrawnOn): Drawn {
  if ('gone' in on) return { version, gone: true, ...(on.isShown && { shows: state }) }
  const { place, posted = false } = on
  return { version, place, posted, shows: state }
}

/**
 * The outcome to send to the requester, once the lasting message shows it, so that both say the same. None if the
 * requester's own click caused it, or if that message itself is new.
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

/** How often everything that waits for a closed channel tries it, ms. The first one to get through frees the rest. */
const CLOSED_EVERY = 15_000

async function closedWait({ ledger }: GrantsDeps, { channel }: FoundClosed): Promise<number> {
  const closed = await ledger.closedChannels()
  return CLOSED_EVERY * Math.max(1, closed.find((one) => one.channel === channel)?.waiting ?? 1)
}

/** Asks the approvers in the channel that the policy names now, if it is another one and usable. */
async function askWherePolicySays(deps: GrantsDeps, card: Card, closed: FoundClosed): Promise<void> {
  const { ledger, notifier, policy, wake } = deps
  const { channel: from } = closed
  const { channel: to } = policy().approval
  if (to === from) return
  const reach = await notifier.reach({ channel: to, members: [], except: null, enough: 0 })
  if (reach?.channel !== null) return
  if (await ledger.askElsewhere(card.id, { from, to })) wake()
}

/** How many days a card looks back at what the user received, if the policy's limit doesn't say. */
const DAYS = 30
/** Name the requester for at most this many recent grants. */
const MOST_GIVEN = 3
/** How many grants to search for them. */
const LOOK_BACK = 20

/** What a card shows besides its grant, as it is now. */
export async function cardFacts(deps: GrantsDeps, { card, grant, decisions }: DueCard): Promise<CardFacts> {
  const decides = card.kind === 'approval' && grant.state === 'pending'
  const settlement = await settledBy(deps, grant)
  return { decisions, settlement, forDeciding: decides ? await forDeciding(deps, grant) : null }
}

/** How people settled a grant, from the trail. Only a grant whose outcome was unknown can be settled. */
async function settledBy({ ledger }: GrantsDeps, grant: Grant): Promise<Settlement | null> {
  if (grant.maybeExecutedAt === null || !['issued', 'refused'].includes(grant.state)) return null
  const events = await ledger.eventsOf(grant.id)
  const end = events.findLast(({ kind }) => ['issue', 'refuse', 'correct'].includes(kind))
  if (end?.kind !== 'issue' && end?.kind !== 'refuse') return null
  const { settlement } = end.data
  return settlement === undefined ? null : ledger.settlement(settlement)
}

/** How many other users were served under a ticket in the days that a card looks back. */
function otherUsers({ ledger, now }: Pick<GrantsDeps, 'ledger' | 'now'>, ticket: string, openid: string) {
  return ledger.otherUsersOf({ ticket, openid, since: now() - DAYS * 24 * 60 * 60 * 1000 })
}

/**
 * What a user received or is about to receive.
 * @param except the id of the grant in question; null: none is recorded yet
 */
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
      // What holds a place in the limits and isn't open was given.
      count: Math.max(0, count - open.filter(({ createdAt }) => createdAt >= since).length),
      latest: latest
        .filter(({ state, createdAt }) => state === 'issued' && createdAt >= since)
        .slice(0, MOST_GIVEN),
    },
    underWay: open.filter(({ id }) => id !== except),
  }
}

/**
 * What the form warns about: what the user received, for people who may read that. It doesn't count as a look-up: it
 * shows only what this app recorded, about a user to whom the form is about to give something.
 */
export async function receivedLately(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now'>,
  { person, openid, instead }: { person: Person; openid: string; instead: string | null },
): Promise<Received | null> {
  const policy = deps.policy()
  if (mayNot(policy, person, READS_HISTORY) || openidProblemOf(policy, openid)) return null
  return received(deps, openid, instead)
}

/** What an approver needs in order to decide a pending grant, besides the grant itself. */
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
 * What a pressed message is. `this`: the card itself, which the app keeps up to date; `stray`: a copy of it; `unknown`:
 * this ledger doesn't know it, or can't say now.
 */
export type Recognised = 'this' | 'stray' | 'unknown'

type Deps = Pick<GrantsDeps, 'ledger' | 'notifier'>

/**
 * Tells whether a message is a grant's card. A message that carries a card becomes the card's place if the card has no
 * other: the answer to its post was lost, its message vanished, or its channel got another id. It is stray only if the
 * card is elsewhere: deleting the only card would be worse than leaving a copy.
 * @param card.cardId as the message says; null: it doesn't say
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

/** The same for the message that tells the operators about a hold. */
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

/** How often to look, because the worker that draws it may record another place in the meantime. */
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
    // If a channel gets another id, its messages stay, with the same `ts`.
    if (stands) return place && isSameTime(place, pressed) ? 'this' : 'stray'
    if (await of.adopt(one, place)) return 'this'
  }
  return 'unknown'
}

function isSameTime(one: Place, other: Place): boolean {
  return 'ts' in one && 'ts' in other && one.ts === other.ts
}
