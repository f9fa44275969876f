export { type AllCouponsInput, allCoupons } from './all-coupons.ts'
export type { CallControl, Endpoint, WechatPay } from './chained-calls.ts'
export { createWechatPay } from './client.ts'
export {
  InvalidCallError,
  NoAnswerError,
  type NoAnswerReason,
  type OptionFault,
  RefusedError,
  SetupError,
  UnexpectedAnswerError,
  UntrustedAnswerError,
  type UntrustedReason,
  WechatPayError,
} from './errors.ts'
export { type KeyFault, readMerchantKey } from './keys.ts'
export type { Timeouts, WechatPayLogger, WechatPayOptions } from './options.ts'
export type {
  Complaint,
  Coupon,
  CouponPage,
  IssuedCoupon,
  ListQuery,
  PartnerTransaction,
  SendCouponBody,
  Transaction,
} from './routes.ts'
export { parseTime } from './times.ts'
