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
  /** The words that say what was left out. */
  words: Words
}

interface MessagePlace {
  channel: string
  ts: string
}

/** `says`: the payload of its metadata. */
type Found = MessagePlace & { says: Record<string, unknown> }

/** A lost post is among the newest messages: the search reads this many pages of this many messages. */
const MOST_PAGES = 5
const PAGE = 200
/** ms by which the clocks of the app and of Slack may differ. */
const CLOCKS_DIFFER = 60 * 60_000
/** A short form stays below all of Slack's limits. */
const SHORT = 1000

interface Poster {
  /** @throws ChannelClosedError */
  post(message: Content & { channel: string; thread_ts?: string }, metadata?: Metadata): Promise<MessagePlace>
  /** @returns false when the message is gone or can't be changed @throws ChannelClosedError */
  update(place: MessagePlace, content: Content, metadata?: Metadata): Promise<boolean>
  /** Like `update`, but says which. @throws ChannelClosedError */
  change(
    place: MessagePlace,
    content: Content,
    metadata?: Metadata,
  ): Promise<'changed' | 'gone' | 'unchangeable'>
  /**
   * Finds a message whose post got no answer, by its metadata; null if there is none to be seen.
   * @param where.since epoch ms before which it was not posted; default: unknown
   * @param where.lost a message known to be gone
   * @param where.thread the thread that it would be in
   */
  find(
    channel: string,
    metadata: Metadata,
    where: { since?: number; lost?: string | null; thread?: string },
  ): Promise<Found | null>
}

/** Posts and updates through the client for notifications, which never repeats a call by itself. */
export function createPoster(client: WebClient, logger: Logger): Poster {
  /** Slack refuses a message that is too long or malformed every time, so each further try sends less of it. */
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

  /** A page of a channel, newest first, or of a thread, which Slack gives from `oldest` on. */
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
      // Looking back is optional: without its scope, a lost message may appear twice until a click on the copy removes
      // it. Whether a message can be posted is for the post itself to find out.
      if (isClosed(error) || isThreadRefused(error)) return { messages: [], next: '' }
      throw error
    }
  }
}

function full({ words, ...message }: Content): { text: string; blocks?: AnyBlock[] } {
  return fitMessage(message, words)
}

/** One line, plus the buttons, so that people can still act. */
function short({ text, blocks = [], words }: Content): { text: string; blocks: AnyBlock[] } {
  const line = fitText(text, SHORT)
  const buttons = blocks.filter(({ type }) => type === 'actions')
  return { text: line, blocks: [section(line), context(words.card.shortened), ...buttons] }
}

function closedOr(error: unknown, channel: string, foundBy: 'post' | 'update'): unknown {
  if (!isClosed(error)) return error
  return new ChannelClosedError({ channel, code: slackCode(error) ?? '', foundBy }, { cause: error })
}
