import type { Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** The proxy through which the app reaches other machines. */
export interface WebProxy {
  /** http:// or https://, with user and password if the proxy needs them. */
  url: string
  /** Hosts reached without the proxy, written as in `NO_PROXY`. */
  except?: string | undefined
}

/**
 * Makes separate pools of connections. A proxy carries them through tunnels (CONNECT) with TLS from end to end;
 * connections to this machine never use one.
 *
 * @param connect ms until a connection stands, TLS included; a tunnel and its proxy may each take as long
 * @param eachAddress ms for each of several addresses. Node allows 250 ms, which a slow or repeated handshake exceeds
 * @param pool undici's options, for each host
 * @param opened takes each new socket and returns the one to use
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
    // For a proxy that accepts the connection and then stays silent.
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
 * The error of a failed connection and its causes; the innermost comes last and says why. For several simultaneous
 * tries it follows the first; Slack's client keeps a cause in `original`.
 */
export function* causesOf(error: unknown): Generator<Error> {
  let one = error
  for (let depth = 0; one instanceof Error && depth < MOST_CAUSES; depth++) {
    yield one
    const { cause, original } = one as { cause?: unknown; original?: unknown }
    one = one instanceof AggregateError ? one.errors[0] : (cause ?? original)
  }
}

/** Host and port of the proxy for an address, without user and password; null: no proxy. */
export function proxyOf(proxy: WebProxy | undefined, to: string): string | null {
  const { hostname } = new URL(to)
  const excepted = (proxy?.except ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .map((one) => one.replace(/^\*?\.|:\d+$/g, ''))
  const isExcepted = excepted.some((one) => one !== '' && (one === '*' || `.${hostname}`.endsWith(`.${one}`)))
  return !proxy || isExcepted || isLoopback(hostname) ? null : new URL(proxy.url).origin
}

/** Whether a host is the machine that the app runs on. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)
}
