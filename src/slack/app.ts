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
  /** Where HTTP listens (0: any free port); with Socket Mode, where only the pages are, if at all. */
  port?: number
  /** Address to listen on; default: every one. */
  host?: string
  /** Of another Slack than slack.com. */
  apiUrl?: string
  proxy?: WebProxy
}

export interface Slack {
  /**
   * Connects and begins to take commands.
   * @returns the port listened on, or null
   * @throws SlackStartError when a token is wrong, SlackUnreachableError when Slack does not answer, PortError
   */
  start(): Promise<{ port: number | null }>
  /**
   * Takes no new work and waits for what is under way, at most this many ms; until it is closed, pages are still
   * served. Safe to call twice, or before start.
   */
  stop(deadlineMs: number): Promise<void>
  close(): void
  /** Draws the Homes that were opened lately and of which something changed. @returns 0: nothing is left to be done at once */
  drawHomes(): Promise<number>
  /** Whether commands can arrive now. */
  healthy(): boolean
  /**
   * How often this many processes are connected, and how many connections of this Slack app Slack counts; null: unknown.
   * Where these are more, one is made anew first: those of a process that has ended are counted for a while.
   */
  connections(processes: number): Promise<{ own: number; counted: number } | null>
  /** Why people are not served, in words that anybody may read; null: they are. Never waits. */
  trouble(): string | null
}

/** Each refresh by Slack closes one for a moment; the other takes what comes meanwhile. */
const CONNECTIONS = 2
/** ms in which requests are still taken once it stops. */
const LINGER = 250
/** Where it is unless told otherwise. */
const SLACK = 'https://slack.com'
/** ms of silence after which Slack is asked whether it accepts the bot's token, while somebody asks for health. */
const LOOK_AT_TOKEN_EVERY = 10_000
/** A response_url that hangs must not hold an answer for ever. */
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
  /** What is shown where HTTP is served. */
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
    // What arrives is handed to `receive`, whichever way it came.
    receiver: { init: () => {}, start: () => Promise.resolve(), stop: () => Promise.resolve() },
    // Told by auth.test at the start; with a token alone, Bolt would ask once more.
    authorize: () => Promise.resolve({ botToken: config.botToken, ...self }),
    deferInitialization: true,
    extendedErrorHandler: true,
    convoStore: false,
    logger: boltLogger(logger),
    clientOptions: { ...interactionOptions({ ...reached, logger }), fetch },
  })
  // Of what Bolt hands over only the error: the body beside it holds openids. It is told, and answered, in `receive`.
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

  /** By Slack's latest hello; 0: there was none. */
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
  /** A token can die while nobody does anything, and come back. */
  function lookAtToken(): void {
    if (isLooking || tokens.silentFor() < LOOK_AT_TOKEN_EVERY) return
    isLooking = true
    // What it tells of the token is kept by the client; that Slack does not answer tells nothing of it.
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
        // All at once, as each takes several exchanges with Slack; what the others say counts once the first is there.
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
      // What is on its way here by now is still taken; whoever asks `/readyz` sends the rest elsewhere.
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

/** Gives up when nobody waits any more. */
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
    // Slack has been seen to refuse with 200 as well.
    if (!taken.ok || /"ok"\s*:\s*false/.test(said)) throw new AnswerRefusedError(taken.status, code)
  }
}

/** The address is a secret that Slack has made for these bytes: no token goes with them. */
function createUpload(fetch: Fetch) {
  return async (url: string, text: string): Promise<void> => {
    const headers = { 'content-type': 'application/octet-stream' }
    const taken = await fetch(url, { method: 'POST', headers, body: text })
    const said = (await taken.text().catch(() => '')).slice(0, 200)
    if (!taken.ok) throw new AnswerRefusedError(taken.status, said)
  }
}

/** Who we are, by Slack; also the proof that the token is good. */
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
