import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openLedger } from '../../src/ledger/ledger.ts'
import { policy } from '../../src/tools/policy.ts'
import { newGrant } from '../ledger/grants.ts'
import { runTool } from './run-tool.ts'

const example = readFileSync(new URL('../../manifest/policy.example.yaml', import.meta.url), 'utf8')
const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

/** A folder with a policy, in which the tool is run as from a shell. */
function folderWith(text = example) {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
  writeFileSync(join(folder, 'policy.yaml'), text)
  const run = (args: string, env: Record<string, string> = {}) =>
    runTool(
      policy,
      args.split(' ').filter((word) => word !== ''),
      env,
    )
  return { folder, run }
}

/** Records what was given before, as the app does. */
async function given(folder: string, count: number): Promise<void> {
  const ledger = await openLedger({ url: `file:${join(folder, 'data/ledger.sqlite')}`, role: 'tool' })
  for (let done = 0; done < count; done++)
    await ledger.write((tx) =>
      tx.recordGrant(
        newGrant({
          openid: OPENID,
          requester: 'U0AGENT1',
          stock: 'withdraw-10',
          approvedByRule: 'Small goodwill',
        }),
        [],
      ),
    )
  await ledger.close()
}

test('says that a policy is one, and which version', async () => {
  const { run } = folderWith()
  const checked = await run('check')
  expect(checked).toMatchObject({ code: 0, err: '' })
  expect(checked.out).toMatch(
    /^\.\/policy\.yaml is a policy: 2 stocks, 1 automatic rule, version [0-9a-f]{12}\n$/,
  )
})

test('tells every mistake at once, each with its line and what to do', async () => {
  const broken = example
    .replace('timezone: Asia/Shanghai', 'timezone: Asia/Shangai')
    .replace('approvals: 1  ', 'approvals: none')
    .replace('stocks: [withdraw-10]', 'stocks: [withdraw-11]')
    .replace('language:', 'langage:')
  const { folder, run } = folderWith()
  writeFileSync(join(folder, 'other.yaml'), broken)
  const { code, out, err } = await run('check other.yaml')
  expect([code, out]).toEqual([78, ''])
  const line = (text: string) => broken.slice(0, broken.indexOf(text)).split('\n').length
  expect(err.trim().split('\n')).toEqual([
    expect.stringMatching(
      `^other.yaml:${line('timezone: Asia')}:11 timezone: .* → did you mean Asia/Shanghai\\?$`,
    ),
    expect.stringMatching(
      `^other.yaml:${line('langage')}:1 langage: is not known → did you mean language\\?$`,
    ),
    expect.stringMatching(
      `^other.yaml:${line('approvals: none')}:14 approval.approvals: is text, not .* → write`,
    ),
    expect.stringMatching(
      `^other.yaml:${line('withdraw-11')}:\\d+ approval.automatic\\[0\\].stocks\\[0\\]: "withdraw-11"`,
    ),
  ])
})

test('names a file that is not there', async () => {
  const { run } = folderWith()
  // As the app reads it.
  expect((await run('check', { POLICY_FILE: ' policy.yaml ' })).code).toBe(0)
  const missing = await run('check', { POLICY_FILE: 'nowhere.yaml' })
  expect(missing).toEqual({
    code: 78,
    out: '',
    err: "nowhere.yaml can't be read (ENOENT) → copy manifest/policy.example.yaml to nowhere.yaml and change it, or set POLICY_FILE\n",
  })
  const other = await run('check nowhere.yaml')
  expect(other.err).toBe("nowhere.yaml can't be read (ENOENT): name another file\n")
})

test('explains what is approved by itself, with nothing given yet', async () => {
  const { run } = folderWith()
  const { code, out, err } = await run('explain --requester U0AGENT1 --stock withdraw-10')
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('approved automatically, by the rule "Small goodwill"')
  expect(out).toContain('a user who got nothing yet')
  expect(out).toContain('counted as a member of: S0AGENTS, S0LEADS1')
  expect(out).toContain('per user in 30 days: 0 of 3 coupons used, 3 left')
  expect(out).toContain('per requester in 7 days: ¥0.00 of ¥200.00 used, ¥200.00 left')
})

test('explains who would be asked and why, by what the ledger counts', async () => {
  const { folder, run } = folderWith()
  await given(folder, 3)
  const usedUp = await run('explain --requester U0AGENT1 --stock withdraw-10 --groups S0AGENTS')
  expect(usedUp.code).toBe(0)
  expect(usedUp.out).toContain('because: the rule "Small goodwill" is used up by this requester')
  expect(usedUp.out).toContain('per requester in 7 days: ¥30.00 of ¥200.00 used, ¥170.00 left')
  const DATABASE_URL = `file://localhost${folder}/data/ledger.sqlite`
  const byUrl = await run('explain --requester U0AGENT1 --stock withdraw-10 --groups S0AGENTS', {
    DATABASE_URL,
  })
  expect(byUrl.out).toContain('¥30.00 of ¥200.00 used')
  const full = await run(`explain --requester U0AGENT2 --stock withdraw-10 --openid ${OPENID}`)
  expect(full.code).toBe(1)
  expect(full.out).toContain('for oUpF…jWeS6o')
  expect(full.out).not.toContain(OPENID)
  expect(full.out).toContain(
    'refused:\n  openid: the limit per user in 30 days is reached: 3 of 3 coupons used',
  )
})

test('explains levels and who may not ask', async () => {
  const { run } = folderWith(
    example
      .replace('above_quota: 10000 ', 'above_quota: 1000 ')
      .replace('# approvers: [S0LEADS1]', 'approvers: [boss@example.com, U0BOSS01]')
      .replace('requesters: [S0AGENTS, S0LEADS1]', 'requesters: [S0AGENTS, ann@example.com]'),
  )
  const level = await run('explain --requester U0AGENT1 --stock withdraw-50')
  expect(level.out).toContain('needs 2 approvals of boss@example.com, U0BOSS01 in C0APPROVE')
  const outside = await run('explain --requester U0NOBODY --stock withdraw-10 --groups S0OTHERS')
  expect(outside).toMatchObject({ code: 1, err: '' })
  expect(outside.out).toContain('not in the policy: S0OTHERS')
  expect(outside.out).toContain('refused:\n  needs the role requester')
  const address = await run('explain --requester Ann@Example.com --stock withdraw-10 --groups S0OTHERS')
  expect(address.out).toContain('approved automatically')
})

test('takes no wrong arguments, and says which they are', async () => {
  const { run } = folderWith()
  const wrong = [
    ['chek', 'There is no "chek"'],
    ['explain --stock withdraw-10', '--requester and --stock are needed'],
    ['explain --requester U0AGENT1 --stock withdraw-10 --colour red', '--colour'],
    ['check policy.yaml another.yaml', 'one file at a time'],
  ] as const
  for (const [args, says] of wrong) {
    const { code, out, err } = await run(args)
    expect([args, code, out]).toEqual([args, 64, ''])
    expect(err).toContain(says)
  }
})

test('says of a ledger that can not be read that it is the ledger, not the arguments', async () => {
  const { folder, run } = folderWith()
  const explain = 'explain --requester U0AGENT1 --stock withdraw-10'
  expect(await run(explain, { DATABASE_URL: 'mysql://localhost/ledger' })).toEqual({
    code: 78,
    out: '',
    err: expect.stringMatching(/^DATABASE_URL must begin with file: .*\n$/),
  })
  await given(folder, 0)
  const database = new DatabaseSync(join(folder, 'data/ledger.sqlite'))
  database.exec('drop table usage')
  database.close()
  expect(await run(explain)).toEqual({ code: 74, out: '', err: 'no such table: usage\n' })
})

test('tells its arguments', async () => {
  const { run } = folderWith()
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  expect(out).toContain('npm run policy -- explain --requester')
})

test('explains with openids of the form that the policy names, and refuses others', async () => {
  const { run } = folderWith(`${example}\nopenid: '^wx-[0-9]+$'\n`)
  const ask = 'explain --requester U0AGENT1 --stock withdraw-10 --groups S0AGENTS'
  expect((await run(ask)).code).toBe(0)
  expect((await run(`${ask} --openid openid:wx-77`)).code).toBe(0)
  const refused = await run(`${ask} --openid ${OPENID}`)
  expect(refused.code).toBe(1)
  expect(refused.out).toContain("openid: it doesn't match the policy's pattern ^wx-[0-9]+$")
})
