import { setTimeout as sleep } from 'node:timers/promises'
import { type Card, DIRECT_MESSAGES, isSamePlace, type Notice, type Place } from '../domain/card.ts'
import { type Grant, isOpen } from '../domain/grant.ts'
import { type Hold, OUTAGE_TOLD_AFTER, OUTAGES } from '../domain/hold.ts'
import { isQuietFor, quietSince } from '../domain/quiet.ts'
import type {
  CardEnd,
  Drawn,
  DueCard,
  DueNotice,
  FoundClosed,
  HoldEnd,
  NewOutcome,
  NoticeEnd,
  Outcome,
  UntoldHold,
} from '../ledger/ledger.ts'
import { cardFacts } from './cards.ts'
import { writeAgain } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import { ChannelClosedError, DrawLaterError, type DrawnOn } from './notifier.ts'

const AT_ONCE = 10
const LEAST_WAIT = 1000
const MAX_WAIT = 5 * 60_000
/** Of how many grants the cards follow a hold at a time. */
const FOLLOWING = 200
/** ms; while something takes long, what has become due beside it is looked for this often. */
const LOOK_EVERY = 200
/** ms; of what ends at about the same time all places are filled in one claim. */
const TOGETHER = 10

/**
 * Draws every card that lags behind its grant. The ledger knows what each card shows, so that what Slack did not take
 * is drawn again later, by whichever process is alive.
 */
export function drawDue(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease } = deps
  const end = together((ends: CardEnd[]) => ledger.endCards(worker, ends))
  return workOff(
    // Those of what a hold makes wait come after all else, and only so many at a time: there may be very many.
    (limit) => ledger.claimCards({ worker, lease: cardLease, limit, follow: FOLLOWING }),
    (due) => drawCard(deps, due, end),
  )
}

/**
 * Works off what is due, some at once, whose places are filled as they end: what takes long delays nothing else.
 * All of it is over before a failure of the ledger is told: nothing is left half done.
 * @returns how many were done
 */
async function workOff<T>(
  claim: (limit: number) => Promise<T[]>,
  act: (one: T) => Promise<boolean>,
): Promise<number> {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  let done = 0
  async function begin(): Promise<void> {
    for (const one of await claim(AT_ONCE - underWay.size)) {
      const run = act(one)
        .then((isDone) => {
          if (isDone) done += 1
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(run))
      underWay.add(run)
    }
  }
  for (;;) {
    if (failures.length === 0 && underWay.size < AT_ONCE)
      await begin().catch((error: unknown) => void failures.push(error))
    if (underWay.size === 0) break
    await oneEnds(underWay)
  }
  if (failures.length > 0) throw failures[0]
  return done
}

/** Waits until one of these has ended, or it is time to look what else is due. */
async function oneEnds(underWay: Iterable<Promise<void>>): Promise<void> {
  const cancel = new AbortController()
  const time = sleep(LOOK_EVERY, undefined, { signal: cancel.signal }).catch(() => {})
  await Promise.race([...underWay, time])
  cancel.abort()
  await sleep(TOGETHER)
}

/**
 * Has what comes within some ms written together: each commit waits for the disk. What a busy ledger refuses is written
 * again, as all of it would wait for its lease to run out; what is written already stays as it is.
 * @returns of each what `act` returned in its place
 */
function together<T, R>(act: (all: T[]) => Promise<R[]>): (one: T) => Promise<R | undefined> {
  let next: { all: T[]; acted: Promise<R[]> } | undefined
  return async (one) => {
    if (!next) {
      const all: T[] = []
      const acted = sleep(TOGETHER).then(() => {
        next = undefined
        return act(all).catch(() => writeAgain(GIVE_BACK_AGAIN, () => act(all)))
      })
      next = { all, acted }
    }
    const place = next.all.push(one) - 1
    return (await next.acted)[place]
  }
}

/** Waits between the tries to give back what was drawn, ms; together well below the lease. */
const GIVE_BACK_AGAIN = [100, 1000]

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
 * A requester is told of an end once the lasting message shows it, so that nothing is told that is not to be seen there.
 * Not of what the own click has brought about, nor where that message itself is new.
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
  return { grantId, state, isQuiet: isQuietFor(policy(), grant, now()) }
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

function closedBy({ policy }: GrantsDeps, error: unknown): FoundClosed | null {
  if (!(error instanceof ChannelClosedError)) return null
  const { channel, code, foundBy } = error
  return { channel, code, foundBy, alerts: policy().alerts }
}

function reportClosed({ logger, wake }: GrantsDeps, { channel, code }: FoundClosed): void {
  logger.error(
    { channel, code },
    'Slack takes no messages in this channel, so what belongs there waits: invite the app, unarchive the channel, allow the app to post there, or name another channel in the policy; for direct messages switch on the Messages tab of the app',
  )
  wake()
}

/** Tells what is told once. What has no reader any more, as a reminder of what was decided meanwhile, is left out. */
export function tellNews(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease } = deps
  const end = together(async (ends: NoticeEnd[]) => {
    await ledger.endNotices(worker, ends)
    return []
  })
  return workOff(
    (limit) => ledger.claimNotices({ worker, lease: cardLease, limit }),
    (due) => tellNotice(deps, due, end),
  )
}

/** @returns whether it was told, or has no reader any more */
async function tellNotice(
  deps: GrantsDeps,
  due: DueNotice,
  end: (of: NoticeEnd) => Promise<unknown>,
): Promise<boolean> {
  const { notice } = due
  const { id, news } = notice
  if (isQuietNow(deps, due)) {
    await end({ id, isQuiet: true })
    return true
  }
  if (isBehindView(deps, due)) {
    await end({ id, retryIn: LEAST_WAIT })
    return false
  }
  try {
    const channel = await tellDue(deps, due)
    await end({ id, retryIn: null })
    if (channel) await reopen(deps, channel, 'post')
    return true
  } catch (error) {
    const retryIn = waitAfter(error, notice.tries)
    deps.logger.warn({ err: error, notice: news.kind, retryIn }, 'notice not told, trying again')
    await end({ id, retryIn })
    await noteClosed(deps, error)
    return false
  }
}

async function noteClosed(deps: GrantsDeps, error: unknown): Promise<void> {
  const closed = closedBy(deps, error)
  if (closed && (await deps.ledger.channelClosed(closed))) reportClosed(deps, closed)
}

/** @returns where it was told, if other messages may wait for that channel */
async function tellDue(
  deps: GrantsDeps,
  { notice, grant, thread, outcomes, asks }: DueNotice,
): Promise<string | null> {
  const { news } = notice
  if (news.kind === 'outcome') return tellOutcomes(deps, notice, outcomes)
  if (news.kind === 'reminder') {
    if (grant) await remind(deps, notice, [{ grant, card: thread }])
    return null
  }
  if (news.kind === 'reminders') {
    await remind(deps, notice, asks)
    return null
  }
  return (await tellOperators(deps, { notice, grant, thread })) ? deps.policy().alerts : null
}

/** @returns whether they were told */
async function tellOperators(
  deps: GrantsDeps,
  { notice, grant, thread }: Pick<DueNotice, 'notice' | 'grant' | 'thread'>,
): Promise<boolean> {
  const { news } = notice
  if (news.kind === 'escalated' || news.kind === 'stranded')
    return grant !== null && tellWhileItWaits(deps, notice, grant, thread)
  if (news.kind === 'channel-closed') return tellOfChannel(deps, notice, news.channel)
  if ('grantId' in news) return grant !== null && tellOfGrant(deps, notice, grant, thread)
  return (await deps.notifier.tell(notice, null)) !== false
}

/** ms; for how long a view may keep its requester from being told in a message. */
const VIEW_WITHIN = 60_000

/** What is drawn in an open view in a moment is seen there: whether it is, has to be known first. */
function isBehindView({ now }: GrantsDeps, { notice, outcomes }: DueNotice): boolean {
  if (now() - notice.since > VIEW_WITHIN) return false
  return outcomes.some((outcome) => isUntold(outcome) && outcome.view?.isOpen)
}

/** What could not be told before the quiet hours began waits for their end too. */
function isQuietNow({ policy, now }: GrantsDeps, { outcomes }: DueNotice): boolean {
  return outcomes.some((outcome) => isUntold(outcome) && isQuietFor(policy(), outcome.grant, now()))
}

/** Whether it is still so, and the view has not shown it. What comes after an end is told by its own notice. */
function isUntold({ state, grant, view }: Outcome): boolean {
  return grant.state === state && view?.shown !== state
}

async function tellOutcomes(
  { notifier }: GrantsDeps,
  notice: Notice,
  outcomes: readonly Outcome[],
): Promise<string | null> {
  const untold = outcomes.filter(isUntold)
  if (untold.length === 0) return null
  return (await notifier.tellOutcomes(notice, untold)) ? DIRECT_MESSAGES : null
}

/** What was told somewhere was taken by Slack: so the channel is open. */
async function reopen(
  { ledger, wake }: GrantsDeps,
  channel: string,
  foundBy: FoundClosed['foundBy'],
): Promise<void> {
  const closed = await ledger.closedChannels()
  if (!closed.some((one) => one.channel === channel)) return
  await ledger.channelOpen(channel, foundBy)
  wake()
}

/** That a channel is closed, if it still is; then those who ask there may rely on the operators. */
async function tellOfChannel(deps: GrantsDeps, notice: Notice, channel: string): Promise<boolean> {
  const { ledger, notifier, wake } = deps
  const closed = await ledger.closedChannels()
  if (!closed.some((one) => one.channel === channel)) return false
  if ((await notifier.tell(notice, null)) === false) return false
  await ledger.closedChannelTold(channel)
  wake()
  return true
}

/** What has been settled meanwhile needs nobody's look any more. */
async function tellOfGrant(
  deps: GrantsDeps,
  notice: Notice,
  grant: Grant,
  thread: Place | null,
): Promise<boolean> {
  const { news } = notice
  const settlement = news.kind === 'settlement' ? await deps.ledger.settlement(news.settlementId) : null
  const isOver = grant.state !== 'issuing' || settlement?.ended
  if (isOver && !['issued-after-all', 'coupon-after-end'].includes(news.kind)) return false
  const decisions = await deps.ledger.decisionsOf(grant.id)
  return (await deps.notifier.tell(notice, { grant, decisions, thread, settlement })) !== false
}

/** So many in one write that it ends in its time. */
const REMINDED_AT_ONCE = 20
/** What was decided, or can be decided again, meanwhile needs nobody's look any more. */
async function tellWhileItWaits(
  deps: GrantsDeps,
  notice: Notice,
  grant: Grant,
  thread: Place | null,
): Promise<boolean> {
  const isStranded = notice.news.kind === 'stranded'
  const isLate = grant.expiresAt !== null && deps.now() >= grant.expiresAt
  if (grant.state !== 'pending' || isLate || (isStranded && grant.strandedAt === null)) return false
  // Nobody can be told in the thread of a card that nobody has seen.
  if (!isStranded && grant.notAsked) return false
  const decisions = await deps.ledger.decisionsOf(grant.id)
  const told = await deps.notifier.tell(notice, { grant, decisions, thread, settlement: null })
  return isStranded && told !== false
}

/** The next reminder is counted from this one, and the trail says so once it was told. */
async function remind(deps: GrantsDeps, notice: Notice, asks: DueNotice['asks']): Promise<void> {
  const { ledger, now, notifier } = deps
  const policy = deps.policy()
  const { remind: often } = policy.approval
  if (!often) return
  const waiting = asks.filter(
    ({ grant: { state, expiresAt } }) => state === 'pending' && (expiresAt === null || now() < expiresAt),
  )
  const later = (some: typeof asks, remindAt: number) =>
    ledger.write(async (tx) => {
      for (const { grant } of some) await tx.remindAt(grant.id, remindAt)
    })
  // Found due again once they are over.
  if (quietSince(policy, now()) !== null) return later(waiting, now())
  const next = now() + often.every
  // Nobody can be reminded of what nobody has seen.
  const unseen = waiting.filter(({ grant }) => grant.notAsked)
  if (unseen.length > 0) await later(unseen, next)
  const seen = await Promise.all(
    waiting
      .filter(({ grant }) => !grant.notAsked)
      .map(async (ask) => ({ ...ask, decisions: await ledger.decisionsOf(ask.grant.id) })),
  )
  const [first] = seen
  if (!first) return
  if (notice.news.kind === 'reminders') await notifier.remind(notice, seen)
  else {
    const { grant, decisions, card: thread } = first
    await notifier.tell(notice, { grant, decisions, thread, settlement: null })
  }
  for (let from = 0; from < seen.length; from += REMINDED_AT_ONCE)
    await ledger.write(async (tx) => {
      for (const { grant } of seen.slice(from, from + REMINDED_AT_ONCE))
        await tx.change(grant.id, ['pending'], 'reminded', 'app', { remindAt: next })
    })
}

/** Slack's own word, else doubling. @returns ms */
function waitAfter(error: unknown, tries: number): number {
  if (error instanceof DrawLaterError) return Math.max(LEAST_WAIT, error.retryIn)
  return Math.min(MAX_WAIT, LEAST_WAIT * 2 ** Math.min(tries, 9))
}

/** Tells the operators of every hold that began or ended and was not told yet. */
export function tellHolds(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease: lease, policy } = deps
  const end = together((ends: HoldEnd[]) => ledger.endUntoldHolds(worker, ends))
  return workOff(
    (limit) => ledger.claimUntoldHolds({ worker, lease, limit, channel: policy().alerts }),
    (untold) => tellHold(deps, untold, end),
  )
}

/** @param end gives it back @returns whether it was told */
async function tellHold(
  deps: GrantsDeps,
  { hold, place, tries, triedIn }: UntoldHold,
  end: (of: HoldEnd) => Promise<boolean | undefined>,
): Promise<boolean> {
  const { notifier, logger } = deps
  const { id } = hold
  const { alerts } = deps.policy()
  let now: Place | null = null
  try {
    if (!isOverUntold(hold, place)) now = await notifier.tellHold(hold, place, { tries, channel: triedIn })
  } catch (error) {
    const retryIn = waitAfter(error, tries)
    logger.warn(
      { err: error, hold: hold.kind, stock: hold.stock, retryIn },
      'operators not told of a hold, trying again',
    )
    await end({ id, retryIn })
    await noteClosed(deps, error)
    return false
  }
  const isNoted = await end({ id, told: { ended: hold.endedAt !== null, place: now } })
  if (!isNoted && now) await notifier.takeAway(now)
  if (now && 'channel' in now && now.channel === alerts)
    await reopen(deps, now.channel, place && isSamePlace(now, place) ? 'update' : 'post')
  return true
}

/** WeChat Pay was away for less than what is told of. */
function isOverUntold({ reason, since, endedAt }: Hold, place: Place | null): boolean {
  return !place && endedAt !== null && endedAt - since < OUTAGE_TOLD_AFTER && OUTAGES.includes(reason)
}
