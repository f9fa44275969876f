import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands, events, shortcuts } from '../src/slack/ids.ts'
import { manifest } from './slack/builders.ts'

const folder = new URL('../src/slack/', import.meta.url).pathname
const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n')

/** Bot scopes that each Web API method needs, from its page at docs.slack.dev/reference/methods. */
const scopesOf: Record<string, string[]> = {
  'auth.test': [],
  'users.lookupByEmail': ['users:read.email'],
  'users.info': ['users:read', 'users:read.email'],
  'usergroups.users.list': ['usergroups:read'],
  'conversations.open': ['im:write'],
  // Of a DM, of a public and of a private channel.
  'conversations.history': ['im:history', 'channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
}
/** Scopes that no method but a feature needs. */
const featureScopes = ['commands']

const methods = [
  ...new Set(
    [...code.matchAll(/(?:\bclient|\binteractions)\.((?:[a-z]+\.)+[a-zA-Z]+)\(/g)].map(
      ([, name]) => name ?? '',
    ),
  ),
].filter((name) => !/^(?:start|disconnect|on)$/.test(name))

test('finds the Web API methods that the code uses', () => {
  expect(methods.sort()).toEqual(Object.keys(scopesOf).sort())
})

test('asks for the scopes that the code uses and for no other', () => {
  const needed = new Set([...featureScopes, ...methods.flatMap((method) => scopesOf[method] ?? ['?'])])
  expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort())
})

test('declares the commands that the code takes, with their text as it was typed', () => {
  expect(manifest.features.slash_commands).toMatchObject(
    Object.values(commands).map((command) => ({ command, should_escape: false })),
  )
})

test('declares the shortcuts that the code takes, and no other', () => {
  const declared = manifest.features.shortcuts.map(({ callback_id }) => callback_id)
  expect(declared.sort()).toEqual(Object.values(shortcuts).sort())
  for (const name of Object.keys(shortcuts))
    expect(code).toMatch(new RegExp(`app\\.shortcut\\(\\s*shortcuts\\.${name},`))
})

test('subscribes to the events that the code listens to and to no other', () => {
  expect([...manifest.settings.event_subscriptions.bot_events].sort()).toEqual(Object.values(events).sort())
  for (const name of Object.keys(events)) expect(code).toContain(`app.event(events.${name},`)
})

test('declares interactivity and a messages tab, without which buttons and DMs fail', () => {
  expect(manifest).toMatchObject({
    features: { app_home: { messages_tab_enabled: true } },
    settings: { interactivity: { is_enabled: true }, socket_mode_enabled: true },
  })
})
