import type { Card } from '../domain/card.ts'
import { type Grant, isOpen } from '../domain/grant.ts'
import { isQuietFor } from '../domain/policy.ts'
import type { CardEnd, Drawn, DueCard, FoundClosed, NewOutcome } from '../ledger/ledger.ts'
import { cardFacts } from './card-facts.ts'
import { closedBy, reportClosed } from './closed-channels.ts'
import type { GrantsDeps } from './deps.ts'
import type { DrawnOn } from './notifier.ts'
import { MAX_WAIT, together, waitAfter, workOff } from './work-through-due.ts'

/** Of how many grants the cards follow a hold at a time. */
const FOLLOWING = 200

/**
 * Draws every card that lags behind its grant. The ledger knows what each card shows, so any process that is alive can
 * draw later what Slack did not take.
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
