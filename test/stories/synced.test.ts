import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runMain } from '../run-main.ts'
import { createWorld, openForm } from './world.ts'

const canTrace = spawnSync('strace', ['-D', '-o', '/dev/null', 'true']).status === 0

/** The system calls of the app, one a line, each file descriptor with its path: `pwrite64(24</tmp/…/ledger.sqlite-wal>, …`. */
function traced(folder: string) {
  const file = join(folder, 'trace')
  const calls = 'read,write,writev,pwrite64,fsync,fdatasync'
  return {
    // -D: the app stays the child that the test started, and ends with it.
    through: ['strace', '-D', '-f', '-y', '-s', '4000', '-e', `trace=${calls}`, '-o', file],
    lines: () => whole(readFileSync(file, 'utf8').split('\n')),
  }
}

const UNFINISHED = / <unfinished \.\.\.>$/

/**
 * A call that another thread's came between is two lines: one of them, where it ended. A write stays where it began, as
 * what it tells may be read from then on.
 */
function whole(lines: string[]): string[] {
  const begun = new Map<string, string>()
  return lines.flatMap((line) => {
    const [thread = ''] = line.split(' ', 1)
    if (UNFINISHED.test(line) && !/ writev?\(/.test(line)) {
      begun.set(thread, line.replace(UNFINISHED, ''))
      return []
    }
    const end = /<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1]
    const begin = begun.get(thread)
    begun.delete(thread)
    return [begin === undefined || end === undefined ? line : begin + end]
  })
}

test('a submission is acknowledged only after the commit of its grant was synced to the disk', async ({
  onTestFinished: finished,
  skip,
}) => {
  if (!canTrace) skip('this system has no strace, or does not let us')
  const folder = mkdtempSync(join(tmpdir(), 'synced-'))
  finished(() => rmSync(folder, { recursive: true, force: true }))
  const world = await createWorld({ finished, transport: 'http' })
  const trace = traced(folder)
  const app = runMain({ env: { ...world.env, PORT: '0' }, cwd: folder, through: trace.through, finished })
  const { port } = (await app.logged('taking commands from Slack')) as { port: number }
  world.slack.connectApp(`http://127.0.0.1:${port}`)
  await app.logged('ready')
  const ada = world.slack.person('U0AGENT1')
  const openid = 'oUpF8uMuAJO_M2pxb1Q9zNSYNC01'
  await openForm(world, ada, `${openid} withdraw-50 apology SUP-12`)
  expect(await ada.submit()).toMatchObject({ kind: 'updated' })

  const lines = trace.lines()
  const at = (what: RegExp, from = 0) => lines.findIndex((line, index) => index >= from && what.test(line))
  const arrived = at(/ read\(.*view_submission/)
  const acknowledged = at(/ writev?\(.*response_action/, arrived)
  const written = lines.findLastIndex(
    (line, index) => index < acknowledged && /pwrite64\(\d+<[^>]*-wal>/.test(line),
  )
  expect(arrived).toBeGreaterThan(0)
  expect(written).toBeGreaterThan(arrived)
  expect(lines.slice(written, acknowledged)).toContainEqual(
    expect.stringMatching(/ f(data)?sync\(\d+<[^>]*ledger\.sqlite-wal>\) += 0/),
  )
})
