import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Reply =
  | { status: number; headers?: Record<string, string>; body: unknown }
  | { silence: 'hang' | 'reset' }
  /** Somebody has taken the response over, for an event stream. */
  | { taken: true }
export type Handler = (request: Asked, response: ServerResponse) => Promise<Reply> | Reply
export type Asked = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  /** Parsed JSON or form fields; an empty object for no body, undefined for what can't be read. */
  body: Record<string, unknown> | undefined
}

const MOST_BODY = 4 * 1024 * 1024

/**
 * Starts the one HTTP server of the stand-in on 127.0.0.1.
 *
 * Requests that name another host than this machine are refused: a web page on a foreign name that resolves
 * to 127.0.0.1 must not drive the sandbox.
 */
export async function listen(
  port: number,
  handler: Handler,
  upgrade: Parameters<Server['on']>[1],
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, handler).catch((error: unknown) => {
      reply(response, { status: 500, body: { ok: false, error: 'sandbox_fault', detail: String(error) } })
    })
  })
  server.on('upgrade', upgrade)
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
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(host))
    return reply(response, { status: 403, body: { ok: false, error: 'foreign_host' } })
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const text = await read(request)
  if (text === undefined) return reply(response, { status: 413, body: { ok: false, error: 'too_large' } })
  const asked: Asked = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: parse(text, request.headers['content-type'] ?? ''),
  }
  const result = await handler(asked, response)
  if ('taken' in result) return
  if (!('silence' in result)) return reply(response, result)
  if (result.silence === 'reset') request.socket.destroy()
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string, type: string): Record<string, unknown> | undefined {
  if (text === '') return {}
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function reply(
  response: ServerResponse,
  { status, headers, body }: Exclude<Reply, { silence: string } | { taken: true }>,
): void {
  if (response.headersSent) return
  const isText = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    ...headers,
  })
  response.end(isText ? body : JSON.stringify(body))
}
