import type { KeyObject } from 'node:crypto'
import type { PlatformCertificate } from './certificates.ts'
import { SetupError } from './errors.ts'
import { isSameSerial } from './keys.ts'
import type { WechatPayLogger } from './options.ts'

/** The keys that WeChat Pay signs its answers with. */
export interface PlatformKeys {
  /** The serial to ask WeChat Pay to sign with; downloads certificates first if none is known. */
  serial(): string | Promise<string>
  /** That serial as far as it is known now. */
  current(): string | undefined
  /** The key of a serial, if it is known now. */
  find(serial: string): KeyObject | undefined
  /** The key of a serial after asking WeChat Pay for new certificates, unless it was asked a moment ago. */
  findAnew(serial: string): Promise<KeyObject | undefined>
  close(): void
}

export interface PlatformKeysDeps {
  /** The WeChat Pay public key, or a platform certificate that was given; it is asked for before any other. */
  given?: { serial: string; key: KeyObject; until: number } | undefined
  /** Downloads, verifies and unlocks the certificates; undefined when there is no APIv3 key. */
  download?: (() => Promise<PlatformCertificate[]>) | undefined
  now: () => number
  logger?: WechatPayLogger | undefined
  /** Milliseconds between two downloads; WeChat Pay asks for 12 hours at most. */
  refreshEvery?: number | undefined
}

const TWELVE_HOURS = 12 * 3_600_000
/** After a download that failed. */
const RETRY_AFTER = 600_000
/** Between two downloads for serials that nobody knows; without it each bad answer would cost a download. */
const UNKNOWN_EVERY = 60_000

/** Makes the store of keys; nothing is downloaded before the first call that needs it. */
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

  /** One flight at a time: whoever comes meanwhile waits for the one that is out. */
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

  /** By a timer, and by the clock at the next call as well: timers stand still while a machine sleeps. */
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

  /** One that is not valid yet is taken: it is WeChat Pay's all the same, and no two clocks are alike. */
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
