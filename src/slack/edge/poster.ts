import type { AnyBlock } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { cut } from '../../domain/text.ts'
import { ChannelClosedError } from '../../grants/index.ts'
import { context, fitMessage, fitText, section } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'
import {
  isClosed,
  isContentRefused,
  isGone,
  isThreadRefused,
  isUnchangeable,
  slackCode,
  slackProblems,
} from './errors.ts'

export interface Metadata {
  event_type: string
  event_payload: Record<string, string>
}

interface Content {
  text: string
  blocks?: AnyBlock[]
  /** What they say of what is left out. */
  words: Words
}

interface MessagePlace {
  channel: string
  ts: string
}

/** `says`: what its metadata holds. */
type Found = MessagePlace & { says: Record<string, unknown> }

/** A lost post is among the newest messages: so many pages of so many are looked through. */
const MOST_PAGES = 5
const PAGE = 200
/** By how much the clocks of the app and of Slack may differ, ms. */
const CLOCKS_DIFFER = 60 * 60_000
/** A short form is below every limit of Slack's. */
const SHORT = 1000

interface Poster {
  /** @throws ChannelClosedError */
  post(message: Content & { channel: string; thread_ts?: string }, metadata?: Metadata): Promise<MessagePlace>
  /** @returns false when there is no such message any more, or it can't be changed @throws ChannelClosedError */
  update(place: MessagePlace, content: Content, metadata?: Metadata): Promise<boolean>
  /** The same, and says which. @throws ChannelClosedError */
  change(
    place: MessagePlace,
    content: Content,
    metadata?: Metadata,
  ): Promise<'changed' | 'gone' | 'unchangeable'>
  /**
   * A message whose post was not answered, found by its metadata; null where there is none to be seen.
   * @param where.since epoch ms: it was not posted before; left out: not known @param where.lost a message that is known to be
   * gone @param where.thread in which it would be
   */
  find(
    channel: string,
    metadata: Metadata,
    where: { since?: number; lost?: string | null; thread?: string },
  ): Promise<Found | null>
}

/** Posts and updates by the client for notifications, whose calls are never repeated by themselves. */
export function createPoster(client: WebClient, logger: Logger): Poster {
  /** What Slack refuses as too long or malformed is refused each time: then less of it is tried. */
  async function inSomeForm<T>(
    { metadata, ...content }: Content & { metadata?: Metadata | undefined },
    call: (form: object) => Promise<T>,
  ): Promise<T> {
    const withMetadata = metadata ? { metadata } : {}
    let refused: unknown
    for (const form of [
      () => ({ ...full(content), ...withMetadata }),
      () => ({ ...short(content), ...withMetadata }),
      () => ({ text: `${short(content).text}\n${content.words.card.shortened}` }),
    ]) {
      try {
        return await call(form())
      } catch (error) {
        if (!isContentRefused(error)) throw error
        logger.error(
          { code: slackCode(error), problems: slackProblems(error), title: cut(content.text, 80) },
          'Slack does not take a message as it is: trying it in a shorter form. Please report this line, it is a mistake of this app',
        )
        refused = error
      }
    }
    throw refused
  }

  async function change(
    { channel, ts }: MessagePlace,
    content: Content,
    metadata?: Metadata,
  ): Promise<'changed' | 'gone' | 'unchangeable'> {
    try {
      await inSomeForm({ ...content, metadata }, (form) =>
        client.chat.update({ channel, ts, ...form } as Parameters<typeof client.chat.update>[0]),
      )
      return 'changed'
    } catch (error) {
      if (isGone(error)) return 'gone'
      if (isUnchangeable(error)) return 'unchangeable'
      throw closedOr(error, channel, 'update')
    }
  }

  return {
    async post({ channel, thread_ts, ...content }, metadata) {
      const postTo = (place: object) =>
        inSomeForm({ ...content, metadata }, (form) =>
          client.chat.postMessage({
            channel,
            ...place,
            ...form,
            unfurl_links: false,
            unfurl_media: false,
          } as Parameters<typeof client.chat.postMessage>[0]),
        )
      const posted = await postTo(thread_ts === undefined ? {} : { thread_ts })
        .catch((error: unknown) => {
          if (thread_ts === undefined || !isThreadRefused(error)) throw error
          return postTo({})
        })
        .catch((error: unknown) => {
          throw closedOr(error, channel, 'post')
        })
      if (!posted.channel || !posted.ts) throw new Error('Slack did not tell where a message was posted')
      return { channel: posted.channel, ts: posted.ts }
    },
    change,
    update: async (place, content, metadata) => (await change(place, content, metadata)) === 'changed',
    async find(channel, wanted, { since = 0, lost = null, thread }) {
      const oldest = Math.max(0, since - CLOCKS_DIFFER) / 1000
      let cursor: string | undefined
      for (let page = 0; page < MOST_PAGES; page++) {
        const { messages, next } = await look({ channel, thread, oldest, cursor })
        const found = messages.find(({ metadata, ts }) => {
          if (metadata?.event_type !== wanted.event_type || ts === lost) return false
          const payload: Record<string, unknown> = metadata.event_payload ?? {}
          return Object.entries(wanted.event_payload).every(([key, value]) => payload[key] === value)
        })
        if (found?.ts) return { channel, ts: found.ts, says: found.metadata?.event_payload ?? {} }
        if (!next || (!thread && Number(messages.at(-1)?.ts) < oldest)) return null
        cursor = next
      }
      return null
    },
  }

  /** A page of a channel, the newest first, or of a thread, which Slack tells from `oldest` on. */
  async function look(at: {
    channel: string
    thread: string | undefined
    oldest: number
    cursor: string | undefined
  }) {
    const { channel, thread, oldest, cursor } = at
    const which = { channel, limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) }
    try {
      const { messages = [], response_metadata } = await (thread
        ? client.conversations.replies({ ...which, ts: thread, oldest: oldest.toFixed(6) })
        : client.conversations.history(which))
      return { messages, next: response_metadata?.next_cursor }
    } catch (error) {
      // Looking back is optional: without its scope a lost message may be there twice, and is tidied when pressed.
      // Whether a message can be posted is for the post to say.
      if (isClosed(error) || isThreadRefused(error)) return { messages: [], next: '' }
      throw error
    }
  }
}

function full({ words, ...message }: Content): { text: string; blocks?: AnyBlock[] } {
  return fitMessage(message, words)
}

/** One line, and the buttons, so that people can still act. */
function short({ text, blocks = [], words }: Content): { text: string; blocks: AnyBlock[] } {
  const line = fitText(text, SHORT)
  const buttons = blocks.filter(({ type }) => type === 'actions')
  return { text: line, blocks: [section(line), context(words.card.shortened), ...buttons] }
}

function closedOr(error: unknown, channel: string, foundBy: 'post' | 'update'): unknown {
  if (!isClosed(error)) return error
  return new ChannelClosedError({ channel, code: slackCode(error) ?? '', foundBy }, { cause: error })
}
