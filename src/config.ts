import { isIP } from 'node:net'
import { APPID, MERCHANT_ID } from './domain/merchant.ts'
import type { Policy } from './domain/policy.ts'
import { readPostgresAddress } from './domain/postgres-address.ts'
import {
  type ConfigProblem,
  createReader,
  type Env,
  hiding,
  type Reader,
  readText,
  shownPath,
  type WebProxy,
} from './environment.ts'
import { formatMistakes } from './policy/mistakes.ts'
import { parsePolicy } from './policy/parse-policy.ts'

export type { ConfigProblem } from './environment.ts'
export { type Env, readText, shownPath } from './environment.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Printing it (inspect, JSON) shows no secret. */
export interface Config {
  slack: {
    botToken: string
    transport: 'socket' | 'http'
    /** Socket Mode only. */
    appToken?: string
    /** HTTP only. */
    signingSecret?: string
    /** Where HTTP listens, 0: any free port; with Socket Mode, where health is told, if at all. */
    port?: number
    /** Of another Slack than slack.com. */
    apiUrl?: string
    /** What other machines are reached through; it may hold a password. */
    proxy?: WebProxy
    /** ms that a call that draws a card may take. */
    timeout: number
  }
  wechatpay: {
    mchid: string
    appid: string
    merchantSerial: string
    /** PEM, as it was given. */
    privateKey: string
    publicKey?: { id: string; pem: string }
    apiv3Key?: string
    /** Of another WeChat Pay than the official hosts. */
    baseUrls?: readonly string[]
    /** As for Slack. */
    proxy?: WebProxy
    /** Attempts a second, of all replicas together. */
    rate: number
    /** ms that one call may take, whatever happens to it. */
    timeout: number
  }
  databaseUrl: string
  policyFile: string
  /** Where health and metrics are told apart from Slack's requests; 0: any free port. */
  metricsPort?: number
  /** Address at which figures, and what else only those who run the app ask for, are told. */
  metricsHost: string
  logLevel: LogLevel
}

export type LoadedPolicy = { ok: true; policy: Policy } | { ok: false; text: string }

/** What is needed to read a policy: its file, and whose coupons it names unless it says so itself. */
export interface PolicyPlace {
  policyFile: string
  wechatpay: Pick<Config['wechatpay'], 'mchid' | 'appid'>
}

/** With what was read all the same, so that whatever else is wrong can be told, too. */
export type LoadedConfig =
  | { ok: true; config: Config }
  | { ok: false; problems: ConfigProblem[]; partial: Pick<Config, 'policyFile' | 'wechatpay'> }

const DEFAULT_PORT = 3000

/**
 * Reads the configuration from environment variables, or tells every problem at once.
 * @param readFile reads the files that `…_FILE` variables name, as text; its errors become problems
 */
export function loadConfig(env: Env, readFile: (path: string) => string = readText): LoadedConfig {
  const problems: ConfigProblem[] = []
  const reader = createReader(env, readFile, problems)
  const slack = readSlack(reader)
  const wechatpay = readWechatPay(reader)
  const metricsPort = reader.wholeNumber('METRICS_PORT', 0, 65_535)
  const rest = {
    databaseUrl: readDatabaseUrl(reader),
    ...(metricsPort === undefined ? {} : { metricsPort }),
    metricsHost: readHost(reader, 'METRICS_HOST') ?? '127.0.0.1',
    policyFile: reader.value('POLICY_FILE') ?? './policy.yaml',
    logLevel: (reader.oneOf('LOG_LEVEL', logLevels) as LogLevel | undefined) ?? 'info',
  }
  if (problems.length > 0) return { ok: false, problems, partial: { policyFile: rest.policyFile, wechatpay } }
  const config = {
    ...rest,
    slack: hiding(slack, ['botToken', 'appToken', 'signingSecret', 'proxy']),
    wechatpay: hiding(wechatpay, ['privateKey', 'apiv3Key', 'proxy']),
  }
  return { ok: true, config: hiding(config, ['databaseUrl']) }
}

/**
 * Reads the policy that the configuration names, or tells what is wrong with it in lines for a person.
 * @param readFile as for `loadConfig`
 */
export function loadPolicy(config: PolicyPlace, readFile: (path: string) => string = readText): LoadedPolicy {
  return createPolicyReader(config, readFile)()
}

/** Reads the policy again and again; what has not changed is not parsed again, which is most of the work. */
export function createPolicyReader(
  { policyFile, wechatpay }: PolicyPlace,
  readFile: (path: string) => string = readText,
): () => LoadedPolicy {
  let last: { text: string; loaded: LoadedPolicy } | undefined
  return () => {
    let text: string
    try {
      text = readFile(policyFile)
    } catch (error) {
      return { ok: false, text: policyUnread(policyFile, error) }
    }
    if (last?.text !== text) {
      // What the environment lacks is told there.
      const parsed = parsePolicy(text, {
        mchid: wechatpay.mchid || 'missing',
        appid: wechatpay.appid || 'missing',
      })
      const loaded = parsed.ok
        ? parsed
        : { ok: false as const, text: formatMistakes(policyFile, parsed.mistakes) }
      last = { text, loaded }
    }
    return last.loaded
  }
}

/** Why the policy that the configuration names could not be read, and what to do. */
export function policyUnread(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
  const path = shownPath(file, 'the file of POLICY_FILE')
  return `${path} can't be read${code} → copy manifest/policy.example.yaml to ${path} and change it, or set POLICY_FILE`
}

const variables: Readonly<Record<string, string>> = {
  mchid: 'WECHATPAY_MCHID',
  merchantSerial: 'WECHATPAY_MERCHANT_SERIAL',
  privateKey: 'WECHATPAY_PRIVATE_KEY (or its …_FILE)',
  'publicKey.id': 'WECHATPAY_PUBLIC_KEY_ID',
  'publicKey.pem': 'WECHATPAY_PUBLIC_KEY (or its …_FILE)',
  apiv3Key: 'WECHATPAY_APIV3_KEY',
  baseUrls: 'WECHATPAY_BASE_URL',
  proxy: 'WECHATPAY_PROXY',
}

/** What the WeChat Pay client says of its options, in lines that begin with their names, said of the variables. */
export function inVariables(text: string): string {
  return text.replace(/^([\w.]+)(?=: )/gm, (option) => variables[option] ?? option)
}

/** Problems as lines for a person. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(({ variable, problem, remedy }) => `${variable} ${problem} → ${remedy}`).join('\n')
}

/** How other machines are reached, to be told: proxies without user and password. */
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
  const { slack, wechatpay, databaseUrl } = config
  const address = databaseUrl.startsWith('postgres') ? new URL(databaseUrl) : null
  const password = address?.password ?? ''
  return [
    slack.botToken,
    slack.appToken,
    slack.signingSecret,
    wechatpay.privateKey,
    wechatpay.apiv3Key,
    password,
    decode(password),
    ...(address?.searchParams.getAll('password') ?? []),
    ...[slack.proxy, wechatpay.proxy].flatMap((proxy) => (proxy ? proxySecrets(new URL(proxy.url)) : [])),
  ].filter((secret): secret is string => secret !== undefined && secret !== '')
}

const tokenKinds = [
  { form: /^xoxb-/, kind: 'a bot token', variable: 'SLACK_BOT_TOKEN' },
  { form: /^xapp-/, kind: 'an app-level token', variable: 'SLACK_APP_TOKEN' },
  { form: /^xoxp-/, kind: 'a user token', variable: null },
  { form: /^xoxe/, kind: 'a configuration or rotating token', variable: null },
]

function checkToken(reader: Reader, name: string, token: string, remedy: string): string | undefined {
  const kind = tokenKinds.find(({ form }) => form.test(token))
  if (kind?.variable === name) return token
  const problem = kind ? `looks like ${kind.kind}` : 'has another form than it should'
  return reader.tell(name, problem, kind?.variable ? `put it into ${kind.variable}; ${remedy}` : remedy)
}

const botTokenRemedy = 'copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of the Slack app'
const appTokenRemedy =
  'copy an app-level token (xapp-…) with connections:write from "Basic Information" of the Slack app'
const signingRemedy = 'copy the Signing Secret from "Basic Information" of the Slack app'

function readSlack(reader: Reader): Config['slack'] {
  const botToken = reader.required('SLACK_BOT_TOKEN', botTokenRemedy)
  const appToken = reader.value('SLACK_APP_TOKEN')
  const signingSecret = reader.value('SLACK_SIGNING_SECRET')
  const apiUrl = reader.value('SLACK_API_URL')
  const port = reader.wholeNumber('PORT', 0, 65_535)
  const chosen = reader.oneOf('SLACK_TRANSPORT', ['socket', 'http'])
  const transport = chosen ?? (appToken === undefined && signingSecret !== undefined ? 'http' : 'socket')

  if (botToken !== undefined) checkToken(reader, 'SLACK_BOT_TOKEN', botToken, botTokenRemedy)
  if (appToken !== undefined) checkToken(reader, 'SLACK_APP_TOKEN', appToken, appTokenRemedy)
  if (signingSecret !== undefined && /^(?:xox|xapp)/.test(signingSecret))
    reader.tell('SLACK_SIGNING_SECRET', 'looks like a token', signingRemedy)
  if (apiUrl !== undefined) reader.address('SLACK_API_URL', apiUrl)

  if (reader.value('SLACK_TRANSPORT') === undefined) {
    if (appToken !== undefined && signingSecret !== undefined)
      reader.tell(
        'SLACK_TRANSPORT',
        'is not set, but SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are',
        'write socket or http, or take one of the two out',
      )
    if (appToken === undefined && signingSecret === undefined)
      reader.tell(
        'SLACK_APP_TOKEN',
        'is not set',
        `${appTokenRemedy}; or, to be called over HTTP, set SLACK_SIGNING_SECRET`,
      )
  }
  if (chosen === 'socket' && appToken === undefined)
    reader.tell('SLACK_APP_TOKEN', 'is not set, but SLACK_TRANSPORT is socket', appTokenRemedy)
  if (chosen === 'http' && signingSecret === undefined)
    reader.tell('SLACK_SIGNING_SECRET', 'is not set, but SLACK_TRANSPORT is http', signingRemedy)

  const timeout = readTimeout(reader, 'SLACK_TIMEOUT')
  const proxy = reader.proxy('SLACK_PROXY')
  const base = {
    botToken: botToken ?? '',
    timeout,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(proxy === undefined ? {} : { proxy }),
  }
  return transport === 'socket'
    ? { ...base, transport, appToken: appToken ?? '', ...(port === undefined ? {} : { port }) }
    : { ...base, transport: 'http', signingSecret: signingSecret ?? '', port: port ?? DEFAULT_PORT }
}

function readWechatPay(reader: Reader): Config['wechatpay'] {
  const mchid = reader.matching(
    'WECHATPAY_MCHID',
    MERCHANT_ID,
    'has another form than a merchant id (商户号)',
    'copy the merchant id from pay.weixin.qq.com, e.g. 1230000109',
  )
  const appid = reader.matching(
    'WECHATPAY_APPID',
    APPID,
    'has another form than an appid',
    'copy the appid to which the openids belong: wx and 16 letters and digits',
  )
  const merchantSerial = reader.matching(
    'WECHATPAY_MERCHANT_SERIAL',
    /^[0-9A-F]{8,40}$/,
    'is not a serial number: 8 to 40 hexadecimal digits',
    'run: openssl x509 -in apiclient_cert.pem -noout -serial',
    plainSerial,
  )
  const privateKey = reader.textOrFile('WECHATPAY_PRIVATE_KEY')
  if (!privateKey.given)
    reader.tell(
      'WECHATPAY_PRIVATE_KEY',
      'is not set',
      'set WECHATPAY_PRIVATE_KEY_FILE to the path of apiclient_key.pem, or this to its text',
    )
  if (/BEGIN (?:CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)/.test(privateKey.text ?? ''))
    reader.tell(
      privateKey.name,
      'is a certificate or a public key',
      'use apiclient_key.pem, not apiclient_cert.pem or pub_key.pem',
    )
  else checkWhole(reader, privateKey)
  const trust = readTrust(reader)
  const baseUrls = reader
    .value('WECHATPAY_BASE_URL')
    ?.split(',')
    .map((url) => readOrigin(reader, 'WECHATPAY_BASE_URL', url.trim()))
  const proxy = reader.proxy('WECHATPAY_PROXY')
  return {
    mchid: mchid ?? '',
    appid: appid ?? '',
    merchantSerial: merchantSerial ?? '',
    privateKey: privateKey.text ?? '',
    ...trust,
    ...(baseUrls === undefined ? {} : { baseUrls }),
    ...(proxy === undefined ? {} : { proxy }),
    rate: reader.wholeNumber('WECHATPAY_RATE', 1, 500) ?? 20,
    timeout: readTimeout(reader, 'WECHATPAY_TIMEOUT'),
  }
}

/** As people copy it: without quotes, blanks and what nobody sees, and the wide forms of Chinese keyboards as the usual. */
function plain(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Cf}"'`“”‘’]/gu, '')
}

/** As tools and web pages show it, with its name, colons or dashes. */
function plainSerial(text: string): string {
  return plain(text)
    .replace(/^[^=:]*[^=:0-9a-f][^=:]*[=:]/i, '')
    .replace(/^0x|[:-]/gi, '')
    .toUpperCase()
}

/** The id of a public key, or the serial number of a certificate; what is neither is left as it is. */
function plainKeyId(text: string): string {
  const [, digits] = /(?:^|[=:])PUB_KEY_ID_([0-9A-Z]+)$/i.exec(plain(text)) ?? []
  if (digits !== undefined) return `PUB_KEY_ID_${digits}`
  const serial = plainSerial(text)
  return /^[0-9A-F]{8,40}$/.test(serial) ? serial : text
}

/** Seconds in the environment, ms here. */
function readTimeout(reader: Reader, name: string): number {
  return (reader.wholeNumber(name, 1, 60) ?? 10) * 1000
}

function readOrigin(reader: Reader, name: string, text: string): string {
  const address = reader.address(name, text) ?? ''
  if (address !== '' && !/^https?:\/\/[^/?#]+\/?$/i.test(address))
    reader.tell(name, 'has more than a host', 'write it without path and query')
  return address
}

/** What WeChat Pay's signatures are checked with: its public key, the platform certificates, or both. */
function readTrust(reader: Reader): Pick<Config['wechatpay'], 'publicKey' | 'apiv3Key'> {
  const given = reader.value('WECHATPAY_PUBLIC_KEY_ID')
  const id = given && plainKeyId(given)
  const pem = reader.textOrFile('WECHATPAY_PUBLIC_KEY')
  const apiv3Key = reader.value('WECHATPAY_APIV3_KEY')

  if (id === undefined && !pem.given && apiv3Key === undefined)
    reader.tell(
      'WECHATPAY_PUBLIC_KEY_ID',
      'is not set, nor is WECHATPAY_APIV3_KEY',
      'set WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE (pub_key.pem), or WECHATPAY_APIV3_KEY: without one of them no answer of WeChat Pay can be trusted',
    )
  if (id !== undefined && !pem.given)
    reader.tell(
      'WECHATPAY_PUBLIC_KEY',
      'is not set, but WECHATPAY_PUBLIC_KEY_ID is',
      'set WECHATPAY_PUBLIC_KEY_FILE to the path of pub_key.pem',
    )
  if (id === undefined && pem.given)
    reader.tell(
      'WECHATPAY_PUBLIC_KEY_ID',
      `is not set, but ${pem.name} is`,
      'copy the id (PUB_KEY_ID_…) that pay.weixin.qq.com shows beside the public key',
    )
  const isKey = /BEGIN (?:RSA )?PUBLIC KEY/.test(pem.text ?? '')
  if (id !== undefined && isKey && !/^PUB_KEY_ID_[0-9A-Za-z]{1,64}$/.test(id))
    reader.tell(
      'WECHATPAY_PUBLIC_KEY_ID',
      'does not begin with PUB_KEY_ID_, as the id of a public key does',
      'copy it whole, PUB_KEY_ID_ included, as pay.weixin.qq.com shows it beside the public key',
    )
  else if (id !== undefined && !/^(?:PUB_KEY_ID_[0-9A-Za-z]{1,64}|[0-9A-Fa-f]{8,40})$/.test(id))
    reader.tell(
      'WECHATPAY_PUBLIC_KEY_ID',
      'has another form than PUB_KEY_ID_…',
      'copy the id that pay.weixin.qq.com shows beside the public key; for a platform certificate, its serial number',
    )
  if (/BEGIN (?:\w+ )?PRIVATE KEY/.test(pem.text ?? ''))
    reader.tell(pem.name, 'is a private key', 'use pub_key.pem, which WeChat Pay gives')
  else if (!isKey || id?.startsWith('PUB_KEY_ID_')) checkWhole(reader, pem)
  const bytes = Buffer.byteLength(apiv3Key ?? '')
  if (apiv3Key !== undefined && bytes !== 32)
    reader.tell(
      'WECHATPAY_APIV3_KEY',
      `has ${bytes} bytes, not 32`,
      'copy the APIv3 key that was set at pay.weixin.qq.com',
    )
  return {
    ...(id === undefined ? {} : { publicKey: { id, pem: pem.text ?? '' } }),
    ...(apiv3Key === undefined ? {} : { apiv3Key }),
  }
}

/** A file of variables keeps only the first line of a value that has more, and no quotes. */
function checkWhole(reader: Reader, { name, text }: ReturnType<Reader['textOrFile']>): void {
  if (/^["']?-----BEGIN (?:\w+ )*(?:KEY|CERTIFICATE)-----["']?$/.test(text ?? ''))
    reader.tell(
      name,
      'holds only the first line of a key',
      name.endsWith('_FILE')
        ? 'copy the file anew, with all of its lines'
        : `put quotes around all of its lines, or name its file by ${name}_FILE`,
    )
}

function readHost(reader: Reader, name: string): string | undefined {
  const host = reader.value(name)
  if (host === undefined || isIP(host) || /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(host)) return host
  return reader.tell(
    name,
    'is not an address',
    'write 127.0.0.1 for this machine only, or 0.0.0.0 for every network that it is in',
  )
}

function readDatabaseUrl(reader: Reader): string {
  const url = reader.value('DATABASE_URL') ?? 'file:./data/ledger.sqlite'
  const remedy = 'write file:./data/ledger.sqlite, or postgres://user:password@host/database'
  if (/^file:/.test(url)) {
    if (/^file:(?:$|.*:memory:)/.test(url))
      reader.tell('DATABASE_URL', 'names no file: what was given must survive a restart', remedy)
    // Its path would hold the password.
    else if (/^file:\w+:\/\//.test(url)) reader.tell('DATABASE_URL', 'is two addresses in one', remedy)
    else if (url.includes('?')) reader.tell('DATABASE_URL', 'has more than a path', remedy)
    else if (/^file:\/\/(?!\/|localhost\/)/.test(url))
      reader.tell(
        'DATABASE_URL',
        'names another machine',
        'write file:/var/lib/ledger.sqlite for an absolute path',
      )
  } else if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url))
    // Its value stays unsaid: it may hold a password.
    reader.tell('DATABASE_URL', 'is neither a file: path nor a postgres:// address', remedy)
  else {
    const read = readPostgresAddress(url)
    if (!read.ok) reader.tell('DATABASE_URL', read.problem, read.remedy)
  }
  return url
}

/** As it stands in the address, as it is, and as it is sent. */
function proxySecrets({ username, password }: URL): string[] {
  if (password === '') return []
  const sent = Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')
  return [password, decode(password), sent]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
