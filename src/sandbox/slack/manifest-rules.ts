import { branch } from './declared.ts'

/** What each event asks for: https://docs.slack.dev/reference/events */
const SCOPE_OF_EVENT: Record<string, string | undefined> = {
  app_home_opened: undefined,
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
  subteam_created: 'usergroups:read',
  subteam_members_changed: 'usergroups:read',
  subteam_updated: 'usergroups:read',
  team_join: 'users:read',
  user_change: 'users:read',
  app_uninstalled: undefined,
  tokens_revoked: undefined,
}

/**
 * What Slack would refuse in an app manifest, each with its path; empty when it passes.
 * The limits are those of https://docs.slack.dev/reference/app-manifest
 */
export function manifestProblems(manifest: unknown): string[] {
  const problems: string[] = []
  const text = (path: string, most: number, isNeeded = false) => {
    const value = branch(manifest, ...path.split('.'))
    if (value === undefined) {
      if (isNeeded) problems.push(`${path}: is missing`)
    } else if (typeof value !== 'string' || value === '') problems.push(`${path}: must be a text`)
    else if (value.length > most) problems.push(`${path}: must be at most ${most} characters`)
  }
  const flag = (path: string) => {
    const value = branch(manifest, ...path.split('.'))
    if (value !== undefined && typeof value !== 'boolean') problems.push(`${path}: must be true or false`)
  }
  text('display_information.name', 35, true)
  text('display_information.description', 140)
  text('display_information.long_description', 4000)
  const color = branch(manifest, 'display_information', 'background_color')
  if (color !== undefined && !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(String(color)))
    problems.push('display_information.background_color: must be a hex colour')
  const long = branch(manifest, 'display_information', 'long_description')
  if (typeof long === 'string' && long.length < 174)
    problems.push('display_information.long_description: must be at least 174 characters')
  if (branch(manifest, 'features', 'bot_user') !== undefined) text('features.bot_user.display_name', 80, true)
  for (const name of ['home_tab_enabled', 'messages_tab_enabled', 'messages_tab_read_only_enabled'])
    flag(`features.app_home.${name}`)
  for (const name of [
    'interactivity.is_enabled',
    'socket_mode_enabled',
    'org_deploy_enabled',
    'token_rotation_enabled',
  ])
    flag(`settings.${name}`)
  for (const path of [
    'event_subscriptions.request_url',
    'interactivity.request_url',
    'interactivity.message_menu_options_url',
  ]) {
    const url = branch(manifest, 'settings', ...path.split('.'))
    if (url !== undefined && !String(url).startsWith('https://'))
      problems.push(`settings.${path}: must begin with https://`)
  }
  return [...problems, ...commandProblems(manifest), ...scopeProblems(manifest)]
}

function commandProblems(manifest: unknown): string[] {
  const given = branch(manifest, 'features', 'slash_commands')
  if (given === undefined) return []
  if (!Array.isArray(given)) return ['features.slash_commands: must be a list']
  const problems = given.length > 50 ? ['features.slash_commands: at most 50'] : []
  for (const [index, entry] of given.entries()) {
    const at = `features.slash_commands[${index}]`
    const { command, description, usage_hint } = Object(entry) as Record<string, unknown>
    if (typeof command !== 'string' || !/^\/[^\s/]{1,31}$/.test(command))
      problems.push(`${at}.command: must begin with / and have no space and at most 32 characters`)
    if (typeof description !== 'string' || description === '' || description.length > 2000)
      problems.push(`${at}.description: must be a text of at most 2000 characters`)
    if (usage_hint !== undefined && (typeof usage_hint !== 'string' || usage_hint.length > 1000))
      problems.push(`${at}.usage_hint: must be a text of at most 1000 characters`)
  }
  return problems
}

function scopeProblems(manifest: unknown): string[] {
  const scopes = new Set([branch(manifest, 'oauth_config', 'scopes', 'bot') ?? []].flat())
  const problems: string[] = []
  if (branch(manifest, 'features', 'slash_commands') !== undefined && !scopes.has('commands'))
    problems.push('oauth_config.scopes.bot: slash commands need the scope commands')
  const events = [branch(manifest, 'settings', 'event_subscriptions', 'bot_events') ?? []].flat()
  for (const event of events.map(String)) {
    if (!Object.hasOwn(SCOPE_OF_EVENT, event)) {
      problems.push(`settings.event_subscriptions.bot_events: the sandbox does not know ${event}`)
      continue
    }
    const needed = SCOPE_OF_EVENT[event]
    if (needed !== undefined && !scopes.has(needed))
      problems.push(`oauth_config.scopes.bot: the event ${event} needs the scope ${needed}`)
  }
  return problems
}
