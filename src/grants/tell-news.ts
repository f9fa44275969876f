import { DIRECT_MESSAGES, isSamePlace, type Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import { type Hold, OUTAGE_TOLD_AFTER, OUTAGES } from '../domain/hold.ts'
import type { Notice } from '../domain/news.ts'
import { isQuietFor, quietSince } from '../domain/policy.ts'
import type { DueNotice, HoldEnd, NoticeEnd, Outcome, UntoldHold } from '../ledger/ledger.ts'
import { noteClosed, reopen } from './closed-channels.ts'
import type { GrantsDeps } from './deps.ts'
import { LEAST_WAIT, together, waitAfter, workOff } from './work-through-due.ts'

/** Sends due notices. Leaves out those that nobody needs any more, for example a reminder of a decided grant. */
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

/** @returns whether it was sent, or nobody needs it any more */
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

/** @returns the place where it was sent, if other messages may wait for that channel */
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

/** @returns whether the operators were told */
async function tellOperators(
  deps: GrantsDeps,
  { notice, grant, thread }: Pick<DueNotice, 'notice' | 'grant' | 'thread'>,
): Promise<boolean> {
  const { news } = notice
  if (news.kind === 'escalated' || news.kind === 'stranded')
    return grant !== null && tellWhileItWaits(deps, notice, grant, thread)
  if (news.kind === 'erasure') return tellOfErasure(deps, notice, news.erasureId)
  if (news.kind === 'channel-closed') return tellOfChannel(deps, notice, news.channel)
  if ('grantId' in news) return grant !== null && tellOfGrant(deps, notice, grant, thread)
  return (await deps.notifier.tell(notice, null)) !== false
}

/** ms; how long an open view may hold back the message to its requester. */
const VIEW_WITHIN = 60_000

/** Whether an open view is about to be drawn: the requester will see the outcome there, so wait until that is known. */
function isBehindView({ now }: GrantsDeps, { notice, outcomes }: DueNotice): boolean {
  if (now() - notice.since > VIEW_WITHIN) return false
  return outcomes.some((outcome) => isUntold(outcome) && outcome.view?.isOpen)
}

/** A notice that wasn't sent before the quiet hours began waits for their end too. */
function isQuietNow({ policy, now }: GrantsDeps, { outcomes }: DueNotice): boolean {
  return outcomes.some((outcome) => isUntold(outcome) && isQuietFor(policy(), outcome.grant, now()))
}

/** Whether the outcome still holds and the view hasn't shown it. A later outcome has its own notice. */
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

/** Leaves out an erasure that was decided before the notice was sent. */
async function tellOfErasure({ ledger, notifier }: GrantsDeps, notice: Notice, id: string): Promise<boolean> {
  const erasure = await ledger.erasure(id)
  return erasure?.ended === null && (await notifier.tell(notice, null)) !== false
}

/** Tells that a channel is closed, if it still is. After that, people who ask there can rely on the operators. */
async function tellOfChannel(deps: GrantsDeps, notice: Notice, channel: string): Promise<boolean> {
  const { ledger, notifier, wake } = deps
  const closed = await ledger.closedChannels()
  if (!closed.some((one) => one.channel === channel)) return false
  if ((await notifier.tell(notice, null)) === false) return false
  await ledger.closedChannelTold(channel)
  wake()
  return true
}

/** Leaves out a grant that was settled in the meantime. */
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

/** Leaves out a grant that was decided in the meantime, or that can be decided again. */
async function tellWhileItWaits(
  deps: GrantsDeps,
  notice: Notice,
  grant: Grant,
  thread: Place | null,
): Promise<boolean> {
  const isStranded = notice.news.kind === 'stranded'
  const isLate = grant.expiresAt !== null && deps.now() >= grant.expiresAt
  if (grant.state !== 'pending' || isLate || (isStranded && grant.strandedAt === null)) return false
  // A card that nobody has seen has no thread to post in.
  if (!isStranded && grant.notAsked) return false
  const decisions = await deps.ledger.decisionsOf(grant.id)
  const told = await deps.notifier.tell(notice, { grant, decisions, thread, settlement: null })
  return isStranded && told !== false
}

/** How many grants fit into one write within its time. */
const REMINDED_AT_ONCE = 20

/** Sends a reminder. Once it is sent, the trail records it and the time to the next one starts. */
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
  // They are found due again once the quiet hours are over.
  if (quietSince(policy, now()) !== null) return later(waiting, now())
  const next = now() + often.every
  // No reminder of an ask that nobody has seen.
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

/** Tells the operators about every hold whose begin or end they don't know yet. */
export function tellHolds(deps: GrantsDeps): Promise<number> {
  const { ledger, worker, cardLease: lease, policy } = deps
  const end = together((ends: HoldEnd[]) => ledger.endUntoldHolds(worker, ends))
  return workOff(
    (limit) => ledger.claimUntoldHolds({ worker, lease, limit, channel: policy().alerts }),
    (untold) => tellHold(deps, untold, end),
  )
}

/** @param end gives the hold back @returns whether the operators were told */
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

/** Whether WeChat Pay's outage ended before it was long enough to report. */
function isOverUntold({ reason, since, endedAt }: Hold, place: Place | null): boolean {
  return !place && endedAt !== null && endedAt - since < OUTAGE_TOLD_AFTER && OUTAGES.includes(reason)
}
