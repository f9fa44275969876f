import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, inject, onTestFinished, test } from 'vitest'
import { exampleWorkspace, startSlackSandbox, type Workspace } from '../../src/sandbox/slack/index.ts'
import { startWechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { setup } from '../../src/tools/setup.ts'

const manifest = JSON.parse(readFileSync(new URL('../../manifest/manifest.json', import.meta.url), 'utf8'))

/** Both stand-ins, an empty folder, and somebody who answers what is asked. */
async function createPlace(change: (workspace: Workspace) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'setup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const workspace = structuredClone(exampleWorkspace)
  change(workspace)
  const slack = await startSlackSandbox({ manifest, workspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const wechatpay = await startWechatPaySandbox({ keys: inject('wechatpayKeys') })
  onTestFinished(() => wechatpay.close())
  const env = {
    SLACK_API_URL: slack.apiUrl,
    WECHATPAY_BASE_URL: wechatpay.info.baseUrl,
    POLICY_FILE: join(folder, 'policy.yaml'),
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
  }
  const { keys, mchid, appid, merchantSerial, publicKeyId, stockId } = wechatpay.info
  /** What is typed, by a part of the question; each answer of a list once. */
  const answers: Record<string, string[]> = {
    'Bot token': [slack.botToken],
    'App-level token': [slack.appToken],
    'Merchant id': [mchid],
    'Appid to which': [appid],
    'private key': [join(keys, 'apiclient_key.pem')],
    'Serial number': [merchantSerial],
    'Id of WeChat': [publicKeyId],
    'File of WeChat': [join(keys, 'pub_key.pem')],
    'Language of': ['en'],
    'may ask': ['@agents, lea@example.com'],
    'Who approves': ['2'],
    'Who operates': ['ops@example.com'],
    'Channel for approvals': ['coupon-approvals'],
    'Channel for alerts': ['C0ALERTS1'],
    'Stock id': [stockId],
    Yuan: ['10'],
  }
  /** @param until the question at which the answers end */
  async function run(args: string[] = [], until?: string) {
    const asked: string[] = []
    let out = ''
    const left = structuredClone(answers)
    const code = await setup(args, {
      env,
      folder,
      out: (text) => {
        out += text
      },
      err: (text) => {
        out += text
      },
      async ask(question) {
        asked.push(question)
        if (until !== undefined && question.includes(until)) return null
        const [, typed] = Object.entries(left).find(([part]) => question.includes(part)) ?? []
        return typed?.shift() ?? expect.fail(`no answer to ${question} after\n${out}`)
      },
    })
    return { code, out, asked }
  }
  const written = () => parseEnv(readFileSync(join(folder, '.env'), 'utf8'))
  return { folder, slack, env, answers, run, written }
}

test('leads from an empty folder to a set-up in which nothing is wrong, and shows no secret', async () => {
  const { folder, slack, run, written } = await createPlace()
  const { code, out, asked } = await run()
  expect(out).toContain('Nothing blocks the app')
  expect(code).toBe(0)
  expect(asked).toHaveLength(16)
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
  expect(written()).toMatchObject({ SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken })
  expect(out).not.toContain(slack.botToken)
  expect(out).not.toContain(slack.appToken)
  const policy = readFileSync(join(folder, 'policy.yaml'), 'utf8')
  expect(policy).toContain('requesters: ["S0AGENTS", "lea@example.com"]')
  // Who decides looks up what a user holds, too.
  expect(policy).toContain('viewers: ["S0AGENTS", "lea@example.com", "S0LEADS1"]')
  const again = await run()
  expect(again.asked).toEqual([])
})

test('asks again for what does not serve, at once and by name, and keeps what is insisted on', async () => {
  const { answers, run, written, slack } = await createPlace()
  answers['Bot token'] = ['xoxp-a-person', 'xoxb-revoked', slack.botToken]
  answers['Keep this answer'] = ['n', 'y']
  answers['Serial number'] = ['5157F09EFDC096DE15EBE81A47057A72ABCDEF12']
  const { out, code } = await run()
  expect(out).toContain('looks like a user token')
  expect(out).toContain('Slack refuses SLACK_BOT_TOKEN (invalid_auth)')
  expect(out).toMatch(
    /WECHATPAY_MERCHANT_SERIAL is 5157F09E\w+, but the certificate beside the private key has/,
  )
  expect(written().WECHATPAY_MERCHANT_SERIAL).toBe('5157F09EFDC096DE15EBE81A47057A72ABCDEF12')
  expect(code).toBe(1)
})

test('loses nothing when it is cut off, and goes on from there', async () => {
  const { run, written, slack, folder } = await createPlace()
  const first = await run([], 'Serial number')
  expect(first.code).toBe(1)
  expect(first.out).toContain('npm run setup goes on from there')
  expect(written().SLACK_BOT_TOKEN).toBe(slack.botToken)
  const second = await run([], 'Stock id')
  expect(second.asked[0]).toContain('Serial number')
  expect(written().WECHATPAY_PUBLIC_KEY_ID).toMatch(/^PUB_KEY_ID_/)
  expect(() => readFileSync(join(folder, 'policy.yaml'))).toThrow('ENOENT')
  // What was said of the policy is kept, too, and told.
  const third = await run()
  expect(third.asked).toHaveLength(2)
  expect(third.asked[0]).toContain('Stock id')
  expect(third.out).toContain('Who may ask for coupons: S0AGENTS lea@example.com, as you answered before')
  expect(third.code).toBe(0)
  const policy = readFileSync(join(folder, 'policy.yaml'), 'utf8')
  expect(policy).toContain('requesters: ["S0AGENTS", "lea@example.com"]')
  expect(policy).toContain('language: en')
  expect(readdirSync(folder).sort()).toEqual(['.env', 'policy.yaml'])
})

test('sets the line that counts, and keeps every sign of what was typed', async () => {
  const { run, written, answers, folder } = await createPlace()
  const own = join(folder, "o'brien", '#1.pem')
  mkdirSync(dirname(own))
  copyFileSync(answers['File of WeChat']?.[0] ?? '', own)
  answers['File of WeChat'] = ['`a\'b"c', own]
  writeFileSync(
    join(folder, '.env'),
    '# WECHATPAY_PUBLIC_KEY_FILE=old.pem\nWECHATPAY_PUBLIC_KEY_FILE=away.pem\nexport  WECHATPAY_PUBLIC_KEY_FILE = gone.pem\n',
  )
  const { code, out } = await run()
  expect(out).toContain('every kind of quotes')
  expect(code).toBe(0)
  expect(written().WECHATPAY_PUBLIC_KEY_FILE).toBe(own)
  expect(readFileSync(join(folder, '.env'), 'utf8')).toContain('# WECHATPAY_PUBLIC_KEY_FILE=old.pem\n')
})

test('finds one of 200 groups by a part of its name', async () => {
  const { answers, run } = await createPlace((workspace) => {
    for (let n = 1; n <= 200; n++)
      workspace.groups.push({
        id: `S0MANY${n}`,
        handle: `team-${n}`,
        name: `Team ${n}`,
        users: ['U0LEAD1', 'U0LEAD2', 'U0AGENT1'],
      })
  })
  answers['Who approves'] = ['lead', '1']
  const { out, code } = await run()
  expect(out).toContain('and 190 more: type a part of the name')
  expect(out).toContain('@leads (2 members)')
  expect(code).toBe(0)
})

test('tells without asking what is missing', async () => {
  const { run, env } = await createPlace()
  const key = '-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0BAQEFAASC-----END PRIVATE KEY-----'
  Object.assign(env, { POLICY_FILE: key })
  const { code, out, asked } = await run(['--non-interactive'])
  expect({ code, asked }).toEqual({ code: 1, asked: [] })
  expect(out).toContain('SLACK_BOT_TOKEN is not set → copy the Bot User OAuth Token')
  expect(out).toContain('npm run setup asks for what it needs')
  expect(out).not.toContain('MIIEv')
})
