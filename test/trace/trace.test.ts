import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

test('tells through which files one approved ask runs, from the command to the coupon', async () => {
  const main = new URL('main.ts', import.meta.url).pathname
  const env = { TMPDIR: process.env.TMPDIR, NODE_COMPILE_CACHE: inject('compiled') }
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
  const lines = stdout.trimEnd().split('\n')
  for (const file of [
    'slack/ask/submit.ts',
    'slack/decide/decide.ts',
    'grants/issue-grant.ts',
    'wechatpay/client.ts',
  ])
    expect(lines).toContain(`  ${file}`)
  const files = lines.filter((line) => line.startsWith('  '))
  expect(lines.at(-1)).toBe(`one approved ask runs through ${files.length} files`)
})
