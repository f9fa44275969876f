import type { Said, Values } from './index.ts'

/** The environment's problems in English. */

const tokens: Readonly<Record<string, string>> = {
  bot: 'a bot token',
  app: 'an app-level token',
  user: 'a user token',
  configuration: 'a configuration or rotating token',
}
/** A value that isn't shown may be a secret in the wrong variable. */
const shown = (value: Values[string] = '') =>
  value || 'something else, which is not shown as it may be a secret'
const path = (path: Values[string] = '') => path || 'a path that is not shown, as it may be a secret'

/** How to create an AUDIT_KEY_FILE. */
export const MAKE_AUDIT_KEY = 'make one by: openssl genpkey -algorithm ed25519 -out audit-key.pem'

const problems = {
  'not-set': () => ['is not set'],
  'both-set': ({ other }) => [`and ${other} are both set`, 'keep one of the two'],
  'key-for-path': ({ variable }) => [
    'holds a key, not the path of a file',
    `put the key into ${variable}, or name its file`,
  ],
  'empty-file': (values) => [`names an empty file: ${path(values.path)}`, 'check the path'],
  'unreadable-file': ({ code, ...values }) => [
    `can't be read: ${path(values.path)}${code}`,
    'check the path and who may read it',
  ],
  'unreadable-audit-key': ({ path, code }) => [
    `can't be read: ${path} (${code})`,
    `check who may read it, or ${MAKE_AUDIT_KEY}`,
  ],
  'not-an-audit-key': ({ path }) => [`holds no private key of Ed25519: ${path}`, MAKE_AUDIT_KEY],

  'not-one-of': ({ value, known }) => [`is ${shown(value)}`, `write one of: ${known}`],
  'not-in-range': ({ value, min, max }) => [
    `is ${shown(value)}`,
    `write a whole number from ${min} to ${max}`,
  ],
  'other-token': ({ kind = '', variable }, usual) => [
    `looks like ${tokens[kind]}`,
    variable ? `put it into ${variable}; ${usual}` : usual,
  ],
  'not-a-token': () => ['has another form than it should'],
  'is-a-token': () => ['looks like a token'],
  'not-base64': () => ['is not base64'],
  'short-secret': () => ['is shorter than 24 bytes'],
  'has-password': () => ['holds a user or password', 'take them out'],
  'not-encrypted': () => ['is not encrypted', 'write an https address; http only for 127.0.0.1'],
  'not-https': () => ['is no https address', 'write it whole, beginning with https://'],
  'more-than-a-host': () => ['has more than a host', 'write it without path and query'],
  'not-a-proxy': ({ variable }) => [
    'is no address of an HTTP proxy',
    `write http://host:port (https:// if the proxy itself speaks TLS), or http://user:password@host:port with characters such as @ / # in the password as %40 %2F %23; to use no proxy, set ${variable}=none`,
  ],
  'not-a-host': () => ['is not an address'],
  'not-a-database': () => ['is neither a file: path nor a postgres:// address'],
  'not-an-address': () => [
    'is not an address like postgres://user:password@host:5432/database',
    'write characters such as @ / # in the password as %40 %2F %23',
  ],
  'unknown-sslmode': () => [
    'has an sslmode that the app does not know',
    'write sslmode=verify-full, or leave it out; or sslmode=disable to send all in the clear',
  ],
  'unclear-ssl': () => [
    'says ssl=…, which is not clear',
    'write sslmode=disable to send all in the clear, or leave it out',
  ],
  'no-file': () => ['names no file: what was given must survive a restart'],
  'two-addresses': () => ['is two addresses in one'],
  'more-than-a-path': () => ['has more than a path'],
  'other-machine': () => ['names another machine', 'write file:/var/lib/ledger.sqlite for an absolute path'],
  'not-a-merchant-id': () => ['has another form than a merchant id (商户号)'],
  'not-an-appid': () => ['has another form than an appid'],
  'not-a-serial': () => ['is not a serial number: 8 to 40 hexadecimal digits'],
  'not-a-private-key': () => [
    'is a certificate or a public key',
    'use apiclient_key.pem, not apiclient_cert.pem or pub_key.pem',
  ],
  'not-a-public-key': () => ['is a private key', 'use pub_key.pem, which WeChat Pay gives'],
  'not-32-bytes': ({ bytes }) => [`has ${bytes} bytes, not 32`],

  'two-transports': () => ['is not set, but SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are'],
  'no-transport': (_, usual) => [
    'is not set',
    `${usual}; or, to be called over HTTP, set SLACK_SIGNING_SECRET`,
  ],
  'not-set-for-transport': ({ transport }) => [`is not set, but SLACK_TRANSPORT is ${transport}`],
  'no-trust': () => [
    'is not set, nor is WECHATPAY_APIV3_KEY',
    'set WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE (pub_key.pem), or WECHATPAY_APIV3_KEY: without one of them no answer of WeChat Pay can be trusted',
  ],
  'not-set-beside': ({ other }) => [`is not set, but ${other} is`],
  'cut-off-key-id': () => [
    'does not begin with PUB_KEY_ID_, as the id of a public key does',
    'copy it whole, PUB_KEY_ID_ included, as pay.weixin.qq.com shows it beside the public key',
  ],
  'not-a-key-id': () => [
    'has another form than PUB_KEY_ID_…',
    'copy the id that pay.weixin.qq.com shows beside the public key; for a platform certificate, its serial number',
  ],
  'first-line-of-file': () => [
    'holds only the first line of a key',
    'copy the file again, with all of its lines',
  ],
  'first-line-only': ({ variable }) => [
    'holds only the first line of a key',
    `put quotes around all of its lines, or name its file by ${variable}_FILE`,
  ],
} satisfies Record<string, (values: Values, usual: string) => Said>

const variables = {
  SLACK_BOT_TOKEN: 'copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of the Slack app',
  SLACK_APP_TOKEN:
    'copy an app-level token (xapp-…) with connections:write from "Basic Information" of the Slack app',
  SLACK_SIGNING_SECRET: 'copy the Signing Secret from "Basic Information" of the Slack app',
  SLACK_TRANSPORT: 'write socket or http, or take one of the two out',
  WECHATPAY_MCHID: 'copy the merchant id from pay.weixin.qq.com, e.g. 1230000109',
  WECHATPAY_APPID: 'copy the appid to which the openids belong: wx and 16 letters and digits',
  WECHATPAY_MERCHANT_SERIAL: 'run: openssl x509 -in apiclient_cert.pem -noout -serial',
  WECHATPAY_PRIVATE_KEY:
    'set WECHATPAY_PRIVATE_KEY_FILE to the path of apiclient_key.pem, or this to its text',
  WECHATPAY_PUBLIC_KEY_ID: 'copy the id (PUB_KEY_ID_…) that pay.weixin.qq.com shows beside the public key',
  WECHATPAY_PUBLIC_KEY: 'set WECHATPAY_PUBLIC_KEY_FILE to the path of pub_key.pem',
  WECHATPAY_APIV3_KEY: 'copy the APIv3 key that was set at pay.weixin.qq.com',
  CUSTOMER_LOOKUP_SECRET:
    "run: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\", and give it to your look-up too",
  METRICS_HOST: 'write 127.0.0.1 for this machine only, or 0.0.0.0 for every network that it is in',
  DATABASE_URL: 'write file:./data/ledger.sqlite, or postgres://user:password@host/database',
}

export const en = { problems, variables }
