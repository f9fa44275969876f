import type { ServerResponse } from 'node:http'
import { faultNames } from '../faults.ts'
import type { Asked, Reply } from '../server.ts'
import type { FaultSpec, Person, SlackSandbox } from '../types.ts'
import type { World } from '../world.ts'

type Body = Record<string, unknown>

/** Told at `GET /sandbox/`, so that whoever finds the sandbox running finds out how to use it. */
const manual = (world: World) => `A small Slack on this machine: what people do in it, over HTTP.
Every POST takes JSON with "content-type: application/json" and answers { ok, result } or { ok: false, error }.
A person is a member id, for example ${world.workspace.people[0]?.id ?? 'U…'}; GET /sandbox/workspace lists all.

What a person does
  POST /sandbox/people/{id}/command   { command, text?, channel? }   runs a slash command
  POST /sandbox/people/{id}/fill      { values: { action_id: text | option value | list | null } }
                                                                     types into the form on top
  POST /sandbox/people/{id}/press     { actionId, value?, messageTs?, channel? }
                                                                     presses a button, chooses in a select
  POST /sandbox/people/{id}/suggest   { actionId, query }            types ahead in an external select
  POST /sandbox/people/{id}/submit                                   submits the form on top
  POST /sandbox/people/{id}/cancel                                   its close button; "close" is the X
  POST /sandbox/people/{id}/say       { text, channel? }             writes a message; without channel to the app
  POST /sandbox/people/{id}/home                                     opens the app's Home tab
What a person sees
  GET  /sandbox/people/{id}/views                    open forms, the last one on top
  GET  /sandbox/people/{id}/messages?channel={id}    a channel; without it the DM with the app
What went on
  GET  /sandbox/workspace | /sandbox/traffic         people, groups, channels | all calls, both ways
  GET  /sandbox/events                               a stream of "changed"
Faults, for the next calls or deliveries that fit
  GET  /sandbox/faults                               the planted ones
  POST /sandbox/faults                { name, times?, method?, kind?, acted?, retryAfter?, error? }
                                                     name: ${lines(faultNames, 4).join(`\n${' '.repeat(59)}`)}
  POST /sandbox/faults/clear | /sandbox/sockets/refresh | /sandbox/sockets/cut

For example:
  curl -H 'content-type: application/json' -d '{"command":"${[...world.declared.commands.keys()][0] ?? '/command'}","text":"help"}' \\
    ${world.origin}/sandbox/people/${world.workspace.people[0]?.id ?? 'U…'}/command
  curl '${world.origin}/sandbox/people/${world.workspace.people[0]?.id ?? 'U…'}/messages?channel=${world.workspace.channels[0]?.id ?? 'C…'}'
`

/** What people do, over HTTP, for a page or for curl: the manual above. */
export function createPeopleHttp(world: World, sandbox: SlackSandbox) {
  return async (asked: Asked, response: ServerResponse): Promise<Reply> => {
    const refusal = refused(asked, world.origin)
    if (refusal) return refusal
    try {
      const [, , first = '', id = '', verb = ''] = asked.path.split('/').map(decodeURIComponent)
      if (first === 'people') return await actAs(world, sandbox, id, verb, asked)
      return place(world, sandbox, [asked.method, first, id].join(' ').trim(), asked, response)
    } catch (error) {
      // What no person could do is the caller's mistake, told in words.
      return {
        status: 400,
        body: { ok: false, error: error instanceof Error ? error.message : String(error) },
      }
    }
  }
}

/** Pages of other origins may not drive the sandbox, and forms can't send JSON. */
function refused({ method, headers, body }: Asked, origin: string): Reply | undefined {
  const isOwn =
    headers.origin === undefined ||
    headers.origin === origin ||
    headers.origin === origin.replace('127.0.0.1', 'localhost')
  if (!isOwn) return { status: 403, body: { ok: false, error: 'foreign_origin' } }
  if (method === 'GET') return undefined
  const isJson = (headers['content-type'] ?? '').startsWith('application/json')
  if (method !== 'POST' || !isJson || body === undefined)
    return { status: 415, body: { ok: false, error: 'POST JSON with content-type application/json' } }
  return undefined
}

async function actAs(
  world: World,
  sandbox: SlackSandbox,
  id: string,
  verb: string,
  asked: Asked,
): Promise<Reply> {
  if (!world.personById(id))
    return { status: 404, body: { ok: false, error: `There is nobody with the id ${id}.` } }
  const person = sandbox.person(id)
  if (asked.method === 'GET') {
    if (verb === 'views') return done(person.views())
    const channel = asked.query.get('channel')
    if (verb === 'messages') return done(channel === null ? person.dm() : person.messages(channel))
    return unknown
  }
  const act = Object.hasOwn(ACTS, verb) ? ACTS[verb] : undefined
  return act ? done(await act(person, asked.body ?? {})) : unknown
}

const ACTS: Record<string, (person: Person, body: Body) => unknown> = {
  command: (person, body) =>
    person.command(text(body, 'command'), optional(body, 'text') ?? '', {
      ...(body.channel === undefined ? {} : { channel: text(body, 'channel') }),
    }),
  fill: (person, body) => person.fill(Object(body.values) as Parameters<Person['fill']>[0]),
  press: (person, body) => {
    const target: Parameters<Person['press']>[0] = { actionId: text(body, 'actionId') }
    for (const key of ['value', 'messageTs', 'channel'] as const)
      if (body[key] !== undefined) target[key] = text(body, key)
    return person.press(target)
  },
  suggest: (person, body) => person.suggest(text(body, 'actionId'), text(body, 'query')),
  submit: (person) => person.submit(),
  close: (person) => person.close(),
  cancel: (person) => person.cancel(),
  home: (person) => person.openHome(),
  say: (person, body) => person.say(text(body, 'text'), optional(body, 'channel')),
}

const unknown: Reply = { status: 404, body: { ok: false, error: 'There is no such thing in the sandbox.' } }

function place(
  world: World,
  sandbox: SlackSandbox,
  what: string,
  asked: Asked,
  response: ServerResponse,
): Reply {
  switch (what) {
    case 'GET':
      return { status: 200, body: manual(world) }
    case 'GET workspace':
      return done(world.workspace)
    case 'GET traffic':
      return done(sandbox.traffic())
    case 'GET faults':
      return done(world.faults.all())
    case 'GET events':
      void stream(world, response)
      return { taken: true }
    case 'POST faults':
      return done(sandbox.fault(asked.body as FaultSpec))
    case 'POST faults clear':
      return done(sandbox.clearFaults())
    case 'POST sockets refresh':
      return done(sandbox.refreshSockets())
    case 'POST sockets cut':
      return done(sandbox.cutSockets())
    default:
      return unknown
  }
}

/** Tells a page that something changed; it asks for what it shows. Changes close together are told once. */
async function stream(world: World, response: ServerResponse): Promise<void> {
  let isOpen = true
  response.on('close', () => {
    isOpen = false
    world.signal.touch()
  })
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('data: changed\n\n')
  for (;;) {
    await world.signal.changed()
    if (!isOpen) return
    response.write('data: changed\n\n')
  }
}

function lines(words: string[], each: number): string[] {
  const rest = words.slice(each)
  return [words.slice(0, each).join(' '), ...(rest.length > 0 ? lines(rest, each) : [])]
}

function done(result: unknown): Reply {
  return { status: 200, body: { ok: true, result: result ?? null } }
}

function text(body: Body, name: string): string {
  const value = body[name]
  if (typeof value !== 'string') throw new Error(`${name} must be a text.`)
  return value
}

function optional(body: Body, name: string): string | undefined {
  return body[name] === undefined ? undefined : text(body, name)
}
