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
  for (const name of ['features.bot_user.always_online', 'settings.is_hosted']) flag(name)
  return [
    ...problems,
    ...unknownFields(manifest),
    ...addressProblems(manifest),
    ...commandProblems(manifest),
    ...scopeProblems(manifest),
  ]
}

/** Every field of the sections that the app has use for; Slack takes no other. */
const FIELDS: Record<string, string> = {
  '': '$schema _metadata app_directory display_information features oauth_config settings functions workflows datastores outgoing_domains types external_auth_providers mcp_servers',
  _metadata: 'schema_version min_version major_version minor_version',
  display_information: 'name description background_color long_description',
  features:
    'app_home bot_user shortcuts slash_commands workflow_steps unfurl_domains assistant_view agent_view rich_previews functions',
  'features.app_home': 'home_tab_enabled messages_tab_enabled messages_tab_read_only_enabled',
  'features.bot_user': 'display_name always_online',
  oauth_config: 'scopes redirect_urls token_management_enabled pkce_enabled',
  'oauth_config.scopes': 'bot bot_optional user user_optional',
  settings:
    'allowed_ip_address_ranges event_subscriptions incoming_webhooks interactivity org_deploy_enabled socket_mode_enabled token_rotation_enabled is_hosted function_runtime hermes_app_type',
  'settings.event_subscriptions': 'request_url bot_events user_events metadata_subscriptions',
  'settings.interactivity': 'is_enabled request_url message_menu_options_url',
}

function unknownFields(manifest: unknown): string[] {
  return Object.entries(FIELDS).flatMap(([path, fields]) => {
    const section = branch(manifest, ...path.split('.').filter((key) => key !== ''))
    if (typeof section !== 'object' || section === null) return []
    const known = new Set(fields.split(' '))
    return Object.keys(section)
      .filter((key) => !known.has(key))
      .map((key) => `${path === '' ? '' : `${path}.`}${key}: no such field`)
  })
}

/** Without Socket Mode Slack has to know where to call. */
function addressProblems(manifest: unknown): string[] {
  if (branch(manifest, 'settings', 'socket_mode_enabled') === true) return []
  const problems: string[] = []
  const events = branch(manifest, 'settings', 'event_subscriptions')
  if (events !== undefined && branch(events, 'request_url') === undefined)
    problems.push('settings.event_subscriptions: needs a request_url or Socket Mode')
  const interactivity = branch(manifest, 'settings', 'interactivity')
  if (branch(interactivity, 'is_enabled') === true && branch(interactivity, 'request_url') === undefined)
    problems.push('settings.interactivity: needs a request_url or Socket Mode')
  const commands = branch(manifest, 'features', 'slash_commands')
  for (const [index, entry] of (Array.isArray(commands) ? commands : []).entries())
    if (branch(entry, 'url') === undefined)
      problems.push(`features.slash_commands[${index}]: needs a url or Socket Mode`)
  return problems
}

const COMMAND_FIELDS = new Set(['command', 'url', 'description', 'usage_hint', 'should_escape'])

function commandProblems(manifest: unknown): string[] {
  const given = branch(manifest, 'features', 'slash_commands')
  if (given === undefined) return []
  if (!Array.isArray(given)) return ['features.slash_commands: must be a list']
  const problems = given.length > 50 ? ['features.slash_commands: at most 50'] : []
  for (const [index, entry] of given.entries()) {
    const at = `features.slash_commands[${index}]`
    const { command, description, usage_hint, url, should_escape } = Object(entry) as Record<string, unknown>
    for (const key of Object.keys(Object(entry)))
      if (!COMMAND_FIELDS.has(key)) problems.push(`${at}.${key}: no such field`)
    if (url !== undefined && !/^https:\/\//.test(String(url)))
      problems.push(`${at}.url: must begin with https://`)
    if (should_escape !== undefined && typeof should_escape !== 'boolean')
      problems.push(`${at}.should_escape: must be true or false`)
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
