import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type StockSpec, startWechatPaySandbox } from '../../../src/sandbox/wechatpay/index.ts'
import { openSandbox } from './caller.ts'

const FILES = [
  'apiclient_cert.pem',
  'apiclient_key.pem',
  'pub_key.pem',
  'pub_key_private.pem',
  'wechatpay_cert.pem',
  'wechatpay_key.pem',
]
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A folder with the keys of a sandbox that ran. */
async function copyOfKeys(): Promise<string> {
  const { sandbox } = await openSandbox()
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-keys-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(sandbox.info.keys, folder, { recursive: true })
  return folder
}

async function start(options: Parameters<typeof startWechatPaySandbox>[0]) {
  const sandbox = await startWechatPaySandbox(options)
  onTestFinished(() => sandbox.close())
  return sandbox
}

test('makes every file, the private keys readable by their owner alone', async () => {
  const { sandbox } = await openSandbox()
  const { keys } = sandbox.info
  expect((await readdir(keys)).sort()).toEqual(FILES)
  const modes = await Promise.all(FILES.map(async (file) => (await stat(join(keys, file))).mode & 0o777))
  expect(
    modes.filter(
      (_, index) => /key\.pem$|private/.test(FILES[index] ?? '') && FILES[index] !== 'pub_key.pem',
    ),
  ).toEqual([0o600, 0o600, 0o600])
  expect((await stat(keys)).mode & 0o777).toBe(0o700)
})

test('makes certificates that Node reads', async () => {
  const { sandbox } = await openSandbox()
  const { keys, merchantSerial, platformSerial, mchid } = sandbox.info
  const read = async (name: string) => ({
    certificate: new X509Certificate(await readFile(join(keys, `${name}_cert.pem`))),
    key: createPrivateKey(await readFile(join(keys, `${name}_key.pem`))),
  })
  const [merchant, platform] = [await read('apiclient'), await read('wechatpay')]
  expect([merchant.certificate.serialNumber, platform.certificate.serialNumber]).toEqual([
    merchantSerial,
    platformSerial,
  ])
  for (const { certificate, key } of [merchant, platform]) {
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{39}$/)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(key)).toBe(true)
    expect(certificate.ca).toBe(false)
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(certificate.validFromDate.getTime()).toBeLessThanOrEqual(Date.now())
    expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now() + 1000 * 24 * 60 * 60 * 1000)
  }
  expect(merchant.certificate.subject).toContain(`CN=${mchid}`)
  expect(createPublicKey(sandbox.privateKey).equals(merchant.certificate.publicKey)).toBe(true)
})

test.skipIf(!hasOpenssl)('makes certificates that openssl reads and verifies', async () => {
  const { sandbox } = await openSandbox()
  const file = join(sandbox.info.keys, 'wechatpay_cert.pem')
  const openssl = (...args: string[]) => spawnSync('openssl', args, { encoding: 'utf8' })
  const shown = openssl('x509', '-in', file, '-noout', '-serial', '-checkend', '0')
  expect(shown.stdout).toContain(`serial=${sandbox.info.platformSerial}`)
  expect(shown.status).toBe(0)
  expect(openssl('verify', '-check_ss_sig', '-CAfile', file, file).stdout).toContain('OK')
})

test('uses keys again that are there', async () => {
  const folder = await copyOfKeys()
  const first = await start({ keys: folder })
  const second = await start({ keys: folder })
  const { baseUrl: _first, ...lasting } = first.info
  expect(second.info).toMatchObject(lasting)
  expect(second.publicKey).toBe(first.publicKey)
  expect(first.info.publicKeyId).toMatch(/^PUB_KEY_ID_01\d{26}$/)
  expect(first.info.apiV3Key).toMatch(/^[0-9a-f]{32}$/)
})

test('makes a certificate or a public key anew when only its private key is there', async () => {
  const folder = await copyOfKeys()
  const first = await start({ keys: folder })
  await rm(join(folder, 'wechatpay_cert.pem'))
  await rm(join(folder, 'pub_key.pem'))
  const second = await start({ keys: folder })
  expect(second.info.platformSerial).not.toBe(first.info.platformSerial)
  expect(second.publicKey).toBe(first.publicKey)
  expect((await readdir(folder)).sort()).toEqual(FILES)
})

test('names the file that is broken or does not belong to the others', async () => {
  const folder = await copyOfKeys()
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = { type: 'pkcs8', format: 'pem' } as const
  const otherPublic = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const merchantCertificate = await readFile(join(folder, 'apiclient_cert.pem'), 'utf8')
  const cases: [string, string, RegExp][] = [
    ['apiclient_key.pem', 'nonsense', /apiclient_key\.pem is not an RSA private key/],
    [
      'wechatpay_key.pem',
      elliptic.export(pem).toString(),
      /wechatpay_key\.pem is not an RSA key of 2048 bits/,
    ],
    [
      'apiclient_key.pem',
      privateKey.export(pem).toString(),
      /apiclient_cert\.pem is not the certificate of apiclient_key/,
    ],
    [
      'wechatpay_cert.pem',
      merchantCertificate,
      /wechatpay_cert\.pem is not the certificate of wechatpay_key/,
    ],
    ['wechatpay_cert.pem', '', /wechatpay_cert\.pem is not an X\.509 certificate/],
    ['pub_key.pem', otherPublic, /pub_key\.pem is not the public half of pub_key_private/],
  ]
  for (const [file, text, expected] of cases) {
    const path = join(folder, file)
    const before = await readFile(path)
    await writeFile(path, text)
    await expect(startWechatPaySandbox({ keys: folder })).rejects.toThrow(expected)
    await writeFile(path, before)
  }
  await rm(join(folder, 'pub_key_private.pem'))
  await expect(startWechatPaySandbox({ keys: folder })).rejects.toThrow(/pub_key\.pem is there without/)
})

test('tells when the keys were made for another merchant', async () => {
  const folder = await copyOfKeys()
  await expect(startWechatPaySandbox({ keys: folder, mchid: '1900000001' })).rejects.toThrow(
    /apiclient_cert\.pem was made for another merchant than 1900000001/,
  )
})

test('removes the folder of keys that it made for itself, and leaves one that was given', async () => {
  const temporary = await startWechatPaySandbox()
  expect(existsSync(temporary.info.keys)).toBe(true)
  await temporary.close()
  expect(existsSync(temporary.info.keys)).toBe(false)
  const folder = await copyOfKeys()
  await chmod(folder, 0o755)
  const given = await startWechatPaySandbox({ keys: folder })
  await given.close()
  await given.close()
  expect(existsSync(join(folder, 'apiclient_key.pem'))).toBe(true)
})

test('names the part of a stock that is not valid', async () => {
  const refuse = (...stocks: unknown[]) => startWechatPaySandbox({ stocks: stocks as StockSpec[] })
  await expect(refuse({ stock_id: 'S2' })).rejects.toThrow(/0\.quota: /)
  await expect(refuse({ stock_id: 'S 2', quota: 1 })).rejects.toThrow(
    /0\.stock_id: expected 1 to 20.*got "S 2"/,
  )
  await expect(refuse({ stock_id: 'S2', quota: 1.5 })).rejects.toThrow(
    /0\.quota: expected a whole number of fen, got 1\.5/,
  )
  await expect(refuse({ stock_id: 'S2', quota: 1, ends_at: 'tomorrow' })).rejects.toThrow(
    /0\.ends_at: expected a time/,
  )
  await expect(refuse({ stock_id: 'S2', quota: 1, bugdet: 1 })).rejects.toThrow(/bugdet/)
  await expect(refuse({ stock_id: 'S2', quota: 1 }, { stock_id: 'S2', quota: 2 })).rejects.toThrow(
    /every stock_id once/,
  )
})
