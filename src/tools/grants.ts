import { isDeepStrictEqual } from 'node:util'
import { type ConfigProblem, formatProblems, inVariables, loadConfig } from '../config/config.ts'
import type { Settlement, Verdict } from '../domain/grant.ts'
import { EXIT } from '../exit-codes.ts'
import { createOperations, type Operations, reconcileAll } from '../grants/index.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import { createWechatPay, SetupError } from '../wechatpay/index.ts'
import { tellCandidates, tellOther, tellStuck, told } from './outcome-lines.ts'
import { counted } from './refusals.ts'
import {
  argumentsOfVerb,
  ConfigError,
  databaseUrl,
  end,
  endBy,
  endWithUsage,
  isMissing,
  policyFile,
  readPolicy,
  systemUser,
  type Terminal,
  UsageError,
} from './terminal.ts'

const usage = `What operators do, beside the running app; the same from Slack: /withdraw-coupon stuck | pause | resume

  npm run grants -- stuck                              what waits and why, and what people must settle
  npm run grants -- pause  [--stock KEY] [--reason TEXT]     nothing more is issued, from now on
  npm run grants -- resume [--stock KEY]
  npm run grants -- look GRANT                         what is known of it, and the coupons that may have come from it
  npm run grants -- settle GRANT --issued COUPON_ID --evidence TEXT
  npm run grants -- settle GRANT --not-issued --evidence TEXT
  npm run grants -- confirm GRANT --issued COUPON_ID   by a second person: an operator or approver in Slack, or another user here,
  npm run grants -- confirm GRANT --not-issued         who repeats what was proposed, so that nothing else is confirmed
  npm run grants -- withdraw GRANT                     withdraws what was proposed
  npm run grants -- reconcile [--days N]               compares what was given in the last 30 days with WeChat Pay's list

Uses DATABASE_URL and POLICY_FILE; look also uses WeChat Pay's settings. The trail names you as cli:USER.
Exits with 0; 1: not done, and the answer says why; 64: wrong arguments; 74: the ledger can't be used; 78: the policy or
the settings can't be used.
`
const flags = {
  stock: { type: 'string' },
  reason: { type: 'string' },
  issued: { type: 'string' },
  'not-issued': { type: 'boolean' },
  evidence: { type: 'string' },
  days: { type: 'string' },
} as const
type Values = ReturnType<typeof argumentsOfVerb<typeof flags>>['values']

const verbs: Record<
  string,
  { takes: readonly (keyof typeof flags)[]; grant: boolean; run: (given: Given) => Promise<boolean> }
> = {
  stuck: { takes: [], grant: false, run: stuck },
  pause: { takes: ['stock', 'reason'], grant: false, run: pause },
  resume: { takes: ['stock'], grant: false, run: resume },
  look: { takes: [], grant: true, run: look },
  settle: { takes: ['issued', 'not-issued', 'evidence'], grant: true, run: settle },
  confirm: { takes: ['issued', 'not-issued'], grant: true, run: confirm },
  withdraw: { takes: [], grant: true, run: withdraw },
  reconcile: { takes: ['days'], grant: false, run: reconcile },
}

interface Given {
  terminal: Terminal
  operations: Operations
  deps: Parameters<typeof createOperations>[0]
  ledger: Ledger
  wechatpay: ReturnType<typeof lazyWechatPay>
  by: { commandLine: string }
  grantId: string
  values: Values
}

/** Runs `grants`. @returns the exit code */
export async function grants([name, ...rest]: string[], terminal: Terminal): Promise<number> {
  const verb = name === undefined || !Object.hasOwn(verbs, name) ? undefined : verbs[name]
  if (!verb) return endWithUsage(terminal, name, usage)
  try {
    const { values, positionals } = argumentsOfVerb(rest, { verb: name, takes: verb.takes, flags })
    if (positionals.length !== (verb.grant ? 1 : 0))
      throw new UsageError(
        verb.grant ? `${name} takes the id of one grant` : `${name} takes no ${positionals[0]}`,
      )
    return await run(verb.run, { terminal, values, grantId: positionals[0] ?? '' })
  } catch (error) {
    return endBy(terminal, error)
  }
}

async function run(
  act: (given: Given) => Promise<boolean>,
  { terminal, values, grantId }: Pick<Given, 'terminal' | 'values' | 'grantId'>,
): Promise<number> {
  const { env } = terminal
  const policy = readPolicy(policyFile(env), env)
  const url = databaseUrl(env)
  if (isMissing(url))
    return end(
      terminal,
      EXIT.ledger,
      `there is no ledger at ${url}: start the app first, or set DATABASE_URL\n`,
    )
  const ledger = await openLedger({ url, role: 'tool' })
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const wechatpay = lazyWechatPay(env)
  try {
    const deps: Given['deps'] = {
      ledger,
      policy: () => policy,
      now: Date.now,
      logger: quiet,
      wake() {},
      get wechatpay() {
        return wechatpay.get()
      },
    }
    const operations = createOperations(deps)
    const by = { commandLine: systemUser() }
    const isDone = await act({ terminal, operations, deps, ledger, wechatpay, by, values, grantId })
    return isDone ? 0 : 1
  } finally {
    await wechatpay.close()
    await ledger.close()
  }
}

/** Reads the WeChat Pay settings only to look up a user's coupons: pausing must work without them. */
function lazyWechatPay(env: Terminal['env']) {
  let client: ReturnType<typeof createWechatPay> | undefined
  return {
    get() {
      if (client) return client
      const loaded = loadConfig(env)
      const missing = loaded.ok ? [] : loaded.problems.filter(isOfWechatPay)
      if (missing.length > 0)
        throw new ConfigError(`WeChat Pay's settings are incomplete:\n${formatProblems(missing, 'en')}`)
      const { wechatpay } = loaded.ok ? loaded.config : loaded.partial
      try {
        client = createWechatPay(wechatpay)
      } catch (error) {
        throw error instanceof SetupError ? new ConfigError(inVariables(error.message)) : error
      }
      return client
    },
    close: async () => client?.close(),
  }
}

function isOfWechatPay({ variable }: ConfigProblem): boolean {
  return /^WECHATPAY_|^https?_proxy$/i.test(variable)
}

async function stuck({ terminal, operations, by }: Given): Promise<boolean> {
  return tellStuck(terminal, await operations.stuck({ by }))
}

async function pause({ terminal, operations, by, values }: Given): Promise<boolean> {
  return told(
    terminal,
    await operations.pause({ by, stock: values.stock ?? null, reason: values.reason ?? null }),
  )
}

async function resume({ terminal, operations, by, values }: Given): Promise<boolean> {
  return told(terminal, await operations.resume({ by, stock: values.stock ?? null }))
}

async function look({ terminal, operations, wechatpay, by, grantId }: Given): Promise<boolean> {
  // Read the settings first: within the look-up, missing ones would be reported as WeChat Pay's answer.
  wechatpay.get()
  return tellCandidates(terminal, await operations.candidates({ by, grantId }))
}

async function settle({ terminal, operations, by, grantId, values }: Given): Promise<boolean> {
  const verdict = verdictOf('settle', values)
  return told(
    terminal,
    await operations.proposeSettlement({ by, grantId, verdict, evidence: values.evidence ?? '' }),
  )
}

/** The waiting proposal may differ from the one that the person read: withdrawn and proposed again in between. */
async function confirm({ terminal, operations, ledger, by, grantId, values }: Given): Promise<boolean> {
  const verdict = verdictOf('confirm', values)
  const settlement = await waiting(ledger, terminal, grantId)
  if (!settlement) return false
  if (!isDeepStrictEqual(settlement.verdict, verdict)) return tellOther(terminal, settlement)
  return told(terminal, await operations.confirmSettlement({ by, settlementId: settlement.id }))
}

async function withdraw({ terminal, operations, ledger, by, grantId }: Given): Promise<boolean> {
  const settlement = await waiting(ledger, terminal, grantId)
  return (
    settlement !== null &&
    told(terminal, await operations.withdrawSettlement({ by, settlementId: settlement.id }))
  )
}

async function reconcile({ terminal, deps, wechatpay, values }: Given): Promise<boolean> {
  // As in `look`.
  wechatpay.get()
  const days = values.days === undefined ? 30 : Number(values.days)
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new UsageError('--days is a whole number from 1 to 366')
  const { asked, failed, differences } = await reconcileAll(deps, { days })
  for (const { couponId, differs, grantId } of differences)
    terminal.out(
      differs === 'no-grant'
        ? `${couponId}: no grant has it\n`
        : `${couponId}: WeChat Pay does not list it any more; it is of grant ${grantId}\n`,
    )
  if (failed > 0) terminal.out(`${counted(failed, 'list')} could not be had: try again later\n`)
  terminal.out(
    `${counted(asked, 'list')} of users compared, ${counted(differences.length, 'coupon')} differ\n`,
  )
  return failed === 0 && differences.length === 0
}

function verdictOf(verb: string, { issued, 'not-issued': notIssued }: Values): Verdict {
  if ((issued === undefined) === (notIssued === undefined))
    throw new UsageError(`${verb} takes either --issued COUPON_ID or --not-issued`)
  return issued === undefined ? { kind: 'not-issued' } : { kind: 'issued', couponId: issued }
}

async function waiting(ledger: Ledger, terminal: Terminal, grantId: string): Promise<Settlement | null> {
  const [settlement] = await ledger.openSettlements([grantId])
  if (settlement) return settlement
  terminal.out(`nothing waits for a second person at ${grantId}\n`)
  return null
}
