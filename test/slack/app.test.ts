import { connect } from 'node:net'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { RequestInput } from '../../src/grants/index.ts'
import { exampleWorkspace, type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { createSlack } from '../../src/slack/app.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { createPeople } from '../../src/slack/edge/people.ts'
import { abilitiesWith, findsNobody, grantsThat, grantWith, manifest, OPENID } from './builders.ts'
import { startEdge, viewOf } from './start-edge.ts'

const finished = onTestFinished

async function startWith(change: { botToken?: string; appToken?: string; apiUrl?: string }) {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const logger = pino({ level: 'silent' })
  const config = {
    botToken: slack.botToken,
    appToken: slack.appToken,
    apiUrl: slack.apiUrl,
    transport: 'socket' as const,
    ...change,
  }
  const clients = createSlackClients({ ...config, logger })
  const grants = grantsThat()
  const people = createPeople({ client: clients.interactions, policy: grants.policy, logger, now: Date.now })
  const edge = createSlack({ config, clients, people, grants, customers: findsNobody, logger, now: Date.now })
  onTestFinished(() => edge.stop(0))
  await edge.start()
}

test('does not start with a bot token that Slack does not take, and says which', async () => {
  await expect(startWith({ botToken: 'xoxb-wrong' })).rejects.toThrow(
    'Slack does not accept SLACK_BOT_TOKEN (invalid_auth)',
  )
})

test('does not start with an app-level token that Slack does not take, and says which', async () => {
  await expect(startWith({ appToken: 'xapp-wrong' })).rejects.toThrow(
    'Slack does not accept SLACK_APP_TOKEN (invalid_auth)',
  )
})

test('does not start when Slack can not be reached', async () => {
  await expect(startWith({ apiUrl: 'http://127.0.0.1:9/api/' })).rejects.toThrow('Slack can’t be reached')
})

test('holds two connections, and takes commands while Slack refreshes them', async () => {
  const { slack, edge } = await startEdge({ finished })
  expect(slack.sockets()).toBe(2)
  expect(edge.healthy()).toBe(true)
  slack.refreshSockets()
  await expect.poll(() => [opened(slack), slack.sockets()], { interval: 20 }).toEqual([4, 2])
  expect(await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
})

test('comes back after an outage in which Slack gives no connections', async () => {
  const { slack, edge } = await startEdge({ finished })
  slack.fault({ name: 'web_api_500', method: 'apps.connections.open', times: 2 })
  slack.cutSockets()
  await expect.poll(() => [opened(slack), slack.sockets()], { interval: 20 }).toEqual([6, 2])
  expect(edge.healthy()).toBe(true)
  expect(await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
})

test('opens a form at once while notifications are rate limited', async () => {
  const { slack } = await startEdge({ finished })
  slack.fault({ name: 'web_api_429', method: 'chat.postMessage', retryAfter: 300 })
  const logger = pino({ level: 'silent' })
  const { notifications } = createSlackClients({ botToken: slack.botToken, apiUrl: slack.apiUrl, logger })
  await expect(notifications.chat.postMessage({ channel: 'C0SUPPORT', text: 'x' })).rejects.toThrow()
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send')
  await viewOf(slack, ada)
})

test('sends one submission that comes twice under the same number', async () => {
  const requests: RequestInput[] = []
  const grants = grantsThat({
    request: (input) => {
      requests.push(input)
      return Promise.resolve({ kind: 'recorded', grant: grantWith(), repeated: requests.length > 1 })
    },
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  slack.fault({ name: 'submit_twice' })
  await ada.submit()
  await slack.waitFor(() => requests.length === 2)
  expect(new Set(requests.map(({ submission }) => submission)).size).toBe(1)
})

test('takes a role away as soon as Slack tells that a group has changed', async () => {
  const groups: unknown[] = []
  const grants = grantsThat({
    abilities: (person) => {
      groups.push(person.groups)
      return Promise.resolve(abilitiesWith())
    },
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'help')
  await slack.waitFor(() => groups.length === 1)
  await slack.setGroup('S0AGENTS', ['U0AGENT2'])
  const isTold = (name: string) =>
    slack.traffic().some((entry) => entry.name === name && entry.ms !== undefined)
  await slack.waitFor(() => isTold('subteam_members_changed') && isTold('subteam_updated'))
  await ada.command('/withdraw-coupon', 'help')
  await slack.waitFor(() => groups.length === 2)
  expect(groups).toEqual([['S0AGENTS'], []])
})

test('finishes what is under way before it stops', async () => {
  let finish: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    finish = resolve
  })
  let isUnderWay: () => void = () => {}
  const underWay = new Promise<void>((resolve) => {
    isUnderWay = resolve
  })
  const grants = grantsThat({
    request: async () => {
      isUnderWay()
      await gate
      return { kind: 'recorded', grant: grantWith(), repeated: false }
    },
  })
  const { slack, edge } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  const submitted = ada.submit()
  await underWay
  const stopped = edge.stop(5000)
  finish()
  expect(await submitted).toEqual({ kind: 'updated' })
  await stopped
  await expect.poll(() => slack.sockets(), { interval: 20 }).toBe(0)
})

test('stops at the deadline though something is still under way', async () => {
  const grants = grantsThat({ list: () => new Promise(() => {}) })
  const { slack, edge } = await startEdge({ grants, finished })
  await slack.person('U0AGENT1').command('/withdraw-coupon', `list ${OPENID}`)
  // What is under way never ends: without the deadline this would not either.
  await edge.stop(100)
})

test('takes only signed requests, answers health, and survives addresses that are none', async () => {
  const { slack, port } = await startEdge({ transport: 'http', finished })
  const url = `http://127.0.0.1:${port}`
  const command = new URLSearchParams({ command: '/withdraw-coupon', text: 'help', user_id: 'U0AGENT1' })
  expect((await fetch(`${url}/slack/events`, { method: 'POST', body: command })).status).toBe(401)
  expect((await fetch(`${url}/nowhere`, { method: 'POST' })).status).toBe(404)
  expect(await rawStatus(port ?? 0, 'POST // HTTP/1.1')).toMatch(/^HTTP\/1.1 404/)
  const health = await fetch(`${url}/healthz`)
  expect([health.status, await health.json()]).toEqual([200, { ok: true }])
  slack.fault({ name: 'bad_signature' })
  expect(await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).toMatchObject({ ok: false })
  expect(await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
})

test('writes no token and no whole openid into its log', async () => {
  const grants = grantsThat({ list: () => Promise.reject(new Error('no ledger')) })
  const { slack, log } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  await ada.submit()
  const written = JSON.stringify(log)
  expect(log.length).toBeGreaterThan(1)
  for (const secret of [slack.botToken, slack.appToken, OPENID]) expect(written).not.toContain(secret)
})

function opened(slack: SlackSandbox): number {
  return slack.traffic().filter(({ name }) => name === 'apps.connections.open').length
}

function rawStatus(port: number, requestLine: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${requestLine}\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    })
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      answer += text
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
