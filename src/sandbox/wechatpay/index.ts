export { SandboxInputError } from '../input.ts'
export type { RecordedCall } from './calls.ts'
export type { CouponChange, IssuedCoupon } from './coupons.ts'
export { type FaultName, type FaultSpec, faultMeanings, faultNames, type PendingFault } from './faults.ts'
export type { Order, OrderSpec } from './orders.ts'
export {
  startWechatPaySandbox,
  type WechatPaySandbox,
  type WechatPaySandboxInfo,
  type WechatPaySandboxOptions,
} from './sandbox.ts'
export type { StockSpec } from './stocks.ts'
