import type { LimitKind } from '../../domain/limit.ts'
import { formatFen } from '../../domain/money.ts'
import type { ApprovalReason } from '../../domain/policy.ts'

/** English words about deciding, for approvers and for those who wait; `ApprovalWords` is their type. */

const people = (count: number) => (count === 1 ? '1 person' : `${count} people`)
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

export const approvalsEn = {
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

  decided: {
    approved: 'You approved it. The coupon is being issued; the card shows how it ends.',
    approvedHeld:
      'You approved it. Issuing waits at the moment: the card shows why, and how it ends. You need not press anything again.',
    counted: (have: number, needed: number) =>
      `Your approval counts: ${have} of ${needed}. The coupon is issued once ${people(needed - have)} more ${needed - have === 1 ? 'approves' : 'approve'}.`,
    lapsed: (who: string) => `Not counted any more, as no longer an approver: ${who}.`,
    repeated: (have: number, needed: number) =>
      `You have approved this before: ${have} of ${needed}. Nothing new was recorded.`,
    rejected: 'You rejected it. The requester is told your reason. Nothing is given.',
    cancelled: 'Cancelled. Nothing is given.',
    already: 'Nothing was changed: this no longer waits for a decision.',
    alreadyNoCancel: 'Nothing was changed: this can no longer be cancelled.',
    late: 'Slack did not open the window in time. Please press it again.',
    busy: 'The records could not be written just now, so nothing was changed. Please press it again in a minute; if it stays so, tell an operator.',
    notSure:
      'It is not sure whether this was recorded. The card shows what is so; please look at it in a minute before you press again.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it is not certain whether your click was recorded. The card shows what is so; please look at it before you press again. Number for the operators: \`${id}\`.`,
    openid: (openid: string) => `The user’s openid: \`${openid}\` (that you saw it is recorded)`,
  },

  found: {
    pendingTitle: 'Waiting for your decision',
    pendingNone: 'Nothing waits for your decision.',
    mineTitle: 'What you asked for',
    mineNone: 'You have not asked for any coupon yet.',
    historyTitle: (user: string) => `What ${user} was given here`,
    historyNone: 'Nobody has asked for a coupon for this user here.',
    missing: 'Whose records? Write the openid after it, for example `/withdraw-coupon history oUpF…`.',
    line: (state: string, name: string, user: string, who: string, when: string) =>
      `*${state}*  ${name} · to ${user} · asked by ${who}, ${when}`,
    reason: (name: string) => `Reason: ${name}`,
    page: (page: number) => `Page ${page}`,
  },

  trail: {
    title: 'History',
    none: 'Nothing is recorded yet.',
    line: (when: string, text: string) => `${when}  ${text}`,
    cut: (count: number) => `… ${count} earlier lines are left out`,
    actors: { app: 'the app', policy: 'the policy', wechatpay: 'WeChat Pay' },
    kinds: {
      requested: (who: string) => `asked for by ${who}`,
      'approved-by-rule': (_who: string, detail: string) => `approved by the policy’s rule “${detail}”`,
      approval: (who: string, detail: string) => `approved by ${who} (${detail})`,
      'approval-lapsed': (who: string) => `approval of ${who} no longer counts: no approver any more`,
      approve: (who: string, detail: string) => `approved by ${who} (${detail}): to be issued`,
      'approval-own': (who: string, detail: string) => `approved by ${who}, who had asked for it (${detail})`,
      'approve-own': (who: string, detail: string) =>
        `approved by ${who}, who had asked for it (${detail}): to be issued`,
      reject: (who: string, detail: string) => `rejected by ${who}: “${detail}”`,
      cancel: (who: string, detail: string) => `cancelled by ${who}${detail ? `: “${detail}”` : ''}`,
      expire: () => 'expired: nobody decided in time',
      attempt: (_who: string, detail: string) => `attempt ${detail} at WeChat Pay begun`,
      'attempt-lost': (_who: string, detail: string) =>
        `attempt ${detail} was cut off: its outcome is not known`,
      'outcome-unknown': (_who: string, detail: string) =>
        `outcome not known (${detail}): to be asked for again`,
      'outcome-unknown-last': (_who: string, detail: string) =>
        `outcome not known (${detail}): it is not asked for again, an operator must look`,
      release: (_who: string, detail: string) => `not carried out (${detail}): waits for another attempt`,
      issue: () => 'coupon issued by WeChat Pay',
      refuse: (_who: string, detail: string) => `refused by WeChat Pay${detail ? ` (${detail})` : ''}`,
      restored: () => 'restored from a backup: what became of it since is not known, an operator must look',
      'given-up': () => 'no outcome within a day: an operator must look',
      correct: () => 'WeChat Pay did give the coupon: issued after all',
      'coupon-after-end': () => 'WeChat Pay gave a coupon after the end: an operator must look',
      held: (_who: string, detail: string) => `issuing waits (${detail})`,
      resumed: () => 'issuing goes on',
      reminded: () => 'approvers reminded',
      'channel-closed': (_who: string, detail: string) =>
        `nobody could be asked: Slack takes no messages in the channel (${detail})`,
      'asked-elsewhere': () => 'approvers asked in the channel that the policy names now',
      'operators-told': () => 'operators told that nobody could be asked',
      'channel-open': () => 'Slack takes messages in the channel again',
      'openid-shown': (who: string) => `openid shown to ${who}`,
    },
    other: (kind: string) => kind,
    /** Of the app's own reasons and codes; others are told as they are. */
    reasons: {
      'stock-left-policy': 'the coupon was taken out of the policy',
      'too-late': 'it could not be issued in time',
      'same-user': 'another coupon of this user comes first',
      'untrusted-answers': 'answers of WeChat Pay cannot be verified',
      'no-answer': 'no answer',
      connect: 'no connection',
      'no-connection': 'no connection to WeChat Pay',
      untrusted: 'the answer cannot be verified',
      unexpected: 'the answer is not understood',
      lost: 'cut off',
      'held-up': 'this app was held up',
      paused: 'paused',
      restored: 'restored from a backup',
    },
  },

  channels: {
    closedTitle: 'Messages cannot be posted',
    closedText: (where: string) =>
      `Slack takes no messages of this app in ${where}. What belongs there is kept and posted once Slack takes it. Requests that wait for approval there are shown as not asked yet; approvers can decide them by \`/withdraw-coupon pending\`.`,
    directMessages: 'direct messages',
    says: (code: string) => `Slack: ${code}`,
    check: {
      not_in_channel: 'Invite the app to the channel again: `/invite` there.',
      channel_not_found:
        'The channel was deleted, or is private and the app is not in it. Invite the app, or name another channel in the policy.',
      is_archived: 'The channel is archived. Unarchive it, or name another channel in the policy.',
      restricted_action:
        'Only some people may post in the channel. Allow this app to post in the channel’s settings, or name another channel in the policy.',
      messages_tab_disabled:
        'The Messages tab of this app is switched off. Switch it on in the app’s settings at Slack, under App Home.',
      missing_scope: 'The app lacks a scope. Install it anew with the scopes of its manifest.',
      other: 'Ask an admin of this workspace what keeps this app from posting.',
    },
    openTitle: 'Messages can be posted again',
    openText: (where: string) =>
      `Slack takes messages of this app in ${where} again. What waited for it is being posted.`,
  },

  policyNews: {
    changedTitle: 'The policy has changed',
    changedText:
      'It is in force from now on. What was asked for before keeps its number of approvals and its times; who may decide it goes by the new policy.',
    added: (path: string, after: string) => `added ${path}: ${after}`,
    removed: (path: string, before: string) => `removed ${path}: ${before}`,
    changed: (path: string, before: string, after: string) => `${path}: ${before} → ${after}`,
    nothing: 'Only comments, order or spelling changed.',
    more: (count: number) => `… and ${count} more`,
    brokenTitle: 'The policy file cannot be used',
    brokenText:
      'The policy before it stays in force. Once these are corrected, the file is taken up by itself:',
    moreMistakes: (count: number) => `… and ${count} more: \`npm run policy -- check\` lists all of them`,
    version: (hash: string) => `Version ${hash}`,
  },
}
export type ApprovalWords = typeof approvalsEn
