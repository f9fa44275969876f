import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { NO_USER_GROUPS } from '../../domain/slack-codes.ts'
import { slackCode } from './errors.ts'
import { createMemory } from './memory.ts'

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
