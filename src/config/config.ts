import { dirname, join } from 'node:path'
import type { z } from 'zod'
import type { Language } from '../domain/text.ts'
import { readText } from '../policy/text-file.ts'
import type { WebProxy } from '../web-proxy.ts'
import { type AuditKey, findAuditKey } from './audit-key.ts'
import { crossChecks } from './cross-checks.ts'
import {
  type ConfigProblem,
  type Env,
  type Given,
  given,
  givenOrInFile,
  givenProxy,
} from './read-variable.ts'
import { decoded, hiding, proxySecrets } from './secrets.ts'
import { type Row, type Values, type Variable, variables } from './variables.ts'
import { configWords } from './words/index.ts'

export { type AuditKey, AuditKeyError, findAuditKey, openAuditKey } from './audit-key.ts'
export type { ConfigProblem, Env } from './read-variable.ts'
export type LogLevel = Values['LOG_LEVEL']

/** The app's configuration. Printing it (inspect, JSON) shows no secret. */
export interface Config {
  slack: {
    botToken: string
    transport: 'socket' | 'http'
    /** Socket Mode only. */
    appToken?: string
    /** HTTP only. */
    signingSecret?: string
    /** Where HTTP listens; 0: any free port. With Socket Mode, where health is served, if at all. */
    port?: number
    /** For a Slack other than slack.com. */
    apiUrl?: string
    /** The proxy for other machines; it may contain a password. */
    proxy?: WebProxy
    /** ms that a call to draw a card may take. */
    timeout: number
  }
  wechatpay: {
    mchid: string
    appid: string
    merchantSerial: string
    /** PEM, as given. */
    privateKey: string
    publicKey?: { id: string; pem: string }
    apiv3Key?: string
    /** PEM of `apiclient_cert.pem`, if it is beside the private key's file; only the set-up checks read it. */
    certificate?: string
    /** For a WeChat Pay other than the official hosts. */
    baseUrls?: readonly string[]
    /** As for Slack. */
    proxy?: WebProxy
    /** Attempts a second, over all replicas. */
    rate: number
    /** ms that one call may take, whatever happens. */
    timeout: number
  }
  /** The merchant's own look-up of users. */
  customers: {
    /** Signs requests and answers; absent: the look-up isn't used. */
    secret?: string
    /** Address to ask instead of the policy's. */
    url?: string
  }
  databaseUrl: string
  policyFile: string
  /** Signs the seals of the trail; null: nothing does. */
  auditKey: AuditKey | null
  /** Serves health and metrics separately from Slack's requests; 0: any free port. */
  metricsPort?: number
  /** Address that serves metrics and other pages for the people who run the app. */
  metricsHost: string
  logLevel: LogLevel
}

/** Includes what could be read despite problems, so that further mistakes can be reported too. */
export type LoadedConfig =
  | { ok: true; config: Config }
  | {
      ok: false
      problems: ConfigProblem[]
      partial: Pick<Config, 'policyFile' | 'slack' | 'wechatpay' | 'customers' | 'databaseUrl'>
    }

const DEFAULT_PORT = 3000

/**
 * Reads the configuration from environment variables, or reports every problem at once.
 * @param readFile reads the files that `…_FILE` variables name, as text; its errors become problems
 */
export function loadConfig(env: Env, readFile: (path: string) => string = readText): LoadedConfig {
  const found = allGiven(env, readFile)
  const { values, problems: wrong } = readValues(found)
  const { DATABASE_URL: databaseUrl = '', AUDIT_KEY_FILE: file } = values
  const audit = findAuditKey({ file, databaseUrl }, readFile)
  const ofAudit = 'problem' in audit ? [audit.problem] : []
  const problems = inOrder([...wrong, ...crossChecks(found, values), ...ofAudit], found)
  const except = given(env, 'no_proxy').text ?? given(env, 'NO_PROXY').text
  const certificate = besideKey(env, readFile)
  const wechatpay = hiding({ ...wechatpayOf(values, except), ...(certificate && { certificate }) }, [
    'privateKey',
    'apiv3Key',
    'proxy',
  ])
  const slack = hiding(slackOf(values, except), ['botToken', 'appToken', 'signingSecret', 'proxy'])
  const customers = hiding(customersOf(values), ['secret'])
  if (problems.length > 0) {
    const { POLICY_FILE: policyFile = '', DATABASE_URL: databaseUrl = '' } = values
    return {
      ok: false,
      problems,
      partial: hiding({ policyFile, slack, wechatpay, customers, databaseUrl }, ['databaseUrl']),
    }
  }
  const { METRICS_PORT: metricsPort, ...read } = values as Values
  const config = {
    slack,
    wechatpay,
    customers,
    databaseUrl: read.DATABASE_URL,
    policyFile: read.POLICY_FILE,
    auditKey: 'key' in audit && audit.key ? hiding(audit.key, ['pem']) : null,
    ...(metricsPort === undefined ? {} : { metricsPort }),
    metricsHost: read.METRICS_HOST,
    logLevel: read.LOG_LEVEL,
  }
  return { ok: true, config: hiding(config, ['databaseUrl']) }
}

const rows = Object.entries(variables) as [Variable, Row][]

function allGiven(env: Env, readFile: (path: string) => string): Record<Variable, Given> {
  const entries = rows.map(([name, { from }]) => {
    if (from === 'file') return [name, givenOrInFile(env, name, readFile)]
    return [name, from === 'usual proxy' ? givenProxy(env, name) : given(env, name)]
  })
  return Object.fromEntries(entries)
}

/** Reads each variable by itself. Invalid values are left out and reported. */
function readValues(found: Record<Variable, Given>): { values: Partial<Values>; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = []
  const entries = rows.flatMap(([variable, { form }]) => {
    const { name, isSet, text, problem } = found[variable]
    if (problem) problems.push(problem)
    if (isSet && text === undefined) return []
    const read = form.safeParse(text)
    if (read.success) return [[variable, read.data]]
    for (const issue of read.error.issues)
      problems.push({
        variable: name,
        row: variable,
        ...(isSet ? ofIssue(issue) : { code: 'not-set', values: {} }),
      })
    return []
  })
  return { values: Object.fromEntries(entries), problems }
}

/** The formats give codes as messages. */
function ofIssue(issue: z.core.$ZodIssue): Pick<ConfigProblem, 'code' | 'values'> {
  const values = issue.code === 'custom' ? (issue.params as ConfigProblem['values']) : {}
  return { code: issue.message as ConfigProblem['code'], values }
}

/** In the order of the table of variables. A usual proxy's variable, which two of them read, is reported once. */
function inOrder(problems: ConfigProblem[], found: Record<Variable, Given>): ConfigProblem[] {
  const once = new Map(problems.map((problem) => [`${problem.variable} ${problem.code}`, problem]))
  const names = rows.flatMap(([variable]) => [variable, found[variable].name])
  return [...once.values()].toSorted((a, b) => names.indexOf(a.variable) - names.indexOf(b.variable))
}

/** The merchant's certificate, if it is still where WeChat Pay's tool put it. */
function besideKey(env: Env, readFile: (path: string) => string): string | undefined {
  const { text: file } = given(env, 'WECHATPAY_PRIVATE_KEY_FILE')
  if (file === undefined) return undefined
  try {
    return readFile(join(dirname(file), 'apiclient_cert.pem'))
  } catch {
    return undefined
  }
}

/** Also used when something else is wrong: then missing values are empty. */
function slackOf(values: Partial<Values>, except: string | undefined): Config['slack'] {
  const {
    SLACK_APP_TOKEN: appToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: apiUrl,
    PORT: port,
  } = values
  const transport =
    values.SLACK_TRANSPORT ?? (appToken === undefined && signingSecret !== undefined ? 'http' : 'socket')
  const base = {
    botToken: values.SLACK_BOT_TOKEN ?? '',
    timeout: values.SLACK_TIMEOUT ?? 1,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...proxyOf(values.SLACK_PROXY, except),
  }
  return transport === 'socket'
    ? { ...base, transport, appToken: appToken ?? '', ...(port === undefined ? {} : { port }) }
    : { ...base, transport, signingSecret: signingSecret ?? '', port: port ?? DEFAULT_PORT }
}

/** Also used when something else is wrong: then missing values are empty. */
function wechatpayOf(values: Partial<Values>, except: string | undefined): Config['wechatpay'] {
  const { WECHATPAY_PUBLIC_KEY_ID: id, WECHATPAY_APIV3_KEY: apiv3Key, WECHATPAY_BASE_URL: baseUrls } = values
  return {
    mchid: values.WECHATPAY_MCHID ?? '',
    appid: values.WECHATPAY_APPID ?? '',
    merchantSerial: values.WECHATPAY_MERCHANT_SERIAL ?? '',
    privateKey: values.WECHATPAY_PRIVATE_KEY ?? '',
    ...(id === undefined ? {} : { publicKey: { id, pem: values.WECHATPAY_PUBLIC_KEY ?? '' } }),
    ...(apiv3Key === undefined ? {} : { apiv3Key }),
    ...(baseUrls === undefined ? {} : { baseUrls }),
    ...proxyOf(values.WECHATPAY_PROXY, except),
    rate: values.WECHATPAY_RATE ?? 1,
    timeout: values.WECHATPAY_TIMEOUT ?? 1,
  }
}

function customersOf(
  values: Partial<Pick<Values, 'CUSTOMER_LOOKUP_SECRET' | 'CUSTOMER_LOOKUP_URL'>>,
): Config['customers'] {
  const { CUSTOMER_LOOKUP_SECRET: secret, CUSTOMER_LOOKUP_URL: url } = values
  return { ...(secret === undefined ? {} : { secret }), ...(url === undefined ? {} : { url }) }
}

function proxyOf(url: string | undefined, except: string | undefined): { proxy?: WebProxy } {
  return url === undefined ? {} : { proxy: { url, ...(except === undefined ? {} : { except }) } }
}

const variablesOfOptions: Readonly<Record<string, string>> = {
  mchid: 'WECHATPAY_MCHID',
  merchantSerial: 'WECHATPAY_MERCHANT_SERIAL',
  privateKey: 'WECHATPAY_PRIVATE_KEY (or its …_FILE)',
  'publicKey.id': 'WECHATPAY_PUBLIC_KEY_ID',
  'publicKey.pem': 'WECHATPAY_PUBLIC_KEY (or its …_FILE)',
  apiv3Key: 'WECHATPAY_APIV3_KEY',
  baseUrls: 'WECHATPAY_BASE_URL',
  proxy: 'WECHATPAY_PROXY',
}

/** The variable for an option of the WeChat Pay client, or the option's own name if there is none. */
export function variableOf(option: string): string {
  if (option === 'publicKey or apiv3Key') return 'WECHATPAY_PUBLIC_KEY_ID'
  return (variablesOfOptions[option] ?? option).replace(/ \(.*/, '')
}

/** Replaces option names at the start of lines from the WeChat Pay client with the variables' names. */
export function inVariables(text: string): string {
  return text.replace(/^([\w.]+)(?=: )/gm, (option) => variablesOfOptions[option] ?? option)
}

/** A problem in words. */
export function wordProblem(
  { variable, row, code, values }: ConfigProblem,
  language: Language,
): { variable: string; problem: string; remedy: string } {
  const words = configWords[language]
  const usual = (words.variables as Readonly<Record<string, string>>)[row] ?? ''
  const [problem, remedy = usual] = words.problems[code](values, usual)
  return { variable, problem, remedy }
}

/** Problems as lines for a person. */
export function formatProblems(problems: readonly ConfigProblem[], language: Language): string {
  const worded = problems.map((problem) => wordProblem(problem, language))
  return worded.map(({ variable, problem, remedy }) => `${variable} ${problem} → ${remedy}`).join('\n')
}

/** How other machines are reached, for the log: proxies without user and password. */
export function describeProxies({ slack, wechatpay }: Config): Record<string, string> {
  const told = (proxy: WebProxy | undefined) => {
    if (!proxy) return 'none'
    const { origin } = new URL(proxy.url)
    return proxy.except === undefined ? origin : `${origin}, except ${proxy.except}`
  }
  return { slackProxy: told(slack.proxy), wechatpayProxy: told(wechatpay.proxy) }
}

/** The values that must not appear in any log. */
export function secretsOf(config: Config): string[] {
  const { slack, wechatpay, customers, databaseUrl, auditKey } = config
  const address = databaseUrl.startsWith('postgres') ? new URL(databaseUrl) : null
  const password = address?.password ?? ''
  return [
    slack.botToken,
    slack.appToken,
    slack.signingSecret,
    wechatpay.privateKey,
    wechatpay.apiv3Key,
    customers.secret,
    auditKey?.pem,
    password,
    decoded(password),
    ...(address?.searchParams.getAll('password') ?? []),
    ...[slack.proxy, wechatpay.proxy].flatMap((proxy) => (proxy ? proxySecrets(new URL(proxy.url)) : [])),
  ].filter((secret): secret is string => secret !== undefined && secret !== '')
}
