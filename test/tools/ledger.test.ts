import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { word } from '../../src/doctor/index.ts'
import { backUp, openLedger } from '../../src/ledger/ledger.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { examineBy } from '../../src/tools/doctor.ts'
import { ledger } from '../../src/tools/ledger.ts'
import { openOn } from '../ledger/engines.ts'
import { record } from '../ledger/grants.ts'
import { createWorld, openForm, startWorld, textOf, told } from '../stories/world.ts'
import { runTool } from './run-tool.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const SHORT = 'oUpF…jWeS6o'

const run = (url: string, ...args: string[]) => runTool(ledger, args, { DATABASE_URL: url })

test('copies the ledger of a running app, and an app on the copy gives nothing until somebody resumes', async () => {
  const world = await startWorld()
  const { slack, wechatpay, env } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'slow', ms: 60_000 })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.issuing)
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'backup.sqlite')
  expect(await run(env.DATABASE_URL ?? '', 'backup', file)).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /backup\.sqlite is a copy of the ledger as of \S+; rows: policies 1, subjects 1, texts 0, grants 1, attempts 1,/,
    ),
    err: '',
  })
  expect(await run(env.DATABASE_URL ?? '', 'backup', file)).toMatchObject({
    code: 1,
    out: expect.stringContaining('is there already'),
  })

  expect(await run(env.DATABASE_URL ?? '', 'backup', join(folder, 'other'), '--stopped')).toMatchObject({
    code: 75,
    err: expect.stringMatching(/^an app runs on .*: stop it first\n$/),
  })

  const restored = join(folder, 'restored.sqlite')
  expect(await run(`file:${restored}`, 'restore', file)).toMatchObject({
    code: 0,
    out: expect.stringContaining('It is paused: start the app'),
  })
  for (const path of [file, restored]) {
    const other = await createWorld()
    other.env.DATABASE_URL = `file:${path}`
    await other.start()
    const message = await other.slack.waitFor(() => other.slack.person('U0AGENT1').dm()[0])
    // It may have been given after the copy was made.
    expect(textOf(message)).toContain(en.approval.title.needsLook)
    expect(textOf(message)).toContain(en.holdBy.restored)
    expect(other.wechatpay.calls()).toEqual([])
  }
})

test('says what is wrong, and touches nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const nothing = join(folder, 'nothing.sqlite')
  const url = `file:${nothing}`
  expect(await run(url, 'backup')).toMatchObject({ code: 64, err: expect.stringContaining('takes one file') })
  expect(await run(url, 'back', 'x')).toMatchObject({ code: 64 })
  expect(await run(url, 'backup', join(folder, 'b'))).toMatchObject({
    code: 74,
    err: expect.stringContaining('nothing.sqlite can not be read as a ledger'),
  })
  expect(await run(url, 'restore', join(folder, 'b'))).toMatchObject({ code: 74 })
  expect(await run(url, 'recount')).toMatchObject({ code: 74, err: 'there is no ledger at DATABASE_URL\n' })
  expect(await run(url, 'recount', 'x')).toMatchObject({ code: 64 })
  expect(await run(url, 'forget-backup')).toMatchObject({ code: 74 })
  expect(await run(url, 'forget-backup', 'x')).toMatchObject({ code: 64 })
  expect(existsSync(nothing)).toBe(false)
  expect(await run(url, '--help')).toMatchObject({ code: 0, out: expect.stringContaining('npm run ledger') })
})

test('counts the limits anew, but not beside an app on SQLite', async () => {
  const { ledger, url, sql } = await openOn('sqlite')
  await record(ledger, { openid: OPENID, day: 20261129 })
  expect(await run(url, 'recount')).toEqual({
    code: 0,
    out: 'The limits agree with the grants: nothing differed.\n',
    err: '',
  })
  await sql(`update usage set count = 4, quota = 4000 where kind = 'user' or rule <> ''`)
  const { code, out } = await run(url, 'recount')
  expect(code).toBe(0)
  expect(out.split('\n').slice(1)).toEqual([
    '  requester U0REQUESTER by the rule small, 2026-11-29: 4 coupons of ¥40.00 before, 1 coupon of ¥10.00 now',
    `  user ${SHORT}, 2026-11-29: 4 coupons of ¥40.00 before, 1 coupon of ¥10.00 now`,
    '',
  ])
  expect(await ledger.usage({ by: { openid: OPENID }, from: 0 })).toEqual({ count: 1, quota: 1000 })
  const app = await openLedger({ url })
  onTestFinished(() => app.close())
  expect(await run(url, 'recount')).toMatchObject({
    code: 75,
    err: expect.stringMatching(/^an app runs on .*: stop it first\n$/),
  })
})

test('counts the limits anew beside an app on PostgreSQL', async () => {
  const { ledger, url, sql } = await openOn('postgres')
  await record(ledger)
  await sql('delete from usage')
  expect(await run(url, 'recount')).toMatchObject({
    code: 0,
    out: expect.stringContaining('0 coupons of ¥0.00 before'),
  })
  expect(await ledger.usage({ by: { requester: 'U0REQUESTER' }, from: 0 })).toEqual({ count: 1, quota: 1000 })
})

test('says what a person must put right in the address of the ledger, and ends with 78', async () => {
  for (const [url, says] of [
    ['mysql://me:canary@host/x', 'DATABASE_URL is not an address like'],
    ['postgres://me:canary@host/x?sslrootcert=/no/such.pem', 'the file of sslrootcert in DATABASE_URL'],
  ] as const) {
    const { code, err } = await run(url, 'backup', join(tmpdir(), 'no-such-folder/copy.sqlite'))
    expect([code, err]).toEqual([78, expect.stringContaining(says)])
    expect(err).not.toContain('canary')
  }
})

test('is told, beside a running app, that backups are made by other means, and then the doctor warns no more', async () => {
  const { env } = await startWorld()
  const url = env.DATABASE_URL ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await backUp({ url, file: join(folder, 'backup.sqlite'), now: () => Date.now() - 30 * 24 * 3_600_000 })
  const [warning = expect.unreachable()] = await ofBackup()
  expect(warning.code).toBe('backup-old')
  for (const language of ['en', 'zh-CN'] as const)
    expect(word(warning, language).remedy).toContain('npm run ledger -- forget-backup')
  expect(await run(url, 'forget-backup')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Forgotten: npm run doctor says nothing about backups until/),
    err: '',
  })
  expect(await ofBackup()).toEqual([])

  async function ofBackup() {
    return (await examineBy(env)).filter(({ code }) => code.startsWith('backup'))
  }
})
