import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)

/** Runs, by this version of Node, a file that says that it runs, in a checkout with these packages. */
function run(file: string, packages: string[], version = process.versions.node) {
  const folder = mkdtempSync(join(tmpdir(), 'needs-node-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const path of [...packages.map((name) => `node_modules/${name}`), 'src', dirname(file)])
    mkdirSync(join(folder, path), { recursive: true })
  cpSync(join(root, 'src/needs-node-24.js'), join(folder, 'src/needs-node-24.js'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, file), `process.stdout.write('runs')`)
  const other = `for (const [key, value] of [['version', 'v${version}'], ['versions', { ...process.versions, node: '${version}' }]])
    Object.defineProperty(process, key, { value })`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(other)}`,
      '--import',
      './src/needs-node-24.js',
      file,
    ],
    { cwd: folder, env: {}, encoding: 'utf8' },
  )
  return { code: status, out: stdout, err: stderr }
}
const told = (what: string) => ({ code: 78, out: '', err: `withdraw-coupon: ${what}\n` })
const runs = { code: 0, out: 'runs', err: '' }

test.each([
  'src/main.js',
  'src/tools/main.js',
  'src/sandbox/main.js',
  'node_modules/vitest/vitest.js',
])('says in one line that %s needs Node.js 24', (file) => {
  const { code, out, err } = run(file, ['pino', 'vitest'], '20.20.2')
  expect([code, out]).toEqual([78, ''])
  expect(err).toMatch(/^withdraw-coupon: this needs Node\.js 24, and v20\.20\.2 runs it: install .*\n$/)
})

test('says in one line that packages are missing, those of developers where they are needed', () => {
  expect(run('src/main.js', [])).toEqual(told('its packages are missing: run npm ci'))
  for (const file of ['src/sandbox/main.js', 'test/bench/main.js'])
    expect(run(file, ['pino'])).toEqual(
      told('this needs the development packages: run npm ci without --omit=dev'),
    )
})

test('lets run what can run', () => {
  for (const file of ['src/main.js', 'src/tools/main.js']) expect(run(file, ['pino'])).toEqual(runs)
  expect(run('src/sandbox/main.js', ['pino', 'vitest'], '26.0.0')).toEqual(runs)
})

test('is loaded first by every script that people run, and by the supervisor', () => {
  const byNode = Object.entries(scripts).filter(([, line]) => line.startsWith('node '))
  expect(byNode.length).toBeGreaterThan(8)
  for (const [name, line] of byNode) expect(line, name).toMatch(/^node --import \.\/src\/needs-node-24\.js /)
  const [, unit] =
    /^ExecStart=\S+\/(node .+)$/m.exec(readFileSync(join(root, 'src/tools/README.md'), 'utf8')) ?? []
  expect(unit).toMatch(/^node --import \.\/src\/needs-node-24\.js /)
})
