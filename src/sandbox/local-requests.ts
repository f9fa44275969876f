import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

/**
 * Says why a request may not come from a person on this machine: its Host is a name that others can point here, its
 * Origin is another page, or another site's page fetches it. An app and curl send no Origin.
 */
export function strangerIn(headers: IncomingHttpHeaders): 'foreign_host' | 'foreign_origin' | undefined {
  const { host = '', origin } = headers
  if (!LOOPBACK.test(host)) return 'foreign_host'
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase()) return 'foreign_origin'
  // A link on another site may lead here; another site's page may not embed or fetch anything.
  const isFetched = headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document'
  const isElsewhere = ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']))
  return isElsewhere && isFetched ? 'foreign_origin' : undefined
}

/**
 * Whether the body is declared as JSON. Forms of other sites can't send JSON: one more reason to accept nothing else.
 */
export function isJson(headers: IncomingHttpHeaders): boolean {
  return /^application\/json *(?:;|$)/i.test(headers['content-type'] ?? '')
}

/**
 * Reads a whole body.
 *
 * @param most bytes
 * @returns undefined for a longer body; the rest is discarded, so that the sender still reads the answer
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  let parts: Buffer[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= most) parts.push(part)
      else {
        parts = []
        resolve(undefined)
      }
    })
    request.on('end', () => resolve(Buffer.concat(parts)))
    request.on('error', reject)
  })
}
