import type { AnyBlock } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import { slackCode } from './slack-errors.ts'

export interface Metadata {
  event_type: string
  event_payload: Record<string, string>
}

interface Content {
  text: string
  blocks?: AnyBlock[]
}

interface MessagePlace {
  channel: string
  ts: string
}

/** A lost post is the newest message or close to it: so many are looked through. */
const LOOK_BACK = 100

export interface Poster {
  post(message: Content & { channel: string; thread_ts?: string }, metadata?: Metadata): Promise<MessagePlace>
  /** @returns false when there is no such message any more */
  update(place: MessagePlace, content: Content, metadata?: Metadata): Promise<boolean>
  /**
   * A message whose post was not answered, found by its metadata; null where there is none to be seen.
   * @param lost a message that is known to be gone @param thread in which it would be
   */
  find(
    channel: string,
    metadata: Metadata,
    lost: string | null,
    thread?: string,
  ): Promise<MessagePlace | null>
}

/** Posts and updates by the client for notifications, whose calls are never repeated by themselves. */
export function createPoster(client: WebClient): Poster {
  return {
    async post(message, metadata) {
      const { channel, ts } = await client.chat.postMessage({
        ...message,
        ...(metadata ? { metadata } : {}),
        unfurl_links: false,
        unfurl_media: false,
      })
      if (!channel || !ts) throw new Error('Slack did not tell where a message was posted')
      return { channel, ts }
    },
    async update({ channel, ts }, content, metadata) {
      try {
        await client.chat.update({ channel, ts, ...content, ...(metadata ? { metadata } : {}) })
        return true
      } catch (error) {
        if (slackCode(error) !== 'message_not_found') throw error
        return false
      }
    },
    async find(channel, wanted, lost, thread) {
      const which = { channel, limit: LOOK_BACK, include_all_metadata: true }
      const { messages } = await (thread
        ? client.conversations.replies({ ...which, ts: thread })
        : client.conversations.history(which)
      ).catch((error: unknown) => {
        // Looking back is optional: without its scope a lost message may be there twice, and is tidied when pressed.
        if (slackCode(error) === 'missing_scope') return { messages: [] }
        throw error
      })
      const found = messages?.find(({ metadata, ts }) => {
        if (metadata?.event_type !== wanted.event_type || ts === lost) return false
        const payload: Record<string, unknown> = metadata.event_payload ?? {}
        return Object.entries(wanted.event_payload).every(([key, value]) => payload[key] === value)
      })
      return found?.ts ? { channel, ts: found.ts } : null
    },
  }
}
