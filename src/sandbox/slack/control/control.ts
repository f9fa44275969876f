import type { ServerResponse } from 'node:http'
import type { Asked, Reply } from '../server.ts'
import type { SlackSandbox, WechatpayPanel } from '../types.ts'
import type { World } from '../world.ts'
import { act } from './acts.ts'
import { faultOf } from './fault-input.ts'
import { type Body, FieldError, onlyFields, text, wholeNumber } from './fields.ts'
import { manual } from './manual.ts'
import { stateOfWorld } from './state.ts'
import { stream } from './stream.ts'

type Route = (asked: Asked, body: Body, response: ServerResponse) => unknown

/** A reply of its own instead of a result. */
const SENT = Symbol('sent')
/** A hundred years: times stay such as can be written. */
const MOST_FORWARD = 100 * 366 * 86_400_000

/** What people and tests ask of the sandbox itself, under `/sandbox`: the manual there. */
export function createControl(deps: {
  world: World
  sandbox: SlackSandbox
  wechatpayPanel: WechatpayPanel | undefined
}) {
  const { world } = deps
  const routes = routesOf(deps)
  return async (asked: Asked, response: ServerResponse): Promise<Reply> => {
    const path = asked.path.replace(/\/$/, '')
    if (path === '/sandbox' && asked.method === 'GET') return { status: 200, body: manual(world) }
    const route = routes[`${asked.method} ${path.slice('/sandbox/'.length)}`]
    if (!route) return failed(404, `There is no ${asked.method} ${path}; GET /sandbox tells what there is.`)
    const refusal = asked.method === 'POST' ? notJson(asked) : undefined
    if (refusal) return refusal
    try {
      const result = await route(asked, asked.body ?? {}, response)
      return result === SENT ? { taken: true } : { status: 200, body: { ok: true, result: result ?? null } }
    } catch (error) {
      // What no person could do is the caller's mistake, told in words.
      if (error instanceof NotThereError) return failed(404, error.message, error.field)
      if (error instanceof FieldError) return failed(400, error.message, error.field)
      return failed(400, error instanceof Error ? error.message : String(error))
    }
  }
}

function routesOf({
  world,
  sandbox,
  wechatpayPanel,
}: {
  world: World
  sandbox: SlackSandbox
  wechatpayPanel: WechatpayPanel | undefined
}): Record<string, Route> {
  const known = (id: string, field: string) => {
    const person = world.personById(id)
    if (!person) throw new NotThereError(field, `There is nobody with the id ${id}.`)
    return person
  }
  const time = () => ({ now: world.clock.now(), ahead: world.clock.ahead() })
  const panel = () => {
    if (!wechatpayPanel) throw new NotThereError('wechatpay', 'No WeChat Pay runs beside this Slack.')
    return wechatpayPanel
  }
  return {
    'GET state': ({ query }) => {
      const id = query.get('person')
      return stateOfWorld(world, id === null ? undefined : known(id, 'person'))
    },
    'POST act': (_asked, body) => act((id) => sandbox.person(known(id, 'person').id), body),
    'GET traffic': ({ query }) => {
      const after = Number(query.get('after') ?? 0)
      return sandbox.traffic().filter(({ id }) => id > after)
    },
    'GET events': (_asked, _body, response) => {
      void stream(world, response)
      return SENT
    },
    'GET faults': () => world.faults.all(),
    'POST faults': (_asked, body) => {
      sandbox.fault(faultOf(body))
      world.signal.touch()
      return world.faults.all()
    },
    'POST faults/clear': () => {
      sandbox.clearFaults()
      world.signal.touch()
    },
    'POST sockets/refresh': () => sandbox.refreshSockets(),
    'POST sockets/cut': () => sandbox.cutSockets(),
    'GET clock': time,
    'POST clock': (_asked, body) => {
      onlyFields(body, ['forwardMs'])
      const most = MOST_FORWARD - world.clock.ahead()
      sandbox.forward(wholeNumber(body, 'forwardMs', { least: 1, most }))
      return time()
    },
    'GET wechatpay': () => wechatpayPanel?.state(),
    'POST wechatpay/faults': (_asked, body) => panel().fault(body),
    'POST wechatpay/faults/clear': () => panel().clearFaults(),
    'POST wechatpay/coupon': (_asked, body) => {
      onlyFields(body, ['id', 'change'])
      return panel().changeCoupon(text(body, 'id'), body.change)
    },
  }
}

/** Something that was named does not exist. */
class NotThereError extends Error {
  override readonly name = 'NotThereError'
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

/** Forms of other pages can't send JSON, which is one more reason to take nothing else. */
function notJson({ headers, body }: Asked): Reply | undefined {
  if (!(headers['content-type'] ?? '').startsWith('application/json'))
    return failed(415, 'Send JSON with content-type application/json.')
  return body === undefined ? failed(400, 'The body is no JSON object.', 'body') : undefined
}

function failed(status: number, error: string, field?: string): Reply {
  return { status, body: { ok: false, error, ...(field === undefined ? {} : { field }) } }
}
