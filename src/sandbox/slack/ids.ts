import { randomBytes } from 'node:crypto'

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** An id like Slack's: a prefix and capitals. Random, so that nobody relies on an order. */
export function newId(prefix: string, length = 10): string {
  let id = prefix
  for (const byte of randomBytes(length)) id += LETTERS[byte % LETTERS.length]
  return id
}

/** The secret part of an address, a hash or a token. */
export function newSecret(bytes = 16): string {
  return randomBytes(bytes).toString('hex')
}
