import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, inVariables, openAuditKey } from './config/config.ts'
import { createCustomers, openEndpoint, whyFaulty } from './customers/index.ts'
import { createExchange, examine, type Finding, watchSetUp } from './doctor/index.ts'
import type { Policy } from './domain/policy.ts'
import { publicKeyOf, signHash } from './domain/seal.ts'
import { createGrants } from './grants/index.ts'
import { createHealth } from './health.ts'
import { createHttpServer } from './http/server.ts'
import { watchPolicy } from './jobs/watch-policy.ts'
import { createWorker } from './jobs/worker.ts'
import {
  LATEST_VERSION,
  type Ledger,
  LedgerBusyError,
  type LedgerState,
  openLedger,
} from './ledger/ledger.ts'
import type { Logger } from './logger.ts'
import { createPolicyReader } from './policy/load-policy.ts'
import { createSlack } from './slack/app.ts'
import { createChannels } from './slack/edge/channels.ts'
import { createSlackClients } from './slack/edge/clients.ts'
import { createPeople } from './slack/edge/people.ts'
import { createCards } from './slack/notifier.ts'
import { readVersion } from './version.ts'
import { createWechatPay, SetupError, type WechatPayOptions } from './wechatpay/index.ts'

/**
 * Length of a lease, in calls: before another replica takes over, the one that holds the lease has recorded the result
 * or died. An attempt is one call; a card may take several.
 */
const CALLS_PER_ATTEMPT = 3
const CALLS_PER_CARD = 10
/**
 * Attempts under way at once in one process. More would leave more in doubt after a crash; fewer would slow issuing
 * down when answers are slow.
 */
const AT_ONCE = 64
/** ms between two looks for what the clock makes due; what an event makes due starts at once. */
const LOOK_EVERY = 1000
/**
 * ms between two checks that enough people can still decide each waiting grant. A check may ask Slack about each user
 * group.
 */
const DECIDERS_EVERY = 30_000
/**
 * ms between two runs of a task that updates Slack, however often it is woken. Each update is a call that Slack
 * counts, plus two commits, so several changes in a row become one update.
 */
const REST = 200
/** ms; a changed policy takes effect after about twice as long. */
const READ_POLICY_EVERY = 2000
/** ms; anything written since the last seal could be changed without a trace. */
const SEAL_EVERY = 60_000
/** ms; the task itself looks for old records only once a day. */
const ERASE_EVERY = 600_000

/** ms between two checks of the approval channel while probes ask, and the time Slack gets to answer one. */
const LOOK_AT_CHANNEL_EVERY = 10_000
const CHANNEL_WITHIN = 500

export interface App {
  /** Checks the whole set-up now. */
  examine(): Promise<Finding[]>
  /**
   * Starts taking commands and issuing what is due, including what an earlier process left.
   * @returns the ports it listens on; null: none @throws SlackStartError, SlackUnreachableError, PortError
   */
  start(): Promise<{ port: number | null; metricsPort: number | null }>
  /**
   * Takes nothing new, finishes what is in flight within `deadline` ms, and closes. Safe to call twice.
   * @returns whether everything ended; the next start takes up the rest
   */
  stop(deadline: number): Promise<boolean>
}

/**
 * Builds the app from its parts; the only place where they meet.
 * @param deps.now epoch ms: the business's clock, for limits, expiries and what people read
 * @param deps.host the address on which HTTP takes Slack's requests; default: all addresses
 * @param deps.checksSetUpAfter ms from the start to the first check of the set-up, which then runs every hour;
 * default: never
 * @param deps.patience multiplies the time that the app waits for Slack while a person waits, for a busy machine
 * @throws SetupError (keys), AuditKeyError, LedgerUnavailableError, LedgerSetupError, LedgerLockedError,
 * LedgerTooNewError
 */
export async function createApp(deps: {
  config: Config
  policy: Policy
  logger: Logger
  now: () => number
  host?: string
  patience?: number
  checksSetUpAfter?: number
}): Promise<App> {
  const { config, logger, now, host, patience = 1, checksSetUpAfter } = deps
  const version = readVersion()
  let inForce = deps.policy
  const policy = () => inForce
  const wechatpay = openWechatPay({
    ...config.wechatpay,
    timeouts: { total: config.wechatpay.timeout },
    userAgent: `withdraw-coupon/${version} node/${process.versions.node}`,
    onCall: ({ method, outcome, ms }) => metrics?.called(method, outcome, ms),
    logger: logger.child({ part: 'wechatpay' }),
  })
  const ledger = await openLedger({
    url: config.databaseUrl,
    now,
    logger: logger.child({ part: 'ledger' }),
  }).catch(async (error: unknown) => {
    await wechatpay.close()
    throw error
  })
  let signSeal: ReturnType<typeof signsBy>
  try {
    signSeal = signsBy(config.auditKey, logger)
  } catch (error) {
    await Promise.all([wechatpay.close(), ledger.close()])
    throw error
  }

  const clients = createSlackClients({ ...config.slack, version, logger })
  const slackLogger = logger.child({ part: 'slack' })
  const people = createPeople({
    client: clients.interactions,
    isCutOff: clients.tokens.isBotDead,
    policy,
    logger: slackLogger,
    now,
    patience,
  })
  const channels = createChannels({ client: clients.interactions, logger: slackLogger, now, patience })
  const grants = createGrants({
    ledger,
    wechatpay,
    notifier: createCards({
      client: clients.notifications,
      people,
      channels,
      policy,
      logger: logger.child({ part: 'cards' }),
      now,
    }),
    policy,
    now,
    logger: logger.child({ part: 'grants' }),
    worker: `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`,
    // Deferred, so that the recorded change is acknowledged first: each claim is a commit that waits for the disk.
    wake: () => void setImmediate(() => worker.wake()),
    lease: CALLS_PER_ATTEMPT * config.wechatpay.timeout,
    cardLease: CALLS_PER_CARD * config.slack.timeout,
    rate: config.wechatpay.rate,
    atOnce: AT_ONCE,
    signSeal,
    examine: () => setUp.look(),
    examined: () => setUp.latest(),
    random: Math.random,
  })
  const toSlack = createExchange(config.slack.proxy)
  const toWechatPay = createExchange(config.wechatpay.proxy)
  const setUp = watchSetUp({
    examine: () =>
      examine(
        {
          problems: [],
          policy: { ok: true, policy: policy() },
          slack: config.slack,
          wechatpay: config.wechatpay,
          hasAuditKey: config.auditKey !== null,
        },
        {
          slack: toSlack.exchange,
          wechatpay: toWechatPay.exchange,
          client: wechatpay,
          keyProblems: [],
          ledger: () => stateOf(ledger),
          async openidFor(appid) {
            const grant = await ledger.grantToLookUp()
            return grant?.appid === appid ? grant.openid : null
          },
          async connections() {
            const apps = await ledger.apps()
            const told = apps === null ? null : await slack.connections(apps)
            return apps === null || told === null ? null : { ...told, apps }
          },
          lookUp: endpoint && ((url, question) => whyFaulty(endpoint, url, question)),
          node: process.versions.node,
          // Not `now`: the business's clock may be set differently.
          now: Date.now,
        },
      ),
    after: checksSetUpAfter ?? 0,
    report: grants.reportSetUp,
    logger: logger.child({ part: 'set-up' }),
    random: Math.random,
  })
  const endpoint =
    config.customers.secret === undefined
      ? null
      : openEndpoint({ secret: config.customers.secret, address: config.customers.url })
  const customers = createCustomers({
    ledger,
    wechatpay,
    endpoint,
    mchid: config.wechatpay.mchid,
    policy,
    now,
    logger: logger.child({ part: 'customers' }),
  })
  const watching = watchPolicy({
    read: createPolicyReader(config),
    current: policy,
    use: (changed) => {
      inForce = changed
    },
    adopt: grants.putInForce,
    reportBroken: grants.reportBrokenPolicy,
  })
  const worker = createWorker({
    tasks: [
      { name: 'issue', run: grants.issueDue, every: LOOK_EVERY },
      { name: 'end lost attempts', run: grants.endLost, every: LOOK_EVERY, byClock: true },
      { name: 'draw cards', run: grants.drawDue, every: LOOK_EVERY, rest: REST },
      { name: 'tell holds', run: grants.tellHolds, every: LOOK_EVERY, rest: REST },
      { name: 'tell news', run: grants.tellNews, every: LOOK_EVERY, rest: REST },
      { name: 'draw homes', run: () => slack.drawHomes(), every: LOOK_EVERY, rest: REST },
      { name: 'expire', run: grants.expireDue, every: LOOK_EVERY, byClock: true },
      { name: 'remind', run: grants.remindDue, every: LOOK_EVERY, byClock: true },
      { name: 'reconcile coupons', run: grants.reconcile, every: LOOK_EVERY, byClock: true },
      { name: 'move days to another time zone', run: grants.moveDays, every: LOOK_EVERY, byClock: true },
      { name: 'erase old records', run: grants.eraseOld, every: ERASE_EVERY, byClock: true },
      { name: 'escalate', run: grants.escalateDue, every: LOOK_EVERY, byClock: true },
      { name: 'look for deciders', run: grants.lookForStranded, every: DECIDERS_EVERY, byClock: true },
      { name: 'seal the trail', run: grants.sealTrail, every: SEAL_EVERY, byClock: true },
      { name: 'watch policy', run: watching, every: READ_POLICY_EVERY, byClock: true },
    ],
    logger: logger.child({ part: 'jobs' }),
  })
  // With HTTP, PORT is open to Slack, and so to everybody.
  const { metricsPort } = config
  const tellsAllAtPort = config.slack.transport === 'socket' && config.slack.port !== undefined
  const health = await createHealth({
    hasMetrics: metricsPort !== undefined || tellsAllAtPort,
    ledger,
    proveTrust: grants.proveTrust,
    trouble: async () => slack.trouble() ?? (await mayNotPost()),
    version,
    now,
    logger: logger.child({ part: 'health' }),
  })
  const { metrics } = health
  let post: { at: number; why: string | null } = { at: Number.NEGATIVE_INFINITY, why: null }
  /** Why the app can't ask approvers, or null. No answer from Slack in time counts as null. */
  async function mayNotPost(): Promise<string | null> {
    if (performance.now() - post.at < LOOK_AT_CHANNEL_EVERY) return post.why
    const found = await channels.check(policy().approval.channel, CHANNEL_WITHIN)
    const why =
      found === null || found === 'ok' ? null : `the app can't post in the approval channel: ${found}`
    post = { at: performance.now(), why }
    return why
  }
  const metricsServer =
    metricsPort === undefined
      ? null
      : createHttpServer({
          port: metricsPort,
          variable: 'METRICS_PORT',
          host: config.metricsHost,
          pages: health.metricsPages,
          listener: null,
          logger,
        })
  // With Socket Mode, only probes and Prometheus use this port.
  const slackHost = config.slack.transport === 'http' ? host : config.metricsHost
  const slack = createSlack({
    config: { ...config.slack, ...(slackHost === undefined ? {} : { host: slackHost }) },
    clients,
    people,
    grants,
    customers,
    logger,
    now,
    pages: tellsAllAtPort ? health.metricsPages : health.pages,
    patience,
    ...(metrics && { acknowledged: metrics.acknowledged }),
  })

  const tellTheLast = () =>
    grants.drawDue().catch((error: unknown) => {
      logger.warn({ err: error }, 'the last changes were not told: it is done at the next start')
    })
  let stopped: Promise<boolean> | undefined
  async function stop(deadline: number): Promise<boolean> {
    const end = performance.now() + deadline
    const left = () => Math.max(0, end - performance.now())
    health.stop()
    setUp.stop()
    // Draws what it can in the time left; the ledger knows what remains to be drawn.
    const tellInTime = () => Promise.race([tellTheLast(), sleep(left(), undefined, { ref: false })])
    // From here on the app claims nothing new, however long people's answers in Slack take.
    const issuing = Promise.all([worker.stop(left()), grants.drain(left())]).then(async (ends) => {
      const hasEnded = !ends.includes(false)
      if (hasEnded) await tellInTime()
      else logger.warn('stopping with work under way: it is taken up at the next start')
      return hasEnded
    })
    const [hasEnded] = await Promise.all([issuing, slack.stop(left())])
    // What those answers have changed in the meantime.
    if (hasEnded) await tellInTime()
    const closed = Promise.all([wechatpay.close(), toSlack.close(), toWechatPay.close()])
    // Waiting for a call that hangs would exceed the deadline.
    if (hasEnded) await closed
    await endpoint?.close()
    await ledger.close()
    health.close()
    slack.close()
    metricsServer?.close()
    return hasEnded
  }

  return {
    examine: () => setUp.look(),
    async start() {
      await grants.putInForce(policy())
      const tellingAt = metricsServer ? await metricsServer.listen() : null
      if (tellingAt !== null) logger.info({ port: tellingAt }, 'telling health and metrics')
      const { port } = await slack.start()
      worker.start()
      if (checksSetUpAfter !== undefined) setUp.start()
      return { port, metricsPort: tellingAt }
    },
    stop(deadline) {
      stopped ??= stop(deadline)
      return stopped
    },
  }
}

/** An open ledger always has this app's version, whatever else is wrong with it. */
async function stateOf(ledger: Ledger): Promise<LedgerState> {
  const { engine } = ledger
  try {
    await ledger.check()
    const kept = { backedUpAt: await ledger.backedUpAt(), signedBy: await ledger.signedBy() }
    return { kind: 'good', engine, version: LATEST_VERSION, latest: LATEST_VERSION, ...kept }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { kind: error instanceof LedgerBusyError ? 'busy' : 'unusable', why }
  }
}

/** Checks keys and serials without sending anything. @returns what is wrong, in lines for a person; null: nothing */
export async function checkKeys(config: Config['wechatpay']): Promise<string | null> {
  try {
    await openWechatPay(config).close()
    return null
  } catch (error) {
    if (error instanceof SetupError) return error.message
    throw error
  }
}

/** @throws AuditKeyError when the key can't be made */
function signsBy(auditKey: Config['auditKey'], logger: Logger) {
  if (!auditKey) {
    logger.info('the seals of the trail are not signed: AUDIT_KEY_FILE is not set')
    return null
  }
  const { key, isNew } = openAuditKey(auditKey)
  const name = publicKeyOf(key)
  const told = { file: auditKey.file, auditKey: name }
  if (isNew) logger.info(told, 'made a key that signs the trail: keep a copy of it apart from the ledger')
  return (hash: string) => ({ key: name, signature: signHash(key, 'seal', hash) })
}

/** @throws SetupError that names the variables */
function openWechatPay(options: WechatPayOptions) {
  try {
    return createWechatPay(options)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    throw new SetupError('all', { message: inVariables(error.message), cause: error })
  }
}
