/** English words about operating: pauses, and grants that need people; `OperationsWords` is their type. */

export const operationsEn = {
  look: {
    title: 'A coupon needs a look',
    text: 'Whether WeChat Pay gave this coupon is not known, and the app cannot find out by itself. It is kept open, and nothing is given twice. Run /withdraw-coupon stuck to settle it.',
    grant: (openid: string, requester: string) => `For ${openid}, asked for by ${requester}`,
    settlementTitle: 'A second person is needed',
    settlementText:
      'An operator has found out how this coupon ended. Another operator or an approver must confirm it: run /withdraw-coupon stuck.',
  },
}
export type OperationsWords = typeof operationsEn
