/** How to reach a PostgreSQL server. */
export interface PostgresAddress {
  /** Without its TLS parameters, and with a host. */
  url: string
  /** A name, an IP address, or the folder of a socket on this machine. */
  host: string
  tls: 'none' | 'verified' | 'unverified'
  /** Paths of PEM files: the authorities to trust instead of the system's, and this client's own certificate. */
  ca: string | null
  cert: string | null
  key: string | null
}

type PostgresProblem = 'not-an-address' | 'unknown-sslmode' | 'unclear-ssl'
export type ReadPostgresAddress =
  | { ok: true; address: PostgresAddress }
  | { ok: false; code: PostgresProblem }

const tlsOf: Readonly<Record<string, PostgresAddress['tls']>> = {
  disable: 'none',
  // In libpq, these weaker modes encrypt for whoever answers; with `pg`, each of them verifies.
  prefer: 'verified',
  require: 'verified',
  'verify-ca': 'verified',
  'verify-full': 'verified',
  'no-verify': 'unverified',
}
const ofTls = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat']

/**
 * Reads a `postgres://` address. Unless `sslmode` says otherwise, a server on another machine is reached by TLS and
 * verified, because the password and every openid travel to it. No problem repeats any part of the address.
 */
export function readPostgresAddress(text: string): ReadPostgresAddress {
  const wrong = (code: PostgresProblem) => ({ ok: false as const, code })
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(text)) return wrong('not-an-address')
  const url = new URL(text)
  // The last one counts, as with `pg`.
  const said = (name: string) => url.searchParams.getAll(name).at(-1) || null
  const host = said('host') ?? (decoded(url.hostname.replace(/^\[(.+)\]$/, '$1')) || 'localhost')
  const [mode, ssl, ca, cert, key] = [
    said('sslmode'),
    said('ssl'),
    said('sslrootcert'),
    said('sslcert'),
    said('sslkey'),
  ]
  const isHere = isThisMachine(host)
  if (mode !== null && !Object.hasOwn(tlsOf, mode)) return wrong('unknown-sslmode')
  if (mode === null && ssl !== null && !/^(?:1|true)$/.test(ssl) && !isHere) return wrong('unclear-ssl')
  const isAsked = ca !== null || cert !== null || /^(?:1|true)$/.test(ssl ?? '')
  const tls = mode === null ? (isHere && !isAsked ? 'none' : 'verified') : (tlsOf[mode] ?? 'verified')
  for (const name of ofTls) url.searchParams.delete(name)
  // Without a host, `pg` would take the one in its own environment variables.
  if (url.hostname === '') url.searchParams.set('host', host)
  // libpq's word for the authorities that the system trusts.
  return { ok: true, address: { url: url.href, host, tls, ca: ca === 'system' ? null : ca, cert, key } }
}

function isThisMachine(host: string): boolean {
  return host.startsWith('/') || /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1)$/i.test(host)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
