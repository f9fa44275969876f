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
 * How many calls long a lease is: the replica that was given it has recorded what came of it, or died, before another
 * takes over. An attempt is one call; a card may take several.
 */
const CALLS_PER_ATTEMPT = 3
const CALLS_PER_CARD = 10
/**
 * Attempts under way at once in one process: as many are in doubt after a crash, and fewer hold up the pace where answers
 * are slow.
 */
const AT_ONCE = 64
/** What becomes due by the clock is looked for so often, ms; what becomes due by an event is begun at once. */
const LOOK_EVERY = 1000
/** Slack is asked who is in a user group once a minute. */
const DECIDERS_EVERY = 30_000
/**
 * Slack is told of what happens at most this often, ms, so that of several changes in a row only the last is drawn: each
 * is a call that Slack counts, and two commits.
 */
const REST = 200
/** ms; a change of the policy is taken up after twice as long. */
const READ_POLICY_EVERY = 2000
/** ms; what was written since the last seal could be changed without a trace. */
const SEAL_EVERY = 60_000
/** ms; what is too old by then is looked for once a day. */
const ERASE_EVERY = 600_000

/** ms between two looks at the approval channel while probes ask, and how long Slack may take for one. */
const LOOK_AT_CHANNEL_EVERY = 10_000
const CHANNEL_WITHIN = 500

export interface App {
  /** Tries the whole set-up now. */
  examine(): Promise<Finding[]>
  /**
   * Begins to take commands and to issue what is due, what an earlier process left included.
   * @returns the ports listened on, or null @throws SlackStartError, SlackUnreachableError, PortError
   */
  start(): Promise<{ port: number | null; metricsPort: number | null }>
  /**
   * Takes nothing new, finishes what is in flight for at most so many ms, and closes. Safe to call twice.
   * @returns whether all of it ended; what did not is taken up at the next start
   */
  stop(deadline: number): Promise<boolean>
}

/**
 * Builds the app from its parts; the only place where they meet.
 * @param deps.now epoch ms: the business's clock, for limits, expiries and what people read
 * @param deps.host address where HTTP takes Slack's requests; default: every one
 * @param deps.checksSetUpAfter ms from the start until the set-up is checked, and then every hour; left out: it is not
 * @param deps.patience how many times as long as usual Slack is waited for while a person waits, as on a busy machine
 * @throws SetupError (keys), AuditKeyError, LedgerUnavailableError, LedgerSetupError, LedgerLockedError, LedgerTooNewError
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
    // Later in the turn: what was recorded is acknowledged first, as each claim is a commit that waits for the disk.
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
          // The business's clock can be another one.
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
  // With HTTP, PORT is where Slack, and with it everybody, reaches the app.
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
  /** Why approvers can't be asked, or null. What Slack doesn't tell in time is no reason. */
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
  // With Socket Mode nobody but probes and Prometheus asks there.
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
    // What is still told is what there is time for; the ledger knows what is left to draw.
    const tellInTime = () => Promise.race([tellTheLast(), sleep(left(), undefined, { ref: false })])
    // Nothing new is claimed from here on, however long the answers take that people wait for in Slack.
    const issuing = Promise.all([worker.stop(left()), grants.drain(left())]).then(async (ends) => {
      const hasEnded = !ends.includes(false)
      if (hasEnded) await tellInTime()
      else logger.warn('stopping with work under way: it is taken up at the next start')
      return hasEnded
    })
    const [hasEnded] = await Promise.all([issuing, slack.stop(left())])
    // What those answers changed meanwhile.
    if (hasEnded) await tellInTime()
    const closed = Promise.all([wechatpay.close(), toSlack.close(), toWechatPay.close()])
    // A call that hangs would be waited for beyond the deadline.
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

/** One that is open has the version of this app, whatever else it has. */
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

/** What is wrong with keys and serials, in lines for a person; null: nothing. Nothing is sent. */
export async function checkKeys(config: Config['wechatpay']): Promise<string | null> {
  try {
    await openWechatPay(config).close()
    return null
  } catch (error) {
    if (error instanceof SetupError) return error.message
    throw error
  }
}

/** @throws AuditKeyError where it can't be made */
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
