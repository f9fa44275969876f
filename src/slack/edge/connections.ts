import type { Socket } from 'node:net'
import type { WebClientOptions } from '@slack/web-api'
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool, fetch as undiciFetch } from 'undici'

/** The proxy that other machines are reached through. */
export interface WebProxy {
  /** http:// or https://, with user and password where it asks for them. */
  url: string
  /** Hosts that are reached without it, written as in `NO_PROXY`. */
  except?: string
}

export type Fetch = NonNullable<WebClientOptions['fetch']>

/** Nobody waits longer for Slack; ms. */
const CONNECT_WITHIN = 10_000
/** Node gives each of several addresses 250 ms by default, which a slow or repeated handshake does not fit into. */
const EACH_ADDRESS = { autoSelectFamilyAttemptTimeout: 1200 }

/** `fetch` by connections of its own, through the proxy if there is one. */
export function createFetch(proxy: WebProxy | undefined): Fetch {
  const dispatcher = createDispatcher(proxy)
  return ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch
}

/**
 * For WebSockets through a proxy. `drop` ends its connections at once: the SDK hides them, and with a dispatcher that is
 * not its own it can't end one whose other side is silent.
 */
export function createSocketDispatcher(proxy: WebProxy): { dispatcher: Dispatcher; drop(): void } {
  const sockets = new Set<Socket>()
  const dispatcher = createDispatcher(proxy, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    dispatcher,
    drop() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** This machine is never reached through the proxy. */
function createDispatcher(
  proxy: WebProxy | undefined,
  connected: (socket: Socket) => void = () => {},
): Dispatcher {
  const options = {
    allowH2: false,
    connect: { timeout: CONNECT_WITHIN, ...EACH_ADDRESS },
    factory(origin: string | URL, { connect, ...rest }: Pool.Options) {
      const make =
        typeof connect === 'function' ? connect : buildConnector({ ...connect, allowH2: false } as object)
      const connector: buildConnector.connector = (to, done) =>
        make(to, (...[error, socket]) => {
          if (error) return done(error, null)
          connected(socket)
          done(null, socket)
        })
      return new Pool(origin, { ...rest, connect: connector })
    },
  }
  const direct = new Agent(options)
  if (!proxy) return direct
  const proxied = new EnvHttpProxyAgent({
    ...options,
    httpProxy: proxy.url,
    httpsProxy: proxy.url,
    noProxy: proxy.except ?? '',
    proxyTunnel: true,
    connectTimeout: CONNECT_WITHIN,
    proxyTls: EACH_ADDRESS as buildConnector.BuildOptions,
    // A proxy that takes the connection and is silent.
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, headersTimeout: CONNECT_WITHIN }),
  })
  return direct.compose(
    (dispatch) => (request, handler) =>
      isLoopback(request.origin) ? dispatch(request, handler) : proxied.dispatch(request, handler),
  )
}

/** Host and port of the proxy that leads to an address, without user and password; null: none does. */
export function proxyOf(proxy: WebProxy | undefined, to: string): string | null {
  const { hostname } = new URL(to)
  const excepted = (proxy?.except ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .map((one) => one.replace(/^\*?\.|:\d+$/g, ''))
  const isExcepted = excepted.some((one) => one !== '' && (one === '*' || `.${hostname}`.endsWith(`.${one}`)))
  return !proxy || isExcepted || isLoopback(to) ? null : new URL(proxy.url).origin
}

function isLoopback(origin: string | URL | undefined): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(origin ?? '').hostname)
}
