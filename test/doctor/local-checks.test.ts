import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { word } from '../../src/doctor/index.ts'
import { checkKeys, checkLedger } from '../../src/doctor/local-checks.ts'
import type { Instruments, Setup } from '../../src/doctor/setup.ts'
import { createWechatPay, type OptionFault, SetupError } from '../../src/wechatpay/index.ts'
import { englishIn } from '../english-in.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const DAY = 24 * 3_600_000

/** What of the instruments a check here looks with. */
const lookingAt = (instruments: Partial<Instruments>): Instruments =>
  ({ now: () => NOW, keyProblems: [], ...instruments }) as Instruments

test.each([
  ['ten years before its end', 3650 * DAY, 'certificate-good'],
  ['thirty days before its end', 30 * DAY, 'certificate-good'],
  ['in its last thirty days', 30 * DAY - 1, 'certificate-expiring'],
  ['in its last moment', 1, 'certificate-expiring'],
  ['at its end', 0, 'certificate-expired'],
  ['a year after its end', -365 * DAY, 'certificate-expired'],
])('tells of a merchant certificate %s until when it is valid', (_, left, code) => {
  const read = (name: string) => readFileSync(join(inject('wechatpayKeys'), name), 'utf8')
  const certificate = new X509Certificate(read('apiclient_cert.pem'))
  const { serialNumber: serial, validToDate: end } = certificate
  const mchid = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? expect.fail(certificate.subject)
  const wechatpay = { privateKey: read('apiclient_key.pem'), certificate: certificate.toString() }
  const findings = checkKeys(
    { wechatpay: { ...wechatpay, mchid, merchantSerial: serial.toLowerCase() } } as Setup,
    lookingAt({ now: () => end.getTime() - left }),
  )
  const until = end.toISOString().slice(0, 10)
  expect(findings).toEqual([
    { code: 'keys-good', values: {} },
    { code, values: { serial, until } },
  ])
  for (const language of ['en', 'zh-CN'] as const)
    expect(findings[1] && word(findings[1], language).seen).toContain(until)
})

const pem = (label: string) => `-----BEGIN ${label}-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END ${label}-----\n`
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ofRsa = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

test.each([
  ['locked', { privateKey: pem('ENCRYPTED PRIVATE KEY') }],
  ['public-key', { privateKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
  ['elliptic', { privateKey: elliptic.export({ type: 'sec1', format: 'pem' }).toString() }],
  ['not-rsa', { privateKey: elliptic.export({ type: 'pkcs8', format: 'pem' }).toString() }],
  ['short', { privateKey: short.export({ type: 'pkcs8', format: 'pem' }).toString() }],
  ['path', { privateKey: './keys/apiclient_key.pem' }],
  ['cut-off', { privateKey: '-----BEGIN PRIVATE KEY-----' }],
  ['no-pem', { privateKey: 'something else' }],
  ['unreadable', { privateKey: pem('PRIVATE KEY') }],
  ['private-key', { privateKey: ofRsa, publicKey: { id: 'PUB_KEY_ID_1', pem: ofRsa } }],
  ['missing', { privateKey: ofRsa, apiv3Key: undefined }],
  ['form', { privateKey: ofRsa, apiv3Key: 'short' }],
])('says in both languages what is wrong with a key: %s', (fault, options) => {
  let faults: readonly OptionFault[] = []
  try {
    createWechatPay({
      mchid: '1230000109',
      merchantSerial: '0123456789ABCDEF',
      apiv3Key: 'x'.repeat(32),
      ...options,
    })
  } catch (error) {
    if (error instanceof SetupError) faults = error.faults
  }
  expect(faults.map((one) => one.fault)).toEqual([fault])
  const keyProblems = faults.map((one) => ({ ...one, variable: 'WECHATPAY_PRIVATE_KEY' }))
  const [finding] = checkKeys({ wechatpay: { privateKey: 'x' } } as Setup, lookingAt({ keyProblems }))
  if (!finding) return expect.fail('nothing was found')
  const { seen, remedy } = word(finding, 'zh-CN')
  expect(seen).toMatch(/^WECHATPAY_PRIVATE_KEY \S/)
  const words = ['RSA', 'PEM', 'BEGIN', 'END', 'ec', 'API']
  expect(englishIn(`${seen} ${remedy}`, words), seen).toEqual([])
  expect(word(finding, 'en').seen).toBe(faults[0]?.problem)
})

test.each([
  ['never', null, []],
  ['eight days ago', NOW - 8 * DAY, [{ code: 'backup-good', values: { at: '2026-11-21' } }]],
  ['longer ago', NOW - 8 * DAY - 1, [{ code: 'backup-old', values: { at: '2026-11-21', days: '8' } }]],
  ['in the future, by another clock', NOW + DAY, [{ code: 'backup-good', values: { at: '2026-11-30' } }]],
])('tells of a ledger that was backed up %s how old the backup is, if it is known', async (_, backedUpAt, told) => {
  const state = {
    kind: 'good',
    engine: 'sqlite',
    version: 16,
    latest: 16,
    backedUpAt,
    signedBy: null,
  } as const
  const [ledger, ...backup] = await checkLedger(
    { hasAuditKey: false },
    lookingAt({ ledger: async () => state }),
  )
  expect(ledger?.code).toBe('ledger-good')
  expect(backup).toEqual(told)
})

test.each([
  ['signed so far, without a key now', 'ed25519:abc', false, ['seal-key-missing']],
  ['signed so far, with a key', 'ed25519:abc', true, []],
  ['never signed, without a key', null, false, []],
])('warns of a trail that can not be sealed any more: %s', async (_, signedBy, hasAuditKey, told) => {
  const state = {
    kind: 'good',
    engine: 'sqlite',
    version: 16,
    latest: 16,
    backedUpAt: null,
    signedBy,
  } as const
  const [, ...more] = await checkLedger({ hasAuditKey }, lookingAt({ ledger: async () => state }))
  expect(more.map(({ code }) => code)).toEqual(told)
})
