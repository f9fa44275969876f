import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { readBody, strangerIn } from '../local-requests.ts'

export type Reply =
  | { status: number; headers?: Record<string, string>; body: unknown }
  | { silence: 'hang' | 'reset' }
  /** The handler has taken over the response, for an event stream. */
  | { taken: true }
export type Handler = (request: Asked, response: ServerResponse) => Promise<Reply> | Reply
export type Asked = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  /** Parsed JSON or form fields; an empty object if there is no body, undefined if it can't be read. */
  body: Record<string, unknown> | undefined
  /** The raw body. */
  bytes: Buffer
}

const MOST_BODY = 4 * 1024 * 1024

type Plain = Exclude<Reply, { silence: string } | { taken: true }>

/**
 * Starts the stand-in's one HTTP server on 127.0.0.1.
 *
 * Refuses strangers' requests to every address: see `strangerIn`.
 */
export async function listen(
  port: number,
  handler: Handler,
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, handler).catch((error: unknown) => {
      reply(response, { status: 500, body: { ok: false, error: 'sandbox_fault', detail: String(error) } })
    })
  })
  server.on('upgrade', (request, socket, head) => {
    if (!strangerIn(request.headers)) return upgrade(request, socket, head)
    socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: chosen } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  const stranger = strangerIn(request.headers)
  if (stranger) return reply(response, refused(403, stranger))
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const read = await readBody(request, MOST_BODY)
  if (read === undefined) return reply(response, refused(413, 'too_large'))
  const asked: Asked = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: parse(read.toString(), request.headers['content-type'] ?? ''),
    bytes: read,
  }
  const result = await handler(asked, response)
  if ('taken' in result) return
  if (!('silence' in result)) return reply(response, result)
  if (result.silence === 'reset') request.socket.destroy()
}

function refused(status: number, error: string): Plain {
  return { status, headers: { connection: 'close' }, body: { ok: false, error } }
}

function parse(text: string, type: string): Record<string, unknown> | undefined {
  if (text === '') return {}
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function reply(response: ServerResponse, { status, headers, body }: Plain): void {
  if (response.headersSent) return
  const isText = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...headers,
  })
  response.end(isText || Buffer.isBuffer(body) ? body : JSON.stringify(body))
}
