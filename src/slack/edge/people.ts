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

/** A person who acts, as Slack describes them. */
export interface Actor {
  person: Person
  /** In that person's language. */
  reader: Reader
  /** The time zone in which that person writes times; the policy's if Slack gives none. */
  timeZone: string
}

export interface People {
  /**
   * Who acts. What Slack doesn't tell in time counts as a no: `groups` is then null, and `grants` refuses with that
   * reason.
   * @param team the workspace that Slack named with the action
   * @param ms how long to wait for Slack
   */
  who(user: { id: string; team: string | null }, ms: number): Promise<Actor>
  /** In a person's language as far as it is known now, else in the policy's. */
  readerOf(id: string): Reader
  /**
   * Counts, up to `enough`, the people who may act now among these user groups, people and e-mail addresses.
   * @returns null when Slack did not tell in time
   */
  countReachable(
    of: { members: readonly string[]; except: string | null; enough: number },
    ms: number,
  ): Promise<number | null>
  /**
   * The same members, with ids in place of e-mail addresses, so that Slack notifies those whom a message mentions. An
   * address for which Slack names nobody in time stays as it is.
   */
  named(members: readonly string[], ms: number): Promise<string[]>
  /**
   * Ids of the people, among these user groups, people and e-mail addresses, who have this name or address in Slack.
   * @returns null when Slack did not tell in time
   */
  findNamed(name: string, members: readonly string[], ms: number): Promise<string[] | null>
  /** A user group has changed. */
  forgetGroup(id: string): void
  /** Sets the workspace that the app belongs to, once Slack has named it. */
  setHome(home: Home): void
}

export interface Home {
  teamId: string
  enterpriseId: string | null
}

interface Profile {
  email: string | null
  /** The names that people use: handle, display name and full name, in lower case. */
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

/** Looks people and user groups up in Slack, and remembers the answers for at most a minute. */
export function createPeople(deps: {
  client: WebClient
  /** Whether, by its latest answers, Slack no longer accepts the token. */
  isCutOff?: () => boolean
  policy: () => Policy
  logger: Logger
  now: () => number
  /** Multiplies the time that the app waits for Slack; default: 1. */
  patience?: number
}): People {
  const { client, isCutOff = () => false, policy, logger, now, patience = 1 } = deps
  const inTime = <T>(value: Promise<T>, ms: number): Promise<T | null> =>
    Promise.race([value, sleep(ms * patience, null, { ref: false })])
  const groups = createGroups(deps)
  /** Null: Slack doesn't know this person or doesn't show them. That is an answer, too. */
  const profiles = createMemory({ ask: askForProfile, now })
  /** Who has an e-mail address; null: nobody. An id counts only while that person's profile has the address, too. */
  const addresses = createMemory({ ask: askForAddress, now })
  /** Ids in the policy that Slack doesn't know and that the log has already reported. */
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

  /** In an Enterprise Grid, Slack may give a member of our workspace another workspace's id. */
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
    // While the token is refused, the app asks again: the answer also shows when that is over.
    if (known && !isCutOff()) return known
    const asked = profiles.renew(id).then(
      // This person is nobody here any more.
      (profile) => profile ?? nobody,
      (error: unknown) => {
        logger.warn({ err: error, person: id }, 'Slack did not tell who a person is: refusing for now')
        return null
      },
    )
    return inTime(asked, ms)
  }

  async function idOf(email: string): Promise<string | null> {
    // Others may have the same address: a guest, or a person from another workspace.
    const member = profiles
      .all()
      .find(([, one]) => one?.email === email && one.atHome && one.standing === 'member')
    if (member) return member[0]
    const known = addresses.last(email)
    if (!known) return addresses.get(email)
    return (await currentProfile(known))?.email === email ? known : addresses.renew(email)
  }

  /** @returns null for a person whom Slack doesn't know or show: asking again brings the same answer */
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

  /** @throws when Slack fails to answer about somebody and too few are left without them */
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

/**
 * In an Enterprise Grid, an action may come from another of its workspaces; there the person's own profile decides.
 */
function comesFromHome(team: string | null, home: Home | null): boolean {
  if (!home) return false
  return team === null || home.enterpriseId !== null || team === home.teamId
}

interface Groups {
  /**
   * The groups, of these, that a person is in; null when Slack doesn't tell about one of them: half an answer is none.
   */
  of(person: string, ids: readonly string[]): Promise<string[] | null>
  /** Everybody in any of these groups. @throws when Slack does not tell */
  members(ids: readonly string[]): Promise<string[]>
  forget(id: string): void
}

/**
 * ms; a group that is used at this age is also asked for again in the background, so that people seldom wait for it
 * (Slack allows 20 calls a minute).
 */
const RENEW_AFTER = 30_000
/** Answers that asking again won't change: nobody has a role through such a group, and other groups still count. */
const NOBODY_IN_IT = ['no_such_subteam', 'subteam_not_found', 'subteam_disabled', ...NO_USER_GROUPS]

/** Remembers members of user groups for at most a minute. */
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
        // Waits for all of them: if one fails, the next question starts new calls instead of joining one that is about
        // to fail.
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
