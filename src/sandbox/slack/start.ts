import { setTimeout } from 'node:timers/promises'
import { prepareChecks } from './blocks/check.ts'
import { createControl } from './control/control.ts'
import { createDeliver } from './deliver/deliver.ts'
import { createEvents } from './deliver/events.ts'
import { createHttpTransport } from './deliver/over-http.ts'
import { createSocketMode } from './deliver/over-socket.ts'
import { pageFile } from './page-files.ts'
import { createPerson } from './people/person.ts'
import { type Asked, listen, type Reply } from './server.ts'
import type { SlackSandbox, SlackSandboxOptions, Tip } from './types.ts'
import { unreadOf } from './unread.ts'
import { createWebApi, type WebApi } from './web-api/call.ts'
import { groupOutput } from './web-api/people-methods.ts'
import { createWorld, type World } from './world.ts'

/**
 * Starts a Slack workspace on 127.0.0.1 that offers what the manifest declares.
 *
 * @throws Error if the port is taken or Slack would refuse the manifest; it names every problem.
 */
export async function startSlackSandbox(options: SlackSandboxOptions): Promise<SlackSandbox> {
  const world = createWorld(options)
  prepareChecks()
  let appUrl = options.appUrl
  const socketMode = createSocketMode({
    appId: world.workspace.app.id,
    origin: () => world.origin,
    refreshWarningMs: world.patience.refreshWarningMs,
    changes: world.changes,
  })
  const overHttp = createHttpTransport({
    signingSecret: world.signingSecret,
    url: () => appUrl && endpoint(appUrl),
  })
  const deliver = createDeliver(world, options.transport === 'http' ? overHttp : socketMode.transport)
  const events = createEvents(world, deliver)
  const webApi = createWebApi(world, socketMode)

  const sandbox: Omit<SlackSandbox, 'pageUrl' | 'apiUrl' | 'sandboxUrl'> = {
    botToken: world.botToken,
    appToken: world.appToken,
    signingSecret: world.signingSecret,
    teamId: world.workspace.team.id,
    botUserId: world.workspace.app.botUserId,
    connectApp: (url) => {
      // Tried now: a wrong address is the caller's mistake and must not look like a silent app.
      endpoint(url)
      appUrl = url
    },
    person: (id) => createPerson({ world, deliver, events }, id),
    channelMessages: (channelId) => structuredClone(world.messages.lasting(channelId)),
    file: (id) => {
      const file = world.files.read(id)
      return file && { name: file.name, text: file.bytes.toString() }
    },
    traffic: world.traffic.all,
    fault: (spec) => void world.faults.plant(spec),
    clearFaults: world.faults.clear,
    forward: (ms) => {
      world.clock.shift(ms)
      world.changes.announce()
    },
    sockets: socketMode.count,
    refreshSockets: socketMode.refresh,
    cutSockets: socketMode.cut,
    setGroup: async (groupId, users) => setGroup(world, events, groupId, users),
    setPerson: (userId, change) => {
      const person = world.personById(userId)
      if (!person) throw new Error(`There is nobody with the id ${userId}.`)
      Object.assign(person, change)
      world.changes.announce()
    },
    setChannel: (channelId, change) => {
      const channel = world.channelById(channelId)
      if (!channel) throw new Error(`There is no channel ${channelId}.`)
      Object.assign(channel, change)
      world.changes.announce()
    },
    changeGroup: (groupId, change) => {
      const group = world.workspace.groups.find((one) => one.id === groupId)
      if (!group) throw new Error(`There is no user group ${groupId}.`)
      Object.assign(group, change)
      world.changes.announce()
    },
    changeInstallation: (change) => void Object.assign(world.installation, change),
    handOver: async (tip) => handOver(world, tip),
    changed: world.changes.next,
    waitFor: world.changes.waitFor,
    close: async () => {
      events.close()
      await socketMode.close()
      await server.close()
    },
  }

  let control: ReturnType<typeof createControl> | undefined
  const server = await listen(
    options.port ?? 0,
    (asked, response) => {
      if (asked.path.startsWith('/api/')) return callWebApi(webApi, asked)
      if (asked.path.startsWith('/response/')) return useResponseUrl(world, asked)
      if (asked.path.startsWith('/upload/')) return takeUpload(world, asked)
      if (asked.path.startsWith('/file/')) return download(world, asked)
      if (/^\/sandbox(?:\/|$)/.test(asked.path) && control) return control(asked, response)
      return pageFile(asked) ?? { status: 404, body: { ok: false, error: 'not_found' } }
    },
    socketMode.upgrade,
  )
  world.origin = server.origin
  const complete = {
    ...sandbox,
    pageUrl: `${server.origin}/`,
    apiUrl: `${server.origin}/api/`,
    sandboxUrl: `${server.origin}/sandbox/`,
  }
  control = createControl({ world, sandbox: complete, wechatpayPanel: options.wechatpayPanel })
  return complete
}

/** ms without a call after which the story counts as at rest, and the longest wait for that. */
const REST = 250
const MOST_REST = 3000

async function handOver(world: World, tip: Tip): Promise<void> {
  const lastId = () => world.traffic.all().at(-1)?.id ?? 0
  let known = -1
  for (let waited = 0; known !== lastId() && waited < MOST_REST; waited += REST) {
    known = lastId()
    await setTimeout(REST)
  }
  world.playedTo = lastId()
  for (const person of world.workspace.people)
    for (const place of Object.keys(unreadOf(world, person))) {
      const [channel = '', thread] = place.split('/')
      const last = world.messages.lasting(channel).at(-1)
      if (last) world.readMarks.mark(person.id, channel, last.ts, thread)
    }
  world.tips.give(tip)
}

/** An address without a path means Bolt's usual path. */
function endpoint(appUrl: string): string {
  const url = new URL(appUrl)
  return url.pathname === '/' ? new URL('/slack/events', url).href : url.href
}

function callWebApi(webApi: WebApi, { path, query, headers, body, method }: Asked): Reply {
  if (body === undefined) return { status: 200, body: { ok: false, error: 'invalid_json' } }
  const { token: named, ...args } = method === 'GET' ? Object.fromEntries(query) : body
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  return webApi.call({
    method: path.slice('/api/'.length),
    token: bearer ?? (typeof named === 'string' ? named : undefined),
    args,
  })
}

function useResponseUrl(world: World, { path, body }: Asked): Reply {
  const end = world.traffic.begin({
    direction: 'to_slack',
    kind: 'response_url',
    name: 'response_url',
    transport: 'http',
    request: body,
  })
  const answer = world.responseUrls.use(path, body)
  end({ answer: answer.body, status: answer.status, ...(answer.status === 200 ? {} : { error: 'refused' }) })
  return answer
}

/** Receives a file's bytes; the traffic shows their number, not their content. */
function takeUpload(world: World, { path, method, bytes }: Asked): Reply {
  const end = world.traffic.begin({
    direction: 'to_slack',
    kind: 'upload',
    name: 'upload',
    transport: 'http',
    request: { bytes: bytes.length },
  })
  const answer = method === 'POST' ? world.files.receive(path, bytes) : { status: 405, body: 'POST only' }
  end({ answer: answer.body, status: answer.status, ...(answer.status === 200 ? {} : { error: 'refused' }) })
  return answer
}

/** A file for the person who presses it on the page; never opened as a page of this origin. */
function download(world: World, { path, method }: Asked): Reply {
  const file = world.files.read(path.slice('/file/'.length))
  if (!file || method !== 'GET') return { status: 404, body: { ok: false, error: 'not_found' } }
  const name = encodeURIComponent(file.name)
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
    },
    body: file.bytes,
  }
}

async function setGroup(
  world: World,
  events: ReturnType<typeof createEvents>,
  groupId: string,
  users: string[],
) {
  const group = world.workspace.groups.find((one) => one.id === groupId)
  if (!group) throw new Error(`There is no user group ${groupId}.`)
  const before = group.users
  group.users = [...users]
  world.changes.announce()
  const added = users.filter((user) => !before.includes(user))
  const removed = before.filter((user) => !users.includes(user))
  const at = Math.floor(world.now() / 1000)
  await events.send({
    type: 'subteam_members_changed',
    subteam_id: groupId,
    team_id: world.workspace.team.id,
    date_previous_update: at,
    date_update: at,
    added_users: added,
    added_users_count: added.length,
    removed_users: removed,
    removed_users_count: removed.length,
  })
  await events.send({ type: 'subteam_updated', subteam: { ...groupOutput(group, world), users: [...users] } })
}
