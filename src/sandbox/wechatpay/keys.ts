import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificate } from './certificates.ts'

const newKeyPair = promisify(generateKeyPair)
const FIVE_YEARS = 5 * 365 * 24 * 60 * 60 * 1000

/** A private key and the certificate of its public half. */
export interface CertifiedKey {
  privateKey: KeyObject
  certificate: X509Certificate
  publicKey: KeyObject
  /** 40 upper-case hex digits. */
  serial: string
}

export interface SandboxKeys {
  merchant: CertifiedKey
  platform: CertifiedKey
  /** The WeChat Pay public key, and the private half that signs for it. */
  publicKey: { id: string; pem: string; privateKey: KeyObject }
  merchantPrivateKeyPem: string
  /** 32 characters. */
  apiV3Key: string
}

/** A file in the keys folder is broken or doesn't match the others; the message names it. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

/**
 * Reads the folder of keys and certificates, and makes missing ones.
 *
 * `apiclient_key.pem` and `apiclient_cert.pem` are the merchant's, `wechatpay_key.pem` and `wechatpay_cert.pem` the
 * platform certificate's, `pub_key.pem` and `pub_key_private.pem` the WeChat Pay public key's. The last one has its
 * own private key: sharing the platform certificate's would hide a client that mixes the two up. The public key's id
 * and the APIv3 key are derived from keys, so that they survive a restart.
 *
 * @throws KeyFileError if the folder can't be made, or a file is broken or doesn't match another one
 */
export async function openKeys(folder: string, mchid: string): Promise<SandboxKeys> {
  await makeFolder(folder)
  const [merchantKey, platformKey, publicKeysKey] = await Promise.all([
    openPrivateKey(folder, 'apiclient_key.pem', ['apiclient_cert.pem']),
    openPrivateKey(folder, 'wechatpay_key.pem', ['wechatpay_cert.pem']),
    openPrivateKey(folder, 'pub_key_private.pem', ['pub_key.pem']),
  ])
  const [merchant, platform, publicPem] = await Promise.all([
    openCertificate(folder, 'apiclient_cert.pem', 'apiclient_key.pem', merchantKey, mchid),
    openCertificate(folder, 'wechatpay_cert.pem', 'wechatpay_key.pem', platformKey, PLATFORM_NAME),
    openPublicKey(folder, 'pub_key.pem', 'pub_key_private.pem', publicKeysKey),
  ])
  return {
    merchant,
    platform,
    publicKey: { id: publicKeyId(publicKeysKey), pem: publicPem, privateKey: publicKeysKey },
    merchantPrivateKeyPem: toPem(merchantKey),
    apiV3Key: digest(merchantKey, 'APIv3 key').toString('hex').slice(0, 32),
  }
}

const PLATFORM_NAME = 'WeChat Pay sandbox'

/** Makes one more platform certificate with a key of its own. */
export async function newPlatformKey(): Promise<CertifiedKey> {
  const { privateKey } = await newKeyPair('rsa', { modulusLength: 2048 })
  return certified(privateKey, newCertificate(privateKey, PLATFORM_NAME))
}

async function openPrivateKey(folder: string, file: string, needs: string[]): Promise<KeyObject> {
  const text = await readIfThere(folder, file)
  if (text === undefined) {
    for (const other of needs)
      if ((await readIfThere(folder, other)) !== undefined)
        throw new KeyFileError(
          `${join(folder, other)} is there without its ${file}: put the key back, or remove it`,
        )
    const { privateKey } = await newKeyPair('rsa', { modulusLength: 2048 })
    await write(folder, file, toPem(privateKey), 0o600)
    return privateKey
  }
  const key = parsed(folder, file, 'an RSA private key in PEM', () => createPrivateKey(text))
  if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== 2048)
    throw new KeyFileError(`${join(folder, file)} is not an RSA key of 2048 bits`)
  return key
}

async function openCertificate(
  folder: string,
  file: string,
  keyFile: string,
  key: KeyObject,
  commonName: string,
): Promise<CertifiedKey> {
  let text = await readIfThere(folder, file)
  if (text === undefined) {
    text = newCertificate(key, commonName)
    await write(folder, file, text, 0o644)
  }
  const pem = text
  const found = parsed(folder, file, 'an X.509 certificate in PEM', () => certified(key, pem))
  if (!found.certificate.checkPrivateKey(key))
    throw new KeyFileError(`${join(folder, file)} is not the certificate of ${keyFile}`)
  if (!found.certificate.subject.split('\n').includes(`CN=${commonName}`))
    throw new KeyFileError(
      `${join(folder, file)} was made for another merchant than ${commonName}: take another folder, or remove it`,
    )
  return found
}

async function openPublicKey(folder: string, file: string, keyFile: string, key: KeyObject): Promise<string> {
  const own = createPublicKey(key)
  const text = await readIfThere(folder, file)
  if (text === undefined) {
    const pem = own.export({ type: 'spki', format: 'pem' }).toString()
    await write(folder, file, pem, 0o644)
    return pem
  }
  if (!parsed(folder, file, 'a public key in PEM', () => createPublicKey(text)).equals(own))
    throw new KeyFileError(`${join(folder, file)} is not the public half of ${keyFile}`)
  return text
}

function newCertificate(privateKey: KeyObject, commonName: string): string {
  const from = Math.floor(Date.now() / 1000) * 1000
  return makeCertificate({
    privateKey,
    commonName,
    organization: 'Sandbox, not a real authority',
    from,
    until: from + FIVE_YEARS,
  })
}

function certified(privateKey: KeyObject, pem: string): CertifiedKey {
  const certificate = new X509Certificate(pem)
  return {
    privateKey,
    certificate,
    publicKey: certificate.publicKey,
    serial: certificate.serialNumber.toUpperCase().padStart(40, '0'),
  }
}

/** In WeChat Pay's form: the prefix and 28 digits beginning with 01. */
function publicKeyId(key: KeyObject): string {
  const digits = BigInt(`0x${digest(key, 'id').toString('hex')}`)
    .toString()
    .slice(-26)
    .padStart(26, '0')
  return `PUB_KEY_ID_01${digits}`
}

function digest(key: KeyObject, label: string): Buffer {
  return createHash('sha256')
    .update(label)
    .update(key.export({ type: 'pkcs8', format: 'der' }))
    .digest()
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function parsed<T>(folder: string, file: string, what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new KeyFileError(
      `${join(folder, file)} is not ${what}: repair it, or remove it to have it made anew`,
      {
        cause,
      },
    )
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KeyFileError(`${folder} can't be used as the folder of keys: ${why}`, { cause })
  }
}

async function readIfThere(folder: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, file), 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new KeyFileError(`${join(folder, file)} can't be read`, { cause })
  }
}

/** Writes under another name first, so that an interrupted start leaves no partial file. */
async function write(folder: string, file: string, text: string, mode: number): Promise<void> {
  const unfinished = join(folder, `${file}.${process.pid}.new`)
  await writeFile(unfinished, text, { mode })
  await rename(unfinished, join(folder, file))
}
