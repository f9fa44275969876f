import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readBody } from '../local-requests.ts'
import { refusal } from './answers.ts'
import type { Api, Reaction } from './api.ts'
import { readAuthorization } from './authorization.ts'
import type { Calls, RecordedCall } from './calls.ts'
import type { createControl } from './control.ts'
import type { Signatures } from './signatures.ts'

const MOST_BYTES = 1024 * 1024

/**
 * Serves the API and the control addresses over HTTP. It does not listen yet.
 *
 * @param deps.now the real clock in ms
 * @param deps.isClosing whether the sandbox is closing, so that errors are expected
 */
export function createSandboxServer(deps: {
  api: Api
  control: ReturnType<typeof createControl>
  calls: Calls
  signatures: Signatures
  now: () => number
  isClosing: () => boolean
}): Server {
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (deps.isClosing() || response.destroyed || response.headersSent) return
      const message = `defect of the sandbox: ${error instanceof Error ? error.stack : String(error)}`
      response.writeHead(500, { 'Content-Type': 'application/json' })
      response.end(refusal({ status: 500, code: 'SYSTEM_ERROR', message, signed: false }).body)
    })
  })
  return server

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming, MOST_BYTES)
    if (body === undefined) {
      response.writeHead(413, { Connection: 'close' }).end()
      return
    }
    const { method = '', url = '' } = incoming
    const [path = '', query = ''] = splitUrl(url)
    const header = (name: string) => {
      const value = incoming.headers[name]
      return Array.isArray(value) ? value.join(',') : value
    }
    const request = { method, url, path, query, header, body }
    if (path === '/sandbox' || path.startsWith('/sandbox/')) {
      const { status, value } = deps.control({ ...request, headers: incoming.headers })
      response.writeHead(status, {
        'Content-Type': 'application/json; charset=utf-8',
        'Cache-Control': 'no-store',
      })
      response.end(JSON.stringify(value))
      return
    }
    const call = deps.calls.start({
      at: deps.now(),
      method,
      path,
      query,
      userAgent: header('user-agent'),
      wechatpaySerial: header('wechatpay-serial'),
      nonce: readAuthorization(header('authorization'))?.nonce,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyBytes: body.length,
      requestId: `08${randomBytes(18).toString('hex').toUpperCase()}-0`,
    })
    await react(await deps.api(request, call), call, response)
  }

  async function react(reaction: Reaction, call: RecordedCall, response: ServerResponse): Promise<void> {
    if (reaction === 'silence') return
    if (reaction === 'reset') {
      response.socket?.resetAndDestroy()
      return
    }
    const { answer, signatureFault } = reaction
    const signature = answer.signed
      ? await deps.signatures.headers(answer.body, call.wechatpaySerial, deps.now(), signatureFault)
      : {}
    if (response.destroyed) return
    call.status = answer.status
    const bytes = Buffer.from(answer.body)
    response.writeHead(answer.status, {
      Date: new Date(deps.now()).toUTCString(),
      'Request-ID': call.requestId,
      ...(bytes.length === 0
        ? {}
        : { 'Content-Type': answer.contentType, 'Content-Language': 'zh-CN', 'Cache-Control': 'no-cache' }),
      'Content-Length': bytes.length,
      ...signature,
    })
    response.end(bytes)
  }
}

function splitUrl(url: string): [string, string] {
  const at = url.indexOf('?')
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}
