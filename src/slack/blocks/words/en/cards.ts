import type { LimitKind } from '../../../../domain/limit.ts'
import type { ApprovalReason } from '../../../../domain/policy.ts'
import { formatFen } from '../../../../domain/text.ts'
import type { Choice } from '../../../ids.ts'

/** The cards of a grant, for its requester and for approvers. */

const days = (count: number) => (count === 1 ? 'today' : `in the last ${count} days`)
const reasons: {
  [Code in ApprovalReason['code']]: (reason: Extract<ApprovalReason, { code: Code }>) => string
} = {
  always: () => 'every coupon is decided by people',
  'no-rule': () => 'no rule of the policy approves this by itself',
  'above-quota': ({ max }) => `above ${formatFen(max)}, the most that the policy approves by itself`,
  'rule-used-up': ({ rule, by, limit }) =>
    `what the rule “${rule}” allows ${by === 'requester' ? 'one requester' : 'one user'} ${days(limit.days)} is used up`,
}

export const cards = {
  card: {
    recordedTitle: 'Recorded',
    pending: (user: string) => `Waiting for approval: coupon to ${user}`,
    notAsked: (user: string) => `Not asked yet: coupon to ${user}`,
    approved: (user: string) => `Approved, not issued yet: coupon to ${user}`,
    issuing: (user: string) => `Being issued: coupon to ${user}`,
    checking: (user: string) => `Being checked: coupon to ${user}`,
    needsLook: (user: string) => `Needs a look: coupon to ${user}`,
    issued: (user: string) => `Coupon issued to ${user}`,
    refused: (user: string) => `Refused by WeChat Pay: coupon to ${user}`,
    rejected: (user: string) => `Rejected: coupon to ${user}`,
    cancelled: (user: string) => `Cancelled: coupon to ${user}`,
    expired: (user: string) => `Not approved in time: coupon to ${user}`,
    quota: (name: string, quota: string) => `${name} · up to ${quota} free of withdrawal fee`,
    pendingText: (channel: string | null, until: string | null) =>
      `It waits for approval${channel ? ` from ${channel}` : ''}${until ? `, until ${until} at the latest` : ''}. Nothing is issued before it is approved.`,
    notAskedText: (channel: string, operatorsTold: boolean, until: string | null) =>
      `It could not be posted to ${channel}: Slack takes no messages of this app there, so nobody has been asked yet. ${operatorsTold ? 'The operators were told.' : 'Please tell an operator.'} It is posted as soon as Slack takes it${until ? `, until ${until} at the latest` : ''}; meanwhile an approver can decide it by \`/withdraw-coupon pending\`. Nothing is issued before it is approved.`,
    replaces:
      'This message replaces an earlier one that can no longer be changed. Only this one shows the current state.',
    shortened:
      'Slack did not accept the full message, so this is a short version. `/withdraw-coupon mine` and `/withdraw-coupon pending` show more; the log tells operators why.',
    approvedText: 'Recorded and approved. Issuing now…',
    /** @param until when it is cancelled instead; null: never */
    holdText: (why: string, until: string | null) =>
      until === null
        ? `Approved, waiting: ${why} Nothing is lost and you need not do anything: it is issued as soon as that is settled.`
        : `Approved, waiting: ${why} It is issued as soon as that is settled. If it is not by ${until}, it is cancelled and you are told.`,
    issuingText: 'Recorded. Issuing now…',
    checkingText: (isUnanswered: boolean) =>
      `${isUnanswered ? 'WeChat Pay does not answer.' : 'WeChat Pay has not confirmed this coupon yet.'} We keep trying; the coupon will not be given twice. Please do not give another one meanwhile.`,
    needsLookText:
      'It is not clear whether WeChat Pay issued this coupon. An operator must check. Please do not give another one meanwhile.',
    needsLookBefore: 'An operator must look at this before it is issued. Nothing has been issued so far.',
    waits: (why: string) => `At the moment it waits: ${why}`,
    expires: (when: string) => `Expires ${when}`,
    noExpiry: 'WeChat Pay did not tell when it expires.',
    passOnLabel: 'To pass on to the user:',
    passOn: (quota: string, until: string | null) =>
      `We have added a fee-free withdrawal coupon to your WeChat Pay. You can withdraw up to ${quota} to your bank card without a fee${until ? ` until ${until}` : ''}.`,
    refusedText: (why: string, next: string) => `WeChat Pay refused: ${why} Nothing was given.\n${next}`,
    nothingGiven: 'Nothing was given.',
    reason: (name: string) => `Reason: ${name}`,
    byRule: (rule: string) => `Approved by the policy (${rule})`,
    ticket: 'Ticket: ',
    lookUp: 'Look up this user',
    giveAnother: 'Give another',
    askAgain: 'Ask again',
    repeated:
      'This form had been submitted before: what was recorded then is shown, and nothing new was recorded.',
    wechatSays: (code: string, message: string) => `WeChat Pay: ${code} ${message}`,
    requestId: (id: string) => `Request-ID: ${id}`,
  },

  /** Why WeChat Pay refused, and the next step, by its code. */
  refusedBy: {
    RULE_LIMIT: {
      why: 'this user has reached the limit of this coupon.',
      next: 'Choose another coupon, or ask those who run the stock to raise its limit.',
    },
    USER_ACCOUNT_ABNORMAL: {
      why: 'this user’s WeChat Pay account is not in order.',
      next: 'The user can see why in WeChat Pay, or ask WeChat Pay’s support.',
    },
    NOT_ENOUGH: {
      why: 'the stock’s budget is used up.',
      next: 'Choose another coupon, or ask those who run the stock to add to it.',
    },
    REQUEST_BLOCKED: {
      why: 'the stock has not started or is over.',
      next: 'Choose another coupon, or ask those who run the stock.',
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
    SIGN_ERROR: 'WeChat Pay does not take our calls. Operators must correct the set-up.',
    NO_AUTH: 'the merchant may not give this coupon. Operators must see to it.',
    APPID_MCHID_NOT_MATCH: 'the set-up of this coupon does not fit. Operators must correct it.',
    MCH_NOT_EXISTS: 'the set-up of this coupon does not fit. Operators must correct it.',
    PARAM_ERROR: 'the set-up of this coupon does not fit. Operators must correct it.',
    'untrusted-answers': 'answers of WeChat Pay cannot be verified at the moment.',
    NOT_ENOUGH: 'the budget of this coupon is used up. Operators must add to it.',
    REQUEST_BLOCKED:
      'WeChat Pay does not give this coupon now, as it has not started or is over. Operators must see to it.',
    RESOURCE_NOT_EXISTS: 'WeChat Pay does not know this coupon. Operators must correct the set-up.',
    'no-connection': 'WeChat Pay cannot be reached at the moment.',
    'no-answer': 'WeChat Pay does not answer at the moment.',
    'same-user': 'it must first be known what became of another coupon for this user.',
    paused: 'issuing is paused.',
    restored: 'issuing is paused, as the records were restored from a backup.',
    other: 'there is a fault that operators must look into.',
  },

  paused: {
    /** @param until when it is cancelled instead; null: never */
    approved: (why: string, until: string | null) =>
      until === null
        ? `Approved, waiting: ${why} Nothing is lost and you need not do anything: it is issued once an operator resumes.`
        : `Approved, waiting: ${why} It is issued once an operator resumes. If nobody has by ${until}, it is cancelled and you are told.`,
    issuing: (why: string) =>
      `It was sent to WeChat Pay before this: ${why} If no answer comes, it is asked for again once an operator resumes; the coupon will not be given twice.`,
    checking: (isUnanswered: boolean, why: string) =>
      `${isUnanswered ? 'WeChat Pay does not answer.' : 'WeChat Pay has not confirmed this coupon yet.'} It is not asked for again at the moment: ${why} It goes on once an operator resumes; the coupon will not be given twice. Please do not give another one meanwhile.`,
    /** While a fault, and not an operator, makes it wait. */
    checkingHeld: (isUnanswered: boolean, why: string) =>
      `${isUnanswered ? 'WeChat Pay does not answer.' : 'WeChat Pay has not confirmed this coupon yet.'} It is not asked for again at the moment: ${why} It goes on once that is settled; the coupon will not be given twice. Please do not give another one meanwhile.`,
  },

  /** On cards: what people have settled, and what a pause makes wait. */
  settled: {
    title: 'Not issued',
    notIssued: (user: string) => `Not issued: coupon to ${user}`,
    text: 'It was not issued: two people have looked into it. Nothing was given.',
    next: 'If the coupon is still wanted, ask again.',
  },

  approval: {
    title: {
      pending: 'Waiting for approval',
      notAsked: 'Not asked yet',
      counted: (have: number, needed: number) => `${have} of ${needed} approvals`,
      approved: 'Approved, not issued yet',
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
    asks: (who: string, user: string) => `${who} asks for a coupon for ${user}`,
    asked: (who: string, user: string) => `${who} asked for a coupon for ${user}`,
    headline: (state: string, asks: string) => `${state}: ${asks}`,
    coupon: 'Coupon',
    couponText: (name: string, quota: string, cost: string | null) =>
      `${name} (quota ${quota}${cost ? `, cost ${cost}` : ''})`,
    reason: 'Reason',
    ticket: 'Ticket',
    note: (text: string) => `Note: ${text}`,
    given: (count: number, inDays: number, by: string) =>
      `This user: ${count === 0 ? 'no other coupon' : count === 1 ? '1 other coupon' : `${count} other coupons`} ${days(inDays)}${by ? ` (${by})` : ''}.`,
    givenBy: (who: string, when: string) => `${who}, ${when}`,
    underWay: (count: number) => (count === 0 ? 'Nothing else under way.' : `${count} more under way.`),
    limit: (kind: LimitKind, measure: 'count' | 'quota', used: number, max: number, inDays: number) =>
      `${{ user: 'user', requester: 'requester', stock: 'coupon' }[kind]} ${measure === 'count' ? `${used} of ${max}` : `${formatFen(used)} of ${formatFen(max)}`} ${days(inDays)}`,
    limits: (list: string) => `Limits with this one: ${list}`,
    needs: (count: number, who: string | null, why: string | null) =>
      `Needs ${count === 1 ? '1 approval' : `${count} approvals`}${who ? ` of ${who}` : ''}${why ? `: ${why}` : ''}.`,
    why: (reason: ApprovalReason) => (reasons[reason.code] as (reason: ApprovalReason) => string)(reason),
    until: (when: string) => `Until ${when}.`,
    approvedBy: (who: string, when: string) => `Approved by ${who}, ${when}`,
    lapsedApproval: (who: string) => `${who} is no longer an approver, so their approval no longer counts`,
    ownApproval: (who: string, when: string) => `Approved by ${who}, who had asked for it, ${when}`,
    rejectedBy: (who: string, when: string) => `Rejected by ${who}, ${when}.`,
    cancelledBy: (who: string, when: string) => `Cancelled by ${who}, ${when}.`,
    cancelledByPolicy: {
      'stock-left-policy': 'Cancelled: this coupon was taken out of the policy before it was issued.',
      'too-late': 'Cancelled: it could not be issued in the time that the policy gives.',
      other: 'Cancelled by the policy.',
    },
    next: {
      decided:
        'If the coupon is still the right answer for this user, ask again and say in the note what speaks for it.',
      expired: 'If the coupon is still wanted, ask again, and let an approver know.',
      cancelledOwn: 'You can ask again at any time.',
      cancelledByPolicy: {
        'stock-left-policy': 'Ask for another coupon, or ask an operator why this one is no longer offered.',
        'too-late':
          'If the coupon is still wanted, ask again; an operator can tell why it could not be issued.',
        other: 'If the coupon is still wanted, ask again.',
      },
    },
    expiredAt: (when: string) => `Not decided in time: it expired ${when}.`,
    issuingNow: 'The coupon is being issued now…',
    issuedAt: (when: string) => `Issued ${when}`,
    approve: 'Approve',
    reject: 'Reject…',
    cancel: 'Cancel…',
    cancelOwn: 'Cancel',
    showOpenid: 'Show openid',
    history: 'History',
    confirmTitle: 'Approve?',
    confirmText: (quota: string, user: string) =>
      `Give ${quota} fee-free withdrawal to ${user}? It cannot be taken back.`,
    confirmYes: 'Approve',
    confirmNo: 'Not yet',
    cancelTitle: 'Cancel this request?',
    cancelText: 'No coupon is given then. You can ask again.',
    cancelYes: 'Cancel it',
    cancelNo: 'Keep it',
    rejectTitle: 'Reject',
    cancelModalTitle: 'Cancel the coupon',
    whyLabel: 'Why?',
    whyHint: 'The requester and the approvers read this as you write it.',
    rejectSubmit: 'Reject',
    cancelSubmit: 'Cancel coupon',
    about: (who: string, name: string, user: string) => `${who} asked for “${name}” for ${user}.`,
    reminder: (who: string, count: number, when: string) =>
      `${who}: this still needs ${count === 1 ? '1 approval' : `${count} approvals`}, until ${when}.`,
    approvers: 'Approvers',
  },

  /** The menu of what is rarely needed. */
  more: {
    openid: 'Show openid',
    history: 'History',
    ids: 'Ids',
    lookup: 'Look up this user',
  } satisfies Record<Choice, string>,

  /** Ids as WeChat Pay's documents and its support name them. */
  ids: {
    title: 'Ids to copy',
    grant: 'Request (this app)',
    noCoupon: 'There is no coupon_id yet.',
  },

  atCommandLine: (name: string) => `${name} at the command line`,
}
export type CardWords = typeof cards
