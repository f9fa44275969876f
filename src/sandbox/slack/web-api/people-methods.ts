import type { WorkspaceGroup, WorkspacePerson } from '../types.ts'
import type { World } from '../world.ts'
import { ApiError } from './arguments.ts'
import { type Answer, type Method, page, TIER } from './method.ts'

/** The methods about people and the workspace: auth.test, bots.info, team.info, users.*, usergroups.*. */
export const peopleMethods: Record<string, Method> = {
  'auth.test': {
    token: 'any',
    perMinute: TIER.hundreds,
    run(_args, { workspace: { team, app }, manifest, installation }, token) {
      const place = { url: `https://${team.domain}.slack.com/`, team: team.name, team_id: team.id }
      if (token === 'app') return { app_name: manifest.name, app_id: installation.appTokenOf }
      return {
        ...place,
        user: 'bot',
        user_id: app.botUserId,
        bot_id: app.botId,
        is_enterprise_install: false,
      }
    },
  },
  'bots.info': {
    scope: 'users:read',
    perMinute: TIER.three,
    run(args, { workspace: { app }, manifest }) {
      if (args.text('bot') !== app.botId) throw new ApiError('bot_not_found')
      return {
        bot: {
          id: app.botId,
          deleted: false,
          name: manifest.name,
          updated: 1_700_000_000,
          app_id: app.id,
          user_id: app.botUserId,
          icons: {},
        },
      }
    },
  },
  'team.info': {
    scope: 'team:read',
    perMinute: TIER.three,
    run: (_args, { workspace: { team } }) => ({
      team: { ...team, email_domain: '', icon: { image_default: true }, enterprise_id: '' },
    }),
  },
  'users.info': {
    scope: 'users:read',
    perMinute: TIER.four,
    run(args, world) {
      const id = args.text('user')
      const person = everybody(world).find((one) => one.id === id)
      if (!person) throw new ApiError('user_not_found')
      return { user: userOutput(person, world, args.flag('include_locale')) }
    },
  },
  'users.list': {
    scope: 'users:read',
    perMinute: TIER.two,
    run(args, world) {
      const { items, response_metadata } = page(args, everybody(world))
      const isLocaleAsked = args.flag('include_locale')
      return {
        members: items.map((person) => userOutput(person, world, isLocaleAsked)),
        cache_ts: Math.floor(world.now() / 1000),
        response_metadata,
      }
    },
  },
  'users.lookupByEmail': {
    scope: 'users:read.email',
    perMinute: TIER.three,
    run(args, world) {
      const email = args.text('email').toLowerCase()
      const person = world.workspace.people.find(
        (one) => one.email?.toLowerCase() === email && !one.isDeleted,
      )
      if (!person) throw new ApiError('users_not_found')
      return { user: userOutput(person, world, false) }
    },
  },
  'usergroups.list': {
    scope: 'usergroups:read',
    perMinute: TIER.two,
    run(args, world) {
      const isDisabledAsked = args.flag('include_disabled')
      const areUsersAsked = args.flag('include_users')
      const groups = world.workspace.groups.filter((group) => isDisabledAsked || !group.isDisabled)
      return {
        usergroups: groups.map((group) => ({
          ...groupOutput(group, world),
          ...(areUsersAsked ? { users: group.users } : {}),
        })),
      }
    },
  },
  'usergroups.users.list': {
    scope: 'usergroups:read',
    perMinute: TIER.two,
    run(args, world) {
      const id = args.text('usergroup')
      const group = world.workspace.groups.find((one) => one.id === id)
      if (!group) throw new ApiError('no_such_subteam')
      if (group.isDisabled && !args.flag('include_disabled')) throw new ApiError('subteam_disabled')
      return { users: [...group.users] }
    },
  },
}

function everybody({ workspace, manifest }: World): WorkspacePerson[] {
  const bot = {
    id: workspace.app.botUserId,
    name: 'bot',
    realName: manifest.name,
    locale: 'en-US',
    tz: 'Etc/UTC',
    isBot: true,
  }
  return [...workspace.people, bot]
}

function userOutput(person: WorkspacePerson, world: World, isLocaleAsked: boolean): Answer {
  const { team } = world.workspace
  const teamId = person.teamId ?? team.id
  // The e-mail address has its own scope; needScope would refuse the whole call.
  const email =
    world.installation.scopes.includes('users:read.email') && person.email ? { email: person.email } : {}
  const profile = {
    real_name: person.realName,
    real_name_normalized: person.realName,
    display_name: person.name,
    display_name_normalized: person.name,
    title: person.title ?? '',
    team: teamId,
    ...email,
  }
  const base = {
    id: person.id,
    team_id: teamId,
    name: person.name,
    deleted: person.isDeleted ?? false,
    profile,
    is_bot: person.isBot ?? false,
    is_app_user: false,
    updated: 1_700_000_000,
  }
  // Slack says nothing more about a deleted person.
  if (person.isDeleted) return base
  return {
    ...base,
    real_name: person.realName,
    tz: person.tz,
    tz_label: person.tz,
    tz_offset: offsetSeconds(person.tz, world.now()),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: person.guest !== undefined,
    is_ultra_restricted: person.guest === 'single_channel',
    ...(teamId === team.id ? {} : { is_stranger: true }),
    ...(isLocaleAsked ? { locale: person.locale } : {}),
  }
}

function offsetSeconds(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** A user group as events and lists show it. */
export function groupOutput(group: WorkspaceGroup, world: Pick<World, 'workspace'>): Answer {
  return {
    id: group.id,
    team_id: world.workspace.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: 1_700_000_000,
    date_update: 1_700_000_000,
    date_delete: group.isDisabled ? 1_700_000_000 : 0,
    auto_type: null,
    auto_provision: false,
    enterprise_subteam_id: '',
    created_by: world.workspace.people[0]?.id ?? '',
    updated_by: world.workspace.people[0]?.id ?? '',
    deleted_by: null,
    prefs: { channels: [], groups: [] },
    user_count: group.users.length,
  }
}
