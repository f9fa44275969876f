import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyBlock } from '@slack/types'
import { fitMessage } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'
import type { Edge } from './handlers.ts'

/**
 * Answers only the person who acted. Never throws: what could not be told is logged.
 * `replace`: the answer takes the place of the message whose button was pressed, where there is one.
 */
export type Answer = (message: { text: string; blocks?: AnyBlock[]; replace?: boolean }) => Promise<void>

const PAUSE = 500

/**
 * Where an answer goes: to the `response_url` of what came, or in a direct message where Slack gives none.
 * A response_url serves five times, and an answer that comes twice harms less than none: so it is tried twice. The client
 * repeats a direct message by itself.
 * @param words of whoever reads it, once there is something to say
 */
export function createAnswer(
  { client, post, logger }: Pick<Edge, 'client' | 'post' | 'logger'>,
  to: { responseUrl: string | null; user: string },
  words: () => Words,
): Answer {
  const { responseUrl, user } = to
  async function send(message: { text: string; blocks?: AnyBlock[] }, replace: boolean): Promise<void> {
    if (responseUrl === null) {
      await client.chat.postMessage({ channel: user, ...message })
      return
    }
    const body = { response_type: 'ephemeral', replace_original: replace, ...message }
    try {
      await post(responseUrl, body)
    } catch (error) {
      logger.debug({ err: error }, 'an answer was not taken, trying once more')
      await sleep(PAUSE)
      await post(responseUrl, body)
    }
  }
  return async ({ text, blocks, replace = false }) => {
    try {
      await send(fitMessage({ text, ...(blocks && { blocks }) }, words()), replace)
    } catch (error) {
      logger.error({ err: error }, 'a person got no answer: Slack did not take it')
    }
  }
}
