import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { ChannelProblem } from '../../domain/ask.ts'
import { isClosed, slackCode } from './errors.ts'
import { createMemory } from './memory.ts'

export interface Channels {
  /** Why people can't be asked in a channel; `ok`: they can. @returns null when Slack did not tell in time */
  check(channel: string, ms: number): Promise<ChannelProblem | 'ok' | null>
  /** Slack has taken no message there: it is asked anew. */
  forget(channel: string): void
}

/** Whether the app may post in a channel, and no other organisation reads there; remembered for at most a minute. */
export function createChannels(deps: {
  client: WebClient
  logger: Logger
  now: () => number
  /** How many times as long as usual Slack is waited for; 1. */
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
      // A private channel that the app is not in is no channel to it.
      if (isClosed(error)) return 'not-joined'
      throw error
    }
  }

  return {
    check(id, ms) {
      // A repaired channel shall serve at once, so only a good one is remembered.
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
