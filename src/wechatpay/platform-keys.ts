import { createDecipheriv, type KeyObject, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { SetupError } from './errors.ts'
import { isSameSerial } from './keys.ts'
import type { WechatPayLogger } from './options.ts'

/** The keys with which WeChat Pay signs its answers. */
export interface PlatformKeys {
  /** The serial with which to ask WeChat Pay to sign; downloads certificates first if none is known. */
  serial(): string | Promise<string>
  /** That serial, if it is known now. */
  current(): string | undefined
  /** The key with a serial, if it is known now. */
  find(serial: string): KeyObject | undefined
  /** The key with a serial, after downloading certificates again unless that happened a moment ago. */
  findAnew(serial: string): Promise<KeyObject | undefined>
  close(): void
}

interface PlatformKeysDeps {
  /** The WeChat Pay public key, or a platform certificate, from the options; preferred to any other. */
  given?: { serial: string; key: KeyObject; until: number } | undefined
  /** Downloads, verifies and decrypts the certificates; undefined if there is no APIv3 key. */
  download?: (() => Promise<PlatformCertificate[]>) | undefined
  now: () => number
  logger?: WechatPayLogger | undefined
  /** Milliseconds between two downloads; WeChat Pay asks for at most 12 hours. */
  refreshEvery?: number | undefined
}

const TWELVE_HOURS = 12 * 3_600_000
/** After a failed download. */
const RETRY_AFTER = 600_000
/** Between two downloads for unknown serials; otherwise each bad answer would cost a download. */
const UNKNOWN_EVERY = 60_000

/** Makes the key store. It downloads nothing before the first call that needs it. */
export function createPlatformKeys({
  given,
  download,
  now,
  logger,
  refreshEvery = TWELVE_HOURS,
}: PlatformKeysDeps): PlatformKeys {
  let certificates: PlatformCertificate[] = []
  let flight: Promise<void> | undefined
  let dueAt = Number.POSITIVE_INFINITY
  let lastSearch = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  /** One download at a time: callers that arrive meanwhile wait for it. */
  function refresh(): Promise<void> {
    flight ??= fly().finally(() => {
      flight = undefined
    })
    return flight
  }

  async function fly(): Promise<void> {
    if (!download) return
    try {
      certificates = await download()
      plan(refreshEvery)
      logger?.info({ serials: certificates.map(({ serial }) => serial) }, 'platform certificates downloaded')
    } catch (error) {
      if (certificates.length > 0) plan(Math.min(RETRY_AFTER, refreshEvery))
      throw error
    }
  }

  /** By a timer, and also by the clock at the next call, because timers stand still while a machine sleeps. */
  function plan(milliseconds: number): void {
    if (isClosed) return
    dueAt = now() + milliseconds
    clearTimeout(timer)
    timer = setTimeout(refreshQuietly, milliseconds).unref()
  }

  function refreshQuietly(): void {
    refresh().catch((error: unknown) => {
      logger?.warn(
        { err: error },
        'platform certificates could not be refreshed; the known ones are used until they expire',
      )
    })
  }

  function current(): string | undefined {
    const time = now()
    if (given && time < given.until) return given.serial
    let best: PlatformCertificate | undefined
    for (const one of certificates) {
      if (one.from <= time && time < one.until && (!best || one.from > best.from)) best = one
    }
    return best?.serial
  }

  /** Accepts a key that isn't valid yet: it is WeChat Pay's all the same, and clocks differ. */
  function find(serial: string): KeyObject | undefined {
    if (given && now() < given.until && isSameSerial(serial, given.serial)) return given.key
    return certificates.find((one) => now() < one.until && isSameSerial(one.serial, serial))?.key
  }

  return {
    serial() {
      if (!flight && !isClosed && now() >= dueAt) refreshQuietly()
      const known = current()
      if (known !== undefined) return known
      return refresh().then(() => {
        const serial = current()
        if (serial !== undefined) return serial
        const message = download
          ? 'none of the downloaded platform certificates is valid now: check the clock'
          : 'the platform certificate that was given has expired: configure WECHATPAY_PUBLIC_KEY_ID and ' +
            'WECHATPAY_PUBLIC_KEY anew, or WECHATPAY_APIV3_KEY'
        throw new SetupError('all', { message })
      })
    },
    current,
    find,
    async findAnew(serial) {
      const known = find(serial)
      if (known || !download || serial.startsWith('PUB_KEY_ID_')) return known
      if (flight) await flight.catch(() => {})
      else if (Math.abs(now() - lastSearch) >= UNKNOWN_EVERY) {
        lastSearch = now()
        await refresh().catch((error: unknown) => {
          logger?.warn(
            { err: error, serial },
            'an unknown serial, and new certificates could not be downloaded',
          )
        })
      }
      return find(serial)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** A platform certificate, ready to verify with. Times in epoch milliseconds. */
export interface PlatformCertificate {
  serial: string
  key: KeyObject
  from: number
  until: number
}

/** The answer of `GET /v3/certificates`, with each certificate encrypted by the APIv3 key. */
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
 * Decrypts downloaded certificates, without those of another algorithm.
 *
 * @throws SetupError if the key doesn't fit (the tag of AES-GCM is checked), a serial doesn't match, or none is left
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
