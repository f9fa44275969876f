import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openerOf, openInBrowser } from '../../src/sandbox/open-in-browser.ts'

test('opens by what each system has', () => {
  expect(openerOf('darwin', {})).toEqual(['open'])
  expect(openerOf('win32', {})?.[0]).toBe('rundll32')
  expect(openerOf('linux', { DISPLAY: ':0' })).toEqual(['xdg-open'])
  expect(openerOf('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open'])
})

test('opens nothing on a machine without a screen', () => {
  expect(openerOf('linux', {})).toBeUndefined()
  expect(openerOf('linux', { DISPLAY: '' })).toBeUndefined()
})

test('gives the address to the opener, and does not fail where there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'opener-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const before = process.env.PATH
  onTestFinished(() => {
    process.env.PATH = before
  })
  const told = join(folder, 'told')
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > ${told}\n`, { mode: 0o755 })
  process.env.PATH = folder
  const machine = { platform: 'linux' as const, env: { DISPLAY: ':0' } }
  openInBrowser('http://127.0.0.1:1/?person=U0LEAD1&channel=C0SUPPORT', machine)
  await vi.waitFor(
    () => expect(readFileSync(told, 'utf8')).toBe('http://127.0.0.1:1/?person=U0LEAD1&channel=C0SUPPORT'),
    { timeout: 60_000 },
  )
  rmSync(join(folder, 'xdg-open'))
  openInBrowser('http://127.0.0.1:1/', machine)
})
