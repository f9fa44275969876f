import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { slackCode } from './errors.ts'
import { isWithin } from './within.ts'

export interface Groups {
  /** Which of these user groups a person is in; null when one of them can't be had: half an answer is none. */
  of(person: string, ids: readonly string[]): Promise<string[] | null>
  /** Everybody in one of these. @throws when Slack does not tell */
  members(ids: readonly string[]): Promise<string[]>
  forget(id: string): void
}

/** A membership that ended must not count for longer than this. */
const FRESH_FOR = 60_000
/** From this age a group is asked for again beside its use, so that people seldom wait for it (20 calls a minute). */
const RENEW_AFTER = 30_000
/** Answers that will be the same when asked again: of such a group nobody has a role, and the others go on. */
const NOBODY_IN_IT = [
  'no_such_subteam',
  'subteam_not_found',
  'subteam_disabled',
  // Only paid plans have user groups.
  'plan_upgrade_required',
  'paid_teams_only',
]

/** Members of user groups, remembered for at most a minute. */
export function createGroups(deps: { client: WebClient; logger: Logger; now: () => number }): Groups {
  const { client, logger, now } = deps
  const kept = new Map<string, { at: number; members: ReadonlySet<string> }>()
  const flights = new Map<string, Promise<ReadonlySet<string>>>()
  const vanished = new Set<string>()

  function fetchMembers(id: string): Promise<ReadonlySet<string>> {
    const under = flights.get(id)
    if (under) return under
    const at = now()
    const flight: Promise<ReadonlySet<string>> = ask(id)
      .then((users) => {
        const members = new Set(users)
        // A flight that was forgotten may tell of what was before the change.
        if (flights.get(id) === flight) kept.set(id, { at, members })
        return members
      })
      .finally(() => {
        if (flights.get(id) === flight) flights.delete(id)
      })
    flights.set(id, flight)
    return flight
  }

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

  async function membersOf(id: string): Promise<ReadonlySet<string>> {
    const known = kept.get(id)
    const age = known ? now() - known.at : Number.POSITIVE_INFINITY
    if (!known || !isWithin(age, FRESH_FOR)) return fetchMembers(id)
    if (age >= RENEW_AFTER)
      fetchMembers(id).catch((error: unknown) =>
        logger.debug({ err: error, group: id }, 'user group not renewed, trying again when it is needed'),
      )
    return known.members
  }

  return {
    async of(person, ids) {
      try {
        const asked = ids.map(async (id) => ({ id, members: await membersOf(id) }))
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
      const all = await Promise.all(ids.map(membersOf))
      return [...new Set(all.flatMap((members) => [...members]))]
    },
    forget(id) {
      kept.delete(id)
      flights.delete(id)
    },
  }
}
