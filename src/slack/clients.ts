import { type WebAPICallResult, WebClient, type WebClientOptions } from '@slack/web-api'
import type { Logger } from 'pino'
import { boltLogger } from './bolt-logger.ts'
import { createFetch, type WebProxy } from './connections.ts'
import { createTokens, type Tokens } from './tokens.ts'

export interface SlackClients {
  /** For what a person waits for: forms, answers, who somebody is. */
  interactions: WebClient
  /** For cards and alerts, which the ledger repairs. */
  notifications: WebClient
  /** What the answers to both tell of the token, and those of Socket Mode of the other. */
  tokens: Tokens
}

/** Longer than this nobody waits: a trigger lives 3 s. */
const INTERACTION_TIMEOUT = 2500
const NOTIFICATION_TIMEOUT = 10_000

/**
 * The options of the client that people wait for.
 * Rate-limited calls are rejected: the SDK would hold back every other call of that client until the pause is over.
 * A new object each time, since Bolt and its socket client write into the one they are given.
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
 * Two clients of Slack's Web API, so that a pause of the one does not stop the other.
 * Notifications are never repeated by the SDK: after a lost answer it would post twice, while the ledger looks first.
 */
export function createSlackClients(options: {
  botToken: string
  apiUrl?: string
  proxy?: WebProxy
  /** ms that a call for a card or an alert may take; default 10 s. */
  timeout?: number
  logger: Logger
}): SlackClients {
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

/** A class, as the SDK binds its methods to what `apiCall` is when they are made. */
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
