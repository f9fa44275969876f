import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Signs and verifies as in Standard Webhooks: HMAC-SHA256 over id, time and body, joined with full stops.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Most seconds between a timestamp and now. */
const TOLERANCE = 300

/** The key in a secret written as `whsec_` and base64. */
export function readSecret(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}

/** The headers that sign a request. @param seconds since the epoch */
export function signedHeaders(
  key: Buffer,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${hmac(key, id, String(seconds), body).toString('base64')}`,
  }
}

/**
 * What is wrong with an answer's signature; null: nothing.
 * @param answer.id of the request, which the answer must repeat: otherwise an answer to another request would do
 */
export function signatureFault(
  key: Buffer,
  answer: { id: string; header: (name: string) => string | undefined; body: Buffer },
  nowMs: number,
): 'unsigned' | 'stale' | null {
  const { header, id, body } = answer
  const [stamp, signatures] = [header('webhook-timestamp'), header('webhook-signature')]
  if (header('webhook-id') !== id || !stamp || !signatures || !/^\d{1,12}$/.test(stamp)) return 'unsigned'
  const expected = hmac(key, id, stamp, body)
  // During a change of secret there are several, separated by spaces.
  const isSigned = signatures.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''), 'base64')
    return one.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!isSigned) return 'unsigned'
  return Math.abs(nowMs / 1000 - Number(stamp)) > TOLERANCE ? 'stale' : null
}

function hmac(key: Buffer, id: string, stamp: string, body: string | Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${stamp}.`).update(body).digest()
}
