import type { Dispatcher } from 'undici'
import { createConnections, proxyOf, type WebProxy } from '../web-proxy.ts'
import type { Deadline } from './deadline.ts'
import { passingOverInterim } from './interim-answers.ts'
import type { AnswerHeaders } from './verification.ts'

/** A request as it goes out. */
export interface WireRequest {
  method: 'GET' | 'POST'
  /** Path and query, encoded. */
  target: string
  headers: Record<string, string>
  /** Empty: none. */
  body: string
}

/** An answer as it came in, with nothing believed yet. */
export interface WireAnswer {
  status: number
  headers: AnswerHeaders
  body: Buffer
}

/** Why no whole answer came. `hasStarted` is false only if no byte of the request was written anywhere. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly kind: 'connect' | 'timeout' | 'aborted' | 'broken' | 'too large'
  readonly hasStarted: boolean
  /** The proxy that it was to go through, without user and password. */
  proxy: string | null = null

  constructor(kind: TransportFailure['kind'], hasStarted: boolean, cause?: Error) {
    super(kind, cause && { cause })
    this.kind = kind
    this.hasStarted = hasStarted
  }
}

export interface Transport {
  /**
   * Sends a request to the first host that a connection can be made to.
   *
   * @throws TransportFailure
   */
  send(request: WireRequest, deadline: Deadline): Promise<WireAnswer>
  /** Drops the connections of its own at once; for when no call is running. */
  close(): Promise<void>
}

export interface TransportDeps {
  origins: readonly string[]
  /** ms until a connection stands. */
  connect: number
  proxy?: WebProxy | undefined
  dispatcher?: Dispatcher | undefined
}

/** More would only queue up at WeChat Pay, which counts calls a second. */
const MOST_CONNECTIONS = 128
/** Bytes; ten times what a page of a hundred coupons with 200 KB of fields that nobody asked for has. */
const LARGEST_ANSWER = 2 * 1024 * 1024

/** Makes the way to WeChat Pay's hosts. */
export function createTransport({ origins, connect, proxy, dispatcher }: TransportDeps): Transport {
  const own = dispatcher
    ? undefined
    : createConnections({
        connect,
        eachAddress: Math.max(10, Math.ceil(connect / 2)),
        proxy,
        // One request at a time on a connection, so that none is lost with a neighbour's.
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
          // Any byte that was written may have reached WeChat Pay: then another host would be another attempt.
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
 * One exchange on one host, by undici's lowest layer: only there can be seen whether the request was started, as
 * `onRequestStart` comes right before its first byte is written.
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
        // Given up while it waited for a connection: aborted here, nothing is written.
        if (isSettled) return started.abort(new TransportFailure('aborted', false))
        // A dispatcher that starts it anew (a retrying one, or one that takes it for unsent) would make a second
        // attempt of this one.
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
          // The deadline alone says how long is waited.
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
