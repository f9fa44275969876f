import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { createConnections, proxyOf, type WebProxy } from '../web-proxy.ts'
import type { AnswerHeaders } from './signatures.ts'

/** A request as sent. */
interface WireRequest {
  method: 'GET' | 'POST'
  /** Path and query, encoded. */
  target: string
  headers: Record<string, string>
  /** Empty: none. */
  body: string
}

/** An answer as received; nothing in it is trusted yet. */
export interface WireAnswer {
  status: number
  headers: AnswerHeaders
  body: Buffer
}

/** Why no complete answer came. `hasStarted` is false only if no byte of the request was written anywhere. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly kind: 'connect' | 'timeout' | 'aborted' | 'broken' | 'too large'
  readonly hasStarted: boolean
  /** The proxy for this request, without user and password. */
  proxy: string | null = null

  constructor(kind: TransportFailure['kind'], hasStarted: boolean, cause?: Error) {
    super(kind, cause && { cause })
    this.kind = kind
    this.hasStarted = hasStarted
  }
}

interface Transport {
  /**
   * Sends a request to the first host to which a connection can be opened.
   *
   * @throws TransportFailure
   */
  send(request: WireRequest, deadline: Deadline): Promise<WireAnswer>
  /** Closes its own connections at once; for when no call is running. */
  close(): Promise<void>
}

interface TransportDeps {
  origins: readonly string[]
  /** ms until a connection is open. */
  connect: number
  proxy?: WebProxy | undefined
  dispatcher?: Dispatcher | undefined
}

/** More would only queue at WeChat Pay, which limits calls per second. */
const MOST_CONNECTIONS = 128
/** Bytes; ten times a page of a hundred coupons with 200 KB of unexpected fields. */
const LARGEST_ANSWER = 2 * 1024 * 1024

/** Makes the way to WeChat Pay's hosts. */
export function createTransport({ origins, connect, proxy, dispatcher }: TransportDeps): Transport {
  const own = dispatcher
    ? undefined
    : createConnections({
        connect,
        eachAddress: Math.max(10, Math.ceil(connect / 2)),
        proxy,
        // One request at a time per connection, so that none is lost because of another one.
        pool: { connections: MOST_CONNECTIONS, pipelining: 1 },
        opened: passingOverInterim,
      })
  const way = dispatcher ?? (own?.dispatcher as Dispatcher)

  return {
    async send(request, deadline) {
      let failure: TransportFailure | undefined
      for (const origin of origins) {
        try {
          return await exchange(way, origin, request, deadline)
        } catch (error) {
          failure = error as TransportFailure
          failure.proxy = own ? proxyOf(proxy, origin) : null
          // Any byte written may have reached WeChat Pay: another host would then be another attempt.
          if (failure.kind !== 'connect' || failure.hasStarted) break
        }
      }
      throw failure ?? new TransportFailure('connect', false)
    },
    async close() {
      await own?.destroy()
    },
  }
}

/**
 * One exchange with one host, at undici's lowest layer: only there is it visible whether the request was started,
 * because `onRequestStart` comes right before its first byte is written.
 */
function exchange(
  way: Dispatcher,
  origin: string,
  { method, target, headers, body }: WireRequest,
  deadline: Deadline,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let isSettled = false
    let status = 0
    let answerHeaders: AnswerHeaders = {}
    let size = 0
    const chunks: Buffer[] = []

    const off = deadline.whenOver(() => fail(deadline.over ?? 'timeout'))
    function fail(kind: TransportFailure['kind'], cause?: Error): void {
      if (isSettled) return
      isSettled = true
      off()
      const failure = new TransportFailure(kind, controller !== undefined, cause)
      reject(failure)
      controller?.abort(failure)
    }
    if (deadline.over) return fail(deadline.over)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // The caller gave up while it waited for a connection: aborted here, nothing is written.
        if (isSettled) return started.abort(new TransportFailure('aborted', false))
        // A dispatcher that starts it again (one that retries, or one that takes it for unsent)
        // would turn this attempt into two.
        if (controller && method === 'POST') {
          started.abort(new TransportFailure('broken', true))
          return fail('broken', new Error('the dispatcher tried to send it twice'))
        }
        controller = started
      },
      onResponseStart(_, statusCode, received) {
        status = statusCode
        answerHeaders = received
      },
      onResponseData(_, chunk) {
        size += chunk.length
        if (size > LARGEST_ANSWER) return fail('too large')
        chunks.push(chunk)
      },
      onResponseEnd() {
        if (isSettled) return
        isSettled = true
        off()
        resolve({
          status,
          headers: answerHeaders,
          body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
        })
      },
      onResponseError(_, error) {
        fail(controller ? 'broken' : 'connect', error)
      },
    }
    try {
      way.dispatch(
        {
          origin,
          path: target,
          method,
          headers,
          body: body === '' ? null : body,
          // Only the deadline limits the wait.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      )
    } catch (error) {
      fail(controller ? 'broken' : 'connect', error instanceof Error ? error : undefined)
    }
  })
}

/** The end of one call: its time is up, or the caller gave up. */
export interface Deadline {
  /** Why it is over; undefined while it isn't. */
  readonly over: 'timeout' | 'aborted' | undefined
  /** Calls the listener once when it is over; returns a function that removes the listener. */
  whenOver(listener: () => void): () => void
  /** The result if it comes in time, else undefined; the work itself goes on. */
  inTime<T>(work: Promise<T>): Promise<T | undefined>
  /** Releases the timer and the signal; call it when the call is done. */
  end(): void
}

/**
 * Makes a deadline `milliseconds` from now, which also ends when the signal aborts.
 *
 * Without `AbortSignal.any` and `AbortSignal.timeout`: the timer of a garbage-collected signal never fires, and signals
 * derived from a long-lived one pile up. https://github.com/nodejs/node/pull/57867
 * https://github.com/nodejs/node/issues/54614
 */
export function createDeadline(milliseconds: number, signal?: AbortSignal): Deadline {
  const listeners = new Set<() => void>()
  let over: Deadline['over'] = signal?.aborted ? 'aborted' : undefined

  function finish(why: 'timeout' | 'aborted'): void {
    if (over) return
    over = why
    end()
    for (const listener of listeners) listener()
    listeners.clear()
  }
  const timer = setTimeout(finish, milliseconds, 'timeout')
  const abort = () => finish('aborted')
  signal?.addEventListener('abort', abort)
  if (over) end()

  function end(): void {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }

  function whenOver(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    get over() {
      return over
    },
    whenOver,
    inTime(work) {
      if (over) {
        work.catch(() => {})
        return Promise.resolve(undefined)
      }
      return new Promise((resolve, reject) => {
        const off = whenOver(() => resolve(undefined))
        work.finally(off).then(resolve, reject)
      })
    },
    end,
  }
}

/** Bytes; without an answer after this many, the client stops waiting. */
const LONGEST_INTERIM = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Removes informational answers (100 Continue and the like) from what a connection reads, because undici aborts at a
 * 100 that it didn't ask for. A client must be able to read one or more of them before an answer:
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

/** Removes the complete ones. */
function withoutInterim(bytes: Buffer): Buffer {
  for (let rest = bytes; ; ) {
    const end = isInterim(rest) ? rest.indexOf('\r\n\r\n') : -1
    if (end < 0) return rest
    rest = rest.subarray(end + 4)
  }
}

/** Whether it is the start of an informational answer, or may become one; 101 isn't, because no HTTP follows it. */
function isInterim(bytes: Buffer): boolean {
  if (bytes.length > LONGEST_INTERIM) return false
  const start = bytes.toString('latin1', 0, 12)
  return start.length === 12
    ? /^HTTP\/1\.[01] 1(?!01)[0-9]{2}$/.test(start)
    : 'HTTP/1.'.startsWith(start.slice(0, 7))
}
