import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { readInput, SandboxInputError } from '../../input.ts'
import { isJson } from '../../local-requests.ts'
import type { Asked, Reply } from '../server.ts'
import type { SlackSandbox, WechatpayPanel } from '../types.ts'
import type { World } from '../world.ts'
import { runAct } from './acts.ts'
import { manual } from './manual.ts'
import { stateOfWorld } from './state.ts'

type Route = (asked: Asked, response: ServerResponse) => unknown
type Deps = { world: World; sandbox: SlackSandbox; wechatpayPanel: WechatpayPanel | undefined }

/** The handler has sent its own reply, so there is no result to send. */
const SENT = Symbol('sent')
/** A hundred years, so that times can still be written. */
const MOST_FORWARD = 100 * 366 * 86_400_000

/** Answers requests from people and tests to the sandbox itself, under `/sandbox`: see the manual there. */
export function createControl(deps: Deps) {
  const { world } = deps
  const routes = routesOf(deps)
  return async (asked: Asked, response: ServerResponse): Promise<Reply> => {
    const path = asked.path.replace(/\/$/, '')
    if (path === '/sandbox' && asked.method === 'GET') return { status: 200, body: manual(world) }
    const route = routes[`${asked.method} ${path.slice('/sandbox/'.length)}`]
    if (!route) return failed(404, `There is no ${asked.method} ${path}; GET /sandbox tells what there is.`)
    if (asked.method === 'POST' && !isJson(asked.headers))
      return failed(415, 'Send JSON with content-type application/json.')
    if (asked.body === undefined) return failed(400, 'The body is no JSON object.', 'body')
    try {
      const result = await route(asked, response)
      return result === SENT ? { taken: true } : { status: 200, body: { ok: true, result: result ?? null } }
    } catch (error) {
      // An act that no person could do is the caller's mistake, and the reply says so.
      const field = error instanceof SandboxInputError ? error.problems[0]?.field : undefined
      if (error instanceof NotThereError) return failed(404, error.message, error.field)
      return failed(400, error instanceof Error ? error.message : String(error), field)
    }
  }
}

function routesOf({ world, sandbox, wechatpayPanel }: Deps): Record<string, Route> {
  const known = (id: string) => {
    const person = world.personById(id)
    if (!person) throw new NotThereError('person', `There is nobody with the id ${id}.`)
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
      return stateOfWorld(world, id === null ? undefined : known(id))
    },
    'POST act': ({ body }) => runAct((id) => sandbox.person(known(id).id), body),
    'GET traffic': ({ query }) => {
      const after = Number(query.get('after') ?? 0)
      return sandbox.traffic().filter(({ id }) => id > after)
    },
    'GET events': (_asked, response) => {
      void streamChanges(world, response)
      return SENT
    },
    'GET faults': () => world.faults.waiting(),
    'POST faults': ({ body }) => {
      world.faults.plant(body)
      world.changes.announce()
      return world.faults.waiting()
    },
    'POST faults/clear': () => {
      world.faults.clear()
      world.changes.announce()
    },
    'POST sockets/refresh': () => sandbox.refreshSockets(),
    'POST sockets/cut': () => sandbox.cutSockets(),
    'GET clock': time,
    'POST clock': ({ body }) => {
      const most = MOST_FORWARD - world.clock.ahead()
      const { forwardMs } = readInput(z.strictObject({ forwardMs: z.int().min(1).max(most) }), body, 'clock')
      sandbox.forward(forwardMs)
      return time()
    },
    'GET tokens': () => ({
      SLACK_API_URL: sandbox.apiUrl,
      SLACK_BOT_TOKEN: sandbox.botToken,
      SLACK_APP_TOKEN: sandbox.appToken,
      SLACK_SIGNING_SECRET: sandbox.signingSecret,
    }),
    'GET wechatpay': () => wechatpayPanel?.state(),
    'POST wechatpay/faults': ({ body }) => panel().fault(body),
    'POST wechatpay/faults/clear': () => panel().clearFaults(),
    'POST wechatpay/coupon': ({ body }) => {
      const { id, change } = readInput(
        z.strictObject({ id: z.string(), change: z.unknown() }),
        body,
        'coupon',
      )
      return panel().changeCoupon(id, change)
    },
  }
}

/**
 * Tells a page that something changed; the page then asks for what it shows. Combines changes that are close together.
 */
async function streamChanges({ changes }: World, response: ServerResponse): Promise<void> {
  let isOpen = true
  response.on('close', () => {
    isOpen = false
    changes.announce()
  })
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  // A page whose connection broke reconnects after this many ms.
  response.write('retry: 1000\ndata: changed\n\n')
  for (;;) {
    await changes.next()
    if (!isOpen) return
    response.write('data: changed\n\n')
  }
}

/** The named thing does not exist. */
class NotThereError extends Error {
  override readonly name = 'NotThereError'
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

function failed(status: number, error: string, field?: string): Reply {
  return { status, body: { ok: false, error, ...(field === undefined ? {} : { field }) } }
}
