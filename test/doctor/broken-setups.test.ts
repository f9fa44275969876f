import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { type FindingCode, kinds, word } from '../../src/doctor/index.ts'
import { broken, type Place, plantBroken } from '../../src/sandbox/broken-setups.ts'
import { startCustomerLookup } from '../../src/sandbox/customer-lookup.ts'
import { exampleWorkspace, startSlackSandbox, type Workspace } from '../../src/sandbox/slack/index.ts'
import { startWechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { doctor, examineBy } from '../../src/tools/doctor.ts'
import { environmentBeside } from '../app-environment.ts'
import { englishIn } from '../english-in.ts'
import { runTool } from '../tools/run-tool.ts'

const root = new URL('../../', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(root, 'manifest/manifest.json'), 'utf8'))
const example = readFileSync(join(root, 'manifest/policy.example.yaml'), 'utf8')

/** A good set-up beside stand-ins of its own. @param change of the workspace, before it starts */
async function createPlace(change: (workspace: Workspace) => void = () => {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const workspace = structuredClone(exampleWorkspace)
  change(workspace)
  const slack = await startSlackSandbox({ manifest, workspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const wechatpay = await startWechatPaySandbox({
    keys: inject('wechatpayKeys'),
    stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
  })
  onTestFinished(() => wechatpay.close())
  const lookup = await startCustomerLookup({ customers: [] })
  onTestFinished(() => lookup.close())
  const { WECHATPAY_PRIVATE_KEY, WECHATPAY_PUBLIC_KEY, ...beside } = environmentBeside(slack, wechatpay)
  const env: Record<string, string> = {
    ...beside,
    WECHATPAY_PRIVATE_KEY_FILE: join(wechatpay.info.keys, 'apiclient_key.pem'),
    WECHATPAY_PUBLIC_KEY_FILE: join(wechatpay.info.keys, 'pub_key.pem'),
    CUSTOMER_LOOKUP_SECRET: lookup.secret,
    CUSTOMER_LOOKUP_URL: lookup.url,
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
    POLICY_FILE: join(folder, 'policy.yaml'),
  }
  const changePolicy = (change: (text: string) => string) =>
    writeFileSync(join(folder, 'policy.yaml'), change(example))
  changePolicy((text) => text)
  return {
    slack,
    wechatpay,
    lookup,
    folder,
    env,
    changePolicy,
    onEnd: (close) => onTestFinished(() => void close()),
  }
}

test('finds nothing wrong with a good set-up, changes nothing, and opens no socket', async () => {
  const { env, slack, wechatpay } = await createPlace()
  const { code, out, err } = await runTool(doctor, ['--locale', 'en'], env)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^Nothing blocks the app, \d+ ok$/m)
  expect(slack.sockets()).toBe(0)
  const changing = /^(?:chat|views|conversations\.open)/
  expect(slack.traffic().filter(({ name }) => changing.test(name))).toEqual([])
  expect(wechatpay.calls().map(({ method }) => method)).not.toContain('POST')
  const chinese = await runTool(doctor, [], { ...env, LANG: 'zh_CN.UTF-8' })
  expect(chinese.out).toContain('没有阻断性问题')
})

/** Names that Chinese texts have as they are. */
const inChinese =
  'NTP ECONNREFUSED API AppID HTTP CSV Socket Mode Bot User OAuth Token token app-level Coupon Connect scope sqlite wx mchid alerts coupon-alerts coupon-approvals wxaaaaaaaaaaaaaaaa Authorization'.split(
    ' ',
  )

test.for(Object.entries(broken))('finds %s, with its remedy', async ([, fault]) => {
  const place = await createPlace()
  const findings = await examineBy(await plantBroken(fault, place), { language: 'zh-CN' })
  const wrong = findings.filter(({ code }) => kinds[code][0] !== 'ok')
  expect([...new Set(wrong.map(({ code }) => code))].sort()).toEqual([...fault.finds].sort())
  for (const finding of wrong)
    for (const language of ['en', 'zh-CN'] as const) {
      const { seen, remedy } = word(finding, language)
      expect(`${seen} ${remedy}`).not.toMatch(/undefined|null/)
      expect(remedy).not.toBe(null)
      // What Slack, WeChat Pay and drivers say stays as they say it.
      const isOwn = /^(?:keys-wrong|ledger-|certificates-refused|lookup-)/.test(finding.code)
      const ofOthers = isOwn ? '' : `${finding.values.why} ${finding.values.detail}`
      const names = [...inChinese, ...(ofOthers.match(/[\w-]+/g) ?? [])]
      if (language === 'zh-CN') expect(englishIn(`${seen} ${remedy}`, names), seen).toEqual([])
    }
})

test('says of answers that it can not trust only that, once, and which stocks are not known for it', async () => {
  const place = await createPlace()
  const env = await plantBroken(broken['public-key'] ?? expect.unreachable(), place)
  const findings = await examineBy(env)
  const ofWechatPay = findings.filter(({ code }) => kinds[code][1] === 'wechatpay')
  expect(ofWechatPay.map(({ code, values }) => [code, values.stocks])).toEqual([
    ['answers-untrusted', 'withdraw-10, withdraw-50'],
  ])
})

test('asks nobody about what the policy takes for no openid', async () => {
  const refused = await runTool(doctor, ['--openid', 'nope'], {
    POLICY_FILE: join(root, 'manifest/policy.example.yaml'),
  })
  expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('--openid: it has 4 characters') })
})

test.for([
  ['no answer', { name: 'server-error' }, 'wechatpay-untold', /run the check again in a minute/],
  [
    'an answer that it does not know',
    { name: 'odd-answer', top: { data: 1 } },
    'stock-odd',
    /ask WeChat Pay’s support/,
  ],
] as const)('does not advise an openid where %s comes, which no openid would change', async ([
  ,
  fault,
  code,
  remedy,
]) => {
  const { env, wechatpay } = await createPlace()
  wechatpay.fault({ ...fault, times: 'always', match: { path: '/v3/marketing/' } })
  const findings = await examineBy(env)
  expect(findings.map(({ code }) => code)).not.toContain('stock-untold')
  const [finding = expect.unreachable()] = findings.filter((one) => one.code === code)
  expect(word(finding, 'en').remedy).toMatch(remedy)
})

test.for([
  ['slack-proxy', 'SLACK_PROXY'],
  ['wechatpay-proxy', 'WECHATPAY_PROXY'],
] as const)('says of a proxy that answers with a page that it is the proxy, not the service (%s)', async ([
  name,
  variable,
]) => {
  const place = await createPlace()
  const env = await plantBroken(broken[name] ?? expect.unreachable(), place)
  const proxy = env[variable]?.replace('//', '//user:secret@') ?? expect.unreachable()
  const findings = await examineBy({ ...env, [variable]: proxy })
  const [finding = expect.unreachable()] = findings.filter(({ code }) => code === name)
  for (const language of ['en', 'zh-CN'] as const) {
    const { seen, remedy } = word(finding, language)
    expect(seen).toContain(env[variable])
    expect(seen).toContain('HTTP 403')
    expect(remedy).toContain(`${variable}=none`)
    expect(`${seen} ${remedy}`).not.toContain('secret')
  }
})

test('with half a config says nothing of a look-up that it could not be told, and asks one that it was', async () => {
  const { env } = await createPlace()
  const codesOf = async (change: Record<string, string>) =>
    (await examineBy({ ...env, WECHATPAY_MCHID: '', ...change })).map(({ code }) => code)
  expect(await codesOf({})).toContain('lookup-good')
  const wrong = await codesOf({ CUSTOMER_LOOKUP_SECRET: 'whsec_short' })
  expect(wrong.filter((code) => code.startsWith('lookup'))).toEqual([])
  expect(await codesOf({ CUSTOMER_LOOKUP_SECRET: '' })).toContain('lookup-off')
})

test('has a fault to be planted for whatever is not in order', () => {
  const planted = Object.values(broken).flatMap(({ finds }) => finds)
  const apart: FindingCode[] = [
    // Of this machine, and of a check that itself fails.
    'node-old',
    'check-failed',
    // Of a token that no stand-in gives out, and of a secret that only a request from Slack proves.
    'bot-token-of-person',
    'signing-secret-unproven',
    // Of a ledger with a past, which tests of the ledger have.
    'backup-old',
    'seal-key-missing',
    // Of the running app, and of the button: they have stories of their own.
    'second-consumer',
    'press-unsent',
    'press-unseen',
    'press-unanswered',
  ]
  const wrong = Object.entries(kinds).flatMap(([code, [level]]) => (level === 'ok' ? [] : [code]))
  expect(wrong.filter((code) => !planted.includes(code)).sort()).toEqual([...apart].sort())
})

test('tells scripts what people read, and both by the exit code', async () => {
  const { env, slack } = await createPlace()
  slack.changeInstallation({ scopes: [], clockAhead: 90_000 })
  const json = await runTool(doctor, ['--json'], env)
  expect(json.code).toBe(2)
  const { counts, findings } = JSON.parse(json.out)
  expect(counts.blocks).toBeGreaterThan(0)
  expect(findings).toContainEqual({
    code: 'scopes-missing',
    level: 'blocks',
    part: 'slack',
    step: 2,
    seen: expect.stringContaining('users:read'),
    remedy: expect.stringContaining('install the app again'),
    values: { scopes: expect.stringContaining('chat:write') },
  })
  slack.changeInstallation({ scopes: manifest.oauth_config.scopes.bot })
  expect((await runTool(doctor, [], env)).code).toBe(1)
  expect(await runTool(doctor, ['--colour'], env)).toMatchObject({ code: 64, out: '' })
})

test('tells with half a config what it could check and what is missing, and no secret', async () => {
  const { env } = await createPlace()
  const { out, code } = await runTool(doctor, [], {
    SLACK_BOT_TOKEN: env.SLACK_BOT_TOKEN ?? '',
    SLACK_API_URL: env.SLACK_API_URL ?? '',
    POLICY_FILE: env.POLICY_FILE ?? '',
  })
  expect(code).toBe(2)
  expect(out).toContain('Bot token of Withdraw Coupon in the workspace Example Support')
  expect(out).toContain('WECHATPAY_MCHID is not set')
  expect(out).toContain('Enough approvers for approval')
  expect(out).not.toContain(env.SLACK_BOT_TOKEN)
})

test('counts who can decide without the requester', async () => {
  const { env, slack } = await createPlace()
  slack.changeGroup('S0LEADS1', { users: ['U0LEAD1'] })
  const { out } = await runTool(doctor, ['--locale', 'en'], env)
  expect(out).toContain('when U0LEAD1 asks: 1 needed, 0 besides the requester can decide')
})

test('tells by what is missing there that a token is of another workspace, and of which', async () => {
  const { env } = await createPlace((workspace) => {
    const text = JSON.stringify(workspace)
      .replace(/\b([UCS])0([A-Z0-9]{3,})/g, '$10X$2')
      .replaceAll('@example.com', '@elsewhere.example')
      .replaceAll(workspace.team.name, 'Elsewhere')
    Object.assign(workspace, JSON.parse(text))
  })
  const { code, out } = await runTool(doctor, ['--locale', 'en'], env)
  expect(code).toBe(2)
  expect(out).toContain('in the workspace Elsewhere')
  for (const missing of [
    'Slack knows no channel for the approval channel C0APPROVE',
    'Slack knows no channel for the alerts channel C0ALERTS1',
    'Slack knows no user group S0LEADS1',
    'Slack knows nobody as ops@example.com',
    'Too few approvers for approval',
  ])
    expect(out).toContain(missing)
})

test('ends beside an app that hangs in the middle of a write, and says what to do', async () => {
  const { env, folder } = await createPlace()
  const file = join(folder, 'ledger.sqlite')
  copyFileSync(inject('newLedger'), file)
  const program = `const { DatabaseSync } = await import('node:sqlite')
    new DatabaseSync(${JSON.stringify(file)}).exec('begin immediate')
    process.stdout.write('writing')
    process.kill(process.pid, 'SIGSTOP')`
  const app = spawn(process.execPath, ['--input-type=module', '-e', program])
  onTestFinished(() => void app.kill('SIGKILL'))
  await once(app.stdout, 'data')
  const { code, out } = await runTool(doctor, ['--locale', 'en'], env)
  expect(out).toContain('The ledger could not be written in time')
  expect(out).toContain('find the process that holds it, such as an app that hangs, and stop it')
  // All else is told as ever.
  expect(out).toMatch(/^Nothing blocks the app, 1 warning, \d+ ok$/m)
  expect(code).toBe(1)
})
