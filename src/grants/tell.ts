import { isSamePlace, type Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import type { Notice } from '../domain/notice.ts'
import { besideCard } from './beside-card.ts'
import type { GrantsDeps } from './deps.ts'
import { DrawLaterError } from './notifier.ts'

const AT_ONCE = 10
const MAX_WAIT = 5 * 60_000

/**
 * Draws every card that lags behind its grant. The ledger knows what each card shows, so that what Slack did not take
 * is drawn again later, by whichever process is alive.
 */
export async function drawDue(deps: GrantsDeps): Promise<number> {
  const { ledger, notifier, logger, worker, cardLease } = deps
  let drawn = 0
  for (;;) {
    const due = await ledger.claimCards({ worker, lease: cardLease, limit: AT_ONCE })
    if (due.length === 0) return drawn
    // All of them are over before a failure of the ledger is told: none is left half drawn.
    const ends = await Promise.allSettled(
      due.map(async ({ card, grant }) => {
        try {
          const result = await notifier.draw(card, grant, await besideCard(deps, card, grant))
          await ledger.cardDrawn(card.id, worker, { version: grant.version, ...result })
          drawn += 1
        } catch (error) {
          const retryIn = waitAfter(error, card.tries)
          logger.warn(
            { err: error, grantId: grant.id, card: card.kind, retryIn },
            'card not drawn, trying again',
          )
          await ledger.cardFailed(card.id, worker, retryIn)
        }
      }),
    )
    const failure = ends.find((end) => end.status === 'rejected')
    if (failure) throw failure.reason
  }
}

/** Tells what is told once. What has no reader any more, as a reminder of what was decided meanwhile, is left out. */
export async function tellNews(deps: GrantsDeps): Promise<number> {
  const { ledger, notifier, logger, worker, cardLease } = deps
  let told = 0
  for (;;) {
    const due = await ledger.claimNotice({ worker, lease: cardLease })
    if (!due) return told
    const { notice, grant, thread } = due
    try {
      const { news } = notice
      if (news.kind === 'reminder') {
        if (grant) await remind(deps, notice, grant, thread)
      } else if (!('grantId' in news)) await notifier.tell(notice, null)
      else if (grant) await tellOfGrant(deps, notice, grant, thread)
      await ledger.noticeEnded(notice.id, worker, null)
      told += 1
    } catch (error) {
      const retryIn = waitAfter(error, notice.tries)
      logger.warn({ err: error, notice: notice.news.kind, retryIn }, 'notice not told, trying again')
      await ledger.noticeEnded(notice.id, worker, retryIn)
    }
  }
}

/** What has been settled meanwhile needs nobody's look any more. */
async function tellOfGrant(
  deps: GrantsDeps,
  notice: Notice,
  grant: Grant,
  thread: Place | null,
): Promise<void> {
  const { news } = notice
  const settlement = news.kind === 'settlement' ? await deps.ledger.settlement(news.settlementId) : null
  const isOver = grant.state !== 'issuing' || settlement?.ended
  if (isOver && !['issued-after-all', 'coupon-after-end'].includes(news.kind)) return
  const decisions = await deps.ledger.decisionsOf(grant.id)
  await deps.notifier.tell(notice, { grant, decisions, thread, settlement })
}

/** The next reminder is counted from this one, and the trail says so once it was told. */
async function remind(deps: GrantsDeps, notice: Notice, grant: Grant, thread: Place | null): Promise<void> {
  const { remind: often } = deps.policy().approval
  const isLate = grant.expiresAt !== null && deps.now() >= grant.expiresAt
  if (!often || grant.state !== 'pending' || isLate) return
  const change = { remindAt: deps.now() + often.every }
  const decisions = await deps.ledger.decisionsOf(grant.id)
  await deps.notifier.tell(notice, { grant, decisions, thread, settlement: null })
  await deps.ledger.write((tx) => tx.change(grant.id, ['pending'], 'reminded', 'app', change))
}

/** Slack's own word, else doubling. @returns ms */
function waitAfter(error: unknown, tries: number): number {
  if (error instanceof DrawLaterError) return error.retryIn
  return Math.min(MAX_WAIT, 1000 * 2 ** Math.min(tries, 9))
}

/** Tells the operators of every hold that began or ended and was not told yet. */
export async function tellHolds(deps: GrantsDeps): Promise<number> {
  let told = 0
  for (;;) {
    const untold = await deps.ledger.claimUntoldHold({ lease: deps.cardLease })
    if (!untold) return told
    const { hold, place } = untold
    try {
      const now = await deps.notifier.tellHold(hold, place)
      await deps.ledger.holdTold(hold.id, { ended: hold.endedAt !== null, place: now })
      told += 1
    } catch (error) {
      const retryIn = deps.cardLease
      deps.logger.warn(
        { err: error, hold: hold.scope, retryIn },
        'operators not told of a hold, trying again',
      )
    }
  }
}

/** A card lost its post's answer, and a person has found the message: it becomes the card, if no other is by now. */
export async function adoptCard({ ledger }: GrantsDeps, grantId: string, place: Place): Promise<boolean> {
  const card = (await ledger.cardsOf(grantId)).find(({ kind }) => kind === 'approval')
  if (!card) return false
  if (card.place) return isSamePlace(card.place, place)
  return ledger.adoptCard(card.id, place)
}
