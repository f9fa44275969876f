/** One block of a PEM text, or a bare base64 body, which has no label. */
export interface PemBlock {
  label: string | undefined
  der: Buffer
  /** Locked by a passphrase in the old way (`Proc-Type: 4,ENCRYPTED`); its label does not say so. */
  isEncrypted: boolean
}

const ARMOUR = /-{0,5}(?:BEGIN|END) ((?:[A-Z0-9]+ )*(?:KEY|CERTIFICATE))-{0,5}/
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

/**
 * Reads the blocks of a PEM text, however it got here: with CRLF, a byte order mark, in UTF-16 that was read as UTF-8,
 * quotes around it, with dashes of a word processor, as one line with `\n` escapes from an environment variable or with
 * spaces for line breaks, as its base64 body alone, with its first or last line lost, or as the base64 of the whole file,
 * which is how secret stores hand files out.
 *
 * An empty list means that the text is none of these.
 */
export function readPem(text: string): PemBlock[] {
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

/** A block whose first or last line is lost or broken; what is between them must be whole. */
function readCut(text: string): PemBlock | null {
  const label = ARMOUR.exec(text)?.[1]
  const body = text.replaceAll(new RegExp(ARMOUR, 'g'), '').replace(/\s/g, '')
  if (label === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return null
  const der = Buffer.from(body, 'base64')
  return isWhole(der) ? { label, der, isEncrypted: label === 'ENCRYPTED PRIVATE KEY' } : null
}

/** Whether it is one SEQUENCE of DER, as long as it says; those here have two bytes of length. */
function isWhole(der: Buffer): boolean {
  return der.length > 4 && der.readUInt16BE(0) === 0x3082 && der.length === 4 + der.readUInt16BE(2)
}
