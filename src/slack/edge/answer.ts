import { setTimeout as sleep } from 'node:timers/promises'
import type { RespondArguments } from '@slack/bolt'
import type { AnyBlock } from '@slack/types'
import type { Logger } from 'pino'
import { fitMessage } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'

export interface Answer {
  text: string
  blocks?: AnyBlock[]
  /** Whether it takes the place of the message whose button was pressed. */
  replace?: boolean
}

/** Answers only the person who acted. Never throws: what could not be told is logged. */
export type Respond = (answer: Answer) => Promise<void>

const PAUSE = 500

/** A response_url serves five times, and an answer that comes twice harms less than none: so it is tried twice. */
export function createRespond(
  respond: (message: RespondArguments) => Promise<unknown>,
  logger: Logger,
  words: () => Words,
): Respond {
  return async ({ text, blocks, replace = false }) => {
    const fitting = fitMessage({ text, ...(blocks && { blocks }) }, words())
    const message = { response_type: 'ephemeral' as const, replace_original: replace, ...fitting }
    try {
      await respond(message)
    } catch (first) {
      logger.debug({ err: first }, 'an answer was not taken, trying once more')
      try {
        await sleep(PAUSE)
        await respond(message)
      } catch (error) {
        logger.error({ err: error }, 'a person got no answer: Slack did not take it')
      }
    }
  }
}
