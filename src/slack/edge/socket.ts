import { setTimeout as sleep } from 'node:timers/promises'
import type { ReceiverEvent } from '@slack/bolt'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { WebProxy } from '../../web-proxy.ts'
import {
  boltLogger,
  createFetch,
  createSocketDispatcher,
  SocketModeReceiver,
  type Tokens,
} from './clients.ts'

interface SocketConnection {
  /** Connects; afterwards the connection keeps itself up. @throws when the first try fails */
  start(): Promise<void>
  /** Keeps trying to connect, starting now. */
  keep(): void
  stop(): Promise<void>
  isActive(): boolean
  /** Reconnects, so that Slack counts again; resolves once that is done or took too long. */
  renew(): Promise<void>
}

const HELLO_WITHIN = 15_000
const CLOSED_WITHIN = 1000
/**
 * ms; a connection that lived for less counts as a failure, so a Slack that hangs up at once isn't called back at
 * once.
 */
const SHORT_LIFE = 30_000
const pauses = [0, 500, 2000, 5000, 10_000, 30_000]

/**
 * One Socket Mode connection.
 * It reconnects by itself. The SDK would wait 5 s before each reconnect, even those that Slack asks for every few
 * hours, and its failed reconnect ends as an unhandled rejection.
 */
export function createSocketConnection(options: {
  appToken: string
  apiUrl?: string
  proxy?: WebProxy
  /** Never rejects. */
  receive: (event: ReceiverEvent) => Promise<void>
  /** Called on each connect with the number of connections that Slack counts for this Slack app. */
  counted: (connections: number) => void
  tokens: Tokens
  logger: Logger
  now: () => number
}): SocketConnection {
  const { appToken, apiUrl, proxy, receive, counted, tokens, logger, now } = options
  // Without a proxy, the SDK makes its own dispatcher, whose connections it can close.
  const proxied = proxy && createSocketDispatcher(proxy)
  const receiver = new SocketModeReceiver({
    appToken,
    logger: boltLogger(logger),
    autoReconnectEnabled: false,
    ...(proxied && { dispatcher: proxied.dispatcher }),
    // A separate object, as the SDK writes its defaults into it. The SDK retries nothing, because this file does.
    installerOptions: {
      clientOptions: {
        ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
        fetch: createFetch(proxy),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: HELLO_WITHIN,
      },
    },
  })
  const { client } = receiver
  readFrames(client, receive, logger, counted)
  let isWanted = false
  let isConnected = false
  let isTrying = false
  let failures = 0
  let connectedAt = 0
  const stopping = new AbortController()

  async function connect(): Promise<void> {
    const attempt = client.start().then(() => true)
    attempt.catch(() => {})
    const isConnected = await Promise.race([attempt, sleep(HELLO_WITHIN, null, { ref: false })]).catch(
      (error: unknown) => {
        tokens.failed('SLACK_APP_TOKEN', error)
        throw error
      },
    )
    if (isConnected) {
      tokens.worked('SLACK_APP_TOKEN')
      connectedAt = now()
      return
    }
    void client.disconnect()
    throw new Error('Slack did not say hello in time')
  }

  async function reconnect(): Promise<void> {
    if (isTrying) return
    isTrying = true
    try {
      while (isWanted) {
        const pause = pauses[Math.min(failures, pauses.length - 1)] ?? 0
        failures += 1
        // Spread out, so that the connections of many processes don't come back in step.
        if (pause > 0) await sleep(pause * (0.5 + Math.random()), undefined, { signal: stopping.signal })
        if (!isWanted) return
        try {
          await connect()
          // Stopped while connecting.
          if (!isWanted) return void client.disconnect()
          logger.info('connected to Slack again')
          return
        } catch (error) {
          logger.warn({ err: error, failures }, 'no connection to Slack, trying again')
        }
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error
    } finally {
      isTrying = false
      // The connection was lost again after the hello.
      if (isWanted && !isActive()) keep()
    }
  }

  function keep(): void {
    isWanted = true
    if (!isActive())
      reconnect().catch((error: unknown) => logger.error({ err: error }, 'reconnecting to Slack failed'))
  }

  function isActive(): boolean {
    return client.websocket?.isActive() ?? false
  }

  client.on('connected', () => {
    isConnected = true
  })
  client.on('disconnected', () => {
    isConnected = false
    proxied?.drop()
    if (!isWanted) return
    if (now() - connectedAt >= SHORT_LIFE) failures = 0
    keep()
  })

  return {
    keep,
    isActive,
    async renew() {
      if (!isWanted || !isConnected) return
      const again = new Promise((resolve) => client.once('connected', resolve))
      void client.disconnect()
      await Promise.race([again, sleep(HELLO_WITHIN, null, { ref: false })])
    },
    async start() {
      await connect()
      isWanted = true
    },
    async stop() {
      isWanted = false
      stopping.abort()
      if (!isConnected) return
      const closed = client.disconnect().then(() => true)
      // A second call stops waiting for the other side's goodbye.
      if (!(await Promise.race([closed, sleep(CLOSED_WITHIN, null, { ref: false })])))
        void client.disconnect()
    },
  }
}

type Client = InstanceType<typeof SocketModeReceiver>['client']

const frame = z.looseObject({ type: z.string() })
const hello = z.object({ type: z.literal('hello'), num_connections: z.int() })
const envelope = z.object({
  envelope_id: z.string().min(1),
  payload: z.unknown().optional(),
  retry_attempt: z.number().optional().catch(undefined),
  retry_reason: z.string().optional().catch(undefined),
})

/**
 * Reads the frames in place of the SDK, which nobody awaits: there a frame that isn't an event, such as the documented
 * `app_rate_limited` or `null`, would end the process. The SDK still gets the frames about the connection.
 */
function readFrames(
  client: Client,
  receive: (event: ReceiverEvent) => Promise<void>,
  logger: Logger,
  counted: (connections: number) => void,
): void {
  const [aboutConnection] = client.listeners('ws_message')
  client.removeAllListeners('ws_message')
  client.on('ws_message', (data: unknown, isBinary: boolean) => {
    const read = frame.safeParse(isBinary ? null : parseJson(String(data)))
    if (!read.success) return void logger.warn('Slack sent a frame that can’t be read: nothing is done')
    const greeting = hello.safeParse(read.data)
    if (greeting.success) counted(greeting.data.num_connections)
    if (read.data.type === 'hello' || read.data.type === 'disconnect')
      return void aboutConnection?.call(client, data, isBinary)
    const sent = envelope.safeParse(read.data)
    if (!sent.success) return void logger.warn('Slack sent a frame without an id: nothing is done')
    const { envelope_id: id, payload, retry_attempt: num, retry_reason: reason } = sent.data
    void receive({
      body: payload as ReceiverEvent['body'],
      ack: createAck(client, id),
      ...(num === undefined ? {} : { retryNum: num }),
      ...(reason === undefined ? {} : { retryReason: reason }),
    })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function createAck(client: Client, envelopeId: string) {
  let isSent = false
  return (answer?: string | Record<string, unknown>): Promise<void> => {
    if (isSent) return Promise.resolve()
    isSent = true
    const payload = typeof answer === 'string' ? { text: answer } : (answer ?? {})
    return new Promise((resolve, reject) => {
      const { websocket } = client
      if (!websocket?.isActive()) return reject(new Error('the connection to Slack is closed'))
      websocket.send(JSON.stringify({ envelope_id: envelopeId, payload }), (error) =>
        error ? reject(error) : resolve(),
      )
    })
  }
}
