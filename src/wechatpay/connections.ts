import type { Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** The proxy that other machines are reached through. */
export interface WebProxy {
  /** http:// or https://, with user and password where it asks for them. */
  url: string
  /** Hosts that are reached without it, written as in `NO_PROXY`. */
  except?: string | undefined
}

/** Connections of the client's own. */
export interface Connections {
  wayTo(origin: string): Dispatcher
  /** Drops all of them at once. */
  destroy(): Promise<void>
}

/** More would only queue up at WeChat Pay, which counts calls a second. */
const MOST_CONNECTIONS = 128
/** Bytes; what is no answer after so many is not waited for. */
const LONGEST_INTERIM = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Makes the pools of connections, which a proxy leads through tunnels (CONNECT) of TLS from end to end; this machine is
 * never reached through one.
 *
 * @param connect ms until a connection stands, TLS included; a tunnel may take as long, and its proxy, too
 */
export function createConnections({
  connect,
  proxy,
}: {
  connect: number
  proxy?: WebProxy | undefined
}): Connections {
  // Node gives each of several addresses 250 ms by default, which a slow or repeated handshake does not fit into.
  const eachAddress = { autoSelectFamilyAttemptTimeout: Math.max(10, Math.ceil(connect / 2)) }
  const options = {
    connections: MOST_CONNECTIONS,
    // One request at a time on a connection, so that none is lost with a neighbour's.
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connect, ...eachAddress },
    factory: createPool,
  }
  const direct = new Agent(options)
  const proxied =
    proxy &&
    new EnvHttpProxyAgent({
      ...options,
      httpProxy: proxy.url,
      httpsProxy: proxy.url,
      noProxy: proxy.except ?? '',
      proxyTunnel: true,
      connectTimeout: connect,
      proxyTls: eachAddress as buildConnector.BuildOptions,
      // A proxy that takes the connection and is silent.
      clientFactory: (origin, opts) => new Pool(origin, { ...opts, headersTimeout: connect }),
    })
  return {
    wayTo: (origin) => (proxied && !isLoopback(new URL(origin).hostname) ? proxied : direct),
    async destroy() {
      await Promise.all([direct.destroy(), proxied?.destroy()])
    },
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

/** Whether this is the machine that the client runs on. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)
}

function createPool(origin: string | URL, options: object): Pool {
  const { connect, ...rest } = options as Pool.Options
  const make =
    typeof connect === 'function' ? connect : buildConnector({ ...connect, allowH2: false } as object)
  const connector: buildConnector.connector = (to, done) =>
    make(to, (...[error, socket]) => (error ? done(error, null) : done(null, passingOverInterim(socket))))
  return new Pool(origin, { ...rest, connect: connector })
}

/**
 * Takes informational answers (100 Continue and its like) out of what a connection reads, as undici breaks off at a 100
 * that it has not asked for. A client must be able to read one or more of them before an answer:
 * https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
function passingOverInterim(socket: Socket): Socket {
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...all: unknown[]) => boolean
  let isAnswerDue = false
  let held: Buffer = NOTHING
  socket.write = (...all: unknown[]) => {
    isAnswerDue = true
    return write(...all)
  }
  socket.read = (size?: number) => {
    for (;;) {
      const chunk: Buffer | null = read(size)
      if (chunk === null || !isAnswerDue) return chunk
      held = withoutInterim(Buffer.concat([held, chunk]))
      if (isInterim(held)) continue
      const answer = held
      held = NOTHING
      isAnswerDue = false
      return answer
    }
  }
  return socket
}

/** Without those that are whole. */
function withoutInterim(bytes: Buffer): Buffer {
  for (let rest = bytes; ; ) {
    const end = isInterim(rest) ? rest.indexOf('\r\n\r\n') : -1
    if (end < 0) return rest
    rest = rest.subarray(end + 4)
  }
}

/** Whether it is the beginning of an informational answer, or may become one; 101 is none, as no HTTP follows it. */
function isInterim(bytes: Buffer): boolean {
  if (bytes.length > LONGEST_INTERIM) return false
  const start = bytes.toString('latin1', 0, 12)
  return start.length === 12
    ? /^HTTP\/1\.[01] 1(?!01)[0-9]{2}$/.test(start)
    : 'HTTP/1.'.startsWith(start.slice(0, 7))
}
