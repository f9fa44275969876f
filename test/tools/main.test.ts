import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { hasColour } from '../../src/tools/terminal.ts'

const root = new URL('../..', import.meta.url).pathname
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Runs what `npm run` runs, in a folder of its own. */
function runScript(line: string, cwd: string) {
  const [name = '', ...args] = line.split(' ')
  const [, ...words]: string[] = scripts[name].split(' ')
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [...words.map((word) => word.replace(/^(?:\.\/)?src\//, `${root}src/`)), ...args],
      { cwd, env: { NODE_COMPILE_CACHE: inject('compiled') } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

test('answers by standard output, complains by standard error, and tells by the exit code what became of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(join(root, 'manifest/policy.example.yaml'), join(folder, 'policy.yaml'))
  writeFileSync(join(folder, '.env'), 'DATABASE_URL=file:./none.sqlite')
  expect(await runScript('policy check', folder)).toEqual({
    code: 0,
    out: expect.stringMatching(/^\.\/policy\.yaml is a policy: /),
    err: '',
  })
  expect(await runScript('grants stuck', folder)).toEqual({
    code: 74,
    out: '',
    err: expect.stringMatching(/^there is no ledger at file:\.\/none\.sqlite: /),
  })
  expect(await runScript('ledger backup', folder)).toEqual({
    code: 64,
    out: '',
    err: expect.stringContaining('backup takes one file'),
  })
})

test.each([
  ['a screen', true, {}, true],
  ['a pipe', false, {}, false],
  ['a screen whose person wants none', true, { NO_COLOR: '1' }, false],
  ['a pipe that is wanted coloured', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['a screen that is forced to none', true, { FORCE_COLOR: '0' }, false],
])('knows whether %s is to have colours', (_, isTTY, env, expected) => {
  expect(hasColour({ isTTY }, env)).toBe(expected)
})
