import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { SetupError } from '../../src/wechatpay/errors.ts'
import {
  createPlatformKeys,
  type PlatformCertificate,
  type PlatformKeys,
} from '../../src/wechatpay/platform-keys.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const oldKey = generateKeyPairSync('ed25519').publicKey
const newKey = generateKeyPairSync('ed25519').publicKey
let time = Date.UTC(2026, 0, 10)
let store: PlatformKeys | undefined

afterEach(() => store?.close())

function certificate(serial: string, changes: Partial<PlatformCertificate> = {}): PlatformCertificate {
  return { serial, key: oldKey, from: time - DAY, until: time + 365 * DAY, ...changes }
}

/** A store whose downloads the test writes: the last list is given again and again. */
function storeOf(
  lists: (PlatformCertificate[] | Error)[],
  more: { given?: { serial: string; key: KeyObject; until: number }; refreshEvery?: number } = {},
) {
  const downloads = { count: 0 }
  const download = async () => {
    const list = lists[Math.min(downloads.count, lists.length - 1)] ?? []
    downloads.count += 1
    await setImmediate()
    if (list instanceof Error) throw list
    return list
  }
  const warnings: string[] = []
  const quiet = () => {}
  const logger = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (_: object, text: string) => void warnings.push(text),
  }
  const keys = createPlatformKeys({ download, now: () => time, logger, ...more })
  store = keys
  return { keys, downloads, warnings }
}

test('downloads nothing before the first call, and once for calls that come together', async () => {
  const { keys, downloads } = storeOf([[certificate('AA')]])
  expect(downloads.count).toBe(0)
  expect(await Promise.all([keys.serial(), keys.serial(), keys.serial()])).toEqual(['AA', 'AA', 'AA'])
  expect(keys.serial()).toBe('AA')
  expect(downloads.count).toBe(1)
})

test('asks for the newest certificate that is valid now', async () => {
  const { keys } = storeOf([
    [
      certificate('A1', { from: time - 9 * DAY }),
      certificate('B2', { from: time - DAY, key: newKey }),
      certificate('C3', { from: time + DAY }),
      certificate('D4', { from: time - HOUR, until: time - 1 }),
    ],
  ])
  expect(await keys.serial()).toBe('B2')
  expect(keys.find('A1')).toBe(oldKey)
  expect(keys.find('b2')).toBe(newKey)
  expect(keys.find('D4')).toBeUndefined()
})

test('fails when none of the certificates is valid now', async () => {
  const { keys } = storeOf([[certificate('AA', { until: time })]])
  await expect(async () => keys.serial()).rejects.toThrow(SetupError)
})

test('asks for the given key first and downloads only for a serial that it does not know', async () => {
  const given = { serial: 'PUB_KEY_ID_1', key: newKey, until: Number.POSITIVE_INFINITY }
  const { keys, downloads } = storeOf([[certificate('AA')]], { given })
  expect(keys.serial()).toBe('PUB_KEY_ID_1')
  expect(await keys.findAnew('PUB_KEY_ID_1')).toBe(newKey)
  expect(await keys.findAnew('PUB_KEY_ID_2')).toBeUndefined()
  expect(downloads.count).toBe(0)
  expect(await keys.findAnew('AA')).toBe(oldKey)
  expect(downloads.count).toBe(1)
})

test('neither asks for nor believes a given certificate once it has expired', async () => {
  const given = { serial: 'AA', key: newKey, until: time + HOUR }
  const { keys } = storeOf([[certificate('BB')]], { given })
  expect([keys.serial(), keys.current(), keys.find('AA')]).toEqual(['AA', 'AA', newKey])
  time += HOUR
  expect([keys.current(), keys.find('AA')]).toEqual([undefined, undefined])
  expect(await keys.serial()).toBe('BB')
  expect(keys.current()).toBe('BB')
})

test('says what to configure when the given certificate has expired and no other can be downloaded', async () => {
  const given = { serial: 'AA', key: newKey, until: time }
  store = createPlatformKeys({ given, now: () => time })
  await expect(async () => store?.serial()).rejects.toThrow(/has expired.*WECHATPAY_PUBLIC_KEY/)
})

test('finds a rotated certificate by one download for all who ask', async () => {
  const { keys, downloads } = storeOf([
    [certificate('AA')],
    [certificate('AA'), certificate('BB', { key: newKey })],
  ])
  await keys.serial()
  expect(await Promise.all([keys.findAnew('BB'), keys.findAnew('BB'), keys.findAnew('BB')])).toEqual([
    newKey,
    newKey,
    newKey,
  ])
  expect(downloads.count).toBe(2)
})

test('downloads at most once a minute for serials that nobody knows', async () => {
  const { keys, downloads } = storeOf([[certificate('AA')]])
  await keys.serial()
  for (let ask = 0; ask < 50; ask++) expect(await keys.findAnew(`F${ask}`)).toBeUndefined()
  expect(downloads.count).toBe(2)
  time += 59_999
  await keys.findAnew('FF')
  expect(downloads.count).toBe(2)
  time += 1
  await keys.findAnew('FF')
  expect(downloads.count).toBe(3)
})

test('keeps the known certificates when a download fails', async () => {
  const { keys, warnings } = storeOf([[certificate('AA')], new Error('down')])
  await keys.serial()
  expect(await keys.findAnew('BB')).toBeUndefined()
  expect(keys.serial()).toBe('AA')
  expect(warnings).toEqual(['an unknown serial, and new certificates could not be downloaded'])
})

test('tries again at the next call when the first download failed', async () => {
  const { keys } = storeOf([new Error('down'), [certificate('AA')]])
  await expect(async () => keys.serial()).rejects.toThrow('down')
  expect(await keys.serial()).toBe('AA')
})

test('downloads in the background when twelve hours have passed, and does not let the call wait', async () => {
  const { keys, downloads } = storeOf([[certificate('AA')], [certificate('BB', { from: time })]])
  await keys.serial()
  time += 12 * HOUR - 1
  expect(keys.serial()).toBe('AA')
  expect(downloads.count).toBe(1)
  time += 1
  expect(keys.serial()).toBe('AA')
  expect(keys.serial()).toBe('AA')
  expect(downloads.count).toBe(2)
  await setImmediate()
  await setImmediate()
  expect(keys.serial()).toBe('BB')
})

test('downloads again after ten minutes when the download of the twelfth hour failed', async () => {
  const { keys, downloads } = storeOf([[certificate('AA')], new Error('down'), [certificate('AA')]])
  await keys.serial()
  for (const [later, count] of [
    [12 * HOUR, 2],
    [600_000 - 1, 2],
    [1, 3],
  ] as const) {
    time += later
    expect(keys.serial()).toBe('AA')
    await setImmediate()
    await setImmediate()
    expect(downloads.count).toBe(count)
  }
})

test('plans no further download when it is closed during one', async () => {
  let count = 0
  const arriving = Promise.withResolvers<PlatformCertificate[]>()
  const download = () => {
    count += 1
    return arriving.promise
  }
  const keys = createPlatformKeys({ download, now: () => time, refreshEvery: 1 })
  const serial = keys.serial()
  keys.close()
  arriving.resolve([certificate('AA')])
  expect(await serial).toBe('AA')
  // Longer than the time until the next one.
  await setTimeout(20)
  expect(count).toBe(1)
})

test('downloads in the background without any call, until it is closed', async () => {
  const again = Promise.withResolvers<void>()
  let count = 0
  const download = async () => {
    count += 1
    if (count === 3) again.resolve()
    return [certificate('AA')]
  }
  const keys = createPlatformKeys({ download, now: () => time, refreshEvery: 5 })
  await keys.serial()
  await again.promise
  keys.close()
  // The third download is still on its way, and would hide a fourth.
  await setImmediate()
  time += DAY
  const before = count
  expect(keys.serial()).toBe('AA')
  await setImmediate()
  expect(count).toBe(before)
})
