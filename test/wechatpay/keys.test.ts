import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/wechatpay/certificates.ts'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay, SetupError, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import { isSameSerial, readMerchantKey } from '../../src/wechatpay/keys.ts'
import { readOptions } from '../../src/wechatpay/options.ts'
import { KEY_ID, MERCHANT_SERIAL, merchant, optionsFor, platform } from './answering-server.ts'

let sandbox: WechatPaySandbox
let merchantCertificate: string
let platformCertificate: string
beforeAll(async () => {
  sandbox = await startWechatPaySandbox({ keys: inject('wechatpayKeys') })
  merchantCertificate = await readFile(join(sandbox.info.keys, 'apiclient_cert.pem'), 'utf8')
  platformCertificate = await readFile(join(sandbox.info.keys, 'wechatpay_cert.pem'), 'utf8')
})
afterAll(() => sandbox.close())

const pkcs8 = merchant().privateKey
const pkcs1 = createPrivateKey(pkcs8).export({ type: 'pkcs1', format: 'pem' }).toString()
const bare = (pem: string) => pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '')

test.each<[string, string]>([
  ['PKCS#8', pkcs8],
  ['PKCS#1', pkcs1],
  ['CRLF', pkcs8.replaceAll('\n', '\r\n')],
  ['PKCS#1 with CRLF', pkcs1.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${pkcs8}`],
  ['escaped line feeds', pkcs8.replaceAll('\n', '\\n')],
  ['escaped CRLF', pkcs8.replaceAll('\n', '\\r\\n')],
  ['quotes', `"${pkcs8.replaceAll('\n', '\\n')}"`],
  ['spaces for line feeds', pkcs8.replaceAll('\n', ' ')],
  ['one long line', pkcs8.replace(/\n(?!-----)/g, (feed, at) => (at < 30 ? feed : ''))],
  ['no armour', bare(pkcs8)],
  ['base64 of the whole file', Buffer.from(`\uFEFF${pkcs8}`).toString('base64')],
  ['base64 of the whole file, wrapped', Buffer.from(pkcs1).toString('base64').replace(/.{76}/g, '$&\n')],
  ['no armour, PKCS#1', bare(pkcs1)],
  ['no armour, wrapped', pkcs8.replace(/-----[A-Z ]+-----/g, '')],
  ['white space around it', `\n\n  ${pkcs8}  \n`],
  ['its END line lost', pkcs8.replace(/-----END.*/, '')],
  ['its END line cut off', pkcs8.replace(/-----END.*\n/, '-----END PRIVATE KEY')],
  ['its BEGIN line lost', pkcs8.replace(/.*BEGIN.*\n/, '')],
  ['its END line lost, PKCS#1 in one line', pkcs1.replace(/-----END.*/, '').replaceAll('\n', '\\n')],
  ['UTF-16 read as UTF-8', Buffer.from(`\uFEFF${pkcs8}`, 'utf16le').toString()],
  ['UTF-16 read as UTF-8, without a mark', Buffer.from(pkcs8, 'utf16le').toString()],
  ['big-endian UTF-16 read as UTF-8', Buffer.from(`\uFEFF${pkcs8}`, 'utf16le').swap16().toString()],
  ['dashes of a word processor', pkcs8.replaceAll('-----', '\u2014\u2013\u2010--')],
  ['indented lines', pkcs8.replace(/^/gm, '    ')],
  ['quotes of the other kind, escaped', `'${pkcs8.replaceAll('\n', '\\n')}'`],
  ['a public key before it', `${merchant().publicKey}\n${pkcs8}`],
])('reads a private key with %s', (_, text) => {
  expect(readMerchantKey(text).equals(createPrivateKey(pkcs8))).toBe(true)
})

const der = createPrivateKey(pkcs8)
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const locked = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const
const certificate = () => merchantCertificate

test.each<[string, string | (() => string), RegExp]>([
  [
    'a public key',
    merchant().publicKey,
    /privateKey: it is a public key; give the private key .*apiclient_key\.pem/,
  ],
  ['a public key without armour', bare(merchant().publicKey), /privateKey: it is a public key/],
  ['a certificate', certificate, /privateKey: it is a certificate/],
  ['a certificate without armour', () => bare(merchantCertificate), /privateKey: it is a certificate/],
  [
    'a locked key',
    der.export({ type: 'pkcs8', ...locked }).toString(),
    /privateKey: it is locked by a passphrase; unlock it first: openssl pkey /,
  ],
  [
    'a locked key of the old kind',
    der.export({ type: 'pkcs1', ...locked }).toString(),
    /privateKey: it is locked by a passphrase/,
  ],
  [
    'an EC key',
    ec.export({ type: 'sec1', format: 'pem' }).toString(),
    /privateKey: it is an elliptic curve key/,
  ],
  [
    'an EC key in PKCS#8',
    ec.export({ type: 'pkcs8', format: 'pem' }).toString(),
    /privateKey: it is not an RSA key but ec/,
  ],
  ['a short key', short.export({ type: 'pkcs8', format: 'pem' }).toString(), /privateKey: it has 1024 bits/],
  ['half a key', pkcs8.slice(0, 900), /privateKey: it is not a PEM text/],
  [
    'the first line of a key',
    '-----BEGIN PRIVATE KEY-----',
    /privateKey: it is not a PEM text: it ends before its line -----END …-----, copy all of it, in a variable with quotes/,
  ],
  [
    'a key without its last lines',
    pkcs8.split('\n').slice(0, -4).join('\n'),
    /it ends before its line -----END/,
  ],
  ['a key with a hole', pkcs8.replace(/.{64}\n/, ''), /privateKey: it can't be read/],
  [
    'a key of ssh',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----',
    /privateKey: it is an OPENSSH PRIVATE KEY; give/,
  ],
  [
    'a request for a certificate',
    '-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----',
    /privateKey: it is a CERTIFICATE REQUEST; give/,
  ],
  ['the path of a file', '/etc/keys/apiclient_key.pem', /privateKey: it is the path of a file/],
  ['nothing', '', /privateKey: it is not a PEM text/],
])('names %s given as the private key', (_, text, words) => {
  const privateKey = typeof text === 'string' ? text : text()
  const error = setupErrorOf({ ...optionsFor('http://127.0.0.1:1'), privateKey })
  expect(error.message).toMatch(words)
  if (privateKey.length > 100) expect(error.message).not.toContain(bare(privateKey).slice(40, 60))
})

function setupErrorOf(options: WechatPayOptions): SetupError {
  try {
    createWechatPay(options)
  } catch (error) {
    if (error instanceof SetupError) return error
    throw error
  }
  return expect.fail('it was taken')
}

function ofSandbox(changes: Partial<WechatPayOptions>): WechatPayOptions {
  const { merchantSerial, publicKeyId, mchid } = sandbox.info
  const publicKey = { id: publicKeyId, pem: sandbox.publicKey }
  return { mchid, merchantSerial, privateKey: sandbox.privateKey, publicKey, ...changes }
}

/** A platform certificate of other days, made as the stand-in makes its own. */
function platformCertificateOf(from: number, until: number): { id: string; pem: string } {
  const privateKey = createPrivateKey(platform().privateKey)
  const pem = makeCertificate({ privateKey, commonName: 'Tenpay.com sign', organization: 'x', from, until })
  return { id: new X509Certificate(pem).serialNumber, pem }
}

test.each([
  ['serial=', `serial=${MERCHANT_SERIAL}`],
  ['colons and lower case', MERCHANT_SERIAL.toLowerCase().replace(/..(?=.)/g, '$&:')],
  ['blanks', ` ${MERCHANT_SERIAL.replace(/.{4}/g, '$& ')}\n`],
  [
    'the words of openssl x509 -text',
    `Serial Number:\n    ${MERCHANT_SERIAL.toLowerCase().replace(/..(?=.)/g, '$&:')}`,
  ],
  ['0x', `0x${MERCHANT_SERIAL}`],
  ['quotes', `"${MERCHANT_SERIAL}"`],
])('takes a serial number with %s', (_, merchantSerial) => {
  const options = { ...optionsFor('http://127.0.0.1:1'), merchantSerial }
  expect(readOptions(options).merchantSerial).toBe(MERCHANT_SERIAL)
})

test("takes WeChat Pay's public key in any form, and a platform certificate by its serial", async () => {
  const spki = platform().publicKey
  const rsa = createPublicKey(spki).export({ type: 'pkcs1', format: 'pem' }).toString()
  for (const pem of [
    spki,
    rsa,
    spki.replaceAll('\n', '\\n'),
    `\uFEFF${spki.replaceAll('\n', '\r\n')}`,
    bare(spki),
  ]) {
    await createWechatPay(ofSandbox({ publicKey: { id: KEY_ID, pem } })).close()
  }
  const publicKey = { id: sandbox.info.platformSerial, pem: platformCertificate }
  await createWechatPay(ofSandbox({ publicKey })).close()
})

test.each<[string, () => { id: string; pem: string }, RegExp]>([
  [
    "the merchant's certificate",
    () => ({ id: sandbox.info.merchantSerial, pem: merchantCertificate }),
    /merchant's own certificate or key, WeChat Pay's is needed/,
  ],
  [
    "the merchant's certificate under another id",
    () => ({ id: KEY_ID, pem: merchantCertificate }),
    /merchant's own certificate or key/,
  ],
  [
    "the merchant's public key",
    () => ({
      id: KEY_ID,
      pem: createPublicKey(sandbox.privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    }),
    /merchant's own certificate or key/,
  ],
  ['a private key', () => ({ id: KEY_ID, pem: pkcs8 }), /publicKey\.pem: it is a private key/],
  [
    'a private key without armour',
    () => ({ id: KEY_ID, pem: bare(pkcs8) }),
    /publicKey\.pem: it is a private key/,
  ],
  [
    'a certificate that is not of the id',
    () => ({ id: KEY_ID, pem: platformCertificate }),
    /serial number [0-9A-F]+, which is not the given id/,
  ],
  [
    'an EC key',
    () => ({ id: KEY_ID, pem: createPublicKey(ec).export({ type: 'spki', format: 'pem' }).toString() }),
    /publicKey\.pem: it is not an RSA key but ec/,
  ],
  ['no PEM', () => ({ id: KEY_ID, pem: 'hello' }), /publicKey\.pem: it is not a PEM text/],
  [
    'the path of a file',
    () => ({ id: KEY_ID, pem: '/keys/pub_key.pem' }),
    /publicKey\.pem: it is the path of a file/,
  ],
  [
    'a platform certificate that has expired',
    () => platformCertificateOf(Date.UTC(2020, 0, 1), Date.UTC(2025, 0, 1)),
    /publicKey\.pem: it is a certificate that expired on 2025-01-01T00:00:00\.000Z; give/,
  ],
  [
    'a platform certificate that is not valid yet',
    () => platformCertificateOf(Date.UTC(2190, 0, 1), Date.UTC(2195, 0, 1)),
    /publicKey\.pem: it is a certificate that is not valid before 2190-01-01T00:00:00\.000Z; give/,
  ],
  ['an id of another form', () => ({ id: 'x y', pem: sandbox.publicKey }), /publicKey\.id: not of the form/],
])('names %s given where the key of WeChat Pay belongs', (_, publicKey, words) => {
  expect(setupErrorOf(ofSandbox({ publicKey: publicKey() })).message).toMatch(words)
})

test("names the platform's serial given where the merchant's belongs", () => {
  const { platformSerial } = sandbox.info
  const error = setupErrorOf(
    ofSandbox({
      merchantSerial: platformSerial,
      publicKey: { id: platformSerial, pem: platformCertificate },
    }),
  )
  expect(error.message).toMatch(
    /its serial number was given for the merchant's certificate too.*apiclient_cert\.pem/,
  )
})

test('reads serial numbers in either case, with or without leading zeros', () => {
  expect(isSameSerial('00ab12', 'AB12')).toBe(true)
  expect(isSameSerial('AB12', 'AB120')).toBe(false)
})

test('names every wrong option at once', () => {
  const error = setupErrorOf({
    mchid: '',
    merchantSerial: 'xyz',
    privateKey: '',
    apiv3Key: 'short',
    baseUrls: [],
    timeouts: { total: 0 },
    userAgent: 'a\nb',
  })
  expect(error).toMatchObject({ name: 'SetupError', scope: 'all', mayHaveBeenExecuted: false })
  for (const name of [
    'mchid',
    'merchantSerial',
    'privateKey',
    'apiv3Key',
    'baseUrls',
    'timeouts.total',
    'userAgent',
  ]) {
    expect(error.message).toContain(`${name}: `)
  }
})

test('asks for a public key or an APIv3 key', () => {
  expect(setupErrorOf(ofSandbox({ publicKey: undefined })).message).toMatch(
    /WECHATPAY_PUBLIC_KEY_ID.*WECHATPAY_APIV3_KEY/,
  )
})

test.each([
  'http://api.mch.weixin.qq.com',
  'http://10.0.0.1',
  'ftp://127.0.0.1',
  'https://h/v3',
  'https://u:p@h',
  'https://h?a',
  'h',
  'http://127.0.0.1.example.com',
])('refuses the address %s', (url) => {
  expect(setupErrorOf(ofSandbox({ baseUrls: [url] })).message).toMatch(/^baseUrls: each is https/)
})

test.each([
  'https://api.mch.weixin.qq.com',
  'https://proxy.example.com/',
  'http://127.0.0.1:8790',
  'http://localhost:1',
  'http://[::1]:1',
])('takes the address %s', async (url) => {
  await createWechatPay(ofSandbox({ baseUrls: [url] })).close()
})
