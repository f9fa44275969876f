import { setTimeout as sleep } from 'node:timers/promises'
import type { ReceiverEvent } from '@slack/bolt'
import type { Logger } from 'pino'
import type { Customers } from '../customers/index.ts'
import { OWN_TROUBLE } from '../domain/slack-codes.ts'
import type { Grants } from '../grants/index.ts'
import { createHttpServer, type HttpServer, type Pages } from '../http/server.ts'
import { proxyOf, type WebProxy } from '../web-proxy.ts'
import {
  App,
  boltLogger,
  createFetch,
  type Fetch,
  interactionOptions,
  type SlackClients,
} from './edge/clients.ts'
import {
  AnswerRefusedError,
  innermostReason,
  SlackStartError,
  SlackUnreachableError,
  slackCode,
} from './edge/errors.ts'
import type { Edge } from './edge/handlers.ts'
import { createHttpRequests } from './edge/http-requests.ts'
import type { People } from './edge/people.ts'
import { createPermalinks } from './edge/permalinks.ts'
import { createInFlight, createReceive } from './edge/receive.ts'
import { createSocketConnection } from './edge/socket.ts'
import { listen } from './listeners.ts'

export interface SlackConfig {
  botToken: string
  transport: 'socket' | 'http'
  /** Socket Mode only. */
  appToken?: string
  /** HTTP only. */
  signingSecret?: string
  /**
   * Port that HTTP listens on (0: any free port); with Socket Mode, the port of the health pages, if there is one.
   */
  port?: number
  /** Address to listen on; default: all addresses. */
  host?: string
  /** For a Slack other than slack.com. */
  apiUrl?: string
  proxy?: WebProxy
}

export interface Slack {
  /**
   * Connects and starts taking commands.
   * @returns the port it listens on, or null
   * @throws SlackStartError when a token is wrong, SlackUnreachableError when Slack does not answer, PortError
   */
  start(): Promise<{ port: number | null }>
  /**
   * Takes no new work and waits at most this many ms for work under way; pages are served until `close`. Safe to call
   * twice, or before start.
   */
  stop(deadlineMs: number): Promise<void>
  close(): void
  /** Redraws recently opened Homes that have changed. @returns 0: nothing more to do at once */
  drawHomes(): Promise<number>
  /** Whether commands can arrive now. */
  healthy(): boolean
  /**
   * How many connections this many processes have, and how many Slack counts for this Slack app; null: unknown. If
   * Slack counts more, one connection is renewed first: Slack goes on counting those of an ended process for a while.
   */
  connections(processes: number): Promise<{ own: number; counted: number } | null>
  /** Why people can't use the app, in words that anybody may read; null: they can. Never waits. */
  trouble(): string | null
}

/** Each refresh by Slack closes one connection for a moment; the other takes requests meanwhile. */
const CONNECTIONS = 2
/** ms for which requests are still taken after a stop begins. */
const LINGER = 250
/** The default address of Slack. */
const SLACK = 'https://slack.com'
/** ms of silence after which a health probe makes the app ask Slack whether the bot's token still works. */
const LOOK_AT_TOKEN_EVERY = 10_000
/** ms; a response_url that hangs must not hold up an answer for ever. */
const RESPOND_TIMEOUT = 5000

/** The Slack app: commands, forms and buttons over `grants`. */
export function createSlack(deps: {
  config: SlackConfig
  clients: SlackClients
  people: People
  grants: Grants
  customers: Customers
  logger: Logger
  /** Epoch ms. */
  now: () => number
  /** The pages to serve over HTTP. */
  pages?: Pages
  acknowledged?: Edge['acknowledged']
  patience?: Edge['patience']
}): Slack {
  const { config, clients, people, grants, customers, now } = deps
  const { tokens } = clients
  const logger = deps.logger.child({ part: 'slack' })
  const inFlight = createInFlight()
  const reached = {
    ...(config.apiUrl ? { apiUrl: config.apiUrl } : {}),
    ...(config.proxy && { proxy: config.proxy }),
  }
  const fetch = createPatientFetch(config.proxy)
  let self: { botId: string; botUserId: string; teamId: string } | null = null

  const app = new App({
    // Both transports hand what arrives to `receive`.
    receiver: { init: () => {}, start: () => Promise.resolve(), stop: () => Promise.resolve() },
    // Known from auth.test at the start; with a token alone, Bolt would ask again.
    authorize: () => Promise.resolve({ botToken: config.botToken, ...self }),
    deferInitialization: true,
    extendedErrorHandler: true,
    convoStore: false,
    logger: boltLogger(logger),
    clientOptions: { ...interactionOptions({ ...reached, logger }), fetch },
  })
  // Passes on only the error from Bolt: the body beside it holds openids. `receive` logs the error and answers the
  // person.
  app.error((failed: unknown) => Promise.reject((failed as { error: unknown }).error))
  const { acknowledged, patience = 1 } = deps
  const client = clients.interactions
  const permalink = createPermalinks(client)
  const edge = {
    ...{ client, post: createPost(fetch), upload: createUpload(fetch) },
    ...{ grants, customers, people, permalink, logger, now, patience },
  }
  const { drawHomes } = listen(app, acknowledged ? { ...edge, acknowledged } : edge)
  const take = createReceive({ app, edge })
  const receive = (event: ReceiverEvent) => inFlight.during(() => take(event))

  /** From Slack's latest hello; 0: none yet. */
  let counted = 0
  const sockets =
    config.transport === 'socket'
      ? Array.from({ length: CONNECTIONS }, () =>
          createSocketConnection({
            appToken: config.appToken ?? '',
            ...reached,
            receive,
            counted: (connections) => {
              counted = connections
            },
            tokens,
            logger,
            now,
          }),
        )
      : []
  const isHttp = config.transport === 'http'
  let isStopping = false
  const healthy = (): boolean => {
    if (isStopping) return false
    return isHttp ? (server?.isListening() ?? false) : sockets.some((socket) => socket.isActive())
  }
  const server: HttpServer | null =
    isHttp || config.port !== undefined
      ? createHttpServer({
          port: config.port ?? 3000,
          variable: 'PORT',
          host: config.host,
          pages: deps.pages ?? {},
          listener: isHttp
            ? createHttpRequests({ signingSecret: config.signingSecret ?? '', receive, logger })
            : null,
          logger,
        })
      : null

  let isLooking = false
  /** A token can stop working, and work again, while nobody does anything. */
  function lookAtToken(): void {
    if (isLooking || tokens.silentFor() < LOOK_AT_TOKEN_EVERY) return
    isLooking = true
    // The client records what an answer says about the token; no answer says nothing about it.
    clients.interactions.auth
      .test()
      .catch(() => {})
      .finally(() => {
        isLooking = false
      })
  }

  return {
    healthy,
    drawHomes,
    async connections(processes) {
      const own = sockets.length * processes
      if (own === 0 || counted === 0) return null
      if (counted > own) await sockets.at(-1)?.renew()
      return { own, counted }
    },
    trouble() {
      lookAtToken()
      return tokens.trouble() ?? (healthy() ? null : 'nothing of Slack can arrive')
    },
    async start() {
      const home = await introduce(clients, config)
      self = { botId: home.botId, botUserId: home.botUserId, teamId: home.teamId }
      people.setHome(home)
      await app.init()
      const [first, ...others] = sockets
      if (first) {
        // All connect at once, as each takes several exchanges with Slack; failures of the others matter only once the
        // first is connected.
        const starts = others.map((socket) => ({ socket, started: socket.start() }))
        for (const { started } of starts) started.catch(() => {})
        await first.start().catch((error: unknown) => {
          throw startError(
            error,
            config,
            'SLACK_APP_TOKEN',
            'an app-level token (xapp-…) with connections:write',
          )
        })
        await Promise.all(
          starts.map(({ socket, started }) =>
            started.catch((error: unknown) => {
              logger.warn({ err: error }, 'a second connection to Slack failed, trying again')
              socket.keep()
            }),
          ),
        )
      }
      const port = server ? await server.listen() : null
      logger.info({ team: home.teamId, transport: config.transport, port }, 'taking commands from Slack')
      return { port }
    },
    async stop(deadlineMs) {
      isStopping = true
      // Takes requests already on their way; what asks `/readyz` sends later ones elsewhere.
      if (isHttp) await sleep(Math.min(LINGER, deadlineMs / 4))
      server?.refuse()
      const ended = await inFlight.ended(deadlineMs)
      if (!ended)
        logger.warn({ left: inFlight.count() }, 'stopping while answers to Slack are still under way')
      await Promise.all(sockets.map((socket) => socket.stop()))
    },
    close() {
      server?.close()
    },
  }
}

/** Gives up after the longest time that anybody waits. */
function createPatientFetch(proxy: WebProxy | undefined): Fetch {
  const fetch = createFetch(proxy)
  return (url, init) => fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(RESPOND_TIMEOUT) })
}

function createPost(fetch: Fetch) {
  return async (url: string, answer: object): Promise<void> => {
    const taken = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answer),
    })
    const said = (await taken.text().catch(() => '')).slice(0, 2000)
    const code = /"error"\s*:\s*"([a-z_]{1,60})"/.exec(said)?.[1] ?? said.trim()
    // Slack has been seen to refuse with status 200, too.
    if (!taken.ok || /"ok"\s*:\s*false/.test(said)) throw new AnswerRefusedError(taken.status, code)
  }
}

/** The address is a secret that Slack made for this file: the request carries no token. */
function createUpload(fetch: Fetch) {
  return async (url: string, text: string): Promise<void> => {
    const headers = { 'content-type': 'application/octet-stream' }
    const taken = await fetch(url, { method: 'POST', headers, body: text })
    const said = (await taken.text().catch(() => '')).slice(0, 200)
    if (!taken.ok) throw new AnswerRefusedError(taken.status, said)
  }
}

/** The app's own identity in Slack; a successful call also proves the token. */
async function introduce(clients: SlackClients, config: SlackConfig) {
  const told = await clients.interactions.auth.test({ token: config.botToken }).catch((error: unknown) => {
    throw startError(error, config, 'SLACK_BOT_TOKEN', 'the bot token (xoxb-…) of “OAuth & Permissions”')
  })
  if (!told.team_id || !told.user_id || !told.bot_id)
    throw new SlackStartError('SLACK_BOT_TOKEN is not a bot’s token: use the one that begins with xoxb-.')
  return {
    teamId: told.team_id,
    enterpriseId: told.enterprise_id ?? null,
    botUserId: told.user_id,
    botId: told.bot_id,
  }
}

function startError(error: unknown, config: SlackConfig, variable: string, what: string): Error {
  const code = slackCode(error)
  if (code !== null && !OWN_TROUBLE.includes(code))
    return new SlackStartError(
      `Slack does not accept ${variable} (${code}). Set it to ${what} in the settings of the Slack app.`,
      { cause: error },
    )
  const why = code ?? innermostReason(error)
  const proxy = code === null ? proxyOf(config.proxy, config.apiUrl ?? SLACK) : null
  return new SlackUnreachableError(
    proxy === null
      ? `Slack can’t be reached: ${why}. Start it again later; if it stays so, check the network and SLACK_API_URL.`
      : `Slack can’t be reached through the proxy ${proxy}: ${why}. Start it again later; if it stays so, check the network, the proxy (SLACK_PROXY, or else HTTPS_PROXY or HTTP_PROXY) and SLACK_API_URL.`,
    { cause: error },
  )
}
