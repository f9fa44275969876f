import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject, onTestFinished, vi } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLogger } from '../../src/logger.ts'
import { loadPolicy } from '../../src/policy/load-policy.ts'
import {
  exampleWorkspace,
  type Message,
  type Person,
  type SlackSandbox,
  type SlackSandboxOptions,
  startSlackSandbox,
  type View,
  type Workspace,
} from '../../src/sandbox/slack/index.ts'
import {
  startWechatPaySandbox,
  type WechatPaySandbox,
  type WechatPaySandboxOptions,
} from '../../src/sandbox/wechatpay/index.ts'
import { environmentBeside } from '../app-environment.ts'

const root = new URL('../../', import.meta.url).pathname

/**
 * Tests in which one app has the machine to itself (`slow-clicks`, `trigger`) prove Slack's own three seconds. With
 * five apps at once on a busy machine, they would only measure the machine.
 */
const patience = { ackMs: 20_000, triggerMs: 20_000 }
const manifest: unknown = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))

/** The policy that newcomers start from, and that the stories use. */
export const examplePolicy = readFileSync(join(root, 'manifest/policy.example.yaml'), 'utf8')

export const transports = ['socket', 'http'] as const
export type Transport = (typeof transports)[number]

/** The columns of a grant in the ledger that stories read. */
export interface Recorded {
  id: string
  openid: string
  stock: string
  state: string
  coupon_id: string | null
  attempts: number
  /** JSON, or null. */
  flag: string | null
}

export interface World {
  slack: SlackSandbox
  /** `calls` leaves out the look-ups that the app makes to check whether answers can be verified. */
  wechatpay: WechatPaySandbox
  /** The app's whole configuration. */
  env: Record<string, string>
  /** The app's log lines, across restarts. */
  log: Record<string, unknown>[]
  /** Starts the app; it stops when the test ends. */
  start(): Promise<App>
  /** The same, with the ports it listens on. */
  startAt(): Promise<{ app: App } & Awaited<ReturnType<App['start']>>>
  /** Rewrites the policy for the next start. */
  setPolicy(text: string): void
  /** All grants in the ledger, oldest first. */
  recorded(): Recorded[]
}

/** Both stand-ins, and the environment of an app that is not started yet; all of it closes when the test ends. */
export async function createWorld(
  options: {
    /** `onTestFinished` of a test that runs concurrently with others. */
    finished?: (end: () => void | Promise<void>) => void
    transport?: Transport
    policy?: string
    now?: () => number
    wechatpay?: WechatPaySandboxOptions
    slack?: Partial<SlackSandboxOptions>
    /** Changes the workspace before it starts. */
    change?: (workspace: Workspace) => void
    /** Whether the app waits for Slack only as long as it does for people. */
    strict?: boolean
    /** Whether the app checks its set-up after it starts. */
    checksSetUp?: boolean
    /** A file of a new ledger to copy; null: the app makes its own. By default the test run's. */
    newLedger?: string | null
  } = {},
): Promise<World> {
  const { finished = onTestFinished, transport = 'socket', now = Date.now } = options
  const newLedger = options.newLedger === undefined ? inject('newLedger') : options.newLedger
  const folder = mkdtempSync(join(tmpdir(), 'story-'))
  finished(() => rmSync(folder, { recursive: true, force: true }))
  if (newLedger !== null) copyFileSync(newLedger, join(folder, 'ledger.sqlite'))
  const workspace = structuredClone(exampleWorkspace)
  options.change?.(workspace)
  const slack = await startSlackSandbox({
    manifest,
    workspace,
    transport,
    now,
    patience,
    ...options.slack,
  })
  finished(() => slack.close())
  const wechatpay = await startWechatPaySandbox({
    keys: options.wechatpay?.keys ?? inject('wechatpayKeys'),
    stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
    now,
    ...options.wechatpay,
  })
  finished(() => wechatpay.close())
  const env = {
    ...environmentBeside(slack, wechatpay, transport),
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
    POLICY_FILE: join(folder, 'policy.yaml'),
  }
  const log: Record<string, unknown>[] = []
  const setPolicy = (text: string) => writeFileSync(join(folder, 'policy.yaml'), text)
  setPolicy(options.policy ?? examplePolicy)

  async function startAt() {
    const loaded = loadConfig(env)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { config } = loaded
    const read = loadPolicy(config)
    if (!read.ok) throw new Error(read.text.en)
    const destination = { write: (line: string) => log.push(JSON.parse(line)) }
    const logger = createLogger({ level: 'info', pretty: false, destination })
    const app = await createApp({
      config,
      policy: read.policy,
      logger,
      now,
      host: '127.0.0.1',
      patience: options.strict ? 1 : 10,
      ...(options.checksSetUp ? { checksSetUpAfter: 0 } : {}),
    })
    finished(async () => {
      await app.stop(1000)
    })
    const before = log.filter(isProof).length
    const ports = await app.start()
    // Wait, so that a fault of the story does not hit this check instead.
    while (log.filter(isProof).length === before) await sleep(5)
    if (transport === 'http') slack.connectApp(`http://127.0.0.1:${ports.port}`)
    return { app, ...ports }
  }

  return {
    slack,
    wechatpay: {
      ...wechatpay,
      calls: () => wechatpay.calls().filter(({ query }) => !/(?:^|&)limit=1$/.test(query)),
    },
    env,
    log,
    setPolicy,
    start: async () => (await startAt()).app,
    startAt,
    recorded() {
      const ledger = new DatabaseSync(join(folder, 'ledger.sqlite'), { readOnly: true })
      const rows = ledger
        .prepare(
          `select grants.id, openid, stock, state, coupon_id, attempts, flag
            from grants join subjects on subjects.id = grants.subject order by grants.id`,
        )
        .all()
      ledger.close()
      return rows.map((row) => ({ ...row }) as unknown as Recorded)
    },
  }
}

function isProof({ msg }: Record<string, unknown>): boolean {
  return /^(?:answers of WeChat Pay can be verified|no answer of WeChat Pay could be verified)/.test(
    String(msg),
  )
}

/** A world with the app running in it. */
export async function startWorld(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options)
  await world.start()
  return world
}

/** Resolves once every card and alert is drawn, and the ledger has recorded where. */
export async function atRest({ env }: World): Promise<void> {
  const ledger = new DatabaseSync(String(env.DATABASE_URL).slice('file:'.length), { readOnly: true })
  const open = ['cards', 'holds'].map((table) =>
    ledger.prepare(`select 1 from ${table} where due_at is not null or lease_owner is not null`),
  )
  try {
    await vi.waitUntil(() => open.every((rows) => rows.get() === undefined), { timeout: 60_000 })
  } finally {
    ledger.close()
  }
}

/** Everything that a message or a view shows, as one text. */
export function textOf(shown: { blocks?: unknown; text?: unknown } | undefined): string {
  return shown ? JSON.stringify([shown.text, shown.blocks]) : ''
}

/** Whether a message is told once, such as an end, and never redrawn. */
export function isNews({ metadata }: Message): boolean {
  return metadata?.event_type === 'withdraw_coupon_notice'
}

/** The latest message of the app to a person, except news, once it shows all of these words. */
export function told(world: World, person: Person, ...words: string[]): Promise<Message> {
  return world.slack.waitFor(
    () =>
      person
        .dm()
        .findLast((message) => !isNews(message) && words.every((word) => textOf(message).includes(word))),
    { what: `a message to ${person.id} with ${words.join(', ')}` },
  )
}

/** Opens the form with the command; the text after `send` fills it in. */
export async function openForm({ slack }: World, person: Person, typed = ''): Promise<View> {
  const before = person.view()?.id
  await person.command('/withdraw-coupon', `send ${typed}`)
  return slack.waitFor(() => {
    const view = person.view()
    return view?.callback_id === 'give' && view.id !== before ? view : null
  })
}

/** The form, once it has replaced what a busy app shows first. */
export function formOf({ slack }: World, person: Person): Promise<View> {
  return slack.waitFor(() => (person.view()?.callback_id === 'give' ? person.view() : null), {
    what: 'the form',
  })
}

/** All texts of a message or a view in order, including those on buttons. */
export function textsOf(shown: { blocks?: unknown } | undefined): string[] {
  const walk = (part: unknown): string[] => {
    if (typeof part !== 'object' || part === null) return []
    if ('text' in part && typeof part.text === 'string') return [part.text]
    return Object.values(part).flatMap(walk)
  }
  return walk(shown?.blocks)
}

/** A clock that starts at 24 November 2026, 14:00 in Shanghai. */
export function clock(): { now(): number; forward(ms: number): void } {
  let ahead = Date.UTC(2026, 10, 24, 6) - Date.now()
  return {
    now: () => Date.now() + ahead,
    forward: (ms) => {
      ahead += ms
    },
  }
}
