import { parseArgs, styleText } from 'node:util'
import { inVariables, loadConfig, variableOf, wordProblem } from '../config/config.ts'
import { openEndpoint, whyFaulty } from '../customers/index.ts'
import {
  createExchange,
  examine,
  type Finding,
  type Instruments,
  type Level,
  type Paint,
  plain,
  press,
  toJson,
  worstOf,
  writeReport,
} from '../doctor/index.ts'
import { openidProblemOf } from '../domain/ask.ts'
import type { Language } from '../domain/text.ts'
import { examineLedger, type LedgerState, openLedger } from '../ledger/ledger.ts'
import { loadPolicy } from '../policy/load-policy.ts'
import { createWechatPay, SetupError, type WechatPay } from '../wechatpay/index.ts'
import { openidLine } from './refusals.ts'
import { end, endBy, type Terminal, UsageError } from './terminal.ts'

const usage = `Checks a whole set-up: this machine, settings, policy, keys, ledger, Slack and WeChat Pay. Runs before the first
start and beside a running app. Opens no connection that takes clicks, posts nothing and changes nothing.

  npm run doctor
  npm run doctor -- --json            for scripts: each finding with its code, level, remedy and step
  npm run doctor -- --openid OPENID   looks up this user's coupons, which proves each stock; nothing is given
  npm run doctor -- --press USER      sends this person (U…) a button in a direct message and waits until the running app has
                                      answered its click; this is the only thing that it posts
  npm run doctor -- --locale zh-CN    in Chinese, the default where LANG is; en: in English

Exits with 0: all is good; 1: warnings; 2: something blocks the app; 64: wrong arguments.
`

const exitCodes: Readonly<Record<Level, number>> = { ok: 0, unknown: 0, warning: 1, blocks: 2 }

const colours = { ok: 'green', unknown: 'gray', warning: 'yellow', blocks: 'red' } as const
const coloured: Paint = {
  level: (level, text) => styleText(colours[level], text, { validateStream: false }),
  title: (text) => styleText('bold', text, { validateStream: false }),
  faint: (text) => styleText('dim', text, { validateStream: false }),
}

/** Runs `doctor`. @returns the exit code */
export async function doctor(args: string[], terminal: Terminal): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean' },
        openid: { type: 'string' },
        press: { type: 'string' },
        locale: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return end(terminal, 0, usage)
    const language = languageFor(values.locale, terminal)
    const findings = await examineBy(terminal.env, {
      openid: values.openid ?? null,
      language: values.json ? 'en' : language,
    })
    if (values.press !== undefined) findings.push(await pressBy(terminal, values.press))
    // Not through `end`, which would remove the colours; the report holds no foreign control characters.
    terminal.out(
      values.json
        ? `${JSON.stringify(toJson(findings), null, 2)}\n`
        : writeReport(findings, language, terminal.hasColour ? coloured : plain),
    )
    return exitCodes[worstOf(findings)]
  } catch (error) {
    return endBy(terminal, error)
  }
}

function languageFor(given: string | undefined, { env }: Terminal): Language {
  if (given === 'en' || given === 'zh-CN') return given
  if (given !== undefined) throw new UsageError('--locale takes en or zh-CN')
  return /^zh/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'zh-CN' : 'en'
}

/**
 * Checks the set-up that an environment describes.
 * @param openid of a user whose coupons may be looked up
 * @param language in which mistakes of the settings and the policy are reported
 */
export async function examineBy(
  env: Terminal['env'],
  { openid = null, language = 'en' }: { openid?: string | null; language?: Language } = {},
): Promise<Finding[]> {
  const loaded = loadConfig(env)
  const { slack, wechatpay, customers, databaseUrl, policyFile } = loaded.ok ? loaded.config : loaded.partial
  const read = loadPolicy({ policyFile, wechatpay })
  const problem = openid !== null && read.ok ? openidProblemOf(read.policy, openid) : null
  if (problem) throw new UsageError(`--openid: ${openidLine(problem)}`)
  const toSlack = createExchange(slack.proxy)
  const toWechatPay = createExchange(wechatpay.proxy)
  const { client, keyProblems } = openClient(wechatpay)
  const { secret, url: address } = customers
  const endpoint = secret === undefined ? null : openEndpoint({ secret, address })
  try {
    return await examine(
      {
        problems: loaded.ok ? [] : loaded.problems.map((problem) => wordProblem(problem, language)),
        policy: read.ok ? read : { ok: false, mistakes: read.mistakes[language] },
        slack,
        wechatpay,
        // If the settings are wrong, that comes first.
        hasAuditKey: !loaded.ok || loaded.config.auditKey !== null,
      },
      {
        slack: toSlack.exchange,
        wechatpay: toWechatPay.exchange,
        client,
        keyProblems,
        ledger: () => ledgerAt(databaseUrl),
        openidFor: async (appid) => openid ?? (await openidIn(databaseUrl, appid)),
        // Slack gives the count only to the app itself. A tool that connected to get it would receive clicks.
        connections: async () => null,
        lookUp: endpoint && ((url, question) => whyFaulty(endpoint, url, question)),
        node: process.versions.node,
        now: Date.now,
      },
    )
  } finally {
    await Promise.all([toSlack.close(), toWechatPay.close(), client?.close(), endpoint?.close()])
  }
}

/** Progress goes where complaints go, so that `--json` stays JSON. */
async function pressBy(terminal: Terminal, person: string): Promise<Finding> {
  if (!/^[UW][0-9A-Z]{2,}$/.test(person)) throw new UsageError('--press takes a member id (U…)')
  const loaded = loadConfig(terminal.env)
  const { slack } = loaded.ok ? loaded.config : loaded.partial
  const { exchange, close } = createExchange(slack.proxy)
  return press(person, { setup: slack, exchange, say: terminal.err }).finally(close)
}

function openClient(options: Parameters<typeof createWechatPay>[0]): {
  client: WechatPay | null
  keyProblems: Instruments['keyProblems']
} {
  try {
    return { client: createWechatPay(options), keyProblems: [] }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    return {
      client: null,
      keyProblems: error.faults.map(({ option, fault, detail, problem }) => ({
        problem: inVariables(`${option}: ${problem}`),
        ...{ variable: variableOf(option), option, fault, detail },
      })),
    }
  }
}

async function ledgerAt(url: string): Promise<LedgerState | null> {
  return url === '' ? null : examineLedger(url)
}

/** A user who got a coupon here: about nobody's coupons, WeChat Pay may say nothing of the stock. */
async function openidIn(url: string, appid: string): Promise<string | null> {
  const state = await ledgerAt(url)
  if (state?.kind !== 'good' || state.version !== state.latest) return null
  const ledger = await openLedger({ url, role: 'tool' })
  try {
    const grant = await ledger.grantToLookUp()
    return grant?.appid === appid ? grant.openid : null
  } finally {
    await ledger.close()
  }
}
