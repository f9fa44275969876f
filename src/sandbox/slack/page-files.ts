import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Asked, Reply } from './server.ts'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/**
 * The page runs only its own files, talks only to its own origin, makes no markup from texts, and can't be framed.
 * Its only inline script is the import map.
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

/** One file of the page (which is at the root) or of its imports; undefined if the path is no address of the page. */
export function pageFile({ method, path }: Asked): Reply | undefined {
  const index = readFileSync(new URL('page/index.html', import.meta.url), 'utf8')
  const [, importMap = '{}'] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(index) ?? []
  const file = fileAt(path, JSON.parse(importMap))
  if (file === undefined) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { ok: false, error: 'GET only' } }
  let text: string
  try {
    text = readFileSync(new URL(file, import.meta.url), 'utf8')
  } catch {
    return undefined
  }
  return {
    status: 200,
    headers: {
      'content-type': TYPES[file.replace(/^.*\.m?/, '')] ?? '',
      'content-security-policy': policy(importMap),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: text,
  }
}

/** The location of a file relative to this folder. Package modules are at the addresses of the import map. */
function fileAt(path: string, { imports }: { imports: Record<string, string> }): string | undefined {
  if (path === '/') return 'page/index.html'
  if (path === '/markup/read.js') return 'markup/read.js'
  const module = Object.keys(imports).find((name) => imports[name] === path)
  if (module !== undefined) return import.meta.resolve(module)
  return /^\/page\/[a-z][a-z-]*\.(?:js|css|svg)$/.test(path) ? path.slice(1) : undefined
}
