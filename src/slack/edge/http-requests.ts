import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { parse } from 'node:querystring'
import type { ReceiverEvent } from '@slack/bolt'
import type { Logger } from 'pino'
import { createBodies } from '../../http/bodies.ts'
import { isValidSlackRequest } from './clients.ts'

const PATH = '/slack/events'
const FORM = 'application/x-www-form-urlencoded'
/** s by which the clocks of Slack and of the app may differ, either way. */
const MOST_APART = 300
/** ms after which Slack has told the person who clicked that it failed. */
const PATIENCE = 3000
/** ms between two log lines about the same kind of refusal. */
const REFUSALS_TOLD_EVERY = 60_000

/**
 * Takes Slack's requests. Bolt's own receiver reads 4 MB from anybody before it checks the signature, and a signed
 * body that isn't an object ends its process.
 * @param deps.receive never rejects
 */
export function createHttpRequests(deps: {
  signingSecret: string
  receive: (event: ReceiverEvent) => Promise<void>
  logger: Logger
}): RequestListener {
  const { signingSecret, receive, logger } = deps
  const bodies = createBodies()
  const refuse = createRefuse(logger)

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (pathOf(request) !== PATH) return void response.writeHead(404).end()
    const signature = readSignature(request)
    if (!signature) return refuse(response, 401, 'it bears no signature of now')
    if (request.headers.expect) response.writeContinue()
    const read = await bodies.read(request)
    if (!read) return
    if ('status' in read) return refuse(response, read.status, 'it is too large, or too many come at once')
    const text = read.body.toString()
    if (!isValidSlackRequest({ signingSecret, body: text, headers: signature }))
      return refuse(response, 401, 'it is not signed with SLACK_SIGNING_SECRET')
    const parsed = parseBody(text, request.headers['content-type'])
    if (!parsed) return refuse(response, 400, 'its content can’t be read')
    const body = parsed.body as ReceiverEvent['body']
    if (body?.type === 'url_verification') return answer(response, { challenge: body.challenge })
    await receive({ body, ack: createAck(response), ...readRetry(request) })
  }

  return (request, response) => {
    take(request, response).catch((error: unknown) => {
      logger.error({ err: error }, 'a request of Slack could not be processed')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  }
}

/** Anybody can send requests that are refused, so the log reports each kind once a minute. */
function createRefuse(logger: Logger) {
  const told = new Map<string, number>()
  return (response: ServerResponse, status: number, why: string): void => {
    if (performance.now() - (told.get(why) ?? -REFUSALS_TOLD_EVERY) >= REFUSALS_TOLD_EVERY) {
      told.set(why, performance.now())
      logger.warn({ status }, `a request was refused: ${why}`)
    }
    if (!response.headersSent) response.writeHead(status).end()
  }
}

function pathOf({ url = '' }: IncomingMessage): string | null {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname : null
}

/**
 * The signature headers, as far as they can be checked before the body is read: each sent once, well-formed and
 * current.
 */
function readSignature({ headers }: IncomingMessage) {
  const signature = String(headers['x-slack-signature'])
  const timestamp = String(headers['x-slack-request-timestamp'])
  if (!/^v0=[0-9a-f]{64}$/.test(signature) || !/^[1-9][0-9]{9}$/.test(timestamp)) return null
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > MOST_APART) return null
  return { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) }
}

/** @returns null if it can't be read */
function parseBody(text: string, type = ''): { body: unknown } | null {
  try {
    if (type.split(';')[0]?.trim().toLowerCase() !== FORM) return { body: JSON.parse(text) }
    const fields = parse(text)
    return { body: typeof fields.payload === 'string' ? JSON.parse(fields.payload) : { ...fields } }
  } catch {
    return null
  }
}

function readRetry({ headers }: IncomingMessage): Pick<ReceiverEvent, 'retryNum' | 'retryReason'> {
  const num = Number(headers['x-slack-retry-num'] ?? Number.NaN)
  const reason = headers['x-slack-retry-reason']
  return {
    ...(Number.isInteger(num) ? { retryNum: num } : {}),
    ...(typeof reason === 'string' ? { retryReason: reason } : {}),
  }
}

/** The acknowledgement is the answer to the request; once Slack's patience is over, it comes too late. */
function createAck(response: ServerResponse): ReceiverEvent['ack'] {
  const timer = setTimeout(() => response.writeHead(504).end(), PATIENCE)
  response.once('close', () => clearTimeout(timer))
  return async (content?: unknown) => {
    if (response.headersSent || response.destroyed) throw new Error('Slack waits for it no more')
    clearTimeout(timer)
    answer(response, content)
  }
}

function answer(response: ServerResponse, content: unknown): void {
  if (!content) response.writeHead(200).end()
  else if (typeof content === 'string') response.writeHead(200).end(content)
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content))
}
