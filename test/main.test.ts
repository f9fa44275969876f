import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, type TestContext, test, vi } from 'vitest'
import { exampleWorkspace, type SlackSandbox, startSlackSandbox } from '../src/sandbox/slack/index.ts'
import { startWechatPaySandbox, type WechatPaySandbox } from '../src/sandbox/wechatpay/index.ts'
import { environmentBeside } from './app-environment.ts'
import { runMain } from './run-main.ts'

const root = new URL('..', import.meta.url).pathname
const manifest: unknown = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))

let slack: SlackSandbox
let wechatpay: WechatPaySandbox
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-'))
  slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  wechatpay = await startWechatPaySandbox({ keys: inject('wechatpayKeys') })
})
afterAll(async () => {
  await slack.close()
  await wechatpay.close()
  rmSync(folder, { recursive: true })
})

/** Everything set as it should be, with a ledger of its own. */
function goodEnv(): Record<string, string> {
  return {
    ...environmentBeside(slack, wechatpay),
    POLICY_FILE: join(root, 'manifest/policy.example.yaml'),
    DATABASE_URL: `file:${join(mkdtempSync(join(folder, 'ledger-')), 'ledger.sqlite')}`,
  }
}

// Each is a process of its own: more at a time only wait for each other.
vi.setConfig({ maxConcurrency: 3 })

const run = (
  { onTestFinished: finished }: TestContext,
  env: Record<string, string>,
  nodeOptions: string[] = [],
) => runMain({ env, cwd: folder, nodeOptions, finished })

test.concurrent('says all that is wrong with the policy and ends with 78', async (context) => {
  const policy = join(mkdtempSync(join(folder, 'policy-')), 'policy.yaml')
  writeFileSync(policy, 'roles: {}\nstocks: {}\nreasons: {}\napproval: { channel: "#x" }\n')
  const app = run(context, { ...goodEnv(), POLICY_FILE: policy })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain(`${policy}:2:1 stocks: is empty → `)
  expect(app.written()).toContain(`${policy}:4:22 approval.channel: is not the id of a channel → `)
})

test.concurrent('says all that is wrong with its configuration, the policy and the keys, and ends with 78', async (context) => {
  const policy = join(mkdtempSync(join(folder, 'policy-')), 'policy.yaml')
  writeFileSync(policy, 'roles: {}\nstocks: {}\nreasons: {}\napproval: { channel: "#x" }\n')
  const wrong = {
    SLACK_BOT_TOKEN: '',
    POLICY_FILE: policy,
    LOG_LEVEL: 'loud',
    WECHATPAY_PRIVATE_KEY: 'canary-not-a-key',
  }
  const app = run(context, { ...goodEnv(), ...wrong })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain("withdraw-coupon can't start:")
  expect(app.written()).toMatch(/^ {2}SLACK_BOT_TOKEN is not set → /m)
  expect(app.written()).toMatch(/^ {2}LOG_LEVEL is "loud" → /m)
  expect(app.written()).toMatch(/^ {2}WECHATPAY_PRIVATE_KEY \(or its …_FILE\): it is not a PEM text; give /m)
  expect(app.written()).toContain(`  ${policy}:2:1 stocks: is empty → `)

  const empty = run(context, { POLICY_FILE: policy })
  expect(await empty.ended).toBe(78)
  expect(empty.written()).toMatch(/^ {2}WECHATPAY_MCHID is not set/m)
  expect(empty.written()).toContain(`  ${policy}:2:1 stocks: is empty → `)
})

test.concurrent('says what is wrong with a key and ends with 78', async (context) => {
  const app = run(context, { ...goodEnv(), WECHATPAY_PRIVATE_KEY: 'canary-not-a-key' })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain("withdraw-coupon can't start:")
  expect(app.written()).toContain('WECHATPAY_PRIVATE_KEY (or its …_FILE): it is not a PEM text')
  expect(app.written()).not.toContain('canary')
})

test.concurrent('says that Slack refuses its token and ends with 78', async (context) => {
  const app = run(context, { ...goodEnv(), SLACK_BOT_TOKEN: 'xoxb-0000000000-canary' })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain("withdraw-coupon can't start:")
  expect(app.written()).toContain('Slack does not accept SLACK_BOT_TOKEN (invalid_auth)')
  expect(app.written()).toContain('“OAuth & Permissions”')
  expect(app.written()).not.toContain('no longer')
  expect(app.written()).not.toContain('canary')
})

test.concurrent('says once that Slack refuses the token of Socket Mode and ends with 78', async (context) => {
  const app = run(context, { ...goodEnv(), SLACK_APP_TOKEN: 'xapp-1-canary' })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain('Slack does not accept SLACK_APP_TOKEN (invalid_auth)')
  expect(app.written()).not.toMatch(/no longer|canary/)
})

test.concurrent('says that Slack can not be reached, which may pass, and ends with 69', async (context) => {
  const app = run(context, { ...goodEnv(), SLACK_API_URL: 'http://127.0.0.1:10/api/' })
  expect(await app.ended).toBe(69)
  expect(app.written()).toContain('Slack can’t be reached: connect ECONNREFUSED 127.0.0.1:10. ')
})

test.concurrent('says that its port is taken and ends with 78', async (context) => {
  const app = run(context, { ...goodEnv(), PORT: new URL(slack.apiUrl).port })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain('PORT can’t be listened on (EADDRINUSE).')
})

test.concurrent('says that the ledger can not be written and ends with 74', async (context) => {
  const notAFolder = join(folder, 'file')
  writeFileSync(notAFolder, '')
  const app = run(context, { ...goodEnv(), DATABASE_URL: `file:${notAFolder}/ledger.sqlite` })
  expect(await app.ended).toBe(74)
  expect(app.written()).toContain(notAFolder)
})

test.concurrent('says which file of the ledger’s address can not be read and ends with 78', async (context) => {
  const url = 'postgres://me:canary@ledger.example/x?sslrootcert=/no/such.pem'
  const app = run(context, { ...goodEnv(), DATABASE_URL: url })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain('the file of sslrootcert in DATABASE_URL can not be read (ENOENT)')
  expect(app.written()).not.toContain('canary')
})

test.concurrent('says of a proxy that is away which it is, without its password', async (context) => {
  const proxy = { SLACK_PROXY: 'http://me:canary@127.0.0.1:9', SLACK_API_URL: 'https://slack.invalid/api/' }
  const app = run(context, { ...goodEnv(), ...proxy })
  expect(await app.ended).toBe(69)
  expect(app.written()).toContain(
    'Slack can’t be reached through the proxy http://127.0.0.1:9: connect ECONNREFUSED 127.0.0.1:9. ',
  )
  expect(app.written()).toContain('check the network, the proxy')
  expect(app.written()).not.toContain('canary')
})

test.concurrent('starts, and stops cleanly by SIGTERM', async (context) => {
  const env = goodEnv()
  const app = run(context, env)
  await app.logged('ready')
  app.process.kill('SIGTERM')
  expect(await app.ended).toBe(0)
  expect(app.log.at(-1)?.msg).toBe('stopped')
  expect(app.log.filter(({ level }) => ['warn', 'error', 'fatal'].includes(level))).toEqual([])
  for (const name of ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'WECHATPAY_PRIVATE_KEY'])
    expect(app.written()).not.toContain(env[name])
})

test.concurrent('tells the proxies without their password, reaches this machine without them, and stops cleanly by SIGINT', async (context) => {
  const HTTPS_PROXY = 'http://canary:canary-password@127.0.0.1:9'
  const app = run(context, { ...goodEnv(), HTTPS_PROXY, WECHATPAY_PROXY: 'none', NO_PROXY: '.example' })
  await app.logged('ready')
  const told = { slackProxy: 'http://127.0.0.1:9, except .example', wechatpayProxy: 'none' }
  expect(app.log.find(({ slackProxy }) => slackProxy)).toMatchObject(told)
  app.process.kill('SIGINT')
  expect(await app.ended).toBe(0)
  expect(app.log.at(-1)?.msg).toBe('stopped')
  expect(app.written()).not.toContain('canary')
})

test.concurrent('logs an unhandled rejection as fatal and ends with 1', async (context) => {
  const reject = `process.on('SIGUSR2', () => { Promise.reject(new Error('planted')) })`
  const app = run(context, goodEnv(), ['--import', `data:text/javascript,${encodeURIComponent(reject)}`])
  await app.logged('ready')
  app.process.kill('SIGUSR2')
  expect(await app.ended).toBe(1)
  // What was under way may have logged its end after it.
  const fatal = app.log.filter(({ level }) => level === 'fatal')
  expect(fatal).toMatchObject([{ err: { message: 'planted' } }])
})

test.concurrent('ends at once by a second signal', async (context) => {
  const hang = `const { exit } = process; process.exit = (code) => code === 0 ? undefined : exit(code); setInterval(() => {}, 1000)`
  const app = run(context, goodEnv(), ['--import', `data:text/javascript,${encodeURIComponent(hang)}`])
  await app.logged('ready')
  app.process.kill('SIGTERM')
  await app.logged('stopped')
  app.process.kill('SIGTERM')
  expect(await app.ended).toBe(1)
  expect(app.log.at(-1)?.msg).toBe('ending at once')
})
