import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { runMain } from '../run-main.ts'
import { answer, ask, card, press } from './approvers.ts'
import { createWorld, examplePolicy, openForm, told, type World } from './world.ts'

/** One way in which there is no more room for the ledger, and then is again. */
interface Disk {
  /** What the app is started through. */
  through: string[]
  fill(pid: number): void
  makeRoom(pid: number): void
  /** The ledger's file, as seen from outside of the app. */
  path(pid: number): string
}

/** The system lets no file of the app grow: all that needs no rights. */
function limitedFiles(folder: string): Disk {
  const limit = (pid: number, size: string) =>
    done('prlimit', '--pid', String(pid), `--fsize=${size}:unlimited`)
  return {
    through: [],
    fill: (pid) => limit(pid, '1'),
    makeRoom: (pid) => limit(pid, 'unlimited'),
    path: () => join(folder, 'ledger.sqlite'),
  }
}

/** A file system of 4 MB that only the app sees, really full. */
function smallDisk(folder: string): Disk {
  const inside = (pid: number, name: string) => `/proc/${pid}/root${folder}/${name}`
  return {
    through: ['unshare', '-m', 'sh', '-c', `mount -t tmpfs -o size=4m none '${folder}' && exec "$@"`, 'sh'],
    fill(pid) {
      // By ever smaller pieces, until not even one byte fits.
      for (let size = 1 << 20, number = 0; size >= 1; number++) {
        try {
          writeFileSync(inside(pid, `filler-${number}`), Buffer.alloc(size, 1))
        } catch {
          size >>= 1
        }
      }
    },
    makeRoom(pid) {
      for (let number = 0; ; number++) {
        try {
          unlinkSync(inside(pid, `filler-${number}`))
        } catch {
          return
        }
      }
    },
    path: (pid) => inside(pid, 'ledger.sqlite'),
  }
}

function done(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
}
const works = (command: string, ...words: string[]) => spawnSync(command, words).status === 0
const canMount = works('unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/mnt')
const canLimit = works('prlimit', '--version')

const until = (isSo: () => boolean) => vi.waitUntil(isSo, { interval: 10, timeout: 60_000 })
const sends = ({ wechatpay }: World) => wechatpay.calls().filter(({ method }) => method === 'POST')
const to = (user: number) => `oUpF8uMuAJO_M2pxb1Q9zNDISK0${user}`

/** By a copy: SQLite finds no file by a path through another process. */
function statesIn(path: string, copies: string): unknown[] {
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, join(copies, `ledger.sqlite${end}`))
  const ledger = new DatabaseSync(join(copies, 'ledger.sqlite'))
  try {
    return ledger
      .prepare('select state from grants order by id')
      .all()
      .map(({ state }) => state)
  } finally {
    ledger.close()
  }
}

/** An app whose ledger is on such a disk. */
async function startOn(make: (folder: string) => Disk, finished: (end: () => void) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'))
  const copies = mkdtempSync(join(tmpdir(), 'disk-copies-'))
  finished(() => {
    for (const made of [folder, copies]) rmSync(made, { recursive: true, force: true })
  })
  const policy = examplePolicy.replace(/^ {2}per_(user|requester|stock):.*$/gm, '')
  const world = await createWorld({ finished, policy })
  const disk = make(folder)
  // An attempt that the full disk cuts off is taken up after three times as long.
  const env = {
    ...world.env,
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
    WECHATPAY_TIMEOUT: '1',
  }
  const app = runMain({ env, cwd: folder, through: disk.through, finished })
  await app.logged('ready')
  const pid = app.process.pid ?? 0
  return { world, app, disk, pid, states: () => statesIn(disk.path(pid), copies) }
}

test.concurrent.for([
  { what: 'no file may grow', disk: limitedFiles, can: canLimit },
  { what: 'the disk is full', disk: smallDisk, can: canMount },
])(
  'refuses in clear words and gives nothing while $what, keeps what it has, and goes on when there is room',
  {
    timeout: 120_000,
  },
  async ({ disk: make, can }, { onTestFinished: finished, skip }) => {
    if (!can) skip('this system does not let us')
    const { world, app, disk, pid, states } = await startOn(make, finished)
    const { slack, wechatpay } = world

    // One that waits for people, and one that is due again and again.
    await ask(world, { text: `${to(1)} withdraw-50 apology SUP-12` })
    const asked = await card(world, '等待审批')
    wechatpay.fault({ name: 'server-error', times: 1000 })
    const ada = slack.person('U0AGENT1')
    await openForm(world, ada, `${to(2)} withdraw-10 outage`)
    await ada.submit()
    await until(() => states().join() === 'pending,issuing')

    disk.fill(pid)
    await openForm(world, ada, `${to(3)} withdraw-10 outage`)
    expect(await ada.submit()).toMatchObject({ kind: 'errors', errors: { openid: en.form.busy } })
    await press(world, 'U0LEAD1', 'approve', asked)
    await answer(world, 'U0LEAD1', 'could not be written just now, so nothing was changed')
    const sent = sends(world).length
    wechatpay.clearFaults()
    await until(() =>
      app.log.some(
        // The second where an attempt was under way just then.
        ({ msg, task }) =>
          msg === 'task failed, it runs again' && /^(issue|end lost attempts)$/.test(String(task)),
      ),
    )
    expect(app.log.filter(({ msg }) => msg.startsWith('the ledger can not be written'))).toHaveLength(1)
    expect(sends(world)).toHaveLength(sent)
    expect(states()).toEqual(['pending', 'issuing'])
    expect(app.process.exitCode).toBeNull()

    disk.makeRoom(pid)
    expect(await ada.submit()).toMatchObject({ kind: 'updated' })
    await press(world, 'U0LEAD1', 'approve', asked)
    await until(() => states().join() === 'issued,issued,issued')
    for (const user of [1, 2, 3])
      expect(wechatpay.coupons().filter(({ openid }) => openid === to(user))).toHaveLength(1)
    await told(world, ada, 'Issued · ¥')
    expect(app.log.filter(({ level }) => level === 'fatal')).toEqual([])
  },
)

test.concurrent('records a group of coupons that came on a full disk once there is room, and gives no second one', {
  timeout: 120_000,
}, async ({ onTestFinished: finished, skip }) => {
  if (!canLimit) skip('this system does not let us')
  const { world, app, disk, pid, states } = await startOn(limitedFiles, finished)
  const { slack, wechatpay } = world
  const operator = (text: string) =>
    slack.person('U0OPS001').command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })
  await operator('pause')
  await answer(world, 'U0OPS001', 'is paused')
  const ada = slack.person('U0AGENT1')
  for (const user of [1, 2, 3]) {
    await openForm(world, ada, `${to(user)} withdraw-10 outage`)
    await ada.submit()
  }
  // All three are sent together, and answered once the disk is full.
  wechatpay.fault({ name: 'slow', ms: 800, times: 3, match: { method: 'POST' } })
  await operator('resume')
  await until(() => states().every((state) => state === 'issuing'))
  disk.fill(pid)
  await until(() => app.log.some(({ msg }) => msg === 'ledger not written, trying again'))
  expect(states()).toEqual(['issuing', 'issuing', 'issuing'])

  disk.makeRoom(pid)
  await until(() => states().join() === 'issued,issued,issued')
  for (const user of [1, 2, 3])
    expect(wechatpay.coupons().filter(({ openid }) => openid === to(user))).toHaveLength(1)
})
