import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Signs and verifies as Standard Webhooks has it: HMAC-SHA256 over id, time and body with points between them.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Seconds that a time may be away from now. */
const TOLERANCE = 300

/** What signs, of a secret as it is written: `whsec_` and base64. */
export function readSecret(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}

/** @param seconds the epoch's */
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
 * What is wrong with the proof of an answer; null: nothing.
 * @param answer.id of the question, which the answer repeats: else an answer to another question would do
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
  // While a secret is changed there are several, with spaces between them.
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
