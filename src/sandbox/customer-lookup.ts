import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { createFaultPlan, type PlannedFault } from './fault-plan.ts'
import { readInput } from './input.ts'
import { isJson, readBody, strangerIn } from './local-requests.ts'

/**
 * A stand-in for the user look-up that a merchant runs. It keeps the contract of `manifest/README.md`, and breaks it
 * on demand. It has its own few lines to sign and verify.
 */

const MEANINGS = {
  slow: 'answers only after 3 s',
  down: 'answers 503',
  unsigned: 'answers without a signature',
  'other-secret': 'signs with another secret',
  'other-question': 'signs for another question',
  stale: 'signs ten minutes ago',
  'other-appid': 'knows the user under another appid only',
  six: 'answers six users',
  large: 'answers 1 MB',
  redirect: 'leads elsewhere',
  odd: 'answers something that is not of the contract',
} as const
type FaultName = keyof typeof MEANINGS
const names = Object.keys(MEANINGS) as [FaultName, ...FaultName[]]

const faultSchema = z.strictObject({
  name: z.enum(names, `expected one of ${names.join(', ')}`),
  times: z
    .union([z.int().min(1), z.literal('always')], 'expected a whole number from 1, or "always"')
    .optional(),
})

/** A user whom the merchant knows. */
export interface KnownCustomer {
  /** The numbers that find the user, by kind. */
  numbers: Record<string, string>
  openid: string
  appid: string
  label?: string
  hint?: string
}

const question = z.strictObject({
  v: z.literal(1),
  kind: z.string(),
  value: z.string(),
  appids: z.array(z.string()).min(1),
  asked_by: z.string().min(1),
  request_id: z.string().min(1),
})

export interface CustomerLookup {
  url: string
  /** For `CUSTOMER_LOOKUP_SECRET`. */
  secret: string
  /** The questions that came with a good signature, oldest first. */
  asked(): z.output<typeof question>[]
  fault(spec: z.input<typeof faultSchema>): void
  faults(): PlannedFault<z.output<typeof faultSchema>>[]
  clearFaults(): void
  close(): Promise<void>
}

const MOST_BYTES = 64 * 1024

/** Starts it on 127.0.0.1. `POST /find` is the look-up; `/sandbox/faults` takes, lists and clears faults. */
export async function startCustomerLookup(options: {
  customers: readonly KnownCustomer[]
  port?: number
}): Promise<CustomerLookup> {
  const key = randomBytes(24)
  const asked: z.output<typeof question>[] = []
  const faults = createFaultPlan<z.output<typeof faultSchema>>({
    read: (spec) => readInput(faultSchema, spec, 'fault'),
    timesOf: ({ times }) => times ?? 1,
  })
  const closing = new AbortController()
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy())
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const stranger = strangerIn(incoming.headers)
    const body = await readBody(incoming, MOST_BYTES)
    if (stranger || body === undefined) return json(response, stranger ? 403 : 413, { message: 'not taken' })
    const { method, url, headers } = incoming
    if (url === '/sandbox/faults') return control(method, headers, body, response)
    if (url !== '/find' || method !== 'POST') return json(response, 404, { message: 'POST /find' })
    if (!isSigned(headers, body)) return json(response, 401, { message: 'not signed with the secret' })
    const read = question.safeParse(JSON.parse(body.toString()))
    if (!read.success || read.data.request_id !== headers['webhook-id'])
      return json(response, 400, { message: 'not of the contract' })
    asked.push(read.data)
    await answer(read.data, faults.take(names)?.name, response)
  }

  function control(
    method: string | undefined,
    headers: IncomingMessage['headers'],
    body: Buffer,
    response: ServerResponse,
  ): void {
    if (method === 'DELETE') faults.clear()
    try {
      if (method !== 'POST') json(response, 200, { faults: faults.list(), meanings: MEANINGS })
      else if (!isJson(headers)) json(response, 415, { message: 'send Content-Type: application/json' })
      else json(response, 201, faults.plant(JSON.parse(body.toString())))
    } catch (error) {
      json(response, 400, { message: error instanceof Error ? error.message : String(error) })
    }
  }

  async function answer(
    { kind, value, appids, request_id }: z.output<typeof question>,
    fault: FaultName | undefined,
    response: ServerResponse,
  ): Promise<void> {
    if (fault === 'slow') await sleep(3000, undefined, { signal: closing.signal })
    if (fault === 'down') return json(response, 503, { message: 'down' })
    if (fault === 'redirect') return void response.writeHead(302, { location: `${origin}/elsewhere` }).end()
    const known = options.customers.filter(
      ({ numbers, appid }) => numbers[kind] === value && (appids.includes(appid) || fault === 'other-appid'),
    )
    const matches = known.slice(0, 5).map(({ openid, appid, label, hint }) => ({
      openid,
      appid: fault === 'other-appid' ? 'wx0000000000000000' : appid,
      label,
      hint,
    }))
    const [first] = matches
    const told = {
      matches: fault === 'six' && first ? Array.from({ length: 6 }, () => first) : matches,
      more: known.length > 5,
      ...(fault === 'large' ? { filling: 'x'.repeat(1024 * 1024) } : {}),
    }
    const text = JSON.stringify(fault === 'odd' ? { users: matches } : told)
    const stamp = String(Math.floor(Date.now() / 1000) - (fault === 'stale' ? 600 : 0))
    const signedWith = fault === 'other-secret' ? randomBytes(24) : key
    const id = fault === 'other-question' ? 'msg_other' : request_id
    const signature = createHmac('sha256', signedWith).update(`${id}.${stamp}.${text}`).digest('base64')
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(fault === 'unsigned'
        ? {}
        : { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` }),
    })
    response.end(text)
  }

  function isSigned(headers: IncomingMessage['headers'], body: Buffer): boolean {
    const [id, stamp, given] = ['id', 'timestamp', 'signature'].map((name) =>
      String(headers[`webhook-${name}`]),
    )
    const expected = Buffer.from(
      `v1,${createHmac('sha256', key).update(`${id}.${stamp}.`).update(body).digest('base64')}`,
    )
    const signature = Buffer.from(given ?? '')
    const isFresh = Math.abs(Date.now() / 1000 - Number(stamp)) < 300
    return isFresh && signature.length === expected.length && timingSafeEqual(signature, expected)
  }

  return {
    url: `${origin}/find`,
    secret: `whsec_${key.toString('base64')}`,
    asked: () => [...asked],
    fault: (spec) => void faults.plant(spec),
    faults: faults.list,
    clearFaults: faults.clear,
    async close() {
      closing.abort()
      const ended = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await ended
    },
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
