import { isDeepStrictEqual, parseArgs } from 'node:util'
import { inVariables, loadConfig } from '../config.ts'
import type { Settlement, Verdict } from '../domain/settlement.ts'
import { createOperations, type Operations } from '../grants/index.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import { createWechatPay, SetupError } from '../wechatpay/index.ts'
import {
  CONFIG,
  databaseUrl,
  end,
  endBy,
  isMissing,
  LEDGER,
  policyFile,
  readPolicy,
  systemUser,
  USAGE,
  UsageError,
} from './terminal.ts'
import { tellCandidates, tellOther, tellStuck, told } from './told.ts'

const usage = `What operators do, beside the running app; the same from Slack: /withdraw-coupon stuck | pause | resume

  npm run grants -- stuck                              what waits and why, and what people must settle
  npm run grants -- pause  [--stock KEY] [--reason TEXT]     nothing more is issued, from now on
  npm run grants -- resume [--stock KEY]
  npm run grants -- look GRANT                         what is known of it, and the coupons that may have come from it
  npm run grants -- settle GRANT --issued COUPON_ID --evidence TEXT
  npm run grants -- settle GRANT --not-issued --evidence TEXT
  npm run grants -- confirm GRANT --issued COUPON_ID   by a second person: operator or approver in Slack, or another user here,
  npm run grants -- confirm GRANT --not-issued         who says what was proposed, so that nothing else is confirmed
  npm run grants -- withdraw GRANT                     takes back what was proposed

Uses DATABASE_URL and POLICY_FILE; look uses WeChat Pay's settings, too. Who does it stands in the trail as cli:USER.
Ends with 0; 1: it was not done, and the answer says why; 64: wrong arguments; 74: the ledger can't be used; 78: the
policy or the settings.
`
const flags = {
  stock: { type: 'string' },
  reason: { type: 'string' },
  issued: { type: 'string' },
  'not-issued': { type: 'boolean' },
  evidence: { type: 'string' },
} as const
type Values = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values']

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
}

interface Given {
  operations: Operations
  ledger: Ledger
  wechatpay: ReturnType<typeof lazyWechatPay>
  by: { commandLine: string }
  grantId: string
  values: Values
}

class SettingsError extends Error {}

await main(process.argv.slice(2))

async function main([name, ...rest]: string[]): Promise<void> {
  const verb = name === undefined || !Object.hasOwn(verbs, name) ? undefined : verbs[name]
  if (!verb) {
    const isAsked = name === undefined || ['help', '--help', '-h'].includes(name)
    return end(isAsked ? 0 : USAGE, isAsked ? usage : `There is no "${name}".\n\n${usage}`)
  }
  try {
    const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: flags })
    const foreign = Object.keys(values).find((flag) => !verb.takes.some((known) => known === flag))
    if (foreign) throw new UsageError(`${name} takes no --${foreign}`)
    if (positionals.length !== (verb.grant ? 1 : 0))
      throw new UsageError(
        verb.grant ? `${name} takes the id of one grant` : `${name} takes no ${positionals[0]}`,
      )
    await run(verb.run, { values, grantId: positionals[0] ?? '' })
  } catch (error) {
    if (error instanceof SettingsError) return end(CONFIG, `${error.message}\n`)
    endBy(error)
  }
}

async function run(
  act: (given: Given) => Promise<boolean>,
  { values, grantId }: Pick<Given, 'values' | 'grantId'>,
): Promise<void> {
  const policy = readPolicy(policyFile())
  if (!policy) return
  const url = databaseUrl()
  if (isMissing(url))
    return end(LEDGER, `there is no ledger at ${url}: start the app first, or set DATABASE_URL\n`)
  const ledger = await openLedger({ url, role: 'tool' })
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const wechatpay = lazyWechatPay()
  try {
    const operations = createOperations({
      ledger,
      policy: () => policy,
      now: Date.now,
      logger: quiet,
      wake() {},
      get wechatpay() {
        return wechatpay.get()
      },
    })
    const by = { commandLine: systemUser() }
    const isDone = await act({ operations, ledger, wechatpay, by, values, grantId })
    process.exitCode = isDone ? 0 : 1
  } finally {
    await wechatpay.close()
    await ledger.close()
  }
}

/** Its settings are only needed to look at what a user holds: to pause must work without them. */
function lazyWechatPay() {
  let client: ReturnType<typeof createWechatPay> | undefined
  return {
    get() {
      if (client) return client
      const loaded = loadConfig(process.env)
      if (!loaded.ok)
        throw new SettingsError('WeChat Pay can not be asked: run npm start to see what is missing in .env')
      try {
        client = createWechatPay(loaded.config.wechatpay)
      } catch (error) {
        throw error instanceof SetupError ? new SettingsError(inVariables(error.message)) : error
      }
      return client
    },
    close: async () => client?.close(),
  }
}

async function stuck({ operations, by }: Given): Promise<boolean> {
  return tellStuck(await operations.stuck({ by }))
}

async function pause({ operations, by, values }: Given): Promise<boolean> {
  return told(await operations.pause({ by, stock: values.stock ?? null, reason: values.reason ?? null }))
}

async function resume({ operations, by, values }: Given): Promise<boolean> {
  return told(await operations.resume({ by, stock: values.stock ?? null }))
}

async function look({ operations, wechatpay, by, grantId }: Given): Promise<boolean> {
  // Asked for within the look-up, missing settings would be told as an answer of WeChat Pay's.
  wechatpay.get()
  return tellCandidates(await operations.candidates({ by, grantId }))
}

async function settle({ operations, by, grantId, values }: Given): Promise<boolean> {
  const verdict = verdictOf('settle', values)
  return told(await operations.proposeSettlement({ by, grantId, verdict, evidence: values.evidence ?? '' }))
}

/** What waits may be another proposal than the one that was read: withdrawn and proposed anew meanwhile. */
async function confirm({ operations, ledger, by, grantId, values }: Given): Promise<boolean> {
  const verdict = verdictOf('confirm', values)
  const settlement = await waiting(ledger, grantId)
  if (!settlement) return false
  if (!isDeepStrictEqual(settlement.verdict, verdict)) return tellOther(settlement)
  return told(await operations.confirmSettlement({ by, settlementId: settlement.id }))
}

async function withdraw({ operations, ledger, by, grantId }: Given): Promise<boolean> {
  const settlement = await waiting(ledger, grantId)
  return settlement !== null && told(await operations.withdrawSettlement({ by, settlementId: settlement.id }))
}

function verdictOf(verb: string, { issued, 'not-issued': notIssued }: Values): Verdict {
  if ((issued === undefined) === (notIssued === undefined))
    throw new UsageError(`${verb} takes either --issued COUPON_ID or --not-issued`)
  return issued === undefined ? { kind: 'not-issued' } : { kind: 'issued', couponId: issued }
}

async function waiting(ledger: Ledger, grantId: string): Promise<Settlement | null> {
  const [settlement] = await ledger.openSettlements([grantId])
  if (settlement) return settlement
  process.stdout.write(`nothing waits for a second person at ${grantId}\n`)
  return null
}
