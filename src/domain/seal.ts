import { createHash, createPublicKey, type Hash, hash, type KeyObject, sign, verify } from 'node:crypto'

/**
 * Seals of the trail. A seal is a hash over a range of lines as stored, together with the hash of the previous seal; so
 * anybody who keeps one hash can later tell whether anything up to it was changed. What is hashed contains no openid
 * and nothing that people typed, so erasing a person breaks no seal.
 */

/** A line of the trail, column by column. */
export interface StoredEvent {
  id: number
  grant_id: string | null
  kind: string
  actor: string
  subject: string | null
  at: number
  /** JSON, as stored. */
  data: string
  said_text: string | null
}

export interface Seal {
  /** From 1, without a gap. */
  number: number
  /** Id of its last line; it begins after the last line of the previous seal. */
  last: number
  /** Number of its lines; ids may have gaps. */
  count: number
  /** Hash of the previous seal; in the first one, a random number that identifies the ledger. */
  before: string
  /** Epoch ms. */
  at: number
  /** 8 characters for each line, to find the first bad one. */
  marks: string
  /** SHA-256, hex. */
  hash: string
  /** Ed25519 public key in base64url; null: not signed. */
  key: string | null
  /** Of the hash, in base64url. */
  signature: string | null
}

/** The end of a chain: anybody who has kept one can tell whether a longer chain continues it. */
export type SealHead = Pick<Seal, 'number' | 'last' | 'hash' | 'key' | 'at'>

/** The bytes that are hashed. */
export function bytesOf(event: StoredEvent): string {
  const { id, grant_id, kind, actor, subject, at, data, said_text } = event
  return `${JSON.stringify([id, grant_id, kind, actor, subject, at, data, said_text])}\n`
}

const MARK = 8

/** Takes the lines of one seal, in order. */
export interface Sealing {
  /** @returns the line's mark */
  add(event: StoredEvent): string
  count(): number
  marks(): string
  /** The hash of the seal with these lines. No more lines can be added. */
  end(of: Pick<Seal, 'number' | 'last' | 'before' | 'at'> & { marks?: string; count?: number }): string
}

/** Begins a seal, to which lines are then added. */
export function beginSealing(): Sealing {
  const all: Hash = createHash('sha256')
  const marks: string[] = []
  return {
    add(event) {
      const bytes = bytesOf(event)
      all.update(bytes)
      const mark = hash('sha256', bytes, 'base64url').slice(0, MARK)
      marks.push(mark)
      return mark
    },
    count: () => marks.length,
    marks: () => marks.join(''),
    end({ number, last, before, at, marks: told = marks.join(''), count = marks.length }) {
      all.update(`${JSON.stringify(['seal', 1, number, last, count, before, at, told])}\n`)
      return all.digest('hex')
    },
  }
}

/** A seal's mark for its line at this position, from 0. */
export function markAt({ marks }: Pick<Seal, 'marks'>, place: number): string {
  return marks.slice(place * MARK, (place + 1) * MARK)
}

const RAW_KEY = 32

/** The public half of a key, in the form that seals use. */
export function publicKeyOf(key: KeyObject): string {
  const isPrivate = key.type === 'private'
  const der = (isPrivate ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return der.subarray(-RAW_KEY).toString('base64url')
}

/** RFC 8410: what precedes the 32 bytes of an Ed25519 public key. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

function keyNamed(name: string): KeyObject | null {
  const raw = Buffer.from(name, 'base64url')
  if (raw.length !== RAW_KEY || raw.toString('base64url') !== name) return null
  return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
}

/** Whether a text could be the public half of a key, in the form that seals use. */
export function isKeyName(name: string): boolean {
  return keyNamed(name) !== null
}

/** What is signed begins with its purpose, so no signature can serve for anything else. */
type Signed = 'seal' | 'export'
const text = (what: Signed, of: string) => Buffer.from(`withdraw-coupon ${what} ${of}`)

/** Signs a hash for one purpose. @returns the signature in base64url */
export function signHash(key: KeyObject, what: Signed, of: string): string {
  return sign(null, text(what, of), key).toString('base64url')
}

/** Whether a signature over a hash, for one purpose, was made with the private half of this key. */
export function isSignedBy(key: string, what: Signed, of: string, signature: string): boolean {
  const named = keyNamed(key)
  return named !== null && verify(null, text(what, of), named, Buffer.from(signature, 'base64url'))
}
