import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config.ts'
import { parsePolicy } from '../../src/domain/policy-file.ts'
import { createLogger } from '../../src/logger.ts'
import {
  exampleWorkspace,
  type Message,
  type Person,
  type SlackSandbox,
  startSlackSandbox,
} from '../../src/sandbox/slack/index.ts'
import {
  startWechatPaySandbox,
  type WechatPaySandbox,
  type WechatPaySandboxOptions,
} from '../../src/sandbox/wechatpay/index.ts'

const root = new URL('../../', import.meta.url).pathname
const manifest: unknown = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))

/** The policy that newcomers start from, and the stories play by. */
export const examplePolicy = readFileSync(join(root, 'manifest/policy.example.yaml'), 'utf8')

export const transports = ['socket', 'http'] as const
export type Transport = (typeof transports)[number]

export interface World {
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  /** Everything that the app is configured with. */
  env: Record<string, string>
  /** Log lines of the app, over restarts. */
  log: Record<string, unknown>[]
  /** Starts the app; it is stopped with the test. */
  start(): Promise<App>
}

/** Both stand-ins and the environment of an app that is not started yet; all of it ends with the test. */
export async function createWorld(
  options: {
    transport?: Transport
    policy?: string
    now?: () => number
    wechatpay?: WechatPaySandboxOptions
  } = {},
): Promise<World> {
  const { transport = 'socket', policy: policyText = examplePolicy, now = Date.now } = options
  const folder = mkdtempSync(join(tmpdir(), 'story-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const workspace = structuredClone(exampleWorkspace)
  const slack = await startSlackSandbox({ manifest, workspace, transport, now })
  onTestFinished(() => slack.close())
  const wechatpay = await startWechatPaySandbox({
    stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
    now,
    ...options.wechatpay,
  })
  onTestFinished(() => wechatpay.close())
  const env = environment(slack, wechatpay, transport, folder)
  const log: Record<string, unknown>[] = []

  return {
    slack,
    wechatpay,
    env,
    log,
    async start() {
      const config = configOf(env)
      const parsed = parsePolicy(policyText, config.wechatpay)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
      const destination = { write: (line: string) => log.push(JSON.parse(line)) }
      const logger = createLogger({ level: 'info', pretty: false, destination })
      const app = await createApp({ config, policy: parsed.policy, logger, now, host: '127.0.0.1' })
      onTestFinished(() => app.stop(1000))
      const { port } = await app.start()
      if (transport === 'http') slack.connectApp(`http://127.0.0.1:${port}`)
      return app
    },
  }
}

/** A world with the app running in it. */
export async function startWorld(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options)
  await world.start()
  return world
}

function environment(
  slack: SlackSandbox,
  { info, privateKey, publicKey }: WechatPaySandbox,
  transport: Transport,
  folder: string,
): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    ...(transport === 'socket'
      ? { SLACK_APP_TOKEN: slack.appToken }
      : { SLACK_SIGNING_SECRET: slack.signingSecret, PORT: '0' }),
    WECHATPAY_MCHID: info.mchid,
    WECHATPAY_APPID: info.appid,
    WECHATPAY_MERCHANT_SERIAL: info.merchantSerial,
    WECHATPAY_PRIVATE_KEY: privateKey,
    WECHATPAY_PUBLIC_KEY_ID: info.publicKeyId,
    WECHATPAY_PUBLIC_KEY: publicKey,
    WECHATPAY_BASE_URL: info.baseUrl,
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
  }
}

function configOf(env: Record<string, string>): Config {
  const loaded = loadConfig(env)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

/** All that a message or a view shows, as one text. */
export function textOf(shown: { blocks?: unknown; text?: unknown } | undefined): string {
  return shown ? JSON.stringify([shown.text, shown.blocks]) : ''
}

/** The latest message of the app to a person, once it shows all of these words. */
export function told(world: World, person: Person, ...words: string[]): Promise<Message> {
  return world.slack.waitFor(
    () => person.dm().findLast((message) => words.every((word) => textOf(message).includes(word))),
    { what: `a message to ${person.id} with ${words.join(', ')}` },
  )
}
