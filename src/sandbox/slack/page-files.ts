import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Asked, Reply } from './server.ts'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Of packages, as the import map of `index.html` names them. */
const MODULES: Record<string, string> = {
  'htm.js': 'htm/dist/htm.module.js',
  'htm-preact.js': 'htm/preact/index.module.js',
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
}

/**
 * The page runs its own files only, talks to its own origin only, makes no markup of texts, and is in no frame. The
 * one script inside it is its import map.
 */
const policy = (importMap: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

/** One file of the page, which is at the root; undefined for what is no address of it. */
export function pageFile({ method, path }: Asked): Reply | undefined {
  const file = fileAt(path)
  if (file === undefined) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { ok: false, error: 'GET only' } }
  let text: string
  let index: string
  try {
    text = read(file)
    index = read('page/index.html')
  } catch {
    return undefined
  }
  const [, importMap = ''] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(index) ?? []
  return {
    status: 200,
    headers: {
      'content-type': TYPES[file.replace(/^.*\./, '').replace('mjs', 'js')] ?? '',
      'content-security-policy': policy(importMap),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: text,
  }
}

/** Where a file of this address is, seen from here. */
function fileAt(path: string): string | undefined {
  if (path === '/') return 'page/index.html'
  if (path === '/markup/read.js') return 'markup/read.js'
  const [, module = ''] = /^\/modules\/([a-z-]+\.js)$/.exec(path) ?? []
  if (Object.hasOwn(MODULES, module)) return `../../../node_modules/${MODULES[module]}`
  return /^\/page\/[a-z][a-z-]*\.(?:js|css|svg)$/.test(path) ? path.slice(1) : undefined
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
}
