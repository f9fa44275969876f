/** Finding a user by an order, a complaint, or a number that the merchant's own look-up takes. */

export const find = {
  find: {
    kinds: { order: 'WeChat Pay order', 'merchant-order': 'Merchant order', complaint: 'Complaint' },
    /** Where to copy the number from. */
    kindHints: {
      order: '交易单号 on the WeChat bill: 28 digits, beginning with 42',
      'merchant-order': '商户单号 on the WeChat bill: your own order number',
      complaint: '投诉单号 in the merchant platform: 20 to 32 digits, beginning with 200',
    },
    title: 'Find a user',
    button: 'Find the user…',
    pressFind: 'This isn’t an openid, but users can be found by it: press “Find the user…” below.',
    submit: 'Find',
    kind: 'Find by',
    number: 'Number',
    numberHint: 'The app neither keeps nor logs it. Look-ups are counted.',
    loading: 'Looking…',
    use: 'Use this user',
    next: 'What next?',
    goOn: 'Continue',
    give: 'Give a coupon',
    lookUp: 'Look up',
    lookUpNext: 'Look up coupons',
    records: 'Records',
    recordsNext: 'What was given here',
    back: 'Back',
    choose: 'Which user?',
    /** @param number of users */
    found: (number: number, by: string) => (number === 1 ? `Found by ${by}` : `${number} users by ${by}`),
    foundNone: (by: string) => `No user found by ${by}`,
    confirm: 'Compare amount and time with what the user tells you: somebody else may have paid.',
    several: 'Several users fit. Choose the right one.',
    more: 'There are more users than shown. Ask for something more exact.',
    /** @param amount null: unknown */
    paid: (amount: string | null, when: string | null) =>
      ['*Paid', ...(amount ? [` ${amount}`] : []), '*', ...(when ? [` · ${when}`] : [])].join(''),
    refunded: '⚠ Refunded',
    /** How the user of a grant was found. */
    foundBy: (how: string) => `User: ${how}`,
    openid: (short: string) => `openid ${short}`,
    by: {
      order: (number: string) => `who paid order ${number}`,
      'merchant-order': (number: string) => `who paid merchant order ${number}`,
      complaint: (number: string) => `who paid the order of complaint ${number}`,
      other: (kind: string, number: string) => `found by ${kind} ${number}`,
    },
    none: 'Nothing here finds users by other numbers. Operators can set this up under `customers` in the policy.',
    missing: (kinds: string) =>
      `Whom? Write the number after it, for example \`/withdraw-coupon find 4200…\`. Users are found here by: ${kinds}.`,
    which: 'This number may be of several kinds. Which is it?',
    unknown: (kinds: string) =>
      `This doesn’t look like any number that users can be found by here. Users are found by: ${kinds}.`,
    numberMissing: (kinds: string) => `Write the number after “${kinds}”.`,
    /** @param hint the form of such a number; null: unknown */
    malformed: (kind: string, hint: string | null) =>
      `This can’t be a number of the kind “${kind}”${hint === null ? '' : ` (${hint})`}. Check it and try again.`,
    noAnswer: {
      nothing: (kind: string, mchid: string | null) =>
        mchid === null
          ? `There is no user with this ${kind}. Check the number.`
          : `WeChat Pay knows no such ${kind} of merchant ${mchid}. Check the number; another merchant’s orders can’t be looked up here.`,
      unpaid: (state: string) => `This order is not paid (${state}), so nobody can be found by it.`,
      states: {
        NOTPAY: 'waiting for payment',
        CLOSED: 'closed',
        REVOKED: 'revoked',
        USERPAYING: 'being paid',
        PAYERROR: 'payment failed',
      },
      otherAppid: (appid: string) =>
        `It belongs to another appid (${appid}) than the coupons here. Its openid can’t be used for them.`,
      otherMerchant: (mchid: string) => `It is an order of another merchant (${mchid}).`,
      noPayer: 'WeChat Pay does not say who paid this order.',
      noOrder: 'This complaint names no order, so nobody can be found by it. Use the order number instead.',
      wechatpay: {
        NO_ANSWER: 'WeChat Pay did not answer in time. Please try again in a minute.',
        BUSY: 'WeChat Pay accepts no more calls just now. Please try again in a minute.',
        UNTRUSTED_ANSWER: 'The answer could not be verified as WeChat Pay’s. Please tell an operator.',
        UNEXPECTED_ANSWER: 'WeChat Pay’s answer could not be understood. Please tell an operator.',
        SETUP: 'Something in this app’s set-up is wrong. Please tell an operator.',
        NO_AUTH: 'WeChat Pay does not let this merchant look this up. Please tell an operator.',
        PARAM_ERROR: 'WeChat Pay does not take this number. Check it.',
      },
      wechatpayOther: (code: string) => `WeChat Pay says ${code}. Please tell an operator.`,
      endpoint: {
        slow: 'The look-up of users did not answer within 2 seconds. Please try again.',
        down: 'The look-up of users is down. Please try again in a minute; if it still fails, tell an operator.',
        unsigned:
          'The answer of the look-up of users is not signed as it should be, so it was not used. Please tell an operator.',
        stale:
          'The answer of the look-up of users was signed too long ago, so it was not used. Please tell an operator: its clock may be wrong.',
        redirect:
          'The look-up of users leads to another address, which the app doesn’t follow. Please tell an operator.',
        'too-large':
          'The answer of the look-up of users is too large, so it was not used. Please tell an operator.',
        odd: 'The answer of the look-up of users could not be understood, so it was not used. Please tell an operator.',
      },
    },
    tooLate: 'The form is closed, so the user could not be filled in. Please open it again.',
    privacy: 'Only you can see this. Look-ups are counted; the number is neither kept nor logged.',
  },
}
export type FindWords = typeof find
