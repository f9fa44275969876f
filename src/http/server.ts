import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from 'pino'

/** The answer to a GET. */
export interface Page {
  status: number
  type: string
  body: string
}

/** Pages by path. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>

export interface HttpServer {
  /** @returns the port @throws PortError */
  listen(): Promise<number>
  /** Hands no more requests to the listener; pages are still served. */
  refuse(): void
  /** Takes no new connections, and ends the open ones. */
  close(): void
  isListening(): boolean
}

/** The server can't listen where it should. The message says which variable to change, and how. */
export class PortError extends Error {
  override readonly name = 'PortError'
}

/** Slack itself gives up after 3 s. */
const REQUEST_TIMEOUT = 10_000
/**
 * ms to keep an idle connection: longer than any load balancer keeps its own (600 s at most), because a click that
 * crosses our close would be lost.
 */
const KEEP_ALIVE = 620_000
/** Connections at once; each costs memory before anything is known about the client. */
const MOST_CONNECTIONS = 500
const LINGER = 500

/** Serves pages, and hands posted requests to the given listener, whose failure ends only the request. */
export function createHttpServer(options: {
  port: number
  /** The variable that sets the port, to name it in errors. */
  variable: 'PORT' | 'METRICS_PORT'
  host: string | undefined
  pages: Pages
  listener: RequestListener | null
  logger: Logger
  /** ms within which a request must be complete. */
  requestTimeout?: number
  mostConnections?: number
}): HttpServer {
  const { port, variable, host, pages, listener, logger } = options
  const { requestTimeout = REQUEST_TIMEOUT, mostConnections = MOST_CONNECTIONS } = options
  let isRefusing = false
  // Unless told otherwise, Node looks for late requests only every half minute.
  const times = {
    requestTimeout,
    headersTimeout: requestTimeout,
    keepAliveTimeout: KEEP_ALIVE,
    connectionsCheckingInterval: Math.min(1000, requestTimeout),
  }
  const server: Server = createServer(times, (request, response) => {
    // Answered before it was complete, for example because it is too large: read the rest for a moment, so that the
    // answer arrives, but not forever.
    response.on('finish', () => {
      if (!request.complete) setTimeout(() => request.complete || request.destroy(), LINGER).unref()
    })
    try {
      const path = request.url ?? ''
      const page = request.method === 'GET' && Object.hasOwn(pages, path) ? pages[path] : undefined
      if (page) {
        void show(page, path, response)
        return
      }
      if (!listener || request.method !== 'POST') {
        response.writeHead(404).end()
        return
      }
      if (isRefusing) {
        response.writeHead(503, { connection: 'close' }).end()
        return
      }
      listener(request, response)
    } catch (error) {
      // Bolt throws at any path other than its own, and at invalid addresses.
      logger.debug({ err: error }, 'a request was not for this app')
      if (!response.headersSent) response.writeHead(404)
      response.end()
    }
  })
  // By default, Node asks for the body before anything has looked at the request.
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  async function show(page: Pages[string], path: string, response: ServerResponse): Promise<void> {
    try {
      const { status, type, body } = await page()
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    } catch (error) {
      logger.error({ err: error, path }, 'a page could not be shown')
      response.writeHead(500).end()
    }
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
    // A client that doesn't close its side would keep it open forever.
    setTimeout(() => socket.destroy(), LINGER).unref()
  })
  boundConnections(server, mostConnections)
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => reject(portError(variable, error)))
        server.listen({ port, ...(host ? { host } : {}) }, () => {
          server.removeAllListeners('error')
          server.on('error', (error) => logger.error({ err: error }, 'the HTTP server failed'))
          resolve((server.address() as AddressInfo).port)
        })
      }),
    refuse() {
      isRefusing = true
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
    isListening: () => server.listening,
  }
}

/**
 * Refuses connections above a maximum. The oldest idle connection makes room for a new one,
 * so that idle ones keep nobody out.
 */
function boundConnections(server: Server, most: number): void {
  const open = new Set<Socket>()
  // In the order in which they became idle.
  const idle = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) {
      const [oldest] = idle
      if (!oldest) return void socket.destroy()
      oldest.destroy()
      forget(oldest)
    }
    open.add(socket)
    idle.add(socket)
    socket.once('close', () => forget(socket))
  })
  server.on('request', ({ socket }, response) => {
    idle.delete(socket)
    response.once('close', () => {
      if (open.has(socket)) idle.add(socket)
    })
  })
  function forget(socket: Socket): void {
    open.delete(socket)
    idle.delete(socket)
  }
}

/** Codes about the address rather than the port. */
const NO_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EAI_AGAIN', 'ENOTFOUND']

function portError(variable: string, error: NodeJS.ErrnoException): Error {
  if (NO_ADDRESS.includes(error.code ?? ''))
    return new PortError(
      `METRICS_HOST is no address of this machine (${error.code}). Set it to 127.0.0.1, or to 0.0.0.0 for every network that it is in.`,
      { cause: error },
    )
  return new PortError(
    `${variable} can’t be listened on (${error.code ?? error.message}). Set it to one that is free and allowed.`,
    { cause: error },
  )
}
