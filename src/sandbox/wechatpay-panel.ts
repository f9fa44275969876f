import type { WechatpayPanel } from './slack/index.ts'
import { type CouponChange, type FaultSpec, faultMeanings, type WechatPaySandbox } from './wechatpay/index.ts'

/** How many calls the page shows. */
const SHOWN = 200

/** Shows the WeChat Pay stand-in on the Slack page once it runs, so that neither stand-in knows the other. */
export function createWechatpayPanel(start: Promise<WechatPaySandbox>): WechatpayPanel {
  let wechatpay: WechatPaySandbox | undefined
  start.then(
    (started) => {
      wechatpay = started
    },
    // The caller that awaits the start gets the error.
    () => {},
  )
  const running = () => {
    if (!wechatpay) throw new Error('WeChat Pay is still starting.')
    return wechatpay
  }
  return {
    state: () => ({
      mchid: running().info.mchid,
      coupons: running().coupons().slice(-SHOWN),
      calls: running().calls().slice(-SHOWN),
      faults: running().faults(),
      faultMeanings,
    }),
    fault: (spec) => running().fault(spec as FaultSpec),
    clearFaults: () => running().clearFaults(),
    changeCoupon(id, change) {
      if (!running().changeCoupon(id, change as CouponChange)) throw new Error(`There is no coupon ${id}.`)
    },
  }
}
