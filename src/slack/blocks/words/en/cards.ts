import type { LimitKind } from '../../../../domain/limit.ts'
import type { ApprovalReason } from '../../../../domain/policy.ts'
import { formatFenShort } from '../../../../domain/text.ts'
import type { Choice } from '../../../ids.ts'

/** The cards of a grant, for its requester and for approvers. */

const lately = (days: number) => (days === 1 ? 'today' : `in ${days} days`)
const reasons: {
  [Code in ApprovalReason['code']]: (reason: Extract<ApprovalReason, { code: Code }>) => string
} = {
  always: () => 'people decide every coupon',
  'no-rule': () => 'no automatic rule applies',
  'above-quota': ({ max }) => `above the automatic limit of ${formatFenShort(max)}`,
  'rule-used-up': ({ by, limit }) =>
    `automatic approvals for this ${by} are used up${limit.days === 1 ? ' today' : ` (${limit.days} days)`}`,
}
const ordinal = (count: number) => {
  const isTeen = count % 100 > 10 && count % 100 < 14
  return `${count}${(isTeen ? undefined : ['th', 'st', 'nd', 'rd'][count % 10]) ?? 'th'}`
}
/** The title says what waits; this sentence begins with the reason. */
const sentence = (why: string) => why.charAt(0).toUpperCase() + why.slice(1)
const asking = (isUnanswered: boolean) =>
  isUnanswered ? 'WeChat Pay isn’t answering.' : 'WeChat Pay hasn’t confirmed this coupon yet.'

export const cards = {
  card: {
    pendingText: (channel: string | null, until: string | null) =>
      `Waiting for approval${channel ? ` in ${channel}` : ''}. ${until ? `Expires ${until} if nobody decides. ` : ''}Nothing is issued until it is approved.`,
    notAskedText: (channel: string, operatorsTold: boolean, until: string | null) =>
      `Nobody has been asked yet: Slack doesn’t accept messages from this app in ${channel}. ${operatorsTold ? 'Operators were told.' : 'Please tell an operator.'} The request is posted as soon as Slack accepts it${until ? `, and expires ${until} if nobody decides` : ''}. Until then, an approver can decide it with \`/withdraw-coupon pending\`. Nothing is issued until it is approved.`,
    stockLeft: (until: string | null) =>
      `This coupon was taken out of the policy. The request can’t be approved until the coupon is back.${until ? ` It expires ${until} if nobody decides.` : ''}`,
    replaces:
      'This message replaces an earlier one that can no longer be changed. Only this one shows the current state.',
    shortened:
      'Slack did not accept the full message, so this is a short version. `/withdraw-coupon mine` and `/withdraw-coupon pending` show more; the log tells operators why.',
    approvedText: 'Approved. Issuing now…',
    /** @param until when it is cancelled instead; null: never */
    holdText: (why: string, until: string | null) =>
      until === null
        ? `${sentence(why)} You don’t need to do anything: the coupon is issued as soon as this is fixed.`
        : `${sentence(why)} The coupon is issued as soon as this is fixed. If it isn’t fixed by ${until}, the request is cancelled and the requester is told.`,
    issuingText: 'Issuing now…',
    checkingText: (isUnanswered: boolean) =>
      `${asking(isUnanswered)} The app keeps trying and never issues the coupon twice. Please don’t give another one meanwhile.`,
    needsLookText:
      'It isn’t clear whether WeChat Pay issued this coupon. An operator must check. Please don’t give another one meanwhile.',
    needsLookBefore: 'An operator must check this before it is issued. Nothing has been issued so far.',
    waits: (why: string) => `Waiting at the moment: ${why}`,
    expires: (when: string) => `expires ${when}`,
    noExpiry: 'WeChat Pay gave no expiry date',
    passOnLabel: 'To pass on to the user:',
    passOnIn: { en: 'In English:', 'zh-CN': 'In Chinese:' },
    passOnNoExpiry: 'the date shown in WeChat Pay',
    passOn: (quota: string, until: string | null) =>
      `We’ve added a fee-free withdrawal coupon to your WeChat Pay: ${until ? `until ${until}, you can` : 'you can'} withdraw up to ${quota} to your bank card without a fee. Sorry for the inconvenience.`,
    refusedText: (why: string, next: string) => `WeChat Pay refused: ${why} Nothing was issued.\n${next}`,
    nothingGiven: 'Nothing was issued.',
    reason: (name: string) => `Reason: ${name}`,
    byRule: (rule: string) => `approved automatically (${rule})`,
    giveAnother: 'Give another',
    askAgain: 'Ask again',
    change: 'Change…',
    repeated: 'This form was submitted before. Below is what was recorded then; nothing new was recorded.',
    wechatSays: (code: string, message: string) => `WeChat Pay: ${code} ${message}`,
  },

  /** What an approver needs to decide. */
  facts: {
    first: (days: number) => `✓ First coupon ${lately(days)}`,
    nth: (nth: number, days: number, others: string) => `*${ordinal(nth)} coupon ${lately(days)}*: ${others}`,
    one: (who: string, amount: string, when: string, reason: string) =>
      `${who} ${amount}, ${when} (${reason})`,
    more: (count: number) => `${count} more`,
    underWay: (count: number, which: string) =>
      `*${count === 1 ? 'Another one is' : `${count} others are`} under way*: ${which}`,
    ticketUsers: (count: number) =>
      `*Same ticket used for ${count === 1 ? 'another user' : `${count} other users`}* in the last 30 days`,
    limit: (kind: LimitKind, measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `*${{ user: 'User', requester: 'Requester', stock: 'This coupon' }[kind]}, with this one*\n${measure === 'count' ? `${used} of ${max}` : `${formatFenShort(used)} of ${formatFenShort(max)}`} ${lately(days)}${used > max ? ' ⚠ over the limit' : ''}`,
    cost: (amount: string) => `*Cost*\n${amount}`,
  },

  /** Why WeChat Pay refused, and the next step, by its code. */
  refusedBy: {
    RULE_LIMIT: {
      why: 'this user has reached the limit of this coupon.',
      next: 'Choose another coupon, or ask whoever runs the stock to raise its limit.',
    },
    USER_ACCOUNT_ABNORMAL: {
      why: 'there is a problem with this user’s WeChat Pay account.',
      next: 'The user can see why in WeChat Pay, or ask WeChat Pay’s support.',
    },
    NOT_ENOUGH: {
      why: 'the stock’s budget is used up.',
      next: 'Choose another coupon, or ask whoever runs the stock to add to it.',
    },
    REQUEST_BLOCKED: {
      why: 'the stock has not started or is over.',
      next: 'Choose another coupon, or ask whoever runs the stock.',
    },
    USER_AL_GET_COUPON: {
      why: 'this user already has this coupon.',
      next: 'Look up what the user holds before you give another.',
    },
    RESOURCE_NOT_EXISTS: {
      why: 'it does not know this stock.',
      next: 'An operator must check the stock’s id in the policy.',
    },
    USER_NOT_EXISTS: {
      why: 'it does not know this user.',
      next: 'Check that the openid belongs to your WeChat appid and was copied whole.',
    },
    PARAM_ERROR: {
      why: 'it does not accept one of the values.',
      next: 'Check the openid; if it is right, tell an operator.',
    },
    INVALID_REQUEST: {
      why: 'it does not accept the request.',
      next: 'Check the openid; if it is right, tell an operator.',
    },
  },

  refusedOther: { why: 'it gave a reason that this app does not know.', next: 'Please tell an operator.' },

  /** Why issuing waits, by the hold's reason, for the person who asked. */
  holdBy: {
    SIGN_ERROR: 'WeChat Pay doesn’t accept this app’s credentials. Operators must correct the set-up.',
    NO_AUTH: 'the merchant isn’t allowed to give this coupon. Operators must sort it out.',
    APPID_MCHID_NOT_MATCH: 'this coupon’s set-up is wrong. Operators must correct it.',
    MCH_NOT_EXISTS: 'this coupon’s set-up is wrong. Operators must correct it.',
    PARAM_ERROR: 'this coupon’s set-up is wrong. Operators must correct it.',
    'untrusted-answers': 'WeChat Pay’s answers can’t be verified at the moment.',
    NOT_ENOUGH: 'this coupon’s budget is used up. Operators must add to it.',
    REQUEST_BLOCKED:
      'WeChat Pay doesn’t give this coupon now: it has not started or is over. Operators must sort it out.',
    RESOURCE_NOT_EXISTS: 'WeChat Pay doesn’t know this coupon. Operators must correct the set-up.',
    'no-connection': 'WeChat Pay can’t be reached at the moment.',
    'no-answer': 'WeChat Pay isn’t answering at the moment.',
    'same-user': 'the outcome of another coupon for this user must be known first.',
    paused: 'issuing is paused.',
    restored: 'issuing is paused because the records were restored from a backup.',
    other: 'there is a fault. Operators must look into it.',
  },

  paused: {
    /** @param until when it is cancelled instead; null: never */
    approved: (why: string, until: string | null) =>
      until === null
        ? `${sentence(why)} You don’t need to do anything: the coupon is issued once an operator resumes.`
        : `${sentence(why)} The coupon is issued once an operator resumes. If nobody has by ${until}, the request is cancelled and the requester is told.`,
    issuing: (why: string) =>
      `Sent to WeChat Pay before this: ${why} If no answer comes, the app asks again once an operator resumes, and never issues the coupon twice.`,
    checking: (isUnanswered: boolean, why: string) =>
      `${asking(isUnanswered)} The app isn’t asking again at the moment: ${why} It goes on once an operator resumes, and never issues the coupon twice. Please don’t give another one meanwhile.`,
    /** For a hold by a fault, not by an operator. */
    checkingHeld: (isUnanswered: boolean, why: string) =>
      `${asking(isUnanswered)} The app isn’t asking again at the moment: ${why} It goes on once this is fixed, and never issues the coupon twice. Please don’t give another one meanwhile.`,
  },

  /** On cards: what people have settled, and what waits because of a pause. */
  settled: {
    title: 'Not issued',
    text: 'Not issued: two people have checked. Nothing was given.',
    next: 'If the user should still get the coupon, ask again.',
  },

  approval: {
    title: {
      pending: 'Waiting for approval',
      notAsked: 'Nobody asked yet',
      counted: (have: number, needed: number) => `${have} of ${needed} approvals`,
      approved: 'Approved, being issued',
      held: 'Approved, waiting',
      issuing: 'Approved, being issued',
      checking: 'Being checked',
      needsLook: 'Needs a look',
      issued: 'Issued',
      refused: 'Refused by WeChat Pay',
      rejected: 'Rejected',
      cancelled: 'Cancelled',
      expired: 'Expired',
    },
    askedBy: (who: string) => `asked by ${who}`,
    reason: 'Reason',
    ticket: 'Ticket',
    needs: (needed: number, have: number, who: string | null) => {
      const left = needed - have
      const count = have > 0 ? `${left} more` : String(left)
      return `Needs ${count} ${left === 1 ? 'approval' : 'approvals'}${who ? ` of ${who}` : ''}`
    },
    why: (reason: ApprovalReason) => (reasons[reason.code] as (reason: ApprovalReason) => string)(reason),
    /** @param above the amount above which this many must agree; null: the policy asks for them at any amount */
    whySeveral: (needed: number, above: string | null) =>
      above === null ? `the policy asks for ${needed} approvals` : `${needed} approvals above ${above}`,
    until: (when: string) => `until ${when}`,
    approvedBy: (who: string, when: string) => `approved by ${who}, ${when}`,
    lapsedApproval: (who: string) => `${who} is no longer an approver: their approval no longer counts`,
    ownApproval: (who: string, when: string) => `approved by ${who}, who asked for it, ${when}`,
    rejectedBy: (who: string, when: string) => `Rejected by ${who}, ${when}.`,
    cancelledBy: (who: string, when: string) => `Cancelled by ${who}, ${when}.`,
    cancelledByPolicy: {
      'stock-left-policy': 'Cancelled: this coupon was taken out of the policy before it was issued.',
      'too-late': 'Cancelled: it could not be issued within the policy’s time.',
      changed: 'Cancelled: its requester corrected it, and a new request takes its place.',
      other: 'Cancelled by the policy.',
    },
    next: {
      decided: 'If the user should still get the coupon, ask again and explain why in the note.',
      expired: 'If the user should still get the coupon, ask again and let an approver know.',
      cancelledOwn: 'You can ask again at any time.',
      cancelledByPolicy: {
        'stock-left-policy': 'Ask for another coupon, or ask an operator why this one is no longer offered.',
        'too-late':
          'If the user should still get the coupon, ask again. An operator can tell why it could not be issued.',
        changed: 'The new request has a message of its own.',
        other: 'If the user should still get the coupon, ask again.',
      },
    },
    expiredAt: (when: string) => `Nobody decided in time: expired ${when}.`,
    issuingNow: 'Issuing the coupon now…',
    issuedAt: (when: string) => `issued ${when}`,
    approve: 'Approve',
    reject: 'Reject…',
    cancel: 'Cancel…',
    cancelOwn: 'Cancel',
    history: 'History',
    confirmTitle: 'Approve?',
    /** For the click that issues the coupon. */
    confirmGives: (amount: string, user: string) =>
      `Issue ${amount} of fee-free withdrawal to ${user}? This can’t be undone.`,
    /** For a click after which more approvals are needed. */
    confirmCounts: (number: number, needed: number) =>
      `Your approval is ${number} of ${needed}. Nothing is issued until ${needed - number === 1 ? 'one more person approves' : `${needed - number} more people approve`}.`,
    confirmYes: 'Approve',
    confirmNo: 'Not yet',
    cancelTitle: 'Cancel this request?',
    cancelText: 'No coupon is issued. You can ask again.',
    cancelYes: 'Cancel it',
    cancelNo: 'Keep it',
    rejectTitle: 'Reject',
    cancelModalTitle: 'Cancel the coupon',
    whyLabel: 'Why?',
    whyHint: 'The requester and the approvers read this as you write it.',
    canned: 'Reason',
    cannedOther: 'Another reason',
    cannedNote: 'In your own words',
    rejectSubmit: 'Reject',
    cancelSubmit: 'Cancel coupon',
    about: (who: string, name: string, user: string) => `${who} asked for “${name}” for ${user}.`,
    reminder: (who: string, count: number, when: string) =>
      `${who}: this still needs ${count === 1 ? '1 approval' : `${count} approvals`}, until ${when}.`,
    approvers: 'Approvers',
  },

  /** The menu of rarely needed actions. */
  more: {
    openid: 'Show openid',
    history: 'History',
    ids: 'Ids',
    lookup: 'Look up this user',
  } satisfies Record<Choice, string>,

  /** Ids, named as WeChat Pay's documents and support name them. */
  ids: {
    title: 'Ids to copy',
    grant: 'Request (this app)',
    noCoupon: 'There is no coupon_id yet.',
  },

  atCommandLine: (name: string) => `${name} at the command line`,
}
export type CardWords = typeof cards

/** Messages that tell requesters how their requests ended, and that remind approvers. */

export const outcomes = {
  outcome: {
    issuedAfterAll: 'Issued after all',
    afterAll: 'This request had ended without a coupon. WeChat Pay has now confirmed that it issued one.',
    rejectedBy: (who: string) => `Rejected by ${who}`,
    cancelledBy: (who: string) => `Cancelled by ${who}`,
    details: 'Details',
    /** Several at once, as after quiet hours. */
    together: (count: number) => `${count} of your requests have ended`,
    more: (count: number) => `…and ${count} more: \`/withdraw-coupon mine\` lists all of them.`,
  },

  /** About several requests at once. */
  reminders: {
    title: (who: string, count: number) => `${who}: ${count} requests still wait for approval`,
    /** @param what the amount and user, as a link to the card @param until when it expires */
    line: (what: string, have: number, needed: number, until: string | null) =>
      `${what}${have > 0 ? ` · ${have} of ${needed} approvals` : ''}${until ? ` · until ${until}` : ''}`,
    more: (count: number) => `…and ${count} more: \`/withdraw-coupon pending\` lists what you can decide.`,
  },
}
export type OutcomeWords = typeof outcomes
