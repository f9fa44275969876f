import type { SlackSandbox } from '../src/sandbox/slack/index.ts'
import type { WechatPaySandbox } from '../src/sandbox/wechatpay/index.ts'

/** The variables that point an app to both stand-ins; the caller adds the ledger and the policy. */
export function environmentBeside(
  slack: SlackSandbox,
  { info, privateKey, publicKey }: WechatPaySandbox,
  transport: 'socket' | 'http' = 'socket',
): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    ...(transport === 'socket'
      ? { SLACK_APP_TOKEN: slack.appToken }
      : { SLACK_SIGNING_SECRET: slack.signingSecret, PORT: '0' }),
    WECHATPAY_MCHID: info.mchid,
    WECHATPAY_APPID: info.appid,
    WECHATPAY_MERCHANT_SERIAL: info.merchantSerial,
    WECHATPAY_PRIVATE_KEY: privateKey,
    WECHATPAY_PUBLIC_KEY_ID: info.publicKeyId,
    WECHATPAY_PUBLIC_KEY: publicKey,
    WECHATPAY_BASE_URL: info.baseUrl,
  }
}
