import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect, parseEnv } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import {
  AuditKeyError,
  type Config,
  describeProxies,
  formatProblems,
  loadConfig,
  openAuditKey,
  secretsOf,
} from '../../src/config/config.ts'
import { variables } from '../../src/config/variables.ts'
import { loadPolicy } from '../../src/policy/load-policy.ts'
import { englishIn } from '../english-in.ts'

const CANARY = 'canary0secret'
const botToken = `xoxb-${CANARY}-1`
const appToken = `xapp-${CANARY}-2`
const apiv3Key = `${CANARY}${'3'.repeat(32 - CANARY.length)}`
const privateKey = `-----BEGIN ${'PRIVATE'} KEY-----\\n${CANARY}\\n-----END ${'PRIVATE'} KEY-----`

const good = {
  SLACK_BOT_TOKEN: botToken,
  SLACK_APP_TOKEN: appToken,
  WECHATPAY_MCHID: '1230000109',
  WECHATPAY_APPID: 'wx0000000000000000',
  WECHATPAY_MERCHANT_SERIAL: '0123456789ABCDEF',
  WECHATPAY_PRIVATE_KEY: privateKey,
  WECHATPAY_APIV3_KEY: apiv3Key,
}

function configOf(env: Record<string, string | undefined>): Config {
  const loaded = loadConfig(env)
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems, 'en'))
  return loaded.config
}
/** Names that Chinese texts have as they are. */
const inChinese =
  'bot app-level Bot User OAuth Token token Signing Secret HTTP TLS PORT wx socket trace debug info warn error fatal silent file'.split(
    ' ',
  )
/** Each in English; the same in Chinese has no English in it. */
function problemsOf(env: Record<string, string | undefined>, readFile?: (path: string) => string): string[] {
  const loaded = loadConfig(env, readFile)
  if (loaded.ok) return []
  const chinese = formatProblems(loaded.problems, 'zh-CN').split('\n')
  expect(chinese).toHaveLength(loaded.problems.length)
  for (const line of chinese) expect(englishIn(line, inChinese), line).toEqual([])
  return formatProblems(loaded.problems, 'en').split('\n')
}
/** A folder that ends with the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'config-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('reads a Socket Mode configuration and fills in the rest', () => {
  expect({ ...configOf(good) }).toEqual({
    slack: { transport: 'socket', botToken, appToken, timeout: 10_000 },
    wechatpay: {
      mchid: '1230000109',
      appid: 'wx0000000000000000',
      merchantSerial: '0123456789ABCDEF',
      privateKey,
      apiv3Key,
      rate: 20,
      timeout: 10_000,
    },
    customers: {},
    databaseUrl: 'file:./data/ledger.sqlite',
    metricsHost: '127.0.0.1',
    policyFile: './policy.yaml',
    auditKey: { file: resolve('data/audit-key.pem') },
    logLevel: 'info',
  })
})

test('finds the key that signs the trail beside a SQLite ledger, and elsewhere only where it is named', () => {
  const path = folder()
  const file = join(path, 'audit.pem')
  const sqlite = { ...good, DATABASE_URL: `file:${join(path, 'ledger.sqlite')}` }
  const postgres = { ...good, DATABASE_URL: 'postgres://u:p@127.0.0.1/d' }
  expect(configOf(postgres).auditKey).toBe(null)
  // Made at the first start, for its owner only, and found again.
  const made = openAuditKey(configOf(sqlite).auditKey ?? expect.fail())
  expect(made.isNew).toBe(true)
  expect(statSync(join(path, 'audit-key.pem')).mode & 0o777).toBe(0o600)
  const again = configOf(sqlite)
  expect(openAuditKey(again.auditKey ?? expect.fail()).key.equals(made.key)).toBe(true)
  expect(inspect(again)).not.toContain('PRIVATE')
  expect(secretsOf(again)).toContain(again.auditKey?.pem)
  expect(problemsOf({ ...postgres, AUDIT_KEY_FILE: file })).toEqual([
    `AUDIT_KEY_FILE can't be read: ${file} (ENOENT) → check who may read it, or make one by: openssl genpkey -algorithm ed25519 -out audit-key.pem`,
  ])
  writeFileSync(
    file,
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )
  expect(problemsOf({ ...sqlite, AUDIT_KEY_FILE: file })).toEqual([
    `AUDIT_KEY_FILE holds no private key of Ed25519: ${file} → make one by: openssl genpkey -algorithm ed25519 -out audit-key.pem`,
  ])
  expect(() => openAuditKey({ file: join(path, 'audit.pem', 'below') })).toThrow(AuditKeyError)
})

test('reads an HTTP configuration with everything set', () => {
  const config = configOf({
    ...good,
    SLACK_APP_TOKEN: undefined,
    SLACK_SIGNING_SECRET: CANARY,
    SLACK_API_URL: 'http://127.0.0.1:8791/api/',
    PORT: '8080',
    WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0000',
    WECHATPAY_PUBLIC_KEY: 'a public key',
    WECHATPAY_BASE_URL: 'https://api.example.com, http://localhost:8790',
    WECHATPAY_RATE: '5',
    WECHATPAY_TIMEOUT: '2',
    SLACK_TIMEOUT: '3',
    DATABASE_URL: 'postgres://app@localhost/coupons',
    POLICY_FILE: '/etc/policy.yaml',
    LOG_LEVEL: 'debug',
  })
  expect(config.slack).toEqual({
    transport: 'http',
    botToken,
    signingSecret: CANARY,
    port: 8080,
    apiUrl: 'http://127.0.0.1:8791/api/',
    timeout: 3000,
  })
  expect(config.wechatpay).toMatchObject({
    publicKey: { id: 'PUB_KEY_ID_0000', pem: 'a public key' },
    apiv3Key,
    baseUrls: ['https://api.example.com', 'http://localhost:8790'],
    rate: 5,
    timeout: 2000,
  })
  expect(config).toMatchObject({
    databaseUrl: 'postgres://app@localhost/coupons',
    policyFile: '/etc/policy.yaml',
    logLevel: 'debug',
  })
})

test('listens on port 3000 over HTTP unless told otherwise, and on none with Socket Mode', () => {
  const http = configOf({ ...good, SLACK_APP_TOKEN: undefined, SLACK_SIGNING_SECRET: CANARY })
  expect(http.slack.port).toBe(3000)
  expect(configOf(good).slack.port).toBeUndefined()
  expect(configOf({ ...good, PORT: '0' }).slack.port).toBe(0)
})

test.each([
  '0.0.0.0',
  '::',
  '127.0.0.1',
  'localhost',
  'app.internal',
])('takes %s for METRICS_HOST', (host) => {
  expect(configOf({ ...good, METRICS_HOST: host }).metricsHost).toBe(host)
})

test.each(['socket', 'http'])('lets SLACK_TRANSPORT choose %s when both are possible', (transport) => {
  const env = { ...good, SLACK_SIGNING_SECRET: CANARY, SLACK_TRANSPORT: transport }
  expect(configOf(env).slack.transport).toBe(transport)
})

test('reads keys from files', () => {
  const path = join(folder(), 'key.pem')
  writeFileSync(path, 'the key\n')
  const env = {
    ...good,
    WECHATPAY_PRIVATE_KEY: undefined,
    WECHATPAY_PRIVATE_KEY_FILE: path,
    WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0000',
    WECHATPAY_PUBLIC_KEY_FILE: path,
  }
  expect(configOf(env).wechatpay).toMatchObject({ privateKey: 'the key', publicKey: { pem: 'the key' } })
})

test('tells every problem of an empty environment at once', () => {
  expect(problemsOf({}).map((line) => line.split(' ')[0])).toEqual([
    'SLACK_BOT_TOKEN',
    'SLACK_APP_TOKEN',
    'WECHATPAY_MCHID',
    'WECHATPAY_APPID',
    'WECHATPAY_MERCHANT_SERIAL',
    'WECHATPAY_PRIVATE_KEY',
    'WECHATPAY_PUBLIC_KEY_ID',
  ])
})

test('takes an empty variable for one that is not set', () => {
  expect(problemsOf({ ...good, WECHATPAY_MCHID: '  ' })[0]).toContain('WECHATPAY_MCHID is not set')
})

test.each([
  [
    { SLACK_BOT_TOKEN: appToken },
    'SLACK_BOT_TOKEN looks like an app-level token → put it into SLACK_APP_TOKEN',
  ],
  [{ SLACK_BOT_TOKEN: `xoxp-${CANARY}` }, 'SLACK_BOT_TOKEN looks like a user token'],
  [{ SLACK_BOT_TOKEN: CANARY }, 'SLACK_BOT_TOKEN has another form than it should'],
  [{ SLACK_APP_TOKEN: botToken }, 'SLACK_APP_TOKEN looks like a bot token → put it into SLACK_BOT_TOKEN'],
  [{ SLACK_APP_TOKEN: undefined }, 'SLACK_APP_TOKEN is not set'],
  [
    { SLACK_SIGNING_SECRET: CANARY },
    'SLACK_TRANSPORT is not set, but SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are',
  ],
  [{ SLACK_SIGNING_SECRET: botToken, SLACK_TRANSPORT: 'http' }, 'SLACK_SIGNING_SECRET looks like a token'],
  [{ SLACK_TRANSPORT: 'http' }, 'SLACK_SIGNING_SECRET is not set, but SLACK_TRANSPORT is http'],
  [{ SLACK_TRANSPORT: 'carrier pigeon' }, 'SLACK_TRANSPORT is "carrier pigeon" → write one of: socket, http'],
  [{ SLACK_API_URL: 'http://slack.example.com/api/' }, 'SLACK_API_URL is not encrypted'],
  [{ PORT: '65536' }, 'PORT is "65536" → write a whole number from 0 to 65535'],
  [{ PORT: 'any' }, 'PORT is "any"'],
  [
    { METRICS_HOST: 'http://0.0.0.0' },
    'METRICS_HOST is not an address → write 127.0.0.1 for this machine only',
  ],
  [{ WECHATPAY_MCHID: '12 3' }, 'WECHATPAY_MCHID has another form than a merchant id'],
  [{ WECHATPAY_MCHID: 'abc' }, 'WECHATPAY_MCHID has another form than a merchant id'],
  [{ WECHATPAY_MCHID: 'merchant' }, 'WECHATPAY_MCHID has another form than a merchant id'],
  [{ WECHATPAY_MCHID: '12' }, 'WECHATPAY_MCHID has another form than a merchant id'],
  [{ WECHATPAY_MCHID: 'wxd678efh567hg6787' }, 'WECHATPAY_MCHID has another form than a merchant id'],
  [{ WECHATPAY_APPID: 'foo' }, 'WECHATPAY_APPID has another form than an appid'],
  [{ WECHATPAY_APPID: 'wx123' }, 'WECHATPAY_APPID has another form than an appid'],
  [{ WECHATPAY_APPID: '1230000109' }, 'WECHATPAY_APPID has another form than an appid'],
  [{ WECHATPAY_MERCHANT_SERIAL: '12345' }, 'WECHATPAY_MERCHANT_SERIAL is not a serial number'],
  [{ WECHATPAY_MERCHANT_SERIAL: 'G'.repeat(40) }, 'WECHATPAY_MERCHANT_SERIAL is not a serial number'],
  [{ WECHATPAY_APIV3_KEY: `${apiv3Key}4` }, 'WECHATPAY_APIV3_KEY has 33 bytes, not 32'],
  [{ WECHATPAY_APIV3_KEY: '密'.repeat(32) }, 'WECHATPAY_APIV3_KEY has 96 bytes, not 32'],
  [{ WECHATPAY_APIV3_KEY: undefined }, 'WECHATPAY_PUBLIC_KEY_ID is not set, nor is WECHATPAY_APIV3_KEY'],
  [
    { WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' },
    'WECHATPAY_PUBLIC_KEY is not set, but WECHATPAY_PUBLIC_KEY_ID is',
  ],
  [{ WECHATPAY_PUBLIC_KEY: 'x' }, 'WECHATPAY_PUBLIC_KEY_ID is not set, but WECHATPAY_PUBLIC_KEY is'],
  [{ WECHATPAY_PUBLIC_KEY: 'x', WECHATPAY_PUBLIC_KEY_ID: '1' }, 'WECHATPAY_PUBLIC_KEY_ID has another form'],
  [
    {
      WECHATPAY_PUBLIC_KEY: '-----BEGIN PUBLIC KEY-----\nx',
      WECHATPAY_PUBLIC_KEY_ID: '0111230012345678901234567890123456',
    },
    'WECHATPAY_PUBLIC_KEY_ID does not begin with PUB_KEY_ID_, as the id of a public key does → copy it whole, PUB_KEY_ID_ included',
  ],
  [
    { WECHATPAY_PUBLIC_KEY: privateKey, WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' },
    'WECHATPAY_PUBLIC_KEY is a private',
  ],
  [{ WECHATPAY_PRIVATE_KEY: '-----BEGIN CERTIFICATE-----' }, 'WECHATPAY_PRIVATE_KEY is a certificate'],
  [
    { WECHATPAY_PRIVATE_KEY_FILE: 'key.pem' },
    'WECHATPAY_PRIVATE_KEY and WECHATPAY_PRIVATE_KEY_FILE are both set',
  ],
  [{ WECHATPAY_BASE_URL: 'http://api.example.com' }, 'WECHATPAY_BASE_URL is not encrypted'],
  [{ WECHATPAY_BASE_URL: 'http://127.0.0.1.example.com' }, 'WECHATPAY_BASE_URL is not encrypted'],
  [{ WECHATPAY_BASE_URL: 'https://api.example.com/v3/' }, 'WECHATPAY_BASE_URL has more than a host'],
  [{ WECHATPAY_BASE_URL: 'api.example.com' }, 'WECHATPAY_BASE_URL is no https address'],
  [{ WECHATPAY_BASE_URL: `https://me:${CANARY}@example.com` }, 'WECHATPAY_BASE_URL holds a user or password'],
  [{ WECHATPAY_RATE: '0' }, 'WECHATPAY_RATE is "0" → write a whole number from 1 to 500'],
  [
    { CUSTOMER_LOOKUP_SECRET: 'whsec_c2hvcnQ=' },
    "CUSTOMER_LOOKUP_SECRET is shorter than 24 bytes → run: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\", and give it to your look-up too",
  ],
  [
    { CUSTOMER_LOOKUP_URL: 'http://crm.example.com' },
    'CUSTOMER_LOOKUP_URL is not encrypted → write an https address; http only for 127.0.0.1',
  ],
  [{ WECHATPAY_TIMEOUT: '0' }, 'WECHATPAY_TIMEOUT is "0" → write a whole number from 1 to 60'],
  [{ SLACK_TIMEOUT: '61' }, 'SLACK_TIMEOUT is "61" → write a whole number from 1 to 60'],
  [
    { DATABASE_URL: `mysql://me:${CANARY}@example.com/x` },
    'DATABASE_URL is neither a file: path nor a postgres://',
  ],
  [
    { DATABASE_URL: `postgres://me:${CANARY}@db.example:port/x` },
    'DATABASE_URL is not an address like postgres://user:password@host:5432/database → write characters such as @',
  ],
  [
    { DATABASE_URL: `postgres://me:${CANARY}@db.example/x?sslmode=off` },
    'DATABASE_URL has an sslmode that the app does not know → write sslmode=verify-full, or leave it out; or sslmode=disable',
  ],
  [
    { DATABASE_URL: `postgres://me:${CANARY}@db.example/x?ssl=false` },
    'DATABASE_URL says ssl=…, which is not clear → write sslmode=disable',
  ],
  [{ DATABASE_URL: `file:postgres://me:${CANARY}@host/x` }, 'DATABASE_URL is two addresses in one'],
  [{ DATABASE_URL: 'file::memory:' }, 'DATABASE_URL names no file'],
  [{ DATABASE_URL: 'file:ledger.sqlite?mode=memory' }, 'DATABASE_URL has more than a path'],
  [{ DATABASE_URL: 'file://host/ledger.sqlite' }, 'DATABASE_URL names another machine'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud" → write one of: trace, debug'],
])('names the problem and the remedy of %j', (changes, problem) => {
  const problems = problemsOf({ ...good, ...changes })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(problem)
  expect(problems[0]).toMatch(/ → \S/)
  expect(problems[0]).not.toContain(CANARY)
})

test.each([
  ['serial=0123456789ABCDEF'],
  ['01:23:45:67:89:ab:cd:ef'],
  ['0123 4567 89AB CDEF'],
  ['"0123456789abcdef"'],
  ['Serial Number: 01:23:45:67:89:ab:cd:ef'],
  ['0x0123456789ABCDEF'],
  ['证书序列号：0123456789ABCDEF'],
  ['“0123456789ABCDEF”'],
  ['01-23-45-67-89-AB-CD-EF'],
  ['\u200b0123456789ABCDEF\u200b'],
  ['０１２３４５６７８９ＡＢＣＤＥＦ'],
  ['WECHATPAY_MERCHANT_SERIAL=0123456789ABCDEF'],
])('reads the serial number %s', (serial) => {
  const env = { ...good, WECHATPAY_MERCHANT_SERIAL: serial }
  expect(configOf(env).wechatpay.merchantSerial).toBe('0123456789ABCDEF')
  const certified = { ...good, WECHATPAY_PUBLIC_KEY_ID: serial, WECHATPAY_PUBLIC_KEY: 'a certificate' }
  expect(configOf(certified).wechatpay.publicKey?.id).toBe('0123456789ABCDEF')
})

test.each([
  ['"PUB_KEY_ID_0114232134912410"'],
  ['pub_key_id_0114232134912410'],
  ['PUB_KEY_ID_\u200b0114 2321 3491 2410'],
  ['公钥ID：PUB_KEY_ID_0114232134912410'],
])('reads the id %s', (id) => {
  const env = { ...good, WECHATPAY_PUBLIC_KEY_ID: id, WECHATPAY_PUBLIC_KEY: '-----BEGIN PUBLIC KEY-----\nx' }
  expect(configOf(env).wechatpay.publicKey?.id).toBe('PUB_KEY_ID_0114232134912410')
})

test('says what became of a key without quotes in a file of variables', () => {
  const lines = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0',
    'BAQEFAASCBKcw==',
    '-----END PRIVATE KEY-----',
  ]
  const [key, publicKey] = [lines.join('\n'), lines.join('\n').replaceAll('PRIVATE', 'PUBLIC')]
  const file = `WECHATPAY_PRIVATE_KEY=${key}\nWECHATPAY_PUBLIC_KEY_ID=PUB_KEY_ID_1\nWECHATPAY_PUBLIC_KEY=${publicKey}\n`
  const problems = problemsOf({ ...good, ...parseEnv(file) })
  expect(problems).toEqual([
    'WECHATPAY_PRIVATE_KEY holds only the first line of a key → put quotes around all of its lines, or name its file by WECHATPAY_PRIVATE_KEY_FILE',
    'WECHATPAY_PUBLIC_KEY holds only the first line of a key → put quotes around all of its lines, or name its file by WECHATPAY_PUBLIC_KEY_FILE',
  ])
})

test.each(['utf16le', 'utf16be'])('reads keys and a policy from files of %s', (encoding) => {
  const inside = folder()
  const write = (name: string, text: string, mark: string) => {
    const bytes = Buffer.from(`${mark}${text}`, 'utf16le')
    writeFileSync(join(inside, name), encoding === 'utf16be' ? bytes.swap16() : bytes)
    return join(inside, name)
  }
  const example = readFileSync(new URL('../../manifest/policy.example.yaml', import.meta.url), 'utf8')
  const config = configOf({
    ...good,
    WECHATPAY_PRIVATE_KEY: undefined,
    WECHATPAY_PRIVATE_KEY_FILE: write('key.pem', 'the key', ''),
    WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0000',
    WECHATPAY_PUBLIC_KEY_FILE: write('pub.pem', 'the key', '\uFEFF'),
    POLICY_FILE: write('policy.yaml', example, '\uFEFF'),
  })
  expect(config.wechatpay).toMatchObject({ privateKey: 'the key', publicKey: { pem: 'the key' } })
  expect(loadPolicy(config)).toMatchObject({ ok: true })
})

const pasted = {
  'a token': `xoxb-${CANARY}-1`,
  'a key': `-----BEGIN PRIVATE KEY-----\nMIIE${CANARY}`,
  'a key in one line': `MIIEv${CANARY}${'Aa0/'.repeat(400)}`,
  'an APIv3 key': apiv3Key,
  'a password': CANARY,
  'a part of a key that looks like a path': `/${CANARY}${'Aa0'.repeat(10)}/x+${'Bb1'.repeat(5)}`,
  'an address with a password': `https://me:${CANARY}@host/?x=${CANARY}`,
  'a postgres address': `postgres://me:${CANARY}@host:notaport/db`,
}
const named = Object.keys(
  parseEnv(
    readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').replace(/^# (?=[A-Z_0-9]+=)/gm, ''),
  ),
)

test.each(Object.entries(pasted))('never repeats %s that got into a wrong variable', (_, secret) => {
  expect(named.length).toBeGreaterThan(20)
  for (const name of [...named, 'WECHATPAY_PRIVATE_KEY', 'WECHATPAY_PUBLIC_KEY', 'HTTPS_PROXY']) {
    const without = name.endsWith('_FILE') ? { [name.replace('_FILE', '')]: undefined } : {}
    const loaded = loadConfig({
      ...good,
      WECHATPAY_PRIVATE_KEY: privateKey.replace(CANARY, 'x'),
      ...without,
      [name]: secret,
    })
    const told = loaded.ok ? '' : formatProblems(loaded.problems, 'en')
    const policy = loadPolicy(loaded.ok ? loaded.config : loaded.partial)
    expect(`${told}${policy.ok ? '' : Object.values(policy.text)}`, name).not.toContain(CANARY)
  }
})

test('says that a key stands where its path belongs', () => {
  const env = { ...good, WECHATPAY_PRIVATE_KEY: undefined, WECHATPAY_PRIVATE_KEY_FILE: pasted['a key'] }
  expect(problemsOf(env)).toEqual([
    'WECHATPAY_PRIVATE_KEY_FILE holds a key, not the path of a file → put the key into WECHATPAY_PRIVATE_KEY, or name its file',
  ])
})

test('reads a proxy for each of the two, or the usual variables, with those excepted', () => {
  const proxies = (env: Record<string, string>) => {
    const { slack, wechatpay } = configOf({ ...good, ...env })
    return [slack.proxy, wechatpay.proxy]
  }
  const one = { url: 'http://one:3128/' }
  const two = { url: 'https://two/' }
  expect(proxies({})).toEqual([undefined, undefined])
  expect(proxies({ HTTPS_PROXY: 'http://one:3128' })).toEqual([one, one])
  expect(proxies({ https_proxy: 'one:3128', HTTPS_PROXY: 'http://other' })).toEqual([one, one])
  expect(proxies({ HTTP_PROXY: 'http://one:3128' })).toEqual([one, one])
  expect(proxies({ http_proxy: 'http://other', HTTPS_PROXY: 'http://one:3128' })).toEqual([one, one])
  expect(proxies({ HTTPS_PROXY: 'https://two', SLACK_PROXY: 'http://one:3128' })).toEqual([one, two])
  expect(proxies({ HTTPS_PROXY: 'https://two', WECHATPAY_PROXY: 'none' })).toEqual([two, undefined])
  expect(proxies({ HTTPS_PROXY: 'https://two', WECHATPAY_PROXY: 'NONE' })).toEqual([two, undefined])
  expect(proxies({ HTTPS_PROXY: '', SLACK_PROXY: ' ', WECHATPAY_PROXY: 'https://two' })).toEqual([
    undefined,
    two,
  ])
  const except = 'localhost,.weixin.qq.com'
  expect(proxies({ HTTPS_PROXY: 'https://two', NO_PROXY: except })).toEqual([
    { ...two, except },
    { ...two, except },
  ])
  expect(proxies({ SLACK_PROXY: 'https://two', no_proxy: except, NO_PROXY: '*' })).toEqual([
    { ...two, except },
    undefined,
  ])
})

test.each([
  ['SLACK_PROXY', `socks5://me:${CANARY}@proxy:1080`],
  ['SLACK_PROXY', `http://me:${CANARY}@proxy:port`],
  ['WECHATPAY_PROXY', `http://me:%${CANARY}@proxy:3128`],
  ['WECHATPAY_PROXY', `http://me:${CANARY}@proxy:3128/path`],
  ['WECHATPAY_PROXY', `http://me:${CANARY}/@proxy:3128`],
  ['https_proxy', `http://proxy/?${CANARY}`],
  ['HTTP_PROXY', `${CANARY} ${CANARY}`],
])('says once that %s is no proxy, without its value', (name, text) => {
  const problems = problemsOf({ ...good, [name]: text })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`${name} is no address of an HTTP proxy → write http://host:port`)
  expect(problems[0]).toMatch(/ set (?:SLACK|WECHATPAY)_PROXY=none$/)
  expect(problems[0]).not.toContain(CANARY)
})

test('tells proxies without user and password, which logs hide, too', () => {
  const HTTPS_PROXY = `http://canary-user:p%40ss-${CANARY}@proxy.example:3128`
  const config = configOf({ ...good, HTTPS_PROXY, NO_PROXY: 'localhost', WECHATPAY_PROXY: 'none' })
  expect(describeProxies(config)).toEqual({
    slackProxy: 'http://proxy.example:3128, except localhost',
    wechatpayProxy: 'none',
  })
  expect(`${inspect(config, { depth: 5 })}${JSON.stringify(config)}`).not.toMatch(/canary-user|p%40ss/)
  const sent = Buffer.from(`canary-user:p@ss-${CANARY}`).toString('base64')
  expect(secretsOf(config)).toEqual(expect.arrayContaining([`p%40ss-${CANARY}`, `p@ss-${CANARY}`, sent]))
})

test.each([
  { WECHATPAY_MCHID: '9800064' },
  { WECHATPAY_MCHID: '1900000109' },
  { WECHATPAY_APPID: 'wxd678efh567hg6787' },
  // A company's, at WeCom.
  { WECHATPAY_APPID: 'ww0123456789abcdef' },
])('takes %j', (changes) => {
  expect(problemsOf({ ...good, ...changes })).toEqual([])
})

test('names the variable that is set, where a key comes from a file', () => {
  const [certificate, key, cut] = ['cert.pem', 'key.pem', 'cut.pem'].map((name) => join(folder(), name))
  if (!certificate || !key || !cut) return expect.fail('no files')
  writeFileSync(certificate, '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----')
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----')
  writeFileSync(cut, '-----BEGIN PRIVATE KEY-----\n')
  const ofFile = (path: string) =>
    problemsOf({ ...good, WECHATPAY_PRIVATE_KEY: undefined, WECHATPAY_PRIVATE_KEY_FILE: path })
  expect(ofFile(certificate)).toEqual([
    'WECHATPAY_PRIVATE_KEY_FILE is a certificate or a public key → use apiclient_key.pem, not apiclient_cert.pem or pub_key.pem',
  ])
  expect(ofFile(cut)).toEqual([
    'WECHATPAY_PRIVATE_KEY_FILE holds only the first line of a key → copy the file again, with all of its lines',
  ])
  const trust = { WECHATPAY_PUBLIC_KEY: undefined, WECHATPAY_PUBLIC_KEY_FILE: key }
  expect(problemsOf({ ...good, ...trust, WECHATPAY_PUBLIC_KEY_ID: undefined })[0]).toContain(
    'WECHATPAY_PUBLIC_KEY_ID is not set, but WECHATPAY_PUBLIC_KEY_FILE is → ',
  )
  expect(problemsOf({ ...good, ...trust, WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' })).toEqual([
    'WECHATPAY_PUBLIC_KEY_FILE is a private key → use pub_key.pem, which WeChat Pay gives',
  ])
})

test('names a key file that is not there or empty', () => {
  const path = join(folder(), 'key.pem')
  const env = { ...good, WECHATPAY_PRIVATE_KEY: undefined, WECHATPAY_PRIVATE_KEY_FILE: path }
  expect(problemsOf(env)).toEqual([
    `WECHATPAY_PRIVATE_KEY_FILE can't be read: ${path} (ENOENT) → check the path and who may read it`,
  ])
  writeFileSync(path, '\n')
  expect(problemsOf(env)[0]).toContain(`WECHATPAY_PRIVATE_KEY_FILE names an empty file: ${path}`)
})

test('reads the policy that the configuration names, with its merchant', () => {
  const policyFile = new URL('../../manifest/policy.example.yaml', import.meta.url).pathname
  const loaded = loadPolicy(configOf({ ...good, POLICY_FILE: policyFile }))
  expect(loaded).toMatchObject({ ok: true, policy: { stocks: [{ mchid: '1230000109' }, {}] } })
})

test('says what to do about a policy that is not there or wrong', () => {
  const path = join(folder(), 'policy.yaml')
  const config = configOf({ ...good, POLICY_FILE: path })
  expect(loadPolicy(config)).toMatchObject({
    ok: false,
    text: {
      en: `${path} can't be read (ENOENT) → copy manifest/policy.example.yaml to ${path} and change it, or set POLICY_FILE`,
      'zh-CN': `${path} 无法读取 (ENOENT) → 请将 manifest/policy.example.yaml 复制为 ${path} 并修改，或设置 POLICY_FILE`,
    },
  })
  writeFileSync(path, '')
  expect(loadPolicy(config)).toMatchObject({
    ok: false,
    text: {
      en: `${path}:1:1 is empty → start from manifest/policy.example.yaml`,
      'zh-CN': `${path}:1:1 为空 → 可从 manifest/policy.example.yaml 开始编写`,
    },
  })
})

test('prints no secret', () => {
  const config = configOf({
    ...good,
    SLACK_SIGNING_SECRET: CANARY,
    SLACK_TRANSPORT: 'http',
    DATABASE_URL: `postgres://app:${CANARY}@localhost/coupons`,
  })
  expect(inspect(config, { depth: 5, showHidden: true })).not.toContain(CANARY)
  expect(JSON.stringify(config)).not.toContain(CANARY)
  expect(`${inspect(config.slack)}${inspect(config.wechatpay)}`).not.toContain(CANARY)
  expect(JSON.stringify(config)).toContain('1230000109')
})

test('knows every secret that logs must hide', () => {
  const config = configOf({ ...good, DATABASE_URL: 'postgres://app:p%40ss@localhost/coupons' })
  expect(secretsOf(config)).toEqual([botToken, appToken, privateKey, apiv3Key, 'p%40ss', 'p@ss'])
})

test('has an example that names every variable, with no secret in it', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  for (const name of Object.keys(variables))
    expect(example).toMatch(new RegExp(`^(?:# )?${name}(?:_FILE)?=`, 'm'))
  const values = Object.entries(parseEnv(example)).filter(([, value]) => value !== '')
  expect(values.map(([name]) => name)).toEqual(['WECHATPAY_PRIVATE_KEY_FILE', 'WECHATPAY_PUBLIC_KEY_FILE'])
})
