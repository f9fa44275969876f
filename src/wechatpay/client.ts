import type { WechatPay } from './chain.ts'
import type { WechatPayOptions } from './options.ts'

/** Makes a client of WeChat Pay's API v3. */
export function createWechatPay(_options: WechatPayOptions): WechatPay {
  throw new Error('not built yet')
}
