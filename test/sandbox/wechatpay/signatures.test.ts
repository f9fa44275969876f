import { execFileSync, spawnSync } from 'node:child_process'
import { createDecipheriv, X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { WechatPaySandbox } from '../../../src/sandbox/wechatpay/index.ts'
import {
  isSigned,
  isSignedBy,
  OPENID,
  openSandbox,
  platformKey,
  type Reply,
  signedMessage,
} from './caller.ts'

const CERTIFICATES = '/v3/certificates'
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** The certificates of an answer, decrypted. */
function certificatesOf(sandbox: WechatPaySandbox, reply: Reply): X509Certificate[] {
  return reply.json.data.map((row: { encrypt_certificate: Record<string, string> }) => {
    const { nonce = '', associated_data = '', ciphertext = '' } = row.encrypt_certificate
    const bytes = Buffer.from(ciphertext, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', sandbox.info.apiV3Key, nonce)
    decipher.setAAD(Buffer.from(associated_data)).setAuthTag(bytes.subarray(-16))
    return new X509Certificate(Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]))
  })
}

test('signs with the key that the request names', async () => {
  const { sandbox, issue } = await openSandbox()
  const { platformSerial, publicKeyId } = sandbox.info
  const byPublicKey = await issue('A1', {}, { headers: { 'wechatpay-serial': publicKeyId } })
  expect(isSigned(sandbox, byPublicKey)).toBe(true)
  expect(isSignedBy(platformKey(sandbox), byPublicKey)).toBe(false)
  for (const wanted of [platformSerial, undefined, 'PUB_KEY_ID_0000000000000000000000000000', 'ABCDEF']) {
    const reply = await issue('A1', {}, { headers: { 'wechatpay-serial': wanted } })
    expect(reply.headers['wechatpay-serial']).toBe(platformSerial)
    expect(isSignedBy(platformKey(sandbox), reply)).toBe(true)
  }
})

test('signs with the headers that the real service sends', async () => {
  const { call } = await openSandbox()
  const { headers } = await call('GET', CERTIFICATES)
  expect(headers['wechatpay-nonce']).toMatch(/^[0-9a-f]{32}$/)
  expect(Math.abs(Number(headers['wechatpay-timestamp']) - Date.now() / 1000)).toBeLessThan(5)
  expect(headers['wechatpay-signature-type']).toBe('WECHATPAY2-SHA256-RSA2048')
  expect(headers['request-id']).toMatch(/^[0-9A-F]+-0$/)
  expect(headers['content-language']).toBe('zh-CN')
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
})

const openssl = (...args: string[]) => execFileSync('openssl', args)

test.skipIf(!hasOpenssl)('signs so that openssl verifies it, by either key', async () => {
  const { sandbox, issue } = await openSandbox()
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-openssl-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = (name: string) => join(folder, name)
  const { keys, publicKeyId, platformSerial } = sandbox.info
  await copyFile(join(keys, 'pub_key.pem'), file(publicKeyId))
  const certificate = ['x509', '-in', join(keys, 'wechatpay_cert.pem'), '-noout']
  await writeFile(file(platformSerial), openssl(...certificate, '-pubkey'))
  expect(
    openssl(...certificate, '-serial')
      .toString()
      .trim(),
  ).toBe(`serial=${platformSerial}`)
  for (const wanted of [publicKeyId, platformSerial]) {
    const reply = await issue('A1', {}, { headers: { 'wechatpay-serial': wanted } })
    await writeFile(file('message'), signedMessage(reply))
    const signature = Buffer.from(String(reply.headers['wechatpay-signature']), 'base64')
    await writeFile(file('signature'), signature)
    const verifying = ['dgst', '-sha256', '-verify', file(wanted), '-signature', file('signature')]
    expect(openssl(...verifying, file('message')).toString()).toBe('Verified OK\n')
  }
})

test.skipIf(!hasOpenssl)('takes what openssl signed by the key of the merchant', async () => {
  const { sandbox, call, couponsPath, ids } = await openSandbox()
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-openssl-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = couponsPath(OPENID)
  const body = JSON.stringify({ ...ids, send_request_no: 'A1' })
  const timestamp = Math.floor(Date.now() / 1000)
  const message = join(folder, 'message')
  await writeFile(message, `POST\n${path}\n${timestamp}\n${'n'.repeat(32)}\n${body}\n`)
  const { keys, mchid, merchantSerial } = sandbox.info
  const signature = openssl('dgst', '-sha256', '-sign', join(keys, 'apiclient_key.pem'), message)
  const fields = `mchid="${mchid}",nonce_str="${'n'.repeat(32)}",timestamp="${timestamp}",serial_no="${merchantSerial}"`
  const authorization = `WECHATPAY2-SHA256-RSA2048 ${fields},signature="${signature.toString('base64')}"`
  expect((await call('POST', path, { body, headers: { authorization } })).status).toBe(200)
})

test('gives the platform certificate out encrypted', async () => {
  const { sandbox, call } = await openSandbox()
  const reply = await call('GET', CERTIFICATES, { headers: { 'wechatpay-serial': undefined } })
  expect(reply.status).toBe(200)
  expect(reply.json.data).toEqual([
    {
      serial_no: sandbox.info.platformSerial,
      effective_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
      expire_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
      encrypt_certificate: {
        algorithm: 'AEAD_AES_256_GCM',
        nonce: expect.stringMatching(/^.{12}$/),
        associated_data: 'certificate',
        ciphertext: expect.any(String),
      },
    },
  ])
  const [certificate] = certificatesOf(sandbox, reply)
  expect(certificate?.serialNumber).toBe(sandbox.info.platformSerial)
  expect(certificate && isSignedBy(certificate.publicKey, reply)).toBe(true)
  expect(Date.parse(reply.json.data[0].effective_time)).toBe(certificate?.validFromDate.getTime())
  expect(Date.parse(reply.json.data[0].expire_time)).toBe(certificate?.validToDate.getTime())
})

test('signs with a new certificate after a rotation, and still lists the old one', async () => {
  const { sandbox, call, issue } = await openSandbox()
  const { platformSerial } = sandbox.info
  const headers = { 'wechatpay-serial': platformSerial }
  sandbox.fault({ name: 'certificate-rotated' })
  const rotated = await issue('A1', {}, { headers })
  const newSerial = rotated.headers['wechatpay-serial']
  expect(newSerial).not.toBe(platformSerial)
  const listed = await call('GET', CERTIFICATES, { headers })
  expect(listed.headers['wechatpay-serial']).toBe(newSerial)
  const certificates = certificatesOf(sandbox, listed)
  expect(certificates.map(({ serialNumber }) => serialNumber)).toEqual([newSerial, platformSerial])
  const [newest] = certificates
  expect(newest && isSignedBy(newest.publicKey, rotated)).toBe(true)
  expect(newest && isSignedBy(newest.publicKey, listed)).toBe(true)
  expect(isSigned(sandbox, await issue('A1'))).toBe(true)
})

test('lists a new certificate before it signs, so that clients that trust only the old one can fetch it', async () => {
  const { sandbox, call, issue } = await openSandbox()
  const { platformSerial } = sandbox.info
  const headers = { 'wechatpay-serial': platformSerial }
  sandbox.fault({ name: 'certificate-announced' })
  const listed = await call('GET', CERTIFICATES, { headers })
  expect(listed.headers['wechatpay-serial']).toBe(platformSerial)
  const serials = certificatesOf(sandbox, listed).map(({ serialNumber }) => serialNumber)
  expect(serials).toEqual([expect.not.stringMatching(platformSerial), platformSerial])
  expect((await issue('A1', {}, { headers })).headers['wechatpay-serial']).toBe(platformSerial)
  sandbox.fault({ name: 'certificate-rotated' })
  expect((await issue('A2', {}, { headers })).headers['wechatpay-serial']).toBe(serials[0])
  const later = certificatesOf(sandbox, await call('GET', CERTIFICATES))
  expect(later.map(({ serialNumber }) => serialNumber)).toEqual(serials)
})
