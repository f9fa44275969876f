import type { AddressInfo, Server } from 'node:net'
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt'
import {
  exampleWorkspace,
  type SlackSandbox,
  type SlackSandboxOptions,
  startSlackSandbox,
} from '../../../src/sandbox/slack/index.ts'

/** A manifest that declares everything the stand-in knows; each test removes what it is about. */
export function wideManifest() {
  return {
    display_information: { name: 'Small app' },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true },
      slash_commands: [
        { command: '/coupon', description: 'Give one', should_escape: true },
        { command: '/raw', description: 'As typed', should_escape: false },
      ],
    },
    oauth_config: {
      scopes: {
        bot: [
          'chat:write',
          'commands',
          'users:read',
          'users:read.email',
          'usergroups:read',
          'im:write',
          'im:read',
          'im:history',
          'channels:read',
          'channels:history',
          'groups:read',
          'team:read',
        ],
      },
    },
    settings: {
      event_subscriptions: {
        bot_events: ['app_home_opened', 'subteam_members_changed', 'subteam_updated', 'message.im'],
      },
      interactivity: { is_enabled: true },
      socket_mode_enabled: true,
    },
  }
}

export function startWide(options: Partial<SlackSandboxOptions> = {}): Promise<SlackSandbox> {
  return startSlackSandbox({
    manifest: wideManifest(),
    workspace: exampleWorkspace,
    transport: 'socket',
    ...options,
  })
}

/** Starts an unmodified Bolt app that reaches the stand-in through its address alone. */
export async function startSmallApp(
  slack: SlackSandbox,
  transport: 'socket' | 'http',
  listen: (app: App) => void,
) {
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } }
  const receiver =
    transport === 'socket'
      ? new SocketModeReceiver({
          appToken: slack.appToken,
          installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
          logLevel: LogLevel.ERROR,
        })
      : new HTTPReceiver({ signingSecret: slack.signingSecret, logLevel: LogLevel.ERROR })
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions,
    convoStore: false,
    deferInitialization: true,
    logLevel: LogLevel.ERROR,
  })
  await app.init()
  listen(app)
  if (transport === 'socket') await app.start()
  else {
    const server = (await app.start(0)) as Server
    slack.connectApp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }
  return { app, stop: () => app.stop() }
}

/** A Web API call as curl would make it. */
export async function call(
  slack: SlackSandbox,
  method: string,
  args: Record<string, unknown>,
  token = slack.botToken,
) {
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(args),
  })
  return (await response.json()) as Record<string, unknown> & { ok: boolean; error?: string }
}
