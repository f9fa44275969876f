import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { openLedger } from '../../src/ledger/ledger.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { grants } from '../../src/tools/grants.ts'
import { systemUser } from '../../src/tools/terminal.ts'
import { examplePolicy, openForm, startWorld, told, type World } from '../stories/world.ts'
import { runTool } from './run-tool.ts'

const main = new URL('../../src/tools/main.ts', import.meta.url).pathname
const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

type Settings = Pick<World, 'env'>

/** Runs the tool with the app's own settings. */
const run = ({ env }: Settings, ...args: string[]) => runTool(grants, args, env)

/** The same as a process of its own, as operators do. */
function runBeside({ env }: Settings, ...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [main, 'grants', ...args],
      { env: { ...env, NODE_COMPILE_CACHE: inject('compiled') } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

/** The settings of an app that never ran. */
function settings(): { env: { POLICY_FILE: string; DATABASE_URL: string }; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'grants-tool-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [POLICY_FILE, path] = [join(folder, 'policy.yaml'), join(folder, 'ledger.sqlite')]
  writeFileSync(POLICY_FILE, examplePolicy)
  return { env: { POLICY_FILE, DATABASE_URL: `file:${path}` }, path }
}

/** The latest first, as hooks end what they began. */
const ends: (() => void | Promise<void>)[] = []
const finished = (end: () => void | Promise<void>) => void ends.unshift(end)
afterAll(async () => {
  for (const end of ends) await end()
})

let world: World
beforeAll(async () => {
  world = await startWorld({ finished })
})

test('pauses the running app, and resumes it', async () => {
  expect(await runBeside(world, 'pause', '--reason', 'budget')).toEqual({
    code: 0,
    out: 'paused: everything; no approved coupon waits\n',
    err: '',
  })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, 'Issuing is paused.')
  const stuck = await run(world, 'stuck')
  expect(stuck.out).toMatch(
    /^paused: everything by cli:\S+ since \S+, paused \(budget\); 1 approved coupon waits$/m,
  )
  expect(world.wechatpay.coupons()).toEqual([])

  expect(await runBeside(world, 'resume')).toEqual({
    code: 0,
    out: 'resumed: the app issues what waited, unless something else holds it\n',
    err: '',
  })
  await world.slack.waitFor(() => world.recorded()[0]?.state === 'issued')
  expect(world.wechatpay.coupons()).toHaveLength(1)
  expect(await run(world, 'resume')).toMatchObject({ code: 1, out: 'that was not paused\n' })
  expect(await run(world, 'resume', '--stock', 'nix')).toMatchObject({
    code: 1,
    out: 'the policy has no such coupon, and there is no pause of one\n',
  })
  expect(await run(world, 'stuck')).toMatchObject({ code: 0, out: 'nothing is stuck\n' })
})

test('sends a terminal nothing that it would obey', async () => {
  await run(
    world,
    'pause',
    '--reason',
    `\u001b[31mred\u001b]0;title\u0007 \u202eline\nIssued ${OPENID} \u009b2J`,
  )
  const { out } = await run(world, 'stuck')
  expect(out).toContain('paused (red]0;title line / Issued oUpF…jWeS6o)')
  expect(out).not.toMatch(/[^\n\u0020-\u007e\u00a0-\u2027\u202f-\uffff]/)
  expect((await run(world, 'pause', '--stock', '\u001b[31mgold')).out).not.toContain('\u001b')
  await run(world, 'resume')
})

test('names the channels in which Slack takes no messages', async () => {
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  slack.fault({
    name: 'web_api_error',
    method: 'chat.postMessage',
    error: 'messages_tab_disabled',
    times: 50,
  })
  await openForm(world, ada, 'oUpF8uOTHERUSER0000000000002 withdraw-10 outage')
  expect(await ada.submit()).not.toMatchObject({ kind: 'errors' })
  await vi.waitFor(
    async () =>
      expect((await run(world, 'stuck')).out).toMatch(
        /^Slack takes no messages in direct-messages since \S+ \(messages_tab_disabled\): 1 message waits$/m,
      ),
    { timeout: 60_000, interval: 100 },
  )
})

/** A coupon was given, its answer lost, and its repeat refused for the coupon that it gave itself. */
async function startStuck() {
  const world = await startWorld({
    wechatpay: { stocks: [{ stock_id: '1304490000000059', quota: 1000, per_user: 1 }] },
  })
  world.wechatpay.fault({ name: 'reset-after' })
  world.wechatpay.fault({ name: 'limits-before-idempotency', times: 'always' })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.needsLook)
  const id = world.recorded()[0]?.id ?? ''
  const coupon = world.wechatpay.coupons()[0]?.coupon_id ?? ''
  return { world, id, coupon }
}

test('shows what is known of a grant, with no whole openid, and confirms nothing but what the second person says is proposed', async () => {
  const { world, id, coupon } = await startStuck()
  // No set-up, no look: what is shown would pass for all that there is.
  expect(await run({ env: { ...world.env, WECHATPAY_MCHID: '' } }, 'look', id)).toEqual({
    code: 78,
    out: '',
    err: "WeChat Pay's settings are incomplete:\nWECHATPAY_MCHID is not set → copy the merchant id from pay.weixin.qq.com, e.g. 1230000109\n",
  })
  const looked = await run(world, 'look', id)
  expect(looked).toMatchObject({ code: 0, err: '' })
  expect(looked.out).toContain(coupon)
  expect(looked.out).not.toContain(OPENID)
  expect((await run(world, 'stuck')).out).toContain(`${id} withdraw-10 for oUpF…jWeS6o`)
  expect(await run(world, 'settle', id, '--evidence', 'seen')).toMatchObject({ code: 64, out: '' })
  const settled = await run(world, 'settle', id, '--issued', coupon, '--evidence', 'seen')
  expect(settled.out).toMatch(/^proposed for /)
  // The same user can't be the second person.
  expect(await run(world, 'confirm', id, '--issued', coupon)).toMatchObject({
    code: 1,
    out: "refused: the person who proposed it can't confirm it\n",
  })
  expect(await run(world, 'withdraw', id)).toMatchObject({ code: 0 })
  expect(await run(world, 'confirm', id, '--issued', coupon)).toMatchObject({
    code: 1,
    out: `nothing waits for a second person at ${id}\n`,
  })

  const ledger = await openLedger({ url: world.env.DATABASE_URL ?? '', role: 'tool' })
  const verdict = { kind: 'issued', couponId: coupon } as const
  await ledger.write((tx) => tx.propose({ grantId: id, verdict, evidence: 'seen', by: 'cli:another' }))
  await ledger.close()

  expect(await run(world, 'confirm', id)).toMatchObject({ code: 64, out: '' })
  for (const said of [['--not-issued'], ['--issued', `${coupon}0`]]) {
    const confirmed = await run(world, 'confirm', id, ...said)
    expect(confirmed.code).toBe(1)
    expect(confirmed.out).toMatch(/^nothing was confirmed: another outcome waits: cli:another proposed /)
    expect(confirmed.out).toContain(`issued as ${coupon} (seen)`)
    expect(world.recorded()[0]?.state).toBe('issuing')
  }
  const confirmed = await run(world, 'confirm', id, '--issued', coupon)
  expect(confirmed).toMatchObject({ code: 0, out: expect.stringMatching(/^settled: .*: issued with /) })
  expect(world.recorded()).toMatchObject([{ state: 'issued', coupon_id: coupon }])
})

test.for<[string, number, string]>([
  ['pasue', 64, 'There is no "pasue"'],
  ['pause now', 64, 'pause takes no now'],
  ['look', 64, 'look takes the id of one grant'],
  ['stuck --stock withdraw-10', 64, 'stuck takes no --stock'],
  ['stuck', 74, 'there is no ledger at file:'],
])('says what is wrong with "%s" where there is no ledger yet', async ([line, code, text]) => {
  const ended = await run(settings(), ...line.split(' '))
  expect(ended).toMatchObject({ code, out: '' })
  expect(ended.err).toContain(text)
})

test('says of a ledger that fails when it is read that it can not be used, not that the arguments are wrong', async () => {
  const { env, path } = settings()
  const ledger = await openLedger({ url: env.DATABASE_URL, role: 'tool' })
  await ledger.close()
  const database = new DatabaseSync(path)
  database.exec('drop table holds')
  database.close()
  const ended = await run({ env }, 'stuck')
  expect(ended).toEqual({ code: 74, out: '', err: 'no such table: holds\n' })
})

test('finds the ledger by each address that the app takes', async () => {
  const { env, path } = settings()
  const ledger = await openLedger({ url: `file:${path}`, role: 'tool' })
  await ledger.close()
  for (const url of [`file://${path}`, `file://localhost${path}`])
    expect(await run({ env: { ...env, DATABASE_URL: url } }, 'stuck')).toMatchObject({
      code: 0,
      out: 'nothing is stuck\n',
    })
  const none = await run({ env: { ...env, DATABASE_URL: `file://${path}.none` } }, 'stuck')
  expect(none).toMatchObject({ code: 74, err: expect.stringContaining('there is no ledger at') })
})

test('names whoever has no entry among the users by the number, as in containers', () => {
  const userInfo = () => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT')
  }
  expect(systemUser(userInfo)).toBe(`uid:${process.getuid?.()}`)
  expect(systemUser(() => ({ username: 'olaf' }))).toBe('olaf')
})

test('tells its arguments', async () => {
  expect(await run(settings(), '--help')).toMatchObject({ code: 0, err: '' })
})
