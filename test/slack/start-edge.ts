import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { Customers } from '../../src/customers/index.ts'
import type { Grants } from '../../src/grants/index.ts'
import {
  exampleWorkspace,
  type Person,
  type SlackSandbox,
  startSlackSandbox,
  type View,
} from '../../src/sandbox/slack/index.ts'
import { createSlack, type Slack } from '../../src/slack/app.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { createPeople } from '../../src/slack/edge/people.ts'
import { views } from '../../src/slack/ids.ts'
import { findsNobody, grantsThat, manifest } from './builders.ts'

export interface Started {
  slack: SlackSandbox
  edge: Slack
  /** The log lines. */
  log: Record<string, unknown>[]
  port: number | null
}

/** Starts the stand-in and the edge; the test's `onTestFinished` closes both. */
export async function startEdge(options: {
  grants?: Grants
  customers?: Customers
  transport?: 'socket' | 'http'
  /** With Socket Mode, the port for health checks. */
  port?: number
  now?: () => number
  /** Slack's clock, if it differs. */
  slackNow?: () => number
  /** Whether Slack waits only three seconds, which may be too few on a busy machine. */
  strict?: boolean
  /** ms that each change of a view takes to reach Slack. */
  viewsTake?: number
  finished: (close: () => Promise<void>) => void
}): Promise<Started> {
  const { transport = 'socket', now = Date.now } = options
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport,
    patience: options.strict ? {} : { ackMs: 20_000, triggerMs: 20_000 },
    ...(options.slackNow ? { now: options.slackNow } : {}),
  })
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const config = {
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    host: '127.0.0.1',
    transport,
    ...(transport === 'socket'
      ? { appToken: slack.appToken, ...(options.port === undefined ? {} : { port: options.port }) }
      : { signingSecret: slack.signingSecret, port: 0 }),
  }
  const clients = createSlackClients({ ...config, logger })
  const { viewsTake } = options
  if (viewsTake !== undefined) {
    const { interactions } = clients
    const update = interactions.views.update
    interactions.views.update = (of) => sleep(viewsTake).then(() => update(of))
  }
  const grants = options.grants ?? grantsThat()
  const customers = options.customers ?? findsNobody
  const patience = options.strict ? 1 : 10
  const people = createPeople({ client: clients.interactions, policy: grants.policy, logger, now, patience })
  const healthz = () => ({
    status: edge.healthy() ? 200 : 503,
    type: 'application/json',
    body: JSON.stringify({ ok: edge.healthy() }),
  })
  const pages = { '/healthz': healthz }
  const edge: Slack = createSlack({
    config,
    clients,
    people,
    grants,
    customers,
    logger,
    now,
    pages,
    patience,
  })
  options.finished(async () => {
    await edge.stop(200)
    edge.close()
    await slack.close()
  })
  const { port } = await edge.start()
  if (transport === 'http') slack.connectApp(`http://127.0.0.1:${port}`)
  return { slack, edge, log, port }
}

/** A person's view, once it is no longer a loading view; when that is depends on the machine. */
export function viewOf(slack: SlackSandbox, person: Person): Promise<View> {
  return slack.waitFor(() => (person.view()?.callback_id === views.loading ? null : person.view()), {
    what: 'a view that is not loading',
  })
}
