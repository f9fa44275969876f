import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { ChannelProblem } from '../../domain/ask.ts'
import { isClosed, slackCode } from './errors.ts'
import { createMemory } from './memory.ts'

export interface Channels {
  /** Why the app can't ask people in a channel; `ok`: it can. @returns null when Slack did not tell in time */
  check(channel: string, ms: number): Promise<ChannelProblem | 'ok' | null>
  /** Slack has refused a message there: the next check asks again. */
  forget(channel: string): void
}

/**
 * Tells whether the app may post in a channel that no other organisation reads; remembers the answer for at most a
 * minute.
 */
export function createChannels(deps: {
  client: WebClient
  logger: Logger
  now: () => number
  /** Multiplies the time that the app waits for Slack; default: 1. */
  patience?: number
}): Channels {
  const { client, logger, now, patience = 1 } = deps
  const channels = createMemory({ ask, now })

  async function ask(id: string): Promise<ChannelProblem | 'ok'> {
    try {
      const { channel } = await client.conversations.info({ channel: id })
      if (channel?.is_archived) return 'archived'
      if (channel?.is_ext_shared || channel?.is_pending_ext_shared) return 'shared'
      return channel?.is_member ? 'ok' : 'not-joined'
    } catch (error) {
      const code = slackCode(error)
      if (code === 'missing_scope') {
        logger.error(
          { channel: id },
          'the app may not look into the channel where approvers are asked: install it anew with the scopes of its manifest',
        )
        return 'unreadable'
      }
      if (code === 'is_archived') return 'archived'
      // Slack denies that a private channel exists if the app isn't in it.
      if (isClosed(error)) return 'not-joined'
      throw error
    }
  }

  return {
    check(id, ms) {
      // Only a good answer is remembered, so that a repaired channel works at once.
      if (channels.fresh(id) === 'ok') return Promise.resolve('ok')
      const asked = channels.renew(id).catch((error: unknown) => {
        logger.warn({ err: error, channel: id }, 'Slack did not tell of a channel: refusing for now')
        return null
      })
      return Promise.race([asked, sleep(ms * patience, null, { ref: false })])
    },
    forget: channels.forget,
  }
}
