import { readFileSync } from 'node:fs'
import type { Asked, Reply } from './server.ts'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** The page runs its own files only, talks to its own origin only, makes no markup of texts, and is in no frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
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
  const [, name, ending = ''] =
    path === '/' ? ['', 'index', 'html'] : (/^\/page\/([a-z][a-z-]*)\.(js|css|svg)$/.exec(path) ?? [])
  if (name === undefined) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { ok: false, error: 'GET only' } }
  let text: string
  try {
    text = readFileSync(new URL(`page/${name}.${ending}`, import.meta.url), 'utf8')
  } catch {
    return undefined
  }
  return {
    status: 200,
    headers: {
      'content-type': TYPES[ending] ?? '',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: text,
  }
}
