import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { ChannelProblem } from '../../domain/ask.ts'
import { NO_USER_GROUPS } from '../../domain/slack-codes.ts'
import { isClosed, slackCode } from './errors.ts'

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

interface Groups {
  /** Which of these user groups a person is in; null when one of them can't be had: half an answer is none. */
  of(person: string, ids: readonly string[]): Promise<string[] | null>
  /** Everybody in one of these. @throws when Slack does not tell */
  members(ids: readonly string[]): Promise<string[]>
  forget(id: string): void
}

/** From this age a group is asked for again beside its use, so that people seldom wait for it (20 calls a minute). */
const RENEW_AFTER = 30_000
/** Answers that will be the same when asked again: of such a group nobody has a role, and the others go on. */
const NOBODY_IN_IT = ['no_such_subteam', 'subteam_not_found', 'subteam_disabled', ...NO_USER_GROUPS]

/** Members of user groups, remembered for at most a minute. */
export function createGroups(deps: { client: WebClient; logger: Logger; now: () => number }): Groups {
  const { client, logger, now } = deps
  const groups = createMemory({
    ask: async (id) => new Set(await ask(id)),
    now,
    renewAfter: RENEW_AFTER,
    notRenewed: (error, group) =>
      logger.debug({ err: error, group }, 'user group not renewed, trying again when it is needed'),
  })
  const vanished = new Set<string>()

  async function ask(id: string): Promise<string[]> {
    try {
      const { users } = await client.usergroups.users.list({ usergroup: id })
      vanished.delete(id)
      return users ?? []
    } catch (error) {
      if (!NOBODY_IN_IT.includes(slackCode(error) ?? '')) throw error
      if (!vanished.has(id))
        logger.error(
          { group: id, code: slackCode(error) },
          'the policy names a user group that Slack does not know or that is switched off: nobody is in it. Correct its id in the policy, or switch the group on; user groups need a paid plan of Slack.',
        )
      vanished.add(id)
      return []
    }
  }

  return {
    async of(person, ids) {
      try {
        const asked = ids.map(async (id) => ({ id, members: await groups.get(id) }))
        // Until all have ended: whoever asks after a failure shall begin anew, not join another call that fails.
        await Promise.allSettled(asked)
        const all = await Promise.all(asked)
        return all.filter(({ members }) => members.has(person)).map(({ id }) => id)
      } catch (error) {
        logger.warn({ err: error }, 'Slack did not tell who is in a user group: refusing for now')
        return null
      }
    },
    async members(ids) {
      const all = await Promise.all(ids.map(groups.get))
      return [...new Set(all.flatMap((members) => [...members]))]
    },
    forget: groups.forget,
  }
}

/** What Slack has told of something, by its id; see `createMemory`. */
interface Memory<T> {
  /** What is known, or else is asked for. @throws what asking throws */
  get(id: string): Promise<T>
  /** Asks anew, whatever is known; joins a call that is under way. @throws what asking throws */
  renew(id: string): Promise<T>
  /** What is known and fresh. */
  fresh(id: string): T | undefined
  /** What was told last, however long ago. */
  last(id: string): T | undefined
  /** All that is fresh. */
  all(): [id: string, value: T][]
  /** It has changed: what a call that is under way brings is not kept either. */
  forget(id: string): void
  clear(): void
}

const FRESH_FOR = 60_000
const MOST_KEPT = 5000

/**
 * Remembers what Slack tells for at most a minute from the asking. Who asks at once for the same joins one call, and a
 * failure is not kept. What is from the future, by a clock that was set back since, is not known.
 * @param deps.renewAfter ms; from this age it is also asked for beside its use, so that people seldom wait
 * @param deps.notRenewed told why that failed: it is asked for again when it is needed
 */
export function createMemory<T>(deps: {
  ask: (id: string) => Promise<T>
  /** Epoch ms. */
  now: () => number
  renewAfter?: number
  notRenewed?: (error: unknown, id: string) => void
}): Memory<T> {
  const { ask, now, renewAfter = Number.POSITIVE_INFINITY, notRenewed = () => {} } = deps
  const kept = new Map<string, { at: number; value: T }>()
  const flights = new Map<string, Promise<T>>()
  const ageOf = ({ at }: { at: number }) => now() - at
  const isFresh = (known: { at: number }) => ageOf(known) >= 0 && ageOf(known) < FRESH_FOR

  function renew(id: string): Promise<T> {
    const under = flights.get(id)
    if (under) return under
    const at = now()
    const flight: Promise<T> = ask(id)
      .then((value) => {
        if (flights.get(id) !== flight) return value
        if (kept.size >= MOST_KEPT) kept.clear()
        kept.set(id, { at, value })
        return value
      })
      .finally(() => {
        if (flights.get(id) === flight) flights.delete(id)
      })
    flights.set(id, flight)
    return flight
  }

  return {
    renew,
    async get(id) {
      const known = kept.get(id)
      if (!known || !isFresh(known)) return renew(id)
      if (ageOf(known) >= renewAfter) renew(id).catch((error: unknown) => notRenewed(error, id))
      return known.value
    },
    fresh(id) {
      const known = kept.get(id)
      return known && isFresh(known) ? known.value : undefined
    },
    last: (id) => kept.get(id)?.value,
    all: () => [...kept].filter(([, known]) => isFresh(known)).map(([id, { value }]) => [id, value]),
    forget(id) {
      kept.delete(id)
      flights.delete(id)
    },
    clear() {
      kept.clear()
      flights.clear()
    },
  }
}
