import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { manifestProblems } from '../../../src/sandbox/slack/manifest.ts'
import { startWide, wideManifest } from './small-app.ts'

const own = JSON.parse(readFileSync(new URL('../../../manifest/manifest.json', import.meta.url), 'utf8'))

test("takes the app's own manifest", () => {
  expect(manifestProblems(own)).toEqual([])
})

test('names every mistake with its path', () => {
  const { display_information: _none, ...rest } = wideManifest()
  const broken = {
    ...rest,
    display_information: { name: 'x'.repeat(36), background_color: 'green', long_description: 'short' },
    features: {
      app_home: { home_tab_enabled: 'yes' },
      slash_commands: [{ command: 'no slash', description: '' }],
    },
    oauth_config: { scopes: { bot: ['chat:write'] } },
    settings: {
      interactivity: { is_enabled: true, request_url: 'http://example.com' },
      event_subscriptions: { bot_events: ['subteam_updated', 'subteam_upgraded'] },
      socket_mode_enabled: true,
    },
  }
  expect(manifestProblems(broken).map((problem) => problem.split(':')[0])).toEqual([
    'display_information.name',
    'display_information.long_description',
    'display_information.background_color',
    'features.app_home.home_tab_enabled',
    'features.slash_commands[0].command',
    'features.slash_commands[0].description',
    'settings.interactivity.request_url',
    'oauth_config.scopes.bot',
    'oauth_config.scopes.bot',
    'settings.event_subscriptions.bot_events',
  ])
})

test('does not start with a manifest that Slack would refuse', async () => {
  await expect(startWide({ manifest: { display_information: {} } })).rejects.toThrow(
    'display_information.name: is missing',
  )
})

test('takes no field that Slack does not know', () => {
  const { features, settings, ...rest } = own
  const [command] = features.slash_commands
  expect(
    manifestProblems({
      ...rest,
      features: { ...features, slash_commands: [{ ...command, descripton: 'x' }], homepage: {} },
      settings: { ...settings, socket_mode: true },
      permissions: [],
    }),
  ).toEqual([
    'features.slash_commands[0].descripton: no such field',
    'features.homepage: no such field',
    'settings.socket_mode: no such field',
    'permissions: no such field',
  ])
})

test('asks where to call when Socket Mode is off', () => {
  const settings = { ...own.settings, socket_mode_enabled: false }
  expect(manifestProblems({ ...own, settings })).toEqual([
    'settings.event_subscriptions: needs a request_url or Socket Mode',
    'settings.interactivity: needs a request_url or Socket Mode',
    'features.slash_commands[0]: needs a url or Socket Mode',
  ])
})
