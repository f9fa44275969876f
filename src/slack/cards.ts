import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Card, Place } from '../domain/card.ts'
import { type Grant, isOpen } from '../domain/grant.ts'
import type { Policy } from '../domain/policy.ts'
import { type Beside, DrawLaterError, type Notifier } from '../grants/index.ts'
import { showApproval } from './cards/approval-blocks.ts'
import { grantButtons, isSettledNotIssued, showGrant } from './cards/grant-blocks.ts'
import { holdMessage } from './cards/hold-blocks.ts'
import { lookMessage, policyMessage, reminderText } from './cards/news-blocks.ts'
import type { Channels } from './channels.ts'
import { cardMetadata, noticeMetadata } from './ids.ts'
import type { People } from './people.ts'
import { createPoster, type Metadata } from './poster.ts'
import { createReader } from './reader.ts'
import { recordedView } from './send/notice-view.ts'
import { retryAfterMs, slackCode } from './slack-errors.ts'

/** Nobody waits longer for a submission's answer than a second of this. */
const REACH_WITHIN = 1000
/** Who presses waits for it, with 3 s in all. */
const WHO_WITHIN = 700

/** Draws grants into Slack: the requester's message, the view that follows a submission, the approvers' card, and alerts. */
export function createCards(deps: {
  /** The client for notifications. */
  client: WebClient
  people: People
  channels: Channels
  policy: () => Policy
  logger: Logger
}): Notifier {
  const { client, people, channels, policy, logger } = deps
  const poster = createPoster(client)

  async function drawMessage(
    card: Card,
    grant: Grant,
    beside: Beside,
  ): Promise<{ place: Place } | { gone: true }> {
    const reader = createReader(card.language, policy())
    const { title, blocks } =
      card.kind === 'approval'
        ? showApproval(grant, beside, reader)
        : withButtons(showGrant(grant, reader, beside), grantButtons(grant, reader))
    const content = { text: title, blocks }
    const metadata = { event_type: cardMetadata, event_payload: { card_id: card.id, grant_id: grant.id } }
    const known = card.place && 'channel' in card.place ? card.place : null
    if (known) {
      if (await poster.update(known, content, metadata)) return { place: known }
      logger.warn({ grantId: grant.id, cardId: card.id }, 'message of a grant has vanished: posting it anew')
    }
    const channel = card.kind === 'approval' ? card.recipient : await openDm(card.recipient)
    if (channel === null) {
      logger.warn({ grantId: grant.id, person: card.recipient }, 'requester can no longer be written to')
      return { gone: true }
    }
    // An earlier post may have arrived though its answer was lost: a second message would be told from no first.
    const isThis: Metadata = { event_type: cardMetadata, event_payload: { card_id: card.id } }
    const posted = card.tries > 0 ? await poster.find(channel, isThis, known?.ts ?? null) : null
    if (posted && (await poster.update(posted, content, metadata))) return { place: posted }
    try {
      return { place: await poster.post({ channel, ...content }, metadata) }
    } catch (error) {
      // Whatever it was, the next try asks anew whether the person can be written to.
      if (card.kind !== 'approval') dms.delete(card.recipient)
      throw error
    }
  }

  /** A person's channel stays the same: asked once, since Slack counts the calls. */
  const dms = new Map<string, string>()

  async function openDm(user: string): Promise<string | null> {
    const known = dms.get(user)
    if (known !== undefined) return known
    try {
      const { channel } = await client.conversations.open({ users: user })
      if (!channel?.id) throw new Error('Slack opened no conversation')
      dms.set(user, channel.id)
      return channel.id
    } catch (error) {
      if (['user_disabled', 'user_not_found', 'users_not_found'].includes(slackCode(error) ?? '')) return null
      throw error
    }
  }

  /** A view is drawn while it is open; once the end of the grant is on it, there is nothing more to draw. */
  async function drawView(
    card: Card,
    grant: Grant,
    { decisions, settlement }: Beside,
  ): Promise<{ place: Place } | { gone: true }> {
    if (!card.place || !('viewId' in card.place)) return { gone: true }
    const reader = createReader(card.language, policy())
    try {
      const view = recordedView(grant, reader, { decisions, settlement })
      await client.views.update({ view_id: card.place.viewId, view })
    } catch (error) {
      if (slackCode(error) !== 'not_found') throw error
      return { gone: true }
    }
    // What people have settled as not given may still prove to be.
    return isOpen(grant.state) || isSettledNotIssued(grant) ? { place: card.place } : { gone: true }
  }

  return {
    draw: (card, grant, beside) =>
      waiting(() =>
        card.kind === 'view' ? drawView(card, grant, beside) : drawMessage(card, grant, beside),
      ),

    async reach({ channel, ...of }) {
      const [count, checked] = await Promise.all([
        people.countReachable(of, REACH_WITHIN),
        channels.check(channel, REACH_WITHIN),
      ])
      if (count === null || checked === null) return null
      return { people: count, channel: checked === 'ok' ? null : checked }
    },

    async who(ids) {
      const told = await Promise.all(ids.map((id) => people.who({ id, team: null }, WHO_WITHIN)))
      return told.map(({ person }) => person)
    },

    tell({ id, news, tries }, about) {
      const { alerts, language } = policy()
      const reader = createReader(language, policy())
      const metadata = { event_type: noticeMetadata, event_payload: { notice_id: id } }
      return waiting(async () => {
        if (news.kind === 'reminder') {
          const thread = about?.thread
          if (!about || !thread || !('channel' in thread))
            throw new DrawLaterError(5000, { cause: new Error('the card to remind of is not posted yet') })
          const { channel, ts } = thread
          if (tries > 0 && (await poster.find(channel, metadata, null, ts))) return
          await poster.post({ channel, thread_ts: ts, text: reminderText(about, policy(), reader) }, metadata)
          return
        }
        // Without a channel for operators the log has said it.
        if (alerts === null) return
        if (tries > 0 && (await poster.find(alerts, metadata, null))) return
        if ('grantId' in news) {
          if (about) await poster.post({ channel: alerts, ...lookMessage(news, about, reader) }, metadata)
          return
        }
        await poster.post({ channel: alerts, ...policyMessage(news, reader) }, metadata)
      })
    },

    tellHold(hold, place) {
      const { alerts, language } = policy()
      if (alerts === null) {
        logger.error(
          { hold: hold.scope, reason: hold.reason },
          'the policy names no alerts channel, so the operators are told only here: issuing waits',
        )
        return Promise.resolve(null)
      }
      const content = holdMessage(hold, createReader(language, policy()))
      return waiting(async () => {
        if (place && 'channel' in place && (await poster.update(place, content))) return place
        return poster.post({ channel: alerts, ...content })
      })
    },
  }
}

function withButtons(
  { title, blocks }: ReturnType<typeof showGrant>,
  buttons: ReturnType<typeof grantButtons>,
): ReturnType<typeof showGrant> {
  return { title, blocks: [...blocks, buttons] }
}

/** Slack's own word on how long to wait is passed on. */
async function waiting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const retryIn = retryAfterMs(error)
    throw retryIn === null ? error : new DrawLaterError(retryIn, { cause: error })
  }
}
