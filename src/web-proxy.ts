import type { Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** The proxy that other machines are reached through. */
export interface WebProxy {
  /** http:// or https://, with user and password where it asks for them. */
  url: string
  /** Hosts that are reached without it, written as in `NO_PROXY`. */
  except?: string | undefined
}

/**
 * Makes pools of connections of one's own, which a proxy leads through tunnels (CONNECT) of TLS from end to end; this
 * machine is never reached through one.
 *
 * @param connect ms until a connection stands, TLS included; a tunnel may take as long, and its proxy, too
 * @param eachAddress ms for each of several addresses. Node gives 250 ms, which a slow or repeated handshake exceeds
 * @param pool of undici's options, for each host
 * @param opened takes each socket that was opened, and gives the one to be used
 */
export function createConnections({
  connect,
  eachAddress,
  proxy,
  pool = {},
  opened = (socket) => socket,
}: {
  connect: number
  eachAddress: number
  proxy?: WebProxy | undefined
  pool?: Pick<Pool.Options, 'connections' | 'pipelining'>
  opened?: (socket: Socket) => Socket
}): { dispatcher: Dispatcher; destroy(): Promise<void> } {
  const perAddress = { autoSelectFamilyAttemptTimeout: eachAddress }
  const options = {
    ...pool,
    allowH2: false,
    connect: { timeout: connect, ...perAddress },
    factory(origin: string | URL, { connect, ...rest }: Pool.Options) {
      const make =
        typeof connect === 'function' ? connect : buildConnector({ ...connect, allowH2: false } as object)
      const connector: buildConnector.connector = (to, done) =>
        make(to, (...[error, socket]) => (error ? done(error, null) : done(null, opened(socket))))
      return new Pool(origin, { ...rest, connect: connector })
    },
  }
  const direct = new Agent(options)
  if (!proxy) return { dispatcher: direct, destroy: () => direct.destroy() }
  const proxied = new EnvHttpProxyAgent({
    ...options,
    httpProxy: proxy.url,
    httpsProxy: proxy.url,
    noProxy: proxy.except ?? '',
    proxyTunnel: true,
    connectTimeout: connect,
    proxyTls: perAddress as buildConnector.BuildOptions,
    // A proxy that takes the connection and is silent.
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, headersTimeout: connect }),
  })
  return {
    dispatcher: direct.compose(
      (dispatch) => (request, handler) =>
        isLoopback(new URL(request.origin ?? '').hostname)
          ? dispatch(request, handler)
          : proxied.dispatch(request, handler),
    ),
    async destroy() {
      await Promise.all([direct.destroy(), proxied.destroy()])
    },
  }
}

const MOST_CAUSES = 6

/**
 * The error of a failed connection, and what caused it, the innermost last: that one says why. Of several tries at once the
 * first is taken; `original` is where Slack's client keeps a cause.
 */
export function* causesOf(error: unknown): Generator<Error> {
  let one = error
  for (let depth = 0; one instanceof Error && depth < MOST_CAUSES; depth++) {
    yield one
    const { cause, original } = one as { cause?: unknown; original?: unknown }
    one = one instanceof AggregateError ? one.errors[0] : (cause ?? original)
  }
}

/** Host and port of the proxy that leads to an address, without user and password; null: none does. */
export function proxyOf(proxy: WebProxy | undefined, to: string): string | null {
  const { hostname } = new URL(to)
  const excepted = (proxy?.except ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .map((one) => one.replace(/^\*?\.|:\d+$/g, ''))
  const isExcepted = excepted.some((one) => one !== '' && (one === '*' || `.${hostname}`.endsWith(`.${one}`)))
  return !proxy || isExcepted || isLoopback(hostname) ? null : new URL(proxy.url).origin
}

/** Whether this is the machine that the app runs on. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)
}
