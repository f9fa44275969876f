import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { isTimeZone } from '../../domain/limit.ts'
import { groupsOf, isGroup, type Person, standingOf } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import { NO_USER_GROUPS } from '../../domain/slack-codes.ts'
import type { Language } from '../../domain/text.ts'
import { createReader, type Reader } from '../blocks/reader.ts'
import { languageOf } from '../blocks/words/index.ts'
import { isNobody, slackCode } from './errors.ts'
import { createMemory } from './memory.ts'

/** Somebody who acts, as Slack tells of them. */
export interface Actor {
  person: Person
  /** In that person's language. */
  reader: Reader
  /** In which that person writes times; the policy's where Slack tells none. */
  timeZone: string
}

export interface People {
  /**
   * Who acts. What can't be had in time counts as a no: then `groups` is null and grants refuses with that reason.
   * @param team the workspace that Slack named with the action @param ms how long to wait for Slack
   */
  who(user: { id: string; team: string | null }, ms: number): Promise<Actor>
  /** In the language of a person as far as it is known now, else the workspace's. */
  readerOf(id: string): Reader
  /**
   * How many of these user groups, people and e-mail addresses stand for somebody who may act now; counts up to `enough`.
   * @returns null when Slack did not tell in time
   */
  countReachable(
    of: { members: readonly string[]; except: string | null; enough: number },
    ms: number,
  ): Promise<number | null>
  /**
   * The same members with the people's ids for their e-mail addresses, so that Slack notifies whom a message mentions.
   * An address of which nobody is known in time stays as it is.
   */
  named(members: readonly string[], ms: number): Promise<string[]>
  /**
   * Ids of those among these user groups, people and e-mail addresses who have this name or address in Slack.
   * @returns null when Slack did not tell in time
   */
  findNamed(name: string, members: readonly string[], ms: number): Promise<string[] | null>
  /** A user group has changed. */
  forgetGroup(id: string): void
  /** The workspace that the app belongs to; told once Slack has said so. */
  setHome(home: Home): void
}

export interface Home {
  teamId: string
  enterpriseId: string | null
}

interface Profile {
  email: string | null
  /** As people call them: handle, shown and full name, in lower case. */
  names: readonly string[]
  language: Language | null
  timeZone: string | null
  standing: Person['standing']
  atHome: boolean
}

const nobody: Profile = {
  email: null,
  names: [],
  language: null,
  timeZone: null,
  standing: 'deactivated',
  atHome: false,
}

export function createPeople(deps: {
  client: WebClient
  /** Whether Slack accepts the token no more, by its latest answers. */
  isCutOff?: () => boolean
  policy: () => Policy
  logger: Logger
  now: () => number
  /** How many times as long as usual Slack is waited for; 1. */
  patience?: number
}): People {
  const { client, isCutOff = () => false, policy, logger, now, patience = 1 } = deps
  const inTime = <T>(value: Promise<T>, ms: number): Promise<T | null> =>
    Promise.race([value, sleep(ms * patience, null, { ref: false })])
  const groups = createGroups(deps)
  /** Null: Slack does not know or show such a person, which is an answer too. */
  const profiles = createMemory({ ask: askForProfile, now })
  /** Who has an e-mail address; null: nobody. Somebody's is believed as long as that person's profile says so too. */
  const addresses = createMemory({ ask: askForAddress, now })
  /** Whom the policy names and Slack does not know, as the log has said. */
  const reported = new Set<string>()
  let home: Home | null = null

  async function askForProfile(id: string): Promise<Profile | null> {
    try {
      const { user } = await client.users.info({ user: id, include_locale: true })
      if (!user) throw new Error('Slack told nothing about a person')
      return {
        email: user.profile?.email?.toLowerCase() ?? null,
        names: [user.name, user.profile?.display_name, user.profile?.real_name, user.real_name].flatMap(
          (name) => (name ? [name.toLowerCase()] : []),
        ),
        language: languageOf(user.locale),
        timeZone: user.tz && isTimeZone(user.tz) ? user.tz : null,
        standing: standingOf(user),
        atHome: isAtHome(user),
      }
    } catch (error) {
      if (!isNobody(error)) throw error
      return null
    }
  }

  async function askForAddress(email: string): Promise<string | null> {
    try {
      const { user } = await client.users.lookupByEmail({ email })
      return user?.id ?? null
    } catch (error) {
      if (!isNobody(error)) throw error
      return null
    }
  }

  /** In an Enterprise Grid a member of our workspace may be told with another workspace's id. */
  function isAtHome(user: {
    team_id?: string
    is_stranger?: boolean
    enterprise_user?: { teams?: string[] }
  }): boolean {
    if (!home || user.is_stranger) return false
    return user.team_id === home.teamId || (user.enterprise_user?.teams ?? []).includes(home.teamId)
  }

  /** @returns null when it can't be had in time */
  async function profileOf(id: string, ms: number): Promise<Profile | null> {
    const known = profiles.fresh(id)
    // Asked for once more while cut off: the answer also tells when that is over.
    if (known && !isCutOff()) return known
    const asked = profiles.renew(id).then(
      // Whoever it was is nobody here any more.
      (profile) => profile ?? nobody,
      (error: unknown) => {
        logger.warn({ err: error, person: id }, 'Slack did not tell who a person is: refusing for now')
        return null
      },
    )
    return inTime(asked, ms)
  }

  async function idOf(email: string): Promise<string | null> {
    // Others may have the same address: a guest, or somebody of another workspace.
    const member = profiles
      .all()
      .find(([, one]) => one?.email === email && one.atHome && one.standing === 'member')
    if (member) return member[0]
    const known = addresses.last(email)
    if (!known) return addresses.get(email)
    return (await currentProfile(known))?.email === email ? known : addresses.renew(email)
  }

  /** @returns null for somebody whom Slack does not know or show: the answer will be the same when asked again */
  async function currentProfile(id: string): Promise<Profile | null> {
    const profile = await profiles.get(id)
    if (profile) reported.delete(id)
    else if (!reported.has(id)) {
      reported.add(id)
      logger.error(
        { person: id },
        'the policy, or a user group of it, names a person whom Slack does not know or does not show to this app: this person does not count. Correct the id, or take it out.',
      )
    }
    return profile
  }

  function readerOf(profile: Profile | null | undefined): Reader {
    return createReader(profile?.language ?? policy().language, policy())
  }

  async function mayAct(id: string): Promise<boolean> {
    const profile = await currentProfile(id)
    return profile?.standing === 'member' && profile.atHome
  }

  /** @throws when Slack did not tell of somebody without whom they are too few */
  async function reachable(of: {
    members: readonly string[]
    except: string | null
    enough: number
  }): Promise<number> {
    const failures: unknown[] = []
    const unlessFailed = <T>(asked: Promise<T>, instead: T) =>
      asked.catch((error: unknown) => {
        failures.push(error)
        return instead
      })
    const lists = await Promise.all([
      ...of.members
        .filter((member) => !isGroup(member))
        .map(async (member) => (member.includes('@') ? [await unlessFailed(idOf(member), null)] : [member])),
      ...of.members.filter(isGroup).map((id) => unlessFailed(groups.members([id]), [])),
    ])
    const left = [...new Set(lists.flat())].filter((id) => id !== null && id !== of.except)
    let count = 0
    while (left.length > 0 && count < of.enough) {
      const asked = left.splice(0, of.enough - count)
      count += (await Promise.all(asked.map((id) => unlessFailed(mayAct(id ?? ''), false)))).filter(
        Boolean,
      ).length
    }
    if (count < of.enough && failures.length > 0) throw failures[0]
    return count
  }

  return {
    countReachable(of, ms) {
      const counted = reachable(of).catch((error: unknown) => {
        logger.warn({ err: error }, 'Slack did not tell who could decide: refusing for now')
        return null
      })
      return inTime(counted, ms)
    },
    named(members, ms) {
      return Promise.all(
        members.map(async (member) => {
          if (!member.includes('@')) return member
          const asked = idOf(member).catch((error: unknown) => {
            logger.warn(
              { err: error },
              'Slack did not tell who has an e-mail address: it is shown instead of a mention',
            )
            return null
          })
          return (await inTime(asked, ms)) ?? member
        }),
      )
    },
    async findNamed(name, members, ms) {
      const meant = name.trim().toLowerCase()
      const found = Promise.all([
        groups.members(members.filter(isGroup)),
        Promise.all(
          members.filter((one) => !isGroup(one)).map((one) => (one.includes('@') ? idOf(one) : one)),
        ),
      ]).then(async ([inGroups, others]) => {
        const ids = [...new Set([...inGroups, ...others])].flatMap((id) => id ?? [])
        const known = await Promise.all(ids.map(async (id) => ({ id, profile: await currentProfile(id) })))
        const isMeant = (profile: Profile | null) =>
          profile?.email === meant || (profile?.names.includes(meant) ?? false)
        return known.filter(({ profile }) => isMeant(profile)).map(({ id }) => id)
      })
      const named = found.catch((error: unknown) => {
        logger.warn({ err: error }, 'Slack did not tell who has a name')
        return null
      })
      return inTime(named, ms)
    },
    async who({ id, team }, ms) {
      const [profile, memberOf] = await Promise.all([
        profileOf(id, ms),
        inTime(groups.of(id, groupsOf(policy())), ms),
      ])
      const reader = readerOf(profile ?? profiles.last(id))
      const timeZone = (profile ?? profiles.last(id))?.timeZone ?? policy().timezone
      const isForeign = !comesFromHome(team, home)
      if (!profile) {
        const standing = isForeign ? 'other-workspace' : 'member'
        const cutOff = isCutOff() ? { isCutOff: true as const } : {}
        return { person: { id, email: null, groups: null, standing, ...cutOff }, reader, timeZone }
      }
      return {
        person: {
          id,
          email: profile.email,
          groups: memberOf,
          standing: isForeign || !profile.atHome ? 'other-workspace' : profile.standing,
        },
        reader,
        timeZone,
      }
    },
    readerOf: (id) => readerOf(profiles.last(id)),
    forgetGroup: groups.forget,
    setHome: (told) => {
      home = told
      profiles.clear()
    },
  }
}

/** In an Enterprise Grid an action may come from another of its workspaces: there the person's own profile decides. */
function comesFromHome(team: string | null, home: Home | null): boolean {
  if (!home) return false
  return team === null || home.enterpriseId !== null || team === home.teamId
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
function createGroups(deps: { client: WebClient; logger: Logger; now: () => number }): Groups {
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
