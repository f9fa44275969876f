import type { OperationsWords } from './operations-en.ts'

/** 运维用语，简体中文。 */

export const operationsZhCN: OperationsWords = {
  look: {
    title: '有一张优惠券需要核查',
    text: '无法确定微信支付是否已发放这张优惠券，应用也无法自行查明。该笔发放会保持未完结状态，不会重复发放。请运行 /withdraw-coupon stuck 处理。',
    grant: (openid, requester) => `用户 ${openid}，申请人 ${requester}`,
    settlementTitle: '需要另一人确认',
    settlementText:
      '一位运维人员已查明这张优惠券的结果，须由另一位运维人员或审批人确认：请运行 /withdraw-coupon stuck。',
  },
}
