/**
 * The few forms of DER (ITU-T X.690) that an X.509 certificate consists of. Written here because Node
 * can read certificates but not make them.
 */

const encode = (tag: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return Buffer.of(0x80 | bytes.length, ...bytes)
}

export const derSequence = (...parts: Uint8Array[]): Buffer => encode(0x30, Buffer.concat(parts))

export const derSet = (...parts: Uint8Array[]): Buffer => encode(0x31, Buffer.concat(parts))

export const derNull = (): Buffer => encode(0x05, Buffer.alloc(0))

export const derTrue = (): Buffer => encode(0x01, Buffer.of(0xff))

export const derOctets = (content: Uint8Array): Buffer => encode(0x04, content)

export const derText = (text: string): Buffer => encode(0x0c, Buffer.from(text, 'utf8'))

/** A part with its own number inside a sequence, as `[3] EXPLICIT`. */
export const derTagged = (number: number, content: Uint8Array): Buffer => encode(0xa0 | number, content)

/** A non-negative whole number, big-endian: as few bytes as possible, with a zero before a set top bit. */
export function derInteger(bigEndian: Uint8Array): Buffer {
  const first = bigEndian.findIndex((byte) => byte !== 0)
  const bytes = first === -1 ? Buffer.of(0) : Buffer.from(bigEndian.subarray(first))
  return encode(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

/** A bit string; the last byte has `unused` unused bits. */
export const derBits = (content: Uint8Array, unused = 0): Buffer =>
  encode(0x03, Buffer.concat([Buffer.of(unused), content]))

/** An object identifier from its dotted form, for example "2.5.4.3". */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return encode(0x06, Buffer.from([first * 40 + second, ...others].flatMap(base128)))
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

/** A moment in whole seconds: RFC 5280 wants two digits of the year until 2049 and four from then on. */
export function derTime(ms: number): Buffer {
  const digits = `${new Date(ms)
    .toISOString()
    .replace(/\.\d{3}Z$/, '')
    .replace(/\D/g, '')}Z`
  return new Date(ms).getUTCFullYear() < 2050
    ? encode(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : encode(0x18, Buffer.from(digits, 'ascii'))
}
