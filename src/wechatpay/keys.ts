import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

/** What was given instead of a key, or what is wrong with it. */
export type KeyFault =
  | 'locked'
  | 'certificate'
  | 'public-key'
  | 'private-key'
  | 'elliptic'
  | 'path'
  | 'cut-off'
  | 'no-pem'
  | 'unreadable'
  | 'other-kind'
  | 'not-rsa'
  | 'short'
  | 'of-merchant'
  | 'serial-of-merchant'
  | 'other-serial'
  | 'id-without-prefix'
  | 'not-yet-valid'
  | 'expired'

/** What is wrong with a key, in words that say what to do; never part of the key. */
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem'
  readonly fault: KeyFault
  /** A detail of the fault: a serial number, a date, a kind, or a number of bits. */
  readonly detail: string

  constructor(fault: KeyFault, message: string, detail = '') {
    super(message)
    this.fault = fault
    this.detail = detail
  }
}

/**
 * Reads the merchant's private key.
 *
 * @throws KeyProblem that names what was given instead
 */
export function readMerchantKey(text: string): KeyObject {
  const blocks = readPem(text)
  const block = blocks.find(({ label }) => label === undefined || label.endsWith('PRIVATE KEY')) ?? blocks[0]
  const wanted = 'give the private key of the merchant API certificate (apiclient_key.pem)'
  if (!block) throw noPem(text, wanted)
  if (block.isEncrypted) {
    throw new KeyProblem(
      'locked',
      'it is locked by a passphrase; unlock it first: openssl pkey -in key.pem -out open.pem',
    )
  }
  switch (block.label) {
    case 'CERTIFICATE':
      throw new KeyProblem('certificate', `it is a certificate; ${wanted}`)
    case 'PUBLIC KEY':
    case 'RSA PUBLIC KEY':
      throw new KeyProblem('public-key', `it is a public key; ${wanted}`)
    case 'EC PRIVATE KEY':
      throw new KeyProblem('elliptic', `it is an elliptic curve key, WeChat Pay takes RSA only; ${wanted}`)
  }
  const key = privateKeyOf(block)
  if (!key) {
    if (certificateOf(block)) throw new KeyProblem('certificate', `it is a certificate; ${wanted}`)
    if (publicKeyOf(block)) throw new KeyProblem('public-key', `it is a public key; ${wanted}`)
    throw unreadable(block, wanted)
  }
  checkRsa(key, wanted)
  return key
}

/**
 * Reads the key with which WeChat Pay signs: its public key, which never expires, or one of its platform certificates.
 *
 * @param now epoch milliseconds
 * @throws KeyProblem that names what was given instead
 */
export function readWechatPayKey(
  id: string,
  text: string,
  merchant: { serial: string; key: KeyObject },
  now: number,
): { key: KeyObject; until: number } {
  const wanted = 'give the WeChat Pay public key (pub_key.pem) with its id (PUB_KEY_ID_…)'
  const block = readPem(text)[0]
  if (!block) throw noPem(text, wanted)
  if (block.label?.endsWith('PRIVATE KEY') || (block.label === undefined && privateKeyOf(block))) {
    throw new KeyProblem('private-key', `it is a private key; ${wanted}`)
  }
  const certificate = certificateOf(block)
  const key = certificate ? certificate.publicKey : publicKeyOf(block)
  if (!key) throw unreadable(block, wanted)
  if (createPublicKey(merchant.key).equals(key)) {
    throw new KeyProblem(
      'of-merchant',
      `it is the merchant's own certificate or key, WeChat Pay's is needed; ${wanted}`,
    )
  }
  if (isSameSerial(certificate?.serialNumber ?? id, merchant.serial)) {
    throw new KeyProblem(
      'serial-of-merchant',
      "its serial number was given for the merchant's certificate too; the merchant's is that of apiclient_cert.pem",
    )
  }
  if (certificate && !isSameSerial(certificate.serialNumber, id)) {
    throw new KeyProblem(
      'other-serial',
      `it is a certificate with the serial number ${certificate.serialNumber}, which is not the given id; ${wanted}`,
      certificate.serialNumber,
    )
  }
  if (!certificate && !id.startsWith('PUB_KEY_ID_')) {
    throw new KeyProblem(
      'id-without-prefix',
      'its id begins with PUB_KEY_ID_, and the given one does not: copy it whole, as pay.weixin.qq.com shows it',
    )
  }
  checkRsa(key, wanted)
  return { key, until: certificate ? checkDates(certificate, now, wanted) : Number.POSITIVE_INFINITY }
}

/** When the certificate expires, epoch milliseconds. */
function checkDates({ validFromDate, validToDate }: X509Certificate, now: number, wanted: string): number {
  if (now < validFromDate.getTime()) {
    const from = validFromDate.toISOString()
    throw new KeyProblem(
      'not-yet-valid',
      `it is a certificate that is not valid before ${from}; ${wanted}`,
      from,
    )
  }
  if (now >= validToDate.getTime()) {
    const to = validToDate.toISOString()
    throw new KeyProblem('expired', `it is a certificate that expired on ${to}; ${wanted}`, to)
  }
  return validToDate.getTime()
}

/** Compares serial numbers, which are hexadecimal, in either case, with or without leading zeros. */
export function isSameSerial(one: string, other: string): boolean {
  return plainSerial(one) === plainSerial(other)
}

function plainSerial(serial: string): string {
  return serial.trim().toUpperCase().replace(/^0+/, '')
}

/** Turns a serial number as tools print it, with its name, colons or blanks, into WeChat Pay's form. */
export function readSerial(text: string): string {
  return text
    .replace(/^[\s"']*(?:serial(?: ?number)?\s*[=:])?\s*(?:0x)?/i, '')
    .replace(/[\s:"'\u200B\uFEFF]/g, '')
    .toUpperCase()
}

function noPem(text: string, wanted: string): KeyProblem {
  if (text.length < 300 && /\.(pem|key)$/i.test(text.trim()))
    return new KeyProblem('path', `it is the path of a file, not what is in it; ${wanted}`)
  // `.env` files keep only the first line of a value without quotes.
  const isCut = /BEGIN [A-Z0-9 ]+-----/.test(text) && !/-----END /.test(text)
  const why = isCut
    ? ': it ends before its line -----END …-----, copy all of it, in a variable with quotes'
    : ''
  return new KeyProblem(isCut ? 'cut-off' : 'no-pem', `it is not a PEM text${why}; ${wanted}`)
}

function unreadable({ label }: PemBlock, wanted: string): KeyProblem {
  const isKnown = label === undefined || /^((RSA )?(PRIVATE|PUBLIC) KEY|CERTIFICATE)$/.test(label)
  return isKnown
    ? new KeyProblem('unreadable', `it can't be read, a part may be missing; ${wanted}`)
    : new KeyProblem('other-kind', `it is ${aOrAn(label)}; ${wanted}`, label)
}

function aOrAn(label: string): string {
  return /^[AEIO]/.test(label) ? `an ${label}` : `a ${label}`
}

function checkRsa(key: KeyObject, wanted: string): void {
  if (key.asymmetricKeyType !== 'rsa') {
    const kind = key.asymmetricKeyType ?? 'of no known kind'
    throw new KeyProblem('not-rsa', `it is not an RSA key but ${kind}; ${wanted}`, kind)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < 2048)
    throw new KeyProblem(
      'short',
      `it has ${bits} bits, WeChat Pay takes RSA keys of 2048; ${wanted}`,
      String(bits),
    )
}

function privateKeyOf({ der }: PemBlock): KeyObject | undefined {
  return (
    attempt(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })) ??
    attempt(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }))
  )
}

function publicKeyOf({ der }: PemBlock): KeyObject | undefined {
  return (
    attempt(() => createPublicKey({ key: der, format: 'der', type: 'spki' })) ??
    attempt(() => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }))
  )
}

function certificateOf({ der }: PemBlock): X509Certificate | undefined {
  return attempt(() => new X509Certificate(der))
}

/** The result, or undefined if it fails: OpenSSL's own words for a key of the wrong kind help nobody. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** One block of a PEM text, or a bare base64 body, which has no label. */
interface PemBlock {
  label: string | undefined
  der: Buffer
  /** Encrypted by a passphrase in the old way (`Proc-Type: 4,ENCRYPTED`); its label doesn't say so. */
  isEncrypted: boolean
}

const ARMOUR = /-{0,5}(?:BEGIN|END) ((?:[A-Z0-9]+ )*(?:KEY|CERTIFICATE))-{0,5}/
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

/**
 * Reads the blocks of a PEM text, in whatever form it arrives: with CRLF, a byte order mark, in UTF-16 read as UTF-8,
 * in quotes, with a word processor's dashes, as one line with `\n` escapes from an environment variable or with spaces
 * for line breaks, as its base64 body alone, without its first or last line, or as the base64 of the whole file, which
 * is how secret stores return files.
 *
 * An empty list means that the text is none of these.
 */
function readPem(text: string): PemBlock[] {
  const clean = text
    .replace(/[\uFEFF\uFFFD\0]/g, '')
    .replace(/[\u2010-\u2015\u2212\uFE63\uFF0D]/g, '-')
    .replace(/\\r|\\n/g, '\n')
    .trim()
    .replace(/^(["'])([\s\S]*)\1$/, '$2')
    .trim()
  const blocks = [...clean.matchAll(BLOCK)].map(([, label, inside]): PemBlock => {
    const text = inside ?? ''
    return {
      label,
      der: Buffer.from(text.replace(/\s/g, ''), 'base64'),
      isEncrypted: label === 'ENCRYPTED PRIVATE KEY' || text.includes('ENCRYPTED'),
    }
  })
  if (blocks.length > 0) return blocks
  const cut = readCut(clean)
  if (cut) return [cut]
  const body = clean.replace(/\s/g, '')
  const file = /^[A-Za-z0-9+/=]+$/.test(body) ? Buffer.from(body, 'base64').toString() : ''
  if (/^\uFEFF?-----BEGIN /.test(file)) return readPem(file)
  // Each DER structure here is a SEQUENCE of more than 255 bytes, whose base64 begins with MII.
  if (!/^MII[A-Za-z0-9+/]{200,}={0,2}$/.test(body)) return []
  return [{ label: undefined, der: Buffer.from(body, 'base64'), isEncrypted: false }]
}

/** A block whose first or last line is missing or broken; what is between them must be complete. */
function readCut(text: string): PemBlock | null {
  const label = ARMOUR.exec(text)?.[1]
  const body = text.replaceAll(new RegExp(ARMOUR, 'g'), '').replace(/\s/g, '')
  if (label === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return null
  const der = Buffer.from(body, 'base64')
  return isWhole(der) ? { label, der, isEncrypted: label === 'ENCRYPTED PRIVATE KEY' } : null
}

/** Whether it is a single DER SEQUENCE of the length it states; those here have two bytes for the length. */
function isWhole(der: Buffer): boolean {
  return der.length > 4 && der.readUInt16BE(0) === 0x3082 && der.length === 4 + der.readUInt16BE(2)
}
