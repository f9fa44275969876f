import { createHash } from 'node:crypto'
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
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ])
    expect(policy.split('; ')).toContain(rule)
  expect(policy).toMatch(/; script-src 'self' 'sha256-[^' ]+';/)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
})

test('serves every file that the page names, and names nothing elsewhere', async () => {
  const files = readdirSync(folder).filter((name) => /\.(js|css|html|svg)$/.test(name))
  const named = new Set(['index.html'])
  const elsewhere = new Set<string>()
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    for (const [, own] of text.matchAll(/(?:from '\.|["'(]\/page)\/([a-z-]+\.(?:js|css|svg))/g))
      named.add(own ?? '')
    for (const [, other = ''] of text.matchAll(/^import [^'"]*['"](?!\.\/)([^'"]+)['"]/gm))
      elsewhere.add(other)
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /(?:src|href|from|url\()\s*=?\s*["']https?:/,
    )
  }
  // Its modules are all reached, and none is missing.
  expect([...named].sort()).toEqual(files.sort())
  expect([...elsewhere].sort()).toEqual(['../markup/read.js', 'htm/preact', 'preact', 'preact/hooks'])
  for (const name of files.filter((one) => one !== 'index.html')) {
    const text = await served(`/page/${name}`)
    expect(text).toBe(readFileSync(new URL(name, folder), 'utf8'))
  }
  expect(await served('/markup/read.js')).toContain('export function readMrkdwn')
})

test('runs one script that stands in the page itself: the map to the modules of packages, all of them served', async () => {
  const page = await get('/')
  const html = await page.text()
  const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].filter(
    ([, , text]) => text !== '',
  )
  expect(scripts.map(([, kind]) => kind)).toEqual([' type="importmap"'])
  const text = scripts[0]?.[2] ?? ''
  const hash = createHash('sha256').update(text).digest('base64')
  expect(page.headers.get('content-security-policy')).toContain(`script-src 'self' 'sha256-${hash}';`)
  const { imports } = JSON.parse(text) as { imports: Record<string, string> }
  for (const [name, path] of Object.entries(imports)) {
    const code = await served(path)
    // What a module of a package imports is in the map, too.
    for (const [, other = ''] of code.matchAll(/(?:from|import) ?"([^"]+)"/g))
      expect([name, Object.keys(imports)]).toEqual([name, expect.arrayContaining([other])])
  }
})

async function served(path: string): Promise<string> {
  const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }
  const response = await get(path)
  expect([path, response.status]).toEqual([path, 200])
  const type = types[path.split('.').at(-1) as keyof typeof types]
  expect(response.headers.get('content-type')).toContain(type)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  return response.text()
}

test.each([
  '/page/shapes.ts',
  '/page/tsconfig.json',
  '/page/no-such.js',
  '/page/../start.ts',
  '/page/%2e%2e/%2e%2e/start.ts',
  '/page/..%2fpage-files.ts',
  '/page/main.js/',
  '/markup/..%2fstart.ts',
  '/modules/no-such.js',
  '/modules/toString',
  '/modules/..%2fpreact.js',
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
    /innerHTML|InnerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function/
  for (const name of readdirSync(folder))
    expect([name, makers.test(readFileSync(new URL(name, folder), 'utf8'))]).toEqual([name, false])
})
