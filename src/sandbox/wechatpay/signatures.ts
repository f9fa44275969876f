import { createCipheriv, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { certificateTime } from './answers.ts'
import type { FaultOf } from './faults.ts'
import type { CertifiedKey, SandboxKeys } from './keys.ts'
import { newPlatformKey } from './keys.ts'

const signAsync = promisify(sign) as (algorithm: string, data: Buffer, key: KeyObject) => Promise<Buffer>

/** The ways to make a signature wrong on purpose. */
export const signatureFaults = [
  'bad-signature',
  'missing-signature',
  'signtest-signature',
  'stale-timestamp',
  'unknown-serial',
  'signed-by',
] as const

export type SignatureFault = FaultOf<(typeof signatureFaults)[number]>

export type Signatures = ReturnType<typeof createSignatures>

/** Signs answers as WeChat Pay, and keeps the platform certificates. */
export function createSignatures({ keys }: { keys: SandboxKeys }) {
  /** Newest first; all are listed until they expire. */
  let platform: CertifiedKey[] = [keys.platform]
  let signing: CertifiedKey = keys.platform

  /**
   * The key that the caller asked for. Without a wish, or if it names an unknown key or a certificate that was rotated
   * out: the platform certificate that signs now.
   */
  const keyFor = (wanted: string | undefined): { id: string; privateKey: KeyObject } => {
    if (wanted === keys.publicKey.id) return keys.publicKey
    return { id: signing.serial, privateKey: signing.privateKey }
  }

  /**
   * Lists a new platform certificate from now on; the real service does so for days before it signs with one:
   * https://pay.weixin.qq.com/wiki/doc/apiv3/wechatpay/wechatpay5_0.shtml
   */
  const announce = async (): Promise<void> => {
    platform = [await newPlatformKey(), ...platform]
  }

  const serialOf = (key: 'platform-certificate' | 'public-key') =>
    key === 'public-key' ? keys.publicKey.id : undefined

  return {
    /**
     * The signature headers of an answer.
     *
     * @param wanted the request's Wechatpay-Serial
     * @param nowMs the real clock
     */
    async headers(
      body: string,
      wanted: string | undefined,
      nowMs: number,
      fault?: SignatureFault,
    ): Promise<Record<string, string>> {
      if (fault?.name === 'missing-signature' && fault.headers === 'all') return {}
      const key = keyFor(fault?.name === 'signed-by' ? serialOf(fault.key) : wanted)
      const age = fault?.name === 'stale-timestamp' ? (fault.seconds ?? 301) : 0
      const timestamp = String(Math.floor(nowMs / 1000) - age)
      const nonce = randomBytes(16).toString('hex')
      const signedBody = fault?.name === 'bad-signature' ? `${body} ` : body
      const message = Buffer.from(`${timestamp}\n${nonce}\n${signedBody}\n`)
      const signature = (await signAsync('sha256', message, key.privateKey)).toString('base64')
      const headers: Record<string, string> = {
        'Wechatpay-Timestamp': timestamp,
        'Wechatpay-Nonce': nonce,
        'Wechatpay-Serial': fault?.name === 'unknown-serial' ? randomHex(20) : key.id,
        'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
      }
      if (fault?.name === 'missing-signature') return headers
      const prefix = fault?.name === 'signtest-signature' ? 'WECHATPAY/SIGNTEST/' : ''
      return { ...headers, 'Wechatpay-Signature': `${prefix}${signature}` }
    },

    announce,

    /** Signs with a new platform certificate from now on: the announced one, if any. */
    async rotate(): Promise<void> {
      if (platform[0] === signing) await announce()
      signing = platform[0] ?? signing
    },

    /** The body of `GET /v3/certificates`. */
    certificates: () => ({
      data: platform.map(({ serial, certificate }) => ({
        serial_no: serial,
        effective_time: certificateTime(certificate.validFromDate.getTime()),
        expire_time: certificateTime(certificate.validToDate.getTime()),
        encrypt_certificate: encrypted(certificate.toString(), keys.apiV3Key),
      })),
    }),
  }
}

function encrypted(text: string, apiV3Key: string) {
  const nonce = randomHex(6).toLowerCase()
  const associatedData = 'certificate'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from(associatedData))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    algorithm: 'AEAD_AES_256_GCM',
    nonce,
    associated_data: associatedData,
    ciphertext: ciphertext.toString('base64'),
  }
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex').toUpperCase()
}
