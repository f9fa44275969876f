import { type App, checkKeys, createApp } from './app.ts'
import {
  AuditKeyError,
  type Config,
  describeProxies,
  formatProblems,
  type LoadedConfig,
  loadConfig,
  secretsOf,
} from './config/config.ts'
import { type ErrorCodes, EXIT, exitCodeOf, ledgerErrorCodes } from './exit-codes.ts'
import { PortError } from './http/server.ts'
import { createLogger, type Logger, withoutSecrets } from './logger.ts'
import { type LoadedPolicy, loadPolicy } from './policy/load-policy.ts'
import { SlackStartError, SlackUnreachableError } from './slack/edge/errors.ts'
import { readVersion } from './version.ts'
import { SetupError } from './wechatpay/index.ts'

/** Exit codes for the known errors of a start. Any other error is a fault of the app and ends with 1. */
const errorCodes: ErrorCodes = [
  ...ledgerErrorCodes,
  [SlackUnreachableError, EXIT.slackAway],
  [SlackStartError, EXIT.config],
  [PortError, EXIT.config],
  [SetupError, EXIT.config],
  [AuditKeyError, EXIT.config],
]

/** ms; after a start, as in a rolling update, what people wait for comes first. */
const CHECK_SET_UP_AFTER = 10_000
/** ms for what is in flight to end; a call to WeChat Pay may take this long. */
const STOP_DEADLINE = 10_000
/** ms after which the process ends even if closing hangs. */
const END_AT_LAST = STOP_DEADLINE + 5000

if (process.argv.includes('--version')) process.stdout.write(`${readVersion()}\n`)
else await main()

async function main(): Promise<void> {
  const loaded = loadConfig(process.env)
  const read = loadPolicy(loaded.ok ? loaded.config : loaded.partial)
  if (!loaded.ok || !read.ok) return giveUp(await allThatIsWrong(loaded, read), EXIT.config)
  const { config } = loaded
  const secrets = secretsOf(config)
  const logger = createLogger({
    level: config.logLevel,
    pretty: process.stdout.isTTY === true,
    secrets,
  })
  endOnFaults(logger)
  const ending = endOnSignals(logger)
  try {
    const app = await createApp({
      config,
      policy: read.policy,
      logger,
      now: Date.now,
      checksSetUpAfter: CHECK_SET_UP_AFTER,
    })
    ending.stops(app)
    logger.info(describeProxies(config), 'reaching other machines by these proxies')
    await app.start()
    logger.info(summary(config, read.policy.hash), 'ready')
  } catch (error) {
    // A stop during the start makes the start fail: that is no fault.
    if (ending.hasBegun()) return
    const code = exitCodeOf(error, errorCodes)
    if (code !== undefined && error instanceof Error)
      return giveUp(withoutSecrets(error.message, secrets), code)
    logger.fatal({ err: error }, 'could not start')
    process.exit(1)
  }
}

/** Everything wrong in the settings, the policy and the keys, so that nobody restarts once for each mistake. */
async function allThatIsWrong(loaded: LoadedConfig, read: LoadedPolicy): Promise<string> {
  const problems = loaded.ok ? [] : loaded.problems
  const { wechatpay } = loaded.ok ? loaded.config : loaded.partial
  const areKeysTold = problems.some(({ variable }) => /^WECHATPAY|PROXY$/i.test(variable))
  const keys = areKeysTold ? null : await checkKeys(wechatpay)
  const lines = [formatProblems(problems, 'en'), keys, read.ok ? null : read.text.en]
  return lines.filter((line) => line !== null && line !== '').join('\n')
}

function summary({ slack, wechatpay, databaseUrl }: Config, policyHash: string): object {
  return {
    transport: slack.transport,
    mchid: wechatpay.mchid,
    appid: wechatpay.appid,
    ledger: databaseUrl.split(':')[0],
    policy: policyHash.slice(0, 12),
    version: readVersion(),
    node: process.version,
  }
}

/** For problems that a person can fix: plain lines, no stack. */
function giveUp(text: string, code: number): never {
  process.stderr.write(`withdraw-coupon can't start:\n${text.replace(/^/gm, '  ')}\n`)
  process.exit(code)
}

/**
 * After an uncaught error the state of the process is unknown; the next start takes up from the ledger what was in
 * flight.
 */
function endOnFaults(logger: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, `${event}: ending; start again, nothing recorded is lost`)
      process.exit(1)
    })
}

/** The first signal stops the app cleanly; the second ends the process at once. */
function endOnSignals(logger: Logger) {
  let app: App | null = null
  let begun = false
  const end = async (signal: NodeJS.Signals) => {
    if (begun) {
      logger.warn({ signal }, 'ending at once')
      process.exit(1)
    }
    begun = true
    logger.info({ signal, deadline: STOP_DEADLINE }, 'stopping: finishing what is in flight')
    // The timer also keeps the process alive until the stop is logged, when only unref'd timers are left.
    setTimeout(() => {
      logger.error('closing hangs, ending; what was in flight is taken up at the next start')
      process.exit(1)
    }, END_AT_LAST)
    const hasEnded = (await app?.stop(STOP_DEADLINE)) ?? true
    logger.info('stopped')
    process.exit(hasEnded ? 0 : 1)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  return {
    hasBegun: () => begun,
    stops(started: App) {
      app = started
    },
  }
}
