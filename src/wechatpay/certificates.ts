import { createDecipheriv, type KeyObject, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { SetupError } from './errors.ts'
import { isSameSerial } from './keys.ts'

/** A platform certificate, ready to verify with. Times in epoch milliseconds. */
export interface PlatformCertificate {
  serial: string
  key: KeyObject
  from: number
  until: number
}

/** The answer of `GET /v3/certificates`, each certificate locked with the APIv3 key. */
export const certificatesAnswer = z.object({
  data: z.array(
    z.object({
      serial_no: z.string(),
      encrypt_certificate: z.object({
        algorithm: z.string(),
        nonce: z.string(),
        associated_data: z.string().default(''),
        ciphertext: z.string(),
      }),
    }),
  ),
})

/**
 * Unlocks downloaded certificates; those of another algorithm are left out.
 *
 * @throws SetupError if the key does not fit (the tag of AES-GCM is checked), a serial is another's, or none is left
 */
export function unlockCertificates(
  { data }: z.output<typeof certificatesAnswer>,
  apiv3Key: string,
): PlatformCertificate[] {
  const ofRsa = data.filter(({ encrypt_certificate }) => encrypt_certificate.algorithm === 'AEAD_AES_256_GCM')
  if (ofRsa.length === 0) {
    const remedy = 'configure WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY'
    throw new SetupError('all', { message: `WeChat Pay lists no platform certificate of RSA: ${remedy}` })
  }
  return ofRsa.map(({ serial_no, encrypt_certificate: locked }) => {
    const certificate = unlock(locked, apiv3Key)
    if (!isSameSerial(certificate.serialNumber, serial_no)) {
      const message = `the platform certificate listed as ${serial_no} is ${certificate.serialNumber}`
      throw new SetupError('all', { message })
    }
    return {
      serial: serial_no,
      key: certificate.publicKey,
      from: certificate.validFromDate.getTime(),
      until: certificate.validToDate.getTime(),
    }
  })
}

interface Locked {
  nonce: string
  associated_data: string
  ciphertext: string
}

const TAG_BYTES = 16

function unlock({ nonce, associated_data, ciphertext }: Locked, apiv3Key: string): X509Certificate {
  try {
    const bytes = Buffer.from(ciphertext, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiv3Key), Buffer.from(nonce), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(associated_data))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const pem = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
    return new X509Certificate(pem)
  } catch {
    throw new SetupError('all', {
      message: 'the platform certificates do not open: check WECHATPAY_APIV3_KEY',
    })
  }
}
