import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Card, Place } from '../domain/card.ts'
import { type Grant, isOpen } from '../domain/grant.ts'
import type { Policy } from '../domain/policy.ts'
import { DrawLaterError, type Notifier } from '../grants/index.ts'
import { grantButtons, showGrant } from './cards/grant-blocks.ts'
import { holdMessage } from './cards/hold-blocks.ts'
import { cardMetadata } from './ids.ts'
import { createReader } from './reader.ts'
import { recordedView } from './send/notice-view.ts'
import { retryAfterMs, slackCode } from './slack-errors.ts'

type MessagePlace = Extract<Place, { channel: string }>

/** A lost post is the newest message or close to it: so many are looked through. */
const LOOK_BACK = 100

/** Draws grants into Slack: the requester's message, the view that follows a submission, and alerts. */
export function createCards(deps: {
  /** The client for notifications. */
  client: WebClient
  policy: () => Policy
  logger: Logger
}): Notifier {
  const { client, policy, logger } = deps

  async function drawMessage(card: Card, grant: Grant): Promise<{ place: Place } | { gone: true }> {
    const reader = createReader(card.language, policy())
    const { title, blocks } = showGrant(grant, reader)
    const content = { text: title, blocks: [...blocks, grantButtons(grant, reader)] }
    const metadata = { event_type: cardMetadata, event_payload: { card_id: card.id, grant_id: grant.id } }

    const update = async (place: MessagePlace) => {
      await client.chat.update({ channel: place.channel, ts: place.ts, ...content, metadata })
      return { place }
    }
    if (card.place && 'channel' in card.place) {
      try {
        return await update(card.place)
      } catch (error) {
        if (slackCode(error) !== 'message_not_found') throw error
        logger.warn(
          { grantId: grant.id, cardId: card.id },
          'message of a grant has vanished: posting it anew',
        )
      }
    }
    const channel = await openDm(card.recipient)
    if (channel === null) {
      logger.warn({ grantId: grant.id, person: card.recipient }, 'requester can no longer be written to')
      return { gone: true }
    }
    // An earlier post may have arrived though its answer was lost: a second message would be told from no first.
    const posted = card.tries > 0 ? await findPosted(channel, card) : null
    if (posted) return update(posted)
    const { ts } = await client.chat.postMessage({
      channel,
      ...content,
      metadata,
      unfurl_links: false,
      unfurl_media: false,
    })
    if (!ts) throw new Error('Slack did not tell where a message was posted')
    return { place: { channel, ts } }
  }

  async function openDm(user: string): Promise<string | null> {
    try {
      const { channel } = await client.conversations.open({ users: user })
      if (!channel?.id) throw new Error('Slack opened no conversation')
      return channel.id
    } catch (error) {
      if (['user_disabled', 'user_not_found', 'users_not_found'].includes(slackCode(error) ?? '')) return null
      throw error
    }
  }

  async function findPosted(channel: string, card: Card): Promise<MessagePlace | null> {
    const { messages } = await client.conversations.history({
      channel,
      limit: LOOK_BACK,
      include_all_metadata: true,
    })
    const found = messages?.find(({ metadata }) => {
      const payload: { card_id?: unknown } = metadata?.event_payload ?? {}
      return metadata?.event_type === cardMetadata && payload.card_id === card.id
    })
    const lost = card.place && 'ts' in card.place ? card.place.ts : null
    return found?.ts && found.ts !== lost ? { channel, ts: found.ts } : null
  }

  /** A view is drawn while it is open; once the end of the grant is on it, there is nothing more to draw. */
  async function drawView(card: Card, grant: Grant): Promise<{ place: Place } | { gone: true }> {
    if (!card.place || !('viewId' in card.place)) return { gone: true }
    const reader = createReader(card.language, policy())
    try {
      await client.views.update({ view_id: card.place.viewId, view: recordedView(grant, reader) })
    } catch (error) {
      if (slackCode(error) !== 'not_found') throw error
      return { gone: true }
    }
    return isOpen(grant.state) ? { place: card.place } : { gone: true }
  }

  return {
    draw: (card, grant) =>
      waiting(() => (card.kind === 'view' ? drawView(card, grant) : drawMessage(card, grant))),

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
        if (place && 'channel' in place) {
          try {
            await client.chat.update({ channel: place.channel, ts: place.ts, ...content })
            return place
          } catch (error) {
            if (slackCode(error) !== 'message_not_found') throw error
          }
        }
        const { channel, ts } = await client.chat.postMessage({ channel: alerts, ...content })
        if (!channel || !ts) throw new Error('Slack did not tell where a message was posted')
        return { channel, ts }
      })
    },
  }
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
