/** What the manifest declares. */
export type Declared = {
  name: string
  commands: Map<string, { shouldEscape: boolean; description: string; usageHint: string }>
  botScopes: string[]
  botEvents: Set<string>
  hasInteractivity: boolean
  hasHomeTab: boolean
  hasMessagesTab: boolean
  /** Whether people can't write to the app. */
  isMessagesTabReadOnly: boolean
}

type Tree = Record<string, unknown>

/** What stands at a path of a parsed file; undefined where the path ends early. */
export function branch(value: unknown, ...path: string[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Tree)[key]
  }
  return at
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Reads commands, scopes, events and features out of a parsed app manifest. */
export function readManifest(manifest: unknown): Declared {
  if (typeof manifest !== 'object' || manifest === null)
    throw new Error('The manifest must be the parsed content of manifest/manifest.json.')
  const commands: Declared['commands'] = new Map()
  const slashCommands = branch(manifest, 'features', 'slash_commands')
  for (const entry of Array.isArray(slashCommands) ? slashCommands : []) {
    const command = branch(entry, 'command')
    if (typeof command === 'string')
      commands.set(command, {
        shouldEscape: branch(entry, 'should_escape') === true,
        description: String(branch(entry, 'description') ?? ''),
        usageHint: String(branch(entry, 'usage_hint') ?? ''),
      })
  }
  return {
    name: String(branch(manifest, 'display_information', 'name') ?? 'App'),
    commands,
    botScopes: texts(branch(manifest, 'oauth_config', 'scopes', 'bot')),
    botEvents: new Set(texts(branch(manifest, 'settings', 'event_subscriptions', 'bot_events'))),
    hasInteractivity: branch(manifest, 'settings', 'interactivity', 'is_enabled') === true,
    hasHomeTab: branch(manifest, 'features', 'app_home', 'home_tab_enabled') === true,
    hasMessagesTab: branch(manifest, 'features', 'app_home', 'messages_tab_enabled') === true,
    isMessagesTabReadOnly:
      branch(manifest, 'features', 'app_home', 'messages_tab_read_only_enabled') === true,
  }
}
