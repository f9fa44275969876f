/** What the codes of Node and undici mean, for whoever is on call; the code stands behind it, to be searched for. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the host is not known: check DNS and the network',
  EAI_AGAIN: 'the name of the host could not be looked up: DNS does not answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while the request was written',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'connected, but no answer in time',
  ENETUNREACH: 'there is no way to the network of the host',
  EHOSTUNREACH: 'there is no way to the host',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'this machine has no free port or address for it',
  EMFILE: 'this process has too many files and connections open',
  EPROTO: 'the TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'what answers does not speak TLS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate is that of another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed, as a proxy that reads along has it',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate is self-signed, as a proxy that reads along has it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer of the TLS certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the TLS certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the TLS certificate is not known',
  CERT_HAS_EXPIRED: 'the TLS certificate has expired: check the clock too',
  CERT_NOT_YET_VALID: 'the TLS certificate is not valid yet: check the clock',
  UND_ERR_SOCKET: 'the connection was closed before the answer was whole',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer has another length than it says',
}

const MOST_CAUSES = 5

/** Why a connection failed, in words, of the innermost error that says more than its name; undefined: nothing is known. */
export function connectionReason(error: unknown): string | undefined {
  let said: string | undefined
  let one = error
  for (let depth = 0; one instanceof Error && depth < MOST_CAUSES; depth++) {
    const { code } = one as { code?: unknown }
    const name = typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : undefined
    said = wordsOf(one, name) ?? said ?? name
    one = one instanceof AggregateError ? one.errors[0] : one.cause
  }
  return said
}

function wordsOf({ name, message }: Error, code: string | undefined): string | undefined {
  if (name === 'HTTPParserError') return 'what answers does not speak HTTP'
  if (/wrong version number|packet length too long|http request/i.test(message))
    return 'what answers does not speak TLS'
  if (code === undefined) return undefined
  // TLS says it in its message, in which the code of the socket is only that it was closed.
  if (/before secure TLS connection/i.test(message)) return `the TLS handshake was cut off (${code})`
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (meaning !== undefined) return `${meaning} (${code})`
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_)/.test(code) ? `the TLS handshake failed (${code})` : undefined
}
