import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { styleText } from 'node:util'
import { formatProblems, loadConfig, secretsOf } from '../config/config.ts'
import type { Policy } from '../domain/policy.ts'
import { createLogger } from '../logger.ts'
import { formatMistakes } from '../policy/mistakes.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import { broken, plantBroken } from './broken-setups.ts'
import { type Clock, createClock } from './clock.ts'
import { explain, UsageError } from './command-line.ts'
import { type CustomerLookup, startCustomerLookup } from './customer-lookup.ts'
import { type Flags, readFlags, type StoryLocale, usage } from './flags.ts'
import { firstStep, nextSteps } from './next-steps.ts'
import { openInBrowser } from './open-in-browser.ts'
import { rollReplicas } from './replicas.ts'
import { createShutdown, type Shutdown } from './shutdown.ts'
import { type SlackSandbox, startSlackSandbox } from './slack/index.ts'
import { cast, playStories } from './story/story.ts'
import { storyWords } from './story/words.ts'
import { createTranscript, type Paint } from './transcript/transcript.ts'
import { startWechatPaySandbox, type WechatPaySandbox } from './wechatpay/index.ts'
import { createWechatpayPanel } from './wechatpay-panel.ts'
import { workspaceFor } from './workspace-for.ts'

/**
 * Runs the app against stand-ins for Slack and WeChat Pay on this machine, and plays the main stories.
 *
 * Exit codes: 0 stopped by a signal, or the transcript succeeded     1 it failed, or something could not start
 *            64 the command line is wrong                           78 the policy or LOG_LEVEL is wrong
 */
const EXIT_USAGE = 64
const EXIT_CONFIG = 78
/** How long work in flight may take at shutdown, in ms. */
const STOP_DEADLINE = 700
/** How long Slack waits for the app, and how long a trigger lives, in ms. */
const SLACKS_PATIENCE = 3000

const root = join(import.meta.dirname, '../..')
/** The ids in the API document's example. Stocks of the policy without ids of their own get them. */
const merchant = { mchid: '1230000109', appid: 'wxd678efh567hg6787' }

/** Who uses the page, and who uses it in a second window. */
const audience = {
  en: { name: 'Ada', person: 'U0AGENT1', approver: 'U0LEAD1' },
  'zh-CN': { name: '林小雨', person: 'U0AGENT2', approver: 'U0LEAD2' },
}

const paint: Paint = {
  strong: (text) => styleText('bold', text, { stream: process.stdout }),
  faint: (text) => styleText('dim', text, { stream: process.stdout }),
  act: (text) => styleText('cyan', text, { stream: process.stdout }),
}

/** A file or a variable is wrong; the message says what to do. */
class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

await main()

async function main(): Promise<void> {
  const shutdown = createShutdown({ startedByNpm: process.env.npm_lifecycle_event !== undefined })
  try {
    const flags = readFlags(process.argv.slice(2))
    if (flags === 'help') process.stdout.write(usage)
    else if (flags.broken !== null) await runBroken(flags.broken, shutdown)
    else await run(flags, shutdown)
  } catch (error) {
    if (shutdown.hasBegun()) return
    process.stderr.write(`${explain(error)}\n`)
    if (error instanceof UsageError) process.stderr.write('npm run sandbox -- --help lists the flags\n')
    await shutdown.end(
      error instanceof UsageError ? EXIT_USAGE : error instanceof ConfigError ? EXIT_CONFIG : 1,
    )
  }
}

async function run(flags: Flags, shutdown: Shutdown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'withdraw-coupon-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { locales } = flags
  const only = locales.length === 1 ? locales[0] : undefined
  const policyFile = flags.policy ?? examplePolicy(only, folder)
  const policy = readPolicy(policyFile, flags.policy !== undefined)
  const manifest = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))
  const workspace = workspaceFor(policy, only)
  const { transport, patience } = flags
  const language = locales[0] ?? 'en'
  const transcript = createTranscript({ write: (text) => process.stdout.write(text), paint })
  const words = storyWords[language]
  if (!flags.withoutApp)
    transcript.heading(words.title, words.intro(transport === 'socket' ? 'Socket Mode' : 'HTTP'))

  const ledger = await placeForLedger(flags.replicas, folder, shutdown)
  const clock = createClock(Date.now)
  // Imported while the keys are made, which happens on other threads.
  const wechatpayStarts = startWechatPaySandbox({
    ...merchant,
    ...stocksOf(policy),
    orders: customers(clock.now()).orders,
    keys: join(folder, 'keys'),
    now: clock.now,
  })
  const wechatpayPanel = createWechatpayPanel(wechatpayStarts)
  const [wechatpay, lookup, slack] = await Promise.all([
    wechatpayStarts,
    startCustomerLookup({ customers: customers(clock.now()).known }),
    startSlackSandbox({
      manifest,
      workspace,
      transport,
      port: flags.port,
      clock,
      wechatpayPanel,
      patience: { ackMs: SLACKS_PATIENCE * patience, triggerMs: SLACKS_PATIENCE * patience },
    }),
    import('../app.ts'),
  ])
  shutdown.onEnd(() => Promise.all([slack.close(), wechatpay.close(), lookup.close()]))
  const beside = { policyFile, policy, slack, wechatpay, lookup, transport, ledger, clock, patience }
  const replicas = await rollReplicas({
    count: flags.withoutApp ? 0 : flags.replicas,
    start: () => startApp(beside),
    leadTo({ port }) {
      if (transport === 'http') slack.connectApp(`http://127.0.0.1:${port}`)
    },
  })
  shutdown.onEnd(() => replicas.close(STOP_DEADLINE))

  const appName = String(manifest.display_information.name)
  const story = { ...flags, slack, wechatpay, workspace, policy, appName, transcript, paint, now: clock.now }
  let failure: string | null = null
  try {
    if (!flags.withoutApp) await playStories(story)
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  if (shutdown.hasBegun()) return
  if (failure !== null) process.stderr.write(`\n${words.stopped(failure)}\n`)
  if (flags.replicas > 1) transcript.tells(words.rolled(flags.replicas, replicas.restarts()))
  if (flags.transcriptOnly) return shutdown.end(failure === null ? 0 : 1)
  await slack.handOver(firstStep)

  const { name, person, approver } = audience[language]
  transcript.section(words.goesOn)
  for (const { text, code } of nextSteps(language, {
    slackUrl: slack.sandboxUrl,
    wechatpayUrl: wechatpay.info.baseUrl,
    numbers: policy.customers?.orders ? numbersOf(language) : null,
    ledger: flags.withoutApp ? null : ledger,
    policy: relative('', policyFile),
    environment: environmentOf(beside),
    openid: cast[language].openid,
    name,
    person,
  })) {
    transcript.tells(text)
    transcript.code(code)
  }
  // Printed last, where people look: everything above has scrolled away.
  const at = (id: string) => [`${slack.pageUrl}?person=${id}`]
  transcript.section(words.yourTurn)
  transcript.tells(words.approver)
  transcript.code(at(approver))
  transcript.tells(words.page(name))
  transcript.code(at(person))
  if (flags.opensPage) openInBrowser(String(at(person)), process)
}

/** The example policy as it is, or a copy whose channels use the only language that is played. */
function examplePolicy(only: StoryLocale | undefined, folder: string): string {
  const file = join(root, 'manifest/policy.example.yaml')
  const text = readFileSync(file, 'utf8')
  const spoken = text.replace(/^language: .*$/m, `language: ${only}`)
  if (only === undefined || spoken === text) return file
  const copy = join(folder, 'policy.yaml')
  writeFileSync(copy, spoken)
  return copy
}

/** Breaks a set-up beside both stand-ins in one way, and shows what a check of it finds. */
async function runBroken(name: string, shutdown: Shutdown): Promise<void> {
  if (name === 'list') {
    const width = Math.max(...Object.keys(broken).map(({ length }) => length))
    for (const [name, { is }] of Object.entries(broken))
      process.stdout.write(`${name.padEnd(width)}  ${is}\n`)
    return shutdown.end(0)
  }
  const fault = Object.hasOwn(broken, name) ? broken[name] : undefined
  if (!fault) throw new UsageError(`--broken takes one of ${Object.keys(broken).join(', ')}, or list`)
  const example = join(root, 'manifest/policy.example.yaml')
  const policy = readPolicy(example, false)
  const folder = mkdtempSync(join(tmpdir(), 'withdraw-coupon-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const policyFile = join(folder, 'policy.yaml')
  const changePolicy = (change: (text: string) => string) =>
    writeFileSync(policyFile, change(readFileSync(example, 'utf8')))
  changePolicy((text) => text)
  const manifest = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))
  const [wechatpay, slack, lookup, { doctor }, { hasColour }] = await Promise.all([
    startWechatPaySandbox({ ...merchant, ...stocksOf(policy), keys: join(folder, 'keys') }),
    startSlackSandbox({ manifest, workspace: workspaceFor(policy), transport: 'socket' }),
    startCustomerLookup({ customers: [] }),
    import('../tools/doctor.ts'),
    import('../tools/terminal.ts'),
  ])
  shutdown.onEnd(() => Promise.all([slack.close(), wechatpay.close(), lookup.close()]))
  const ledger = `file:${join(folder, 'ledger.sqlite')}`
  const env = await plantBroken(fault, {
    slack,
    wechatpay,
    lookup,
    folder,
    env: {
      ...environmentOf({ slack, wechatpay, lookup, transport: 'socket', policyFile }),
      DATABASE_URL: ledger,
    },
    changePolicy,
    onEnd: (close) => shutdown.onEnd(async () => close()),
  })
  process.stdout.write(`${paint.act(fault.is)}\n\n`)
  const code = await doctor([], {
    env: { ...env, LANG: process.env.LANG },
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    hasColour: hasColour(process.stdout, process.env),
  })
  return shutdown.end(code)
}

function readPolicy(file: string, isGiven: boolean): Policy {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw isGiven ? new UsageError(`--policy ${file} can't be read: ${why}`) : error
  }
  const parsed = parsePolicy(text, merchant)
  if (!parsed.ok) throw new ConfigError(formatMistakes(file, parsed.mistakes, 'en'))
  return parsed.policy
}

/** The policy's stocks as the stand-in has them: each exists, with the policy's quota. */
function stocksOf({ stocks }: Policy) {
  const specs = new Map(
    stocks.map(({ stockId, mchid, quota }) => [stockId, { stock_id: stockId, mchid, quota }]),
  )
  return { stocks: [...specs.values()], ...(stocks[0] ? { stockId: stocks[0].stockId } : {}) }
}

/**
 * What the stories' customers can name: one order, complaint and phone number each,
 * and a phone that two of them share.
 */
function customers(now: number) {
  const { appid } = merchant
  const at = (daysAgo: number) => new Date(now - daysAgo * 86_400_000).toISOString()
  const [en, zh] = [numbersOf('en'), numbersOf('zh-CN')]
  const shared = '13800000000'
  return {
    orders: [
      { openid: cast.en.openid, total: 3500, transaction_id: en.order, paid_at: at(1) },
      {
        openid: cast['zh-CN'].openid,
        total: 12800,
        transaction_id: zh.order,
        out_trade_no: 'SHOP20261103000001',
        paid_at: at(2),
        complaint: { complaint_id: zh.complaint, detail: '提现时被收取了手续费' },
      },
      {
        openid: cast.en.openid,
        total: 990,
        paid_at: at(3),
        complaint: { complaint_id: en.complaint, detail: 'Withdrawing cost a fee' },
      },
      { openid: cast.en.openid, total: 500, out_trade_no: 'SHOP20261103000002', state: 'NOTPAY' as const },
      { openid: cast.en.openid, total: 500, out_trade_no: 'SHOP20261103000003', state: 'REFUND' as const },
    ],
    known: [
      { numbers: { phone: en.phone, user: 'u-1001' }, openid: cast.en.openid, appid, label: 'J*** Smith' },
      { numbers: { phone: zh.phone, user: 'u-1002' }, openid: cast['zh-CN'].openid, appid, label: '王**' },
      { numbers: { phone: shared }, openid: cast.en.openid, appid, label: 'J*** Smith', hint: 'Shanghai' },
      { numbers: { phone: shared }, openid: cast['zh-CN'].openid, appid, label: '王**', hint: '杭州' },
    ],
  }
}

/** The numbers that find the customer of a language's story. */
function numbersOf(language: keyof typeof cast) {
  return language === 'en'
    ? {
        order: '4200001001202611020000008812',
        complaint: '200201820261103000000000001',
        phone: '13800005678',
      }
    : {
        order: '4200001002202611030000007731',
        complaint: '200201820261103000000000002',
        phone: '13800001234',
      }
}

/** What the app runs against. */
interface Surroundings {
  policyFile: string
  policy: Policy
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  lookup: CustomerLookup
  transport: Flags['transport']
  ledger: string
  clock: Clock
  patience: number
}

/** The environment that points an app to the stand-ins. */
function environmentOf({
  slack,
  wechatpay,
  lookup,
  transport,
  policyFile,
}: Pick<Surroundings, 'slack' | 'wechatpay' | 'transport' | 'policyFile'> & {
  lookup?: CustomerLookup
}): Record<string, string> {
  const { mchid, appid, merchantSerial, publicKeyId, baseUrl, keys } = wechatpay.info
  return {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    ...(transport === 'socket'
      ? { SLACK_APP_TOKEN: slack.appToken }
      : { SLACK_SIGNING_SECRET: slack.signingSecret, PORT: '0' }),
    WECHATPAY_BASE_URL: baseUrl,
    WECHATPAY_MCHID: mchid,
    WECHATPAY_APPID: appid,
    WECHATPAY_MERCHANT_SERIAL: merchantSerial,
    WECHATPAY_PRIVATE_KEY_FILE: join(keys, 'apiclient_key.pem'),
    WECHATPAY_PUBLIC_KEY_ID: publicKeyId,
    WECHATPAY_PUBLIC_KEY_FILE: join(keys, 'pub_key.pem'),
    ...(lookup && { CUSTOMER_LOOKUP_SECRET: lookup.secret, CUSTOMER_LOOKUP_URL: lookup.url }),
    POLICY_FILE: policyFile,
  }
}

/** Starts the app unchanged: only its environment says that it talks to stand-ins. */
async function startApp(
  beside: Surroundings,
): Promise<{ port: number | null; stop(deadline: number): Promise<unknown> }> {
  const { policy, ledger, clock, patience } = beside
  const loaded = loadConfig({
    ...environmentOf(beside),
    DATABASE_URL: ledger,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  })
  if (!loaded.ok) throw new ConfigError(formatProblems(loaded.problems, 'en'))
  const { config } = loaded
  const logger = createLogger({
    level: config.logLevel,
    destination: process.stderr,
    pretty: process.stderr.isTTY === true,
    secrets: secretsOf(config),
  })
  const { createApp } = await import('../app.ts')
  const app = await createApp({
    config,
    policy,
    logger,
    now: clock.now,
    host: '127.0.0.1',
    patience,
  })
  const { port } = await app.start()
  return { port, stop: (deadline) => app.stop(deadline) }
}

/** @returns a `DATABASE_URL` */
async function placeForLedger(replicas: number, folder: string, shutdown: Shutdown): Promise<string> {
  if (replicas === 1) return `file:${join(folder, 'ledger.sqlite')}`
  const { startPostgres } = await import('./postgres.ts')
  const postgres = await startPostgres({ isDurable: true })
  shutdown.onEnd(() => postgres.stop())
  await postgres.query('create database ledger')
  return postgres.url('ledger')
}
