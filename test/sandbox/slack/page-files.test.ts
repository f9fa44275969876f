import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { startWide } from './small-app.ts'

const folder = new URL('../../../src/sandbox/slack/page/', import.meta.url)
let slack: SlackSandbox

beforeAll(async () => {
  slack = await startWide()
})
afterAll(() => slack.close())

function get(path: string, init: RequestInit = {}) {
  return fetch(new URL(path, slack.pageUrl), init)
}

test('serves the page at its root, with a policy by which only its own files run', async () => {
  const response = await get('/?person=U0LEAD1')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ])
    expect(policy.split('; ')).toContain(rule)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
})

test('serves every file that the page names, and names nothing elsewhere', async () => {
  const files = readdirSync(folder).filter((name) => /\.(js|css|html|svg)$/.test(name))
  const named = new Set(['index.html'])
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    for (const [, own] of text.matchAll(/(?:from '\.|["'(]\/page)\/([a-z-]+\.(?:js|css|svg))/g))
      named.add(own ?? '')
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /(?:src|href|from|url\()\s*=?\s*["']https?:/,
    )
  }
  // Its modules are all reached, and none is missing.
  expect([...named].sort()).toEqual(files.sort())
  const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }
  for (const name of files.filter((one) => one !== 'index.html')) {
    const response = await get(`/page/${name}`)
    expect([name, response.status]).toEqual([name, 200])
    const type = types[name.split('.').at(-1) as keyof typeof types]
    expect(response.headers.get('content-type')).toContain(type)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toBe(readFileSync(new URL(name, folder), 'utf8'))
  }
})

test.each([
  '/page/shapes.ts',
  '/page/tsconfig.json',
  '/page/no-such.js',
  '/page/../start.ts',
  '/page/%2e%2e/%2e%2e/start.ts',
  '/page/..%2fpage-files.ts',
  '/page/main.js/',
  '/page/',
  '/favicon.ico',
  '/index.html',
])('serves nothing at %s', async (path) => {
  expect((await get(path)).status).toBe(404)
})

test('takes no POST at the page', async () => {
  expect((await get('/', { method: 'POST', body: '' })).status).toBe(405)
})

test('makes no markup of texts anywhere', () => {
  const makers =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function/
  for (const name of readdirSync(folder))
    expect([name, makers.test(readFileSync(new URL(name, folder), 'utf8'))]).toEqual([name, false])
})
