import { DIRECT_MESSAGES, isSamePlace, type Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import { type Hold, OUTAGE_TOLD_AFTER, OUTAGES } from '../domain/hold.ts'
import type { Notice } from '../domain/news.ts'
import { isQuietFor, quietSince } from '../domain/policy.ts'
import type { DueNotice, HoldEnd, NoticeEnd, Outcome, UntoldHold } from '../ledger/ledger.ts'
import { noteClosed, reopen } from './closed-channels.ts'
import type { GrantsDeps } from './deps.ts'
import { LEAST_WAIT, together, waitAfter, workOff } from './work-through-due.ts'

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
  if (news.kind === 'erasure') return tellOfErasure(deps, notice, news.erasureId)
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

/** What was decided before it could be told, nobody needs to decide. */
async function tellOfErasure({ ledger, notifier }: GrantsDeps, notice: Notice, id: string): Promise<boolean> {
  const erasure = await ledger.erasure(id)
  return erasure?.ended === null && (await notifier.tell(notice, null)) !== false
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

/** So many in one write that it ends in its time. */
const REMINDED_AT_ONCE = 20

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
