import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createWechatPay } from '../../../src/wechatpay/index.ts'
import { answerParent } from '../processes.ts'
import type { Ask, Issue, Kind, Measured, Merchant } from './messages.ts'
import { createPlainClient } from './plain-client.ts'

/** One client in its own process, so that the other's code is not compiled, collected or waited for in it. */

/** ms between two looks at the event loop. */
const LOOK_EVERY = 1

let issue: (one: Issue) => Promise<unknown>
let mchid = ''
let count = 0

answerParent({
  async be({ kind, merchant }: { kind: Kind; merchant: Merchant }) {
    mchid = merchant.mchid
    issue = issuerOf(kind, merchant)
  },
  measure,
})

function issuerOf(kind: Kind, merchant: Merchant): typeof issue {
  if (kind !== 'ours') return createPlainClient(merchant, kind === 'plain, keys prepared').issue
  const client = createWechatPay({
    mchid: merchant.mchid,
    merchantSerial: merchant.merchantSerial,
    privateKey: merchant.privateKey,
    publicKey: { id: merchant.publicKeyId, pem: merchant.publicKey },
    baseUrls: [merchant.baseUrl],
  })
  return (one) => client.v3.marketing.withdrawFavor.users._openid_.coupons.post(one)
}

/** Runs this many callers; each calls again as soon as it is answered. */
async function measure({ concurrency, milliseconds }: Ask): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY })
  delay.enable()
  const before = count
  const began = performance.now()
  const end = began + milliseconds
  const caller = async () => {
    while (performance.now() < end) {
      count += 1
      await issue({
        openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
        json: {
          mchid,
          stock_id: '9865888',
          appid: 'wxd678efh567hg6787',
          send_request_no: `BENCH${String(count).padStart(21, '0')}`,
        },
      })
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  const took = performance.now() - began
  delay.disable()
  return { callsASecond: ((count - before) * 1000) / took, delayP99: delay.percentile(99) / 1e6 }
}
