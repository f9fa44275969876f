import { z } from 'zod'

/** The scope that each event needs: https://docs.slack.dev/reference/events */
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

const text = (most: number, least = 1) => z.string().min(least).max(most)
const flag = z.boolean().optional()
const address = z.string().startsWith('https://').optional()
const texts = z.array(z.string()).optional()
/** Fields that Slack accepts and the app doesn't use. */
const others = (names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, z.unknown().optional()])) as Record<
    never,
    z.ZodOptional
  >

/** Has the limits of https://docs.slack.dev/reference/app-manifest */
const manifestSchema = z.strictObject({
  display_information: z.strictObject({
    name: text(35),
    description: text(140).optional(),
    long_description: text(4000, 174).optional(),
    background_color: z
      .string()
      .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, 'must be a hex colour')
      .optional(),
  }),
  features: z
    .strictObject({
      app_home: z
        .strictObject({
          home_tab_enabled: flag,
          messages_tab_enabled: flag,
          messages_tab_read_only_enabled: flag,
        })
        .optional(),
      bot_user: z.strictObject({ display_name: text(80), always_online: flag }).optional(),
      slash_commands: z
        .array(
          z.strictObject({
            command: z
              .string()
              .regex(/^\/[^\s/]{1,31}$/, 'must begin with / and have no space and at most 32 characters'),
            description: text(2000),
            usage_hint: text(1000, 0).optional(),
            should_escape: flag,
            url: address,
          }),
        )
        .max(50)
        .optional(),
      shortcuts: z
        .array(
          z.strictObject({
            name: text(24),
            type: z.enum(['message', 'global']),
            callback_id: text(255),
            description: text(150),
          }),
        )
        .max(10)
        .optional(),
      ...others('workflow_steps unfurl_domains assistant_view agent_view rich_previews functions'),
    })
    .optional(),
  oauth_config: z
    .strictObject({
      scopes: z
        .strictObject({ bot: texts, bot_optional: texts, user: texts, user_optional: texts })
        .optional(),
      ...others('redirect_urls token_management_enabled pkce_enabled'),
    })
    .optional(),
  settings: z
    .strictObject({
      event_subscriptions: z
        .strictObject({
          request_url: address,
          bot_events: texts,
          ...others('user_events metadata_subscriptions'),
        })
        .optional(),
      interactivity: z
        .strictObject({ is_enabled: flag, request_url: address, message_menu_options_url: address })
        .optional(),
      socket_mode_enabled: flag,
      org_deploy_enabled: flag,
      token_rotation_enabled: flag,
      is_hosted: flag,
      ...others('allowed_ip_address_ranges incoming_webhooks function_runtime hermes_app_type'),
    })
    .optional(),
  _metadata: z
    .strictObject({ ...others('schema_version min_version major_version minor_version') })
    .optional(),
  ...others(
    '$schema app_directory functions workflows datastores outgoing_domains types external_auth_providers mcp_servers',
  ),
})

type Given = z.output<typeof manifestSchema>

/** The manifest's declarations. */
export type Manifest = ReturnType<typeof readManifest>

/** Reads a manifest. @throws Error with every problem, if Slack would refuse it */
export function readManifest(manifest: unknown) {
  const problems = manifestProblems(manifest)
  if (problems.length > 0) throw new Error(`Slack would refuse this manifest:\n${problems.join('\n')}`)
  const { display_information, features, oauth_config, settings } = manifestSchema.parse(manifest)
  return {
    name: display_information.name,
    commands: new Map(
      features?.slash_commands?.map(({ command, should_escape = false, description, usage_hint = '' }) => [
        command,
        { shouldEscape: should_escape, description, usageHint: usage_hint },
      ]),
    ),
    shortcuts: (features?.shortcuts ?? []).map(({ name, type, callback_id }) => ({
      name,
      type,
      callbackId: callback_id,
    })),
    botScopes: oauth_config?.scopes?.bot ?? [],
    botEvents: new Set(settings?.event_subscriptions?.bot_events),
    hasInteractivity: settings?.interactivity?.is_enabled === true,
    hasHomeTab: features?.app_home?.home_tab_enabled === true,
    hasMessagesTab: features?.app_home?.messages_tab_enabled === true,
    /** Whether people can't write to the app. */
    isMessagesTabReadOnly: features?.app_home?.messages_tab_read_only_enabled === true,
  }
}

/** What Slack would refuse in an app manifest, each with its path; empty if the manifest is valid. */
export function manifestProblems(manifest: unknown): string[] {
  const { success, error } = manifestSchema.safeParse(manifest)
  const wrong = success ? [] : error.issues.flatMap(told)
  // Reported together with the others, as far as the fields concerned can be read.
  const given = Object(manifest) as Partial<Given>
  return [...wrong, ...addressProblems(given), ...scopeProblems(given)]
}

function told(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${z.core.toDotPath([...issue.path, key])}: no such field`)
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return [`${z.core.toDotPath(issue.path)}: ${isMissing ? 'is missing' : issue.message}`]
}

/** Without Socket Mode, Slack needs the app's addresses. */
function addressProblems({ features, settings }: Partial<Given>): string[] {
  if (settings?.socket_mode_enabled === true) return []
  const { event_subscriptions: events, interactivity } = settings ?? {}
  const missing = listOf(features?.slash_commands).flatMap(({ url }, index) =>
    url === undefined ? [`features.slash_commands[${index}]: needs a url`] : [],
  )
  if (interactivity?.is_enabled === true && interactivity.request_url === undefined)
    missing.unshift('settings.interactivity: needs a request_url')
  if (events && events.request_url === undefined)
    missing.unshift('settings.event_subscriptions: needs a request_url')
  return missing.map((problem) => `${problem} or Socket Mode`)
}

function scopeProblems({ features, oauth_config, settings }: Partial<Given>): string[] {
  const scopes = listOf(oauth_config?.scopes?.bot)
  const commands =
    features?.slash_commands !== undefined && !scopes.includes('commands')
      ? ['oauth_config.scopes.bot: slash commands need the scope commands']
      : []
  const shortcuts =
    features?.shortcuts !== undefined && !scopes.includes('commands')
      ? ['oauth_config.scopes.bot: shortcuts need the scope commands']
      : []
  const events = listOf(settings?.event_subscriptions?.bot_events).flatMap((event) => {
    if (!Object.hasOwn(SCOPE_OF_EVENT, event))
      return [`settings.event_subscriptions.bot_events: the sandbox does not know ${event}`]
    const needed = SCOPE_OF_EVENT[event]
    if (needed === undefined || scopes.includes(needed)) return []
    return [`oauth_config.scopes.bot: the event ${event} needs the scope ${needed}`]
  })
  return [...commands, ...shortcuts, ...events]
}

function listOf<T>(list: T[] | undefined): T[] {
  return Array.isArray(list) ? list : []
}
