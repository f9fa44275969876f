import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'

export interface HttpServer {
  /** @returns the port */
  listen(): Promise<number>
  /** Takes no new connections; what was begun may end. */
  close(): void
  /** Ends what is still open. */
  cut(): void
  isListening(): boolean
}

/** Slack itself gives up after 3 s. */
const REQUEST_TIMEOUT = 10_000
const LINGER = 500

/** Serves `/healthz`, and everything else by the given listener, whose failure ends only the request. */
export function createHttpServer(options: {
  port: number
  host: string | undefined
  isHealthy: () => boolean
  listener: RequestListener | null
  logger: Logger
  /** ms in which a request must have come whole. */
  requestTimeout?: number
}): HttpServer {
  const { port, host, isHealthy, listener, logger, requestTimeout = REQUEST_TIMEOUT } = options
  // Node looks for late requests only every half minute, unless told.
  const times = { requestTimeout, connectionsCheckingInterval: Math.min(1000, requestTimeout) }
  const server: Server = createServer(times, (request, response) => {
    // Answered before it had come whole, as what is too large is: for a moment the rest is read, so that the answer
    // arrives, but not for ever.
    response.on('finish', () => {
      if (!request.complete) setTimeout(() => request.complete || request.destroy(), LINGER).unref()
    })
    try {
      if (request.method === 'GET' && request.url === '/healthz') {
        const ok = isHealthy()
        response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok }))
        return
      }
      if (!listener || request.method !== 'POST') {
        response.writeHead(404).end()
        return
      }
      listener(request, response)
    } catch (error) {
      // Bolt throws at any path that is not its own, and at addresses that are none.
      logger.debug({ err: error }, 'a request was not for this app')
      if (!response.headersSent) response.writeHead(404)
      response.end()
    }
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
  })
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, ...(host ? { host } : {}) }, () => {
          server.off('error', reject)
          server.on('error', (error) => logger.error({ err: error }, 'the HTTP server failed'))
          resolve((server.address() as AddressInfo).port)
        })
      }),
    close() {
      server.close()
      server.closeIdleConnections()
    },
    cut: () => server.closeAllConnections(),
    isListening: () => server.listening,
  }
}
