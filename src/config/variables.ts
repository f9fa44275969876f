import type { z } from 'zod'
import * as forms from './value-formats.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export interface Row {
  form: z.ZodType
  /** Where else its value may come from: the file that `NAME_FILE` names, or the usual proxy variables. */
  from?: 'file' | 'usual proxy'
}

/**
 * Every variable that the app reads, in the order of reported problems. Formats: `value-formats.ts`;
 * rules between variables: `cross-checks.ts`.
 */
export const variables = {
  SLACK_BOT_TOKEN: { form: forms.slackToken('SLACK_BOT_TOKEN') },
  SLACK_APP_TOKEN: { form: forms.slackToken('SLACK_APP_TOKEN').optional() },
  SLACK_SIGNING_SECRET: { form: forms.signingSecret.optional() },
  SLACK_TRANSPORT: { form: forms.oneOf('socket', 'http').optional() },
  PORT: { form: forms.wholeNumber(0, 65_535).optional() },
  SLACK_API_URL: { form: forms.address.optional() },
  SLACK_PROXY: { form: forms.proxyUrl('SLACK_PROXY').optional(), from: 'usual proxy' },
  SLACK_TIMEOUT: { form: forms.seconds.default(10_000) },
  WECHATPAY_MCHID: { form: forms.merchantId },
  WECHATPAY_APPID: { form: forms.appid },
  WECHATPAY_MERCHANT_SERIAL: { form: forms.serialNumber },
  WECHATPAY_PRIVATE_KEY: { form: forms.privateKey, from: 'file' },
  WECHATPAY_PUBLIC_KEY_ID: { form: forms.keyId.optional() },
  WECHATPAY_PUBLIC_KEY: { form: forms.publicKey.optional(), from: 'file' },
  WECHATPAY_APIV3_KEY: { form: forms.apiv3Key.optional() },
  WECHATPAY_BASE_URL: { form: forms.origins.optional() },
  WECHATPAY_PROXY: { form: forms.proxyUrl('WECHATPAY_PROXY').optional(), from: 'usual proxy' },
  WECHATPAY_RATE: { form: forms.wholeNumber(1, 500).default(20) },
  WECHATPAY_TIMEOUT: { form: forms.seconds.default(10_000) },
  CUSTOMER_LOOKUP_SECRET: { form: forms.webhookSecret.optional() },
  CUSTOMER_LOOKUP_URL: { form: forms.address.optional() },
  METRICS_PORT: { form: forms.wholeNumber(0, 65_535).optional() },
  METRICS_HOST: { form: forms.host.default('127.0.0.1') },
  DATABASE_URL: { form: forms.databaseUrl.default('file:./data/ledger.sqlite') },
  POLICY_FILE: { form: forms.text().default('./policy.yaml') },
  AUDIT_KEY_FILE: { form: forms.text().optional() },
  LOG_LEVEL: { form: forms.oneOf(...logLevels).default('info') },
} as const satisfies Record<string, Row>

export type Variable = keyof typeof variables
/** The values read, by the variable's name. */
export type Values = { [Name in Variable]: z.output<(typeof variables)[Name]['form']> }
