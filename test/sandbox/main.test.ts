import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test, vi } from 'vitest'
import type { SandboxState } from '../../src/sandbox/slack/index.ts'
import { widthOf } from '../../src/sandbox/transcript/width.ts'

const root = new URL('../../', import.meta.url).pathname
const MAIN = join(root, 'src/sandbox/main.ts')
const examplePolicy = readFileSync(join(root, 'manifest/policy.example.yaml'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'sandbox-main-'))
// A PostgreSQL that root starts runs as a user of its own, and reads there.
chmodSync(folder, 0o755)
const children: ReturnType<typeof spawn>[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

// Each is a whole app with two stand-ins: more at a time only wait for each other.
vi.setConfig({ maxConcurrency: 3 })

const net = { timeout: 60_000, interval: 250 }

/** That the app did not wait longer for a Slack which a busy machine keeps waiting. */
const IMPATIENCE = /^\{"level":"warn",.*"from":"slack-sdk",.*aborted due to timeout"\}\n/gm

/** Starts the sandbox, or another command, without the environment of the tests. */
function launch(args: string[], { command = process.execPath, env = {} } = {}) {
  // A test opens no windows, and Slack's three seconds are held by others, on a machine that may be busy.
  const own = [MAIN, '--no-open', '--patience', '10', ...args]
  const child = spawn(command, command === process.execPath ? own : args, {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: folder, NODE_COMPILE_CACHE: inject('compiled'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const written = { out: '', err: '' }
  child.stdout.on('data', (part) => {
    written.out += part
  })
  child.stderr.on('data', (part) => {
    written.err += part
  })
  const closed = once(child, 'close')
  return {
    child,
    written,
    /** Code, output and errors, once all of it is read. */
    ended: closed.then(([code]) => ({
      code: code as number | null,
      ...written,
      err: written.err.replace(IMPATIENCE, ''),
    })),
    /** Settles once this was written. */
    async wrote(text: string) {
      while (!written.out.includes(text)) {
        const event = await Promise.race([once(child.stdout, 'data'), closed.then(() => 'ended')])
        if (event === 'ended') throw new Error(`ended before it wrote ${text}:\n${written.out}${written.err}`)
      }
    },
  }
}

/** What the transcript says that WeChat Pay answered. */
function issuedIn(out: string): { id: string; expires: Date }[] {
  return [...out.matchAll(/coupon_id {2,}(\S+)\n\s+expire_time {2,}(\S+)/g)].map(([, id = '', at = '']) => ({
    id,
    expires: new Date(at),
  }))
}

function inSlack(at: Date, locale: string, timeZone: string): string {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }).format(at)
  return `${date} ${new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }).format(at)}`
}

function timesIn(text: string, part: string): number {
  return text.split(part).length - 1
}

/** Runs a `curl` command of the transcript without curl. */
async function curl(out: string, words: string | RegExp): Promise<unknown> {
  const commands = out.match(/curl -s (?:.*\\\n)*.*/g) ?? []
  const command = commands.find((one) => one.search(words) >= 0) ?? ''
  const [url = ''] = /http:[^\s']+/.exec(command) ?? []
  const body = / -d '(.*)'/.exec(command)?.[1]
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body })
  expect(response.ok).toBe(true)
  const text = await response.text()
  return /^[{[]/.test(text) ? JSON.parse(text) : text
}

/** A workspace in one language, in which nothing is unread, with a first step, and what was played apart from what comes. */
async function isReady(address: string): Promise<void> {
  const of = async (path: string) =>
    ((await (await fetch(new URL(path, address))).json()) as { result: unknown }).result
  const state = (await of('/sandbox/state')) as SandboxState
  expect(state.channels.map(({ name }) => name)).toContain('发券审批')
  expect(new Set(state.people.map(({ locale }) => locale))).toEqual(new Set(['zh-CN']))
  expect([state.unread, state.tips.U0AGENT2?.says['zh-CN']]).toEqual([{}, expect.stringContaining('发放')])
  expect(state.messages.D0AGENT2).not.toEqual([])
  expect(await of(`/sandbox/traffic?after=${state.playedTo}`)).toEqual([])
}

/** The page stands where it says, shows WeChat Pay beside, and its clock is everybody's. */
async function hasPage(out: string, couponId: string): Promise<void> {
  const [, address = ''] = /^ {4}(http:\S+\?person=U0AGENT2)$/m.exec(out) ?? []
  expect(await (await fetch(address)).text()).toContain('<script type="module"')
  const ask = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {}
    return ((await (await fetch(new URL(path, address), init)).json()) as { result: unknown }).result
  }
  const beside = async () =>
    (await ask('/sandbox/wechatpay')) as { calls: object[]; coupons: { openid: string }[] }
  const { calls, coupons } = await beside()
  expect(coupons[0]).toMatchObject({ coupon_id: couponId, state: 'VALID' })
  expect(calls).toContainEqual(expect.objectContaining({ method: 'POST', verified: true, status: 200 }))
  await ask('/sandbox/wechatpay/faults/clear', {})
  await ask('/sandbox/clock', { forwardMs: 31 * 86_400_000 })
  expect((await beside()).coupons[0]).toMatchObject({ state: 'EXPIRED' })
  // The app goes by the same clock: the coupon that it lists has expired.
  await ask('/sandbox/act', {
    person: 'U0AGENT2',
    do: 'command',
    command: '/withdraw-coupon',
    text: `查询 ${coupons[0]?.openid}`,
  })
  await vi.waitFor(
    async () => expect(JSON.stringify(await ask('/sandbox/state?person=U0AGENT2'))).toContain('*已过期*'),
    net,
  )
  await ask('/sandbox/wechatpay/faults', { name: 'server-error', times: 3 })
  expect(await ask('/sandbox/wechatpay')).toMatchObject({
    faults: expect.arrayContaining([expect.objectContaining({ left: 3 })]),
  })
  await ask('/sandbox/wechatpay/coupon', { id: couponId, change: { use_quota: 1000 } })
  expect((await beside()).coupons[0]).toMatchObject({ state: 'USED' })
}

test.concurrent('plays the main job in both languages over Socket Mode and ends with 0', async () => {
  const { code, out, err } = await launch(['--transcript']).ended
  expect(code, err).toBe(0)
  const [english, approved, chinese, ...others] = issuedIn(out)
  expect(others).toEqual([])
  // People read what became of it; ids are in WeChat Pay's answers, and behind menus.
  for (const coupon of [english, approved, chinese])
    expect(timesIn(out, coupon?.id ?? '?')).toBeGreaterThan(0)
  const inLondon = inSlack(english?.expires ?? new Date(0), 'en-US', 'Europe/London')
  const inShanghai = inSlack(chinese?.expires ?? new Date(0), 'zh-CN', 'Asia/Shanghai')
  expect(timesIn(out, inLondon)).toBeGreaterThanOrEqual(2)
  expect(timesIn(out, inShanghai)).toBeGreaterThanOrEqual(2)
  for (const said of [
    '[Give coupon]',
    '[发放]',
    '[Ask for approval]',
    '[批准]',
    'Rejected by @lea',
    '“lsit”',
  ])
    expect(out).toContain(said)
  expect(timesIn(out, 'signature verified by WeChat Pay')).toBe(3)
  expect(timesIn(out, '微信支付验签通过')).toBe(2)
  expect(out.split('\n').filter((line) => widthOf(line) > 100)).toEqual([])
  expect(out).not.toMatch(/<[!@#]/)
  expect(out).not.toContain('\u001b')
})

test.concurrent('plays over HTTP, by the groups, channels and stocks of another policy, with apps that share a PostgreSQL while one after the other is replaced', async () => {
  const policy = join(folder, 'real.yaml')
  const text = examplePolicy
    .replaceAll('S0AGENTS', 'S012AB3CD')
    .replaceAll('S0LEADS1', 'S045EF6GH')
    .replaceAll('C0APPROVE', 'C012AB3CD')
    .replaceAll('C0ALERTS1', 'C045EF6GH')
    .replaceAll('1304490000000059', '1304490000000777')
    .replaceAll(/1000\b/g, '700')
  writeFileSync(policy, text)
  const flags = ['--transcript', '--locale', 'en', '--replicas', '2', '--policy', policy]
  const { code, out, err } = await launch(flags).ended
  expect(code, err).toBe(0)
  expect(out).toContain('reached by HTTP')
  expect(out.replace(/\s+/g, ' ')).toMatch(/replaced in turn: [1-9]\d* times while this was played/)
  const [coupon, approved, ...others] = issuedIn(out)
  expect(others).toEqual([])
  expect([coupon, approved]).not.toContain(undefined)
  expect(out).toContain('stock_id=1304490000000777')
  expect(out).toContain('¥7.00')
  expect(out).toContain('#approvals')
})

test.concurrent('goes on with all that it names, until SIGTERM', async () => {
  const sandbox = launch(['--locale', 'zh-CN'])
  await sandbox.wrote('?person=U0AGENT2\n')
  const { out } = sandbox.written
  expect(out).toContain('\n    manifest/policy.example.yaml')
  // The page's address is where it is looked for.
  const [address = ''] = /http:\S+$/.exec(out.trimEnd()) ?? []
  await isReady(address)
  expect(out).not.toContain('Ada')
  const { coupons } = (await curl(out.replace('/sandbox\n', '/sandbox/coupons\n'), '/sandbox/coupons')) as {
    coupons: { coupon_id: string; expire_time: string }[]
  }
  expect(coupons).toHaveLength(2)
  expect(issuedIn(out)).toEqual(
    coupons.map(({ coupon_id, expire_time }) => ({ id: coupon_id, expires: new Date(expire_time) })),
  )
  expect(await curl(out, /sandbox\/$/)).toContain('/sandbox/act')
  expect(await curl(out, '/act')).toMatchObject({ result: { ok: true } })
  await vi.waitFor(
    async () =>
      expect(JSON.stringify(await curl(out, /state\?person/))).toContain(
        `<!date^${Math.floor(Date.parse(coupons[0]?.expire_time ?? '') / 1000)}^`,
      ),
    net,
  )
  expect(await curl(out, '/faults')).toMatchObject({ spec: { name: 'no-answer-after' } })
  await hasPage(out, coupons[0]?.coupon_id ?? '?')
  const [ledger = ''] = /\/\S+ledger\.sqlite/.exec(out) ?? []
  expect(existsSync(ledger)).toBe(true)

  sandbox.child.kill('SIGTERM')
  const { code, err } = await sandbox.ended
  expect(code, err).toBe(0)
  expect(existsSync(ledger)).toBe(false)
})

test.concurrent("tells what an app of one's own needs, and serves it", async () => {
  const sandbox = launch(['--no-app', '--locale', 'en'])
  await sandbox.wrote('?person=U0AGENT1\n')
  const { out } = sandbox.written
  const environment = Object.fromEntries(
    [...out.matchAll(/^ {4}([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  expect(Object.keys(environment)).toEqual(
    expect.arrayContaining(['SLACK_APP_TOKEN', 'WECHATPAY_PRIVATE_KEY_FILE']),
  )
  expect(readFileSync(String(environment.POLICY_FILE), 'utf8')).toMatch(/^language: en$/m)
  const database = `file:${join(folder, 'own.sqlite')}`
  const app = launch([process.execPath, join(root, 'src/main.ts')], {
    command: 'env',
    env: { ...environment, DATABASE_URL: database, PORT: '0', METRICS_PORT: '0' },
  })
  try {
    await vi.waitFor(
      async () =>
        expect(await curl(out, 'withdraw-coupon')).toMatchObject({ ok: true, result: { ok: true } }),
      net,
    )
  } catch (error) {
    throw new Error(app.written.err + app.written.out, { cause: error })
  }
  await vi.waitFor(
    async () => expect(JSON.stringify(await curl(out, 'state'))).toContain('No coupons · '),
    net,
  )
  app.child.kill('SIGTERM')
  expect((await app.ended).code).toBe(0)
  sandbox.child.kill('SIGTERM')
  expect((await sandbox.ended).code).toBe(0)
})

test.concurrent('ends with 0 by SIGINT while it still starts', async () => {
  const sandbox = launch([])
  await sandbox.wrote('127.0.0.1')
  sandbox.child.kill('SIGINT')
  const { code, err } = await sandbox.ended
  expect([code, err]).toEqual([0, ''])
})

test.concurrent('takes up changes of the policy that it was given, and ends with the npm that started it', async () => {
  const policy = join(folder, 'changing.yaml')
  writeFileSync(policy, examplePolicy)
  const env = { npm_lifecycle_event: 'sandbox', NODE: process.execPath, MAIN, POLICY: policy }
  const line = '"$NODE" "$MAIN" --no-open --patience 10 --locale en --policy "$POLICY"; exit'
  const shell = launch(['-c', line], { command: 'sh', env })
  await shell.wrote('?person=U0AGENT1\n')
  writeFileSync(policy, examplePolicy.replace('approvals: 1  ', 'approvals: 2  '))
  const [origin = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(shell.written.out) ?? []
  const state = async () => (await fetch(`${origin}/sandbox/state?person=U0OPS001`)).text()
  await vi.waitFor(async () => expect(await state()).toContain('`approval.approvals`：1 → 2'), net)
  shell.child.kill('SIGKILL')
  // Its output is open as long as any process writes to it.
  expect((await shell.ended).err).toBe('')
})

test.concurrent('says where the story got stuck and ends with 1', async () => {
  const policy = join(folder, 'leads-only.yaml')
  writeFileSync(policy, examplePolicy.replace('requesters: [S0AGENTS, S0LEADS1]', 'requesters: [S0LEADS1]'))
  const { code, out, err } = await launch(['--transcript', '--policy', policy]).ended
  expect([code, err]).toEqual([1, '\nThe story got stuck: the form did not open.\n'])
  expect(out).toContain('only visible to you')
})

test.concurrent('says what is wrong with the command line and ends with 64', async () => {
  const { code, out, err } = await launch(['--policy', 'no-such.yaml']).ended
  expect([code, out]).toEqual([64, ''])
  expect(err).toMatch(/^--policy no-such\.yaml can't be read: .*\n.* --help lists the flags\n$/)
})

test.concurrent('says what is wrong with a policy and ends with 78', async () => {
  const policy = join(folder, 'broken.yaml')
  writeFileSync(policy, examplePolicy.replace('quota: 5000', 'quota: much'))
  const { code, out, err } = await launch(['--policy', policy]).ended
  expect([code, out]).toEqual([78, ''])
  expect(err).toMatch(/broken\.yaml:\d+:\d+ stocks\.withdraw-50\.quota/)
})
