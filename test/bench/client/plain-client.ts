import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { Pool } from 'undici'
import type { Issue, Merchant } from './messages.ts'

const LONGEST_AGE = 300

/**
 * Does what most clients do, and nothing more: an undici pool with as many connections as ours, the same headers and
 * bytes, `crypto.sign` and `crypto.verify` on the event loop, `JSON.parse`. It doesn't check the input or the answer's
 * fields, and has no time-outs of its own and no second host.
 *
 * @param prepared whether keys are read once; as text, OpenSSL reads them again for every signature
 */
export function createPlainClient(merchant: Merchant, prepared: boolean) {
  const { mchid, merchantSerial, publicKeyId } = merchant
  const pool = new Pool(merchant.baseUrl, { connections: 128, pipelining: 1 })
  const privateKey: string | KeyObject = prepared
    ? createPrivateKey(merchant.privateKey)
    : merchant.privateKey
  const publicKey: string | KeyObject = prepared ? createPublicKey(merchant.publicKey) : merchant.publicKey

  async function issue({ openid, json }: Issue): Promise<{ coupon_id: string; expire_time: string }> {
    const path = `/v3/marketing/withdraw-favor/users/${encodeURIComponent(openid)}/coupons`
    const body = JSON.stringify(json)
    const timestamp = Math.floor(Date.now() / 1000)
    const nonce = randomBytes(16).toString('hex').toUpperCase()
    const message = Buffer.from(`POST\n${path}\n${timestamp}\n${nonce}\n${body}\n`)
    const signature = sign('sha256', message, privateKey).toString('base64')
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: {
        Accept: 'application/json',
        'User-Agent': 'plain',
        Authorization:
          `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",timestamp="${timestamp}",` +
          `serial_no="${merchantSerial}",signature="${signature}"`,
        'Wechatpay-Serial': publicKeyId,
        'Content-Type': 'application/json',
      },
      body,
    })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`)
    const { headers } = answer
    const at = String(headers['wechatpay-timestamp'])
    const signed = Buffer.from(`${at}\n${headers['wechatpay-nonce']}\n${text}\n`)
    const bytes = Buffer.from(String(headers['wechatpay-signature']), 'base64')
    if (Math.abs(Date.now() / 1000 - Number(at)) > LONGEST_AGE) throw new Error('stale')
    if (headers['wechatpay-serial'] !== publicKeyId) throw new Error('another key')
    if (!verify('sha256', signed, publicKey, bytes)) throw new Error('not signed by WeChat Pay')
    return JSON.parse(text)
  }

  return { issue, close: () => pool.destroy() }
}
