import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { readInput, SandboxInputError } from '../input.ts'
import { isJson, strangerIn } from '../local-requests.ts'
import type { RecordedCall } from './calls.ts'
import type { Coupons } from './coupons.ts'
import { type Faults, faultMeanings } from './faults.ts'
import type { Orders } from './orders.ts'

export interface ControlRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface ControlAnswer {
  status: number
  value: unknown
}

const clockSchema = z.strictObject({ shift_ms: z.int() })

/**
 * Answers requests from people and tests to the sandbox itself, under `/sandbox`.
 *
 * It needs no signature, so it accepts only requests from this machine, and none from a web site's page.
 */
export function createControl(deps: {
  /** Ids and addresses, no secret. */
  about: () => Record<string, string>
  coupons: Coupons
  orders: Orders
  faults: Faults
  calls: { list: () => RecordedCall[] }
  clock: { now: () => number; shift: (ms: number) => void }
}) {
  const { coupons, orders, faults, calls, clock } = deps
  const time = () => ({ now: new Date(clock.now()).toISOString() })
  const routes: Record<string, Record<string, (body: unknown) => ControlAnswer>> = {
    '/sandbox': { GET: () => ok({ ...deps.about(), faults: faultMeanings, addresses: addresses() }) },
    '/sandbox/faults': {
      GET: () => ok({ faults: faults.list() }),
      POST: (body) => ({ status: 201, value: faults.plant(body) }),
      DELETE: () => {
        faults.clear()
        return ok({ faults: [] })
      },
    },
    '/sandbox/coupons': { GET: () => ok({ coupons: coupons.list() }) },
    '/sandbox/coupons/{id}': {},
    '/sandbox/orders': {
      GET: () => ok({ orders: orders.list() }),
      POST: (body) => ({ status: 201, value: orders.plant(body) }),
    },
    '/sandbox/calls': { GET: () => ok({ calls: calls.list() }) },
    '/sandbox/clock': {
      GET: () => ok(time()),
      POST: (body) => {
        moveClock(clock, body)
        return ok(time())
      },
    },
  }
  const addresses = () => Object.keys(routes)

  return (request: ControlRequest): ControlAnswer => {
    const stranger = strangerIn(request.headers)
    if (stranger) return problem(403, STRANGERS[stranger])
    const [, couponId] = /^\/sandbox\/coupons\/([^/]+)$/.exec(request.path) ?? []
    const route =
      couponId === undefined
        ? routes[request.path.replace(/(?<=.)\/$/, '')]
        : { POST: (body: unknown) => changeCoupon(couponId, body) }
    if (!route) return problem(404, `no such address; there is ${addresses().join(', ')}`)
    const answer = route[request.method]
    if (!answer) return problem(405, `${request.path} takes ${Object.keys(route).join(', ')}`)
    if (request.method !== 'POST') return answer(undefined)
    if (!isJson(request.headers)) return problem(415, 'send Content-Type: application/json')
    return withInput(request.body, answer)
  }

  function changeCoupon(couponId: string, change: unknown): ControlAnswer {
    const changed = coupons.change(couponId, change)
    return changed ? ok(changed) : problem(404, 'no coupon of this id; GET /sandbox/coupons lists them')
  }
}

/** RFC 3339 has four digits for a year; this leaves some years for coupons to expire in. */
const YEAR_9000 = Date.UTC(9000, 0)

function moveClock(clock: { now: () => number; shift: (ms: number) => void }, body: unknown): void {
  const { shift_ms } = readInput(clockSchema, body, 'clock')
  const moved = clock.now() + shift_ms
  if (moved < 0 || moved >= YEAR_9000) {
    const problem = 'expected a time from 1970 to 9000'
    throw new SandboxInputError('clock', [{ field: 'shift_ms', problem, value: String(shift_ms) }])
  }
  clock.shift(shift_ms)
}

const STRANGERS = {
  foreign_host: 'call it as 127.0.0.1 or localhost',
  foreign_origin: 'pages of other origins may not drive the sandbox',
}

function withInput(body: Buffer, answer: (body: unknown) => ControlAnswer): ControlAnswer {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return problem(400, 'the body is not JSON')
  }
  try {
    return answer(value)
  } catch (error) {
    if (!(error instanceof SandboxInputError)) throw error
    return { status: 400, value: { message: error.message, problems: error.problems } }
  }
}

function ok(value: unknown): ControlAnswer {
  return { status: 200, value }
}

function problem(status: number, message: string): ControlAnswer {
  return { status, value: { message } }
}
