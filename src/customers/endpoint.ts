import { randomUUID } from 'node:crypto'
import { request } from 'undici'
import { z } from 'zod'
import { cleanLine } from '../domain/text.ts'
import { createConnections } from '../web-proxy.ts'
import { readSecret, signatureFault, signedHeaders } from './webhook-signature.ts'

/** ms for request and response together. */
const TIMEOUT = 2000
const MAX_BYTES = 64 * 1024

const line = z.string().max(200).transform(cleanLine)

const found = z.object({
  matches: z
    .array(
      z.object({
        openid: z.string().regex(/^[0-9A-Za-z_-]{1,128}$/),
        appid: z.string().min(1).max(32),
        /** Lets a person recognise the user; the endpoint masks it. */
        label: line.nullish(),
        hint: line.nullish(),
      }),
    )
    .max(5),
  more: z.boolean().nullish(),
})
export type EndpointAnswer = z.output<typeof found>

/** Why the endpoint's answer can't be used. */
export type EndpointFault =
  | 'slow'
  | 'down'
  /** Not signed with the secret, or the answer to another request. */
  | 'unsigned'
  | 'stale'
  | 'redirect'
  | 'too-large'
  /** It doesn't follow the contract. */
  | 'odd'

export class EndpointError extends Error {
  override readonly name = 'EndpointError'
  readonly fault: EndpointFault

  constructor(fault: EndpointFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.fault = fault
  }
}

/** The merchant's own look-up of users. */
export interface Endpoint {
  /** @throws EndpointError; its message contains nothing that was looked up */
  ask(
    url: string,
    question: { kind: string; value: string; appids: string[]; askedBy: string },
  ): Promise<EndpointAnswer>
  close(): Promise<void>
}

/** Asks the endpoint, and returns only why its answer can't be used. @returns null if it is good */
export async function whyFaulty(
  endpoint: Endpoint,
  ...asked: Parameters<Endpoint['ask']>
): Promise<{ fault: string; detail: string } | null> {
  try {
    await endpoint.ask(...asked)
    return null
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error
    return { fault: error.fault, detail: error.message }
  }
}

/**
 * Opens the way to the merchant's look-up. The contract is in `manifest/README.md`.
 *
 * @param deps.secret `whsec_…` or plain base64
 * @param deps.address to ask instead of the policy's, as the sandbox does
 * @param deps.now the real clock, epoch ms: signatures don't follow the business clock
 */
export function openEndpoint(deps: {
  secret: string
  address?: string | undefined
  now?: () => number
}): Endpoint {
  const { now = Date.now } = deps
  const key = readSecret(deps.secret)
  const connections = createConnections({ connect: TIMEOUT, eachAddress: TIMEOUT })

  return {
    async ask(url, { kind, value, appids, askedBy }) {
      const id = `msg_${randomUUID()}`
      const body = JSON.stringify({ v: 1, kind, value, appids, asked_by: askedBy, request_id: id })
      const seconds = Math.floor(now() / 1000)
      const answer = await exchange(deps.address ?? url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          // Otherwise the signature would cover other bytes than those that arrive.
          'accept-encoding': 'identity',
          'user-agent': 'withdraw-coupon',
          ...signedHeaders(key, { id, seconds, body }),
        },
        body,
      })
      const fault = signatureFault(key, { ...answer, id }, now())
      if (fault === 'stale')
        throw new EndpointError(fault, 'the answer was signed five minutes or more away from now')
      if (fault)
        throw new EndpointError(
          fault,
          'the answer is not signed with CUSTOMER_LOOKUP_SECRET for this question',
        )
      return read(answer.body)
    },
    close: () => connections.destroy(),
  }

  async function exchange(
    url: string,
    asked: { method: 'POST'; headers: Record<string, string>; body: string },
  ) {
    const signal = AbortSignal.timeout(TIMEOUT)
    try {
      const { statusCode, headers, body } = await request(url, {
        ...asked,
        signal,
        dispatcher: connections.dispatcher,
      })
      const header = (name: string) => {
        const value = headers[name]
        return Array.isArray(value) ? value.join(',') : value
      }
      if (statusCode !== 200) {
        body.on('error', () => {}).destroy()
        const isElsewhere = statusCode >= 300 && statusCode < 400
        throw new EndpointError(isElsewhere ? 'redirect' : 'down', `it answered ${statusCode}`)
      }
      return { header, body: await whole(body) }
    } catch (error) {
      if (error instanceof EndpointError) throw error
      if (signal.aborted) throw new EndpointError('slow', `no whole answer within ${TIMEOUT} ms`)
      const { code } = error as { code?: unknown }
      throw new EndpointError(
        'down',
        `no answer: ${typeof code === 'string' ? code : 'the connection failed'}`,
      )
    }
  }
}

async function whole(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    // Leaving the loop ends the connection, so the rest isn't read.
    if (bytes > MAX_BYTES)
      throw new EndpointError('too-large', `the answer is larger than ${MAX_BYTES / 1024} kB`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function read(body: Buffer): EndpointAnswer {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new EndpointError('odd', 'the answer is not JSON')
  }
  const result = found.safeParse(value)
  if (result.success) return result.data
  const fields = result.error.issues
    .slice(0, 3)
    .map(({ path, code }) => `${path.join('.') || 'the body'}: ${code}`)
  throw new EndpointError('odd', `the answer is not of the contract: ${fields.join('; ')}`)
}
