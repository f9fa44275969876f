import type { z } from 'zod'
import * as forms from './forms.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export interface Row {
  form: z.ZodType
  /** What to do where it is missing or wrong, unless the form says so. */
  remedy?: string
  /** Where else its value may stand: in the file that `NAME_FILE` names, or in the usual variables of a proxy. */
  from?: 'file' | 'usual proxy'
}

const copyBotToken = 'copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of the Slack app'
const copyAppToken =
  'copy an app-level token (xapp-…) with connections:write from "Basic Information" of the Slack app'

/** Every variable that the app reads, in the order in which problems are told. Forms: `forms.ts`; rules between variables: `cross-checks.ts`. */
export const variables = {
  SLACK_BOT_TOKEN: { form: forms.slackToken('SLACK_BOT_TOKEN', copyBotToken), remedy: copyBotToken },
  SLACK_APP_TOKEN: {
    form: forms.slackToken('SLACK_APP_TOKEN', copyAppToken).optional(),
    remedy: copyAppToken,
  },
  SLACK_SIGNING_SECRET: {
    form: forms.signingSecret.optional(),
    remedy: 'copy the Signing Secret from "Basic Information" of the Slack app',
  },
  SLACK_TRANSPORT: {
    form: forms.oneOf('socket', 'http').optional(),
    remedy: 'write socket or http, or take one of the two out',
  },
  PORT: { form: forms.wholeNumber(0, 65_535).optional() },
  SLACK_API_URL: { form: forms.address.optional() },
  SLACK_PROXY: { form: forms.proxyUrl('SLACK_PROXY').optional(), from: 'usual proxy' },
  SLACK_TIMEOUT: { form: forms.seconds.default(10_000) },
  WECHATPAY_MCHID: {
    form: forms.merchantId,
    remedy: 'copy the merchant id from pay.weixin.qq.com, e.g. 1230000109',
  },
  WECHATPAY_APPID: {
    form: forms.appid,
    remedy: 'copy the appid to which the openids belong: wx and 16 letters and digits',
  },
  WECHATPAY_MERCHANT_SERIAL: {
    form: forms.serialNumber,
    remedy: 'run: openssl x509 -in apiclient_cert.pem -noout -serial',
  },
  WECHATPAY_PRIVATE_KEY: {
    form: forms.privateKey,
    remedy: 'set WECHATPAY_PRIVATE_KEY_FILE to the path of apiclient_key.pem, or this to its text',
    from: 'file',
  },
  WECHATPAY_PUBLIC_KEY_ID: {
    form: forms.keyId.optional(),
    remedy: 'copy the id (PUB_KEY_ID_…) that pay.weixin.qq.com shows beside the public key',
  },
  WECHATPAY_PUBLIC_KEY: {
    form: forms.publicKey.optional(),
    remedy: 'set WECHATPAY_PUBLIC_KEY_FILE to the path of pub_key.pem',
    from: 'file',
  },
  WECHATPAY_APIV3_KEY: {
    form: forms.apiv3Key.optional(),
    remedy: 'copy the APIv3 key that was set at pay.weixin.qq.com',
  },
  WECHATPAY_BASE_URL: { form: forms.origins.optional() },
  WECHATPAY_PROXY: { form: forms.proxyUrl('WECHATPAY_PROXY').optional(), from: 'usual proxy' },
  WECHATPAY_RATE: { form: forms.wholeNumber(1, 500).default(20) },
  WECHATPAY_TIMEOUT: { form: forms.seconds.default(10_000) },
  CUSTOMER_LOOKUP_SECRET: {
    form: forms.webhookSecret.optional(),
    remedy:
      "run: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\", and give it to your look-up too",
  },
  CUSTOMER_LOOKUP_URL: { form: forms.address.optional() },
  METRICS_PORT: { form: forms.wholeNumber(0, 65_535).optional() },
  METRICS_HOST: {
    form: forms.host.default('127.0.0.1'),
    remedy: 'write 127.0.0.1 for this machine only, or 0.0.0.0 for every network that it is in',
  },
  DATABASE_URL: {
    form: forms.databaseUrl.default('file:./data/ledger.sqlite'),
    remedy: 'write file:./data/ledger.sqlite, or postgres://user:password@host/database',
  },
  POLICY_FILE: { form: forms.text().default('./policy.yaml') },
  AUDIT_KEY_FILE: { form: forms.text().optional() },
  LOG_LEVEL: { form: forms.oneOf(...logLevels).default('info') },
} as const satisfies Record<string, Row>

export type Variable = keyof typeof variables
/** What was read, by the variable's name. */
export type Values = { [Name in Variable]: z.output<(typeof variables)[Name]['form']> }
