import type { Socket } from 'node:net'
import type { WebClientOptions } from '@slack/web-api'
import { type Dispatcher, fetch as undiciFetch } from 'undici'
import { createConnections, type WebProxy } from '../../web-proxy.ts'

export type Fetch = NonNullable<WebClientOptions['fetch']>

/** Nobody waits longer for Slack; ms. */
const CONNECT_WITHIN = 10_000
/** ms for each of several addresses of a host. */
const EACH_ADDRESS = 1200

/** `fetch` by connections of its own, through the proxy if there is one. */
export function createFetch(proxy: WebProxy | undefined): Fetch {
  const { dispatcher } = createConnections({ connect: CONNECT_WITHIN, eachAddress: EACH_ADDRESS, proxy })
  return ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch
}

/**
 * For WebSockets through a proxy. `drop` ends its connections at once: the SDK hides them, and with a dispatcher that is
 * not its own it can't end one whose other side is silent.
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
