import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type * as bolt from '@slack/bolt'
import {
  addAppMetadata,
  type Logger as BoltLogger,
  LogLevel,
  type WebAPICallResult,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api'
import type { Logger } from 'pino'
import { type Dispatcher, fetch as undiciFetch } from 'undici'
import { createConnections, type WebProxy } from '../../web-proxy.ts'
import { deadTokenCode } from './errors.ts'

export interface SlackClients {
  /** For calls that a person waits for: forms, answers, who a person is. */
  interactions: WebClient
  /** For cards and alerts, which the ledger repairs after a failure. */
  notifications: WebClient
  /** What answers to both clients say about the bot's token, and those of Socket Mode about the app's. */
  tokens: Tokens
}

/** ms; a trigger lives 3 s, so nobody waits longer. */
const INTERACTION_TIMEOUT = 2500
const NOTIFICATION_TIMEOUT = 10_000

/**
 * Options of the client that people wait for.
 * Rate-limited calls are rejected: the SDK would hold back every other call of that client until the pause ends.
 * Returns a new object each time, because Bolt and its socket client write into theirs.
 */
export function interactionOptions(options: {
  apiUrl?: string
  proxy?: WebProxy
  logger: Logger
}): WebClientOptions {
  return {
    ...(options.apiUrl ? { slackApiUrl: options.apiUrl } : {}),
    fetch: createFetch(options.proxy),
    logger: boltLogger(options.logger),
    timeout: INTERACTION_TIMEOUT,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 1, minTimeout: 200, maxTimeout: 200 },
  }
}

/**
 * Two clients of Slack's Web API, so that a pause of one does not stop the other.
 * The SDK never repeats notifications: after a lost answer it would post twice, whereas the ledger looks first.
 */
export function createSlackClients(options: {
  botToken: string
  apiUrl?: string
  proxy?: WebProxy
  /** ms that a call for a card or an alert may take; default: 10 s. */
  timeout?: number
  /** The app's version, for the User-Agent. */
  version?: string
  logger: Logger
}): SlackClients {
  if (options.version !== undefined) addAppMetadata({ name: 'withdraw-coupon', version: options.version })
  const tokens = createTokens(options)
  return {
    tokens,
    interactions: new WatchedClient(tokens, options.botToken, interactionOptions(options)),
    notifications: new WatchedClient(tokens, options.botToken, {
      ...interactionOptions(options),
      timeout: options.timeout ?? NOTIFICATION_TIMEOUT,
      retryConfig: { retries: 0 },
    }),
  }
}

/** A class, because the SDK binds its methods to the `apiCall` that exists when they are made. */
class WatchedClient extends WebClient {
  readonly #tokens: Tokens

  constructor(tokens: Tokens, token: string, options: WebClientOptions) {
    super(token, options)
    this.#tokens = tokens
  }

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    try {
      const answer = await super.apiCall(method, options)
      this.#tokens.worked('SLACK_BOT_TOKEN')
      return answer
    } catch (error) {
      this.#tokens.failed('SLACK_BOT_TOKEN', error)
      throw error
    }
  }
}

type TokenName = 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN'

/** Whether Slack still accepts the tokens, judged by its answers. */
export interface Tokens {
  /** Slack has answered a call. */
  worked(name: TokenName): void
  /** A call failed, for any reason. */
  failed(name: TokenName, error: unknown): void
  /** Why nothing works until a person acts, or null. */
  trouble(): string | null
  /** Whether the app can no longer look people up or write to them. */
  isBotDead(): boolean
  /** ms since Slack last said anything about the bot's token. */
  silentFor(): number
}

const REMEDY: Record<TokenName, string> = {
  SLACK_BOT_TOKEN:
    'install the Slack app again at “OAuth & Permissions” in its settings, set SLACK_BOT_TOKEN to the token (xoxb-…) that is shown there, and start this app again',
  SLACK_APP_TOKEN:
    'make an app-level token (xapp-…) with connections:write at “Basic Information” in the settings of the Slack app, set SLACK_APP_TOKEN to it, and start this app again',
}

function createTokens(deps: { logger: Pick<Logger, 'fatal' | 'info'> }): Tokens {
  const { logger } = deps
  const dead = new Map<TokenName, string>()
  const proven = new Set<TokenName>()
  let heardAt = performance.now()
  return {
    worked(name) {
      if (name === 'SLACK_BOT_TOKEN') heardAt = performance.now()
      proven.add(name)
      if (dead.delete(name)) logger.info({ variable: name }, 'Slack accepts the token again')
    },
    failed(name, error) {
      const code = deadTokenCode(error)
      if (!code) return
      if (name === 'SLACK_BOT_TOKEN') heardAt = performance.now()
      // A token that Slack has never accepted ends the start, which reports it.
      if (!dead.has(name) && proven.has(name))
        logger.fatal({ variable: name, code }, `Slack no longer accepts ${name}: ${REMEDY[name]}`)
      dead.set(name, code)
    },
    trouble() {
      const [first] = dead
      return first ? `Slack no longer accepts ${first[0]} (${first[1]})` : null
    },
    isBotDead: () => dead.has('SLACK_BOT_TOKEN'),
    silentFor: () => performance.now() - heardAt,
  }
}

const token = /\bx(?:ox[a-z]|app)-[\w-]+/g

/**
 * Lets Slack's libraries log through the app's logger.
 * Their debug lines hold whole payloads, with openids and tickets of sockets, so they are never written, at any level.
 * Of an error only the message is kept, as its fields may hold answers and headers.
 */
export function boltLogger(logger: Logger): BoltLogger {
  const line = (parts: unknown[]) =>
    parts
      .map((part) => (part instanceof Error ? part.message : String(part)))
      .join(' ')
      .replace(token, 'x…')
  return {
    debug: () => {},
    info: (...parts) => logger.debug({ from: 'slack-sdk' }, line(parts)),
    warn: (...parts) => logger.warn({ from: 'slack-sdk' }, line(parts)),
    error: (...parts) => logger.error({ from: 'slack-sdk' }, line(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  }
}

export type Fetch = NonNullable<WebClientOptions['fetch']>

/** ms; nobody waits longer for Slack. */
const CONNECT_WITHIN = 10_000
/** ms for each of several addresses of a host. */
const EACH_ADDRESS = 1200

/** `fetch` over its own connections, through the proxy if there is one. */
export function createFetch(proxy: WebProxy | undefined): Fetch {
  const { dispatcher } = createConnections({ connect: CONNECT_WITHIN, eachAddress: EACH_ADDRESS, proxy })
  return ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch
}

/**
 * For WebSockets through a proxy. `drop` closes its connections at once: the SDK hides them, and with a foreign
 * dispatcher it can't close one whose other side is silent.
 */
export function createSocketDispatcher(proxy: WebProxy): { dispatcher: Dispatcher; drop(): void } {
  const sockets = new Set<Socket>()
  const { dispatcher } = createConnections({
    connect: CONNECT_WITHIN,
    eachAddress: EACH_ADDRESS,
    proxy,
    opened(socket) {
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
  })
  return {
    dispatcher,
    drop() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

const require = createRequire(import.meta.url)

/**
 * Loads from Bolt only the files that the app runs on: its index also loads Express and other parts that the app
 * doesn't use, which takes a tenth of the whole start. `test/slack/edge/bolt.test.ts` checks that both are the same.
 */
export const { default: App } = require('@slack/bolt/dist/App.js') as { default: typeof bolt.App }
export const { isValidSlackRequest } = require('@slack/bolt/dist/receivers/verify-request.js') as {
  isValidSlackRequest: typeof bolt.isValidSlackRequest
}
export const { default: SocketModeReceiver } =
  require('@slack/bolt/dist/receivers/SocketModeReceiver.js') as {
    default: typeof bolt.SocketModeReceiver
  }
