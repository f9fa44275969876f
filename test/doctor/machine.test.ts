import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { word } from '../../src/doctor/index.ts'
import { checkKeys, checkLedger } from '../../src/doctor/machine.ts'
import type { Instruments, Setup } from '../../src/doctor/setup.ts'

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

test.each([
  ['never', null, []],
  ['eight days ago', NOW - 8 * DAY, [{ code: 'backup-good', values: { at: '2026-11-21' } }]],
  ['longer ago', NOW - 8 * DAY - 1, [{ code: 'backup-old', values: { at: '2026-11-21', days: '8' } }]],
  ['in the future, by another clock', NOW + DAY, [{ code: 'backup-good', values: { at: '2026-11-30' } }]],
])('tells of a ledger that was backed up %s how old the backup is, if it is known', async (_, backedUpAt, told) => {
  const state = { kind: 'good', engine: 'sqlite', version: 16, latest: 16, backedUpAt } as const
  const [ledger, ...backup] = await checkLedger(lookingAt({ ledger: async () => state }))
  expect(ledger?.code).toBe('ledger-good')
  expect(backup).toEqual(told)
})
