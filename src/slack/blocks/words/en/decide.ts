/** Answers to approvers, and the trail. */

const result = 'The result appears on the card.'
const resultHeld =
  'Issuing waits at the moment: the card shows why, and then the result. You don’t need to press anything again.'

export const decide = {
  decided: {
    /** The amount and the user, in every answer to an approval. */
    what: (amount: string, user: string) => `${amount} for ${user}`,
    result,
    resultHeld,
    approved: (what: string) => `Approved: ${what}. ${result}`,
    approvedHeld: (what: string) => `Approved: ${what}. ${resultHeld}`,
    counted: (have: number, needed: number) =>
      `Approved, ${have} of ${needed}. ${needed - have === 1 ? 'One more approval is' : `${needed - have} more approvals are`} needed; nothing is issued yet.`,
    lapsed: (who: string) => `No longer counted, because no longer an approver: ${who}.`,
    repeated: (have: number, needed: number) =>
      `You have already approved this: ${have} of ${needed}. Nothing new was recorded.`,
    rejected: 'Rejected. The requester is told your reason. Nothing is issued.',
    cancelled: 'Cancelled. Nothing is issued.',
    already: 'Nothing was changed: this no longer waits for a decision.',
    alreadyNoCancel: 'Nothing was changed: this can no longer be cancelled.',
    late: 'Slack did not open the window in time. Please press again.',
    busy: 'The records could not be written just now, so nothing was changed. Please press again in a minute; if it still fails, tell an operator.',
    notSure:
      'It isn’t clear whether this was recorded. Please look at the card in a minute before you press again.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it isn’t clear whether your click was recorded. Please look at the card before you press again. Number for the operators: \`${id}\`.`,
    openid: (openid: string) => `The user’s openid: \`${openid}\` (the records show that you looked)`,
  },

  trail: {
    title: 'History',
    none: 'Nothing is recorded yet.',
    line: (when: string, text: string) => `${when}  ${text}`,
    cut: (count: number) => `… ${count} earlier lines are left out`,
    actors: { app: 'the app', policy: 'the policy', wechatpay: 'WeChat Pay' },
    kinds: {
      requested: (who: string, found: string) => `asked for by ${who}${found ? ` · user: ${found}` : ''}`,
      'approved-by-rule': (_who: string, detail: string) => `approved by the policy’s rule “${detail}”`,
      approval: (who: string, detail: string) => `approved by ${who} (${detail})`,
      'approval-lapsed': (who: string) => `approval of ${who} no longer counts: no longer an approver`,
      approve: (who: string, detail: string) => `approved by ${who} (${detail}): to be issued`,
      'approval-own': (who: string, detail: string) => `approved by ${who}, who had asked for it (${detail})`,
      'approve-own': (who: string, detail: string) =>
        `approved by ${who}, who had asked for it (${detail}): to be issued`,
      reject: (who: string, detail: string) => `rejected by ${who}: “${detail}”`,
      cancel: (who: string, detail: string) => `cancelled by ${who}${detail ? `: “${detail}”` : ''}`,
      expire: () => 'expired: nobody decided in time',
      attempt: (_who: string, detail: string) => `attempt ${detail} at WeChat Pay started`,
      'attempt-lost': (_who: string, detail: string) =>
        `attempt ${detail} was cut off: its outcome is not known`,
      'outcome-unknown': (_who: string, detail: string) =>
        `outcome not known (${detail}): the app asks again`,
      'outcome-unknown-last': (_who: string, detail: string) =>
        `outcome not known (${detail}): the app doesn’t ask again, an operator must check`,
      release: (_who: string, detail: string) => `not carried out (${detail}): waits for another attempt`,
      issue: () => 'coupon issued by WeChat Pay',
      refuse: (_who: string, detail: string) => `refused by WeChat Pay${detail ? ` (${detail})` : ''}`,
      restored: () => 'restored from a backup: what became of it since is not known, an operator must check',
      'given-up': () => 'no outcome within a day: an operator must check',
      correct: () => 'WeChat Pay did give the coupon: issued after all',
      'coupon-after-end': () => 'WeChat Pay gave a coupon after the end: an operator must check',
      held: (_who: string, detail: string) => `issuing waits (${detail})`,
      resumed: () => 'issuing goes on',
      reminded: () => 'approvers reminded',
      escalated: () => 'more people may decide it now, as it has waited a long time',
      stranded: () => 'too few who may decide it can be reached: operators told',
      reachable: () => 'enough who may decide it can be reached again',
      'channel-closed': (_who: string, detail: string) =>
        `nobody could be asked: Slack takes no messages in the channel (${detail})`,
      'asked-elsewhere': () => 'approvers asked in the channel that the policy names now',
      'operators-told': () => 'operators told that nobody could be asked',
      'channel-open': () => 'Slack takes messages in the channel again',
      'openid-shown': (who: string) => `openid shown to ${who}`,
      erased: (who: string) => `openid, ticket and notes erased by ${who}`,
      'erased-keep': () => 'openid, ticket and notes erased, as the policy keeps them no longer',
    },
    other: (kind: string) => kind,
    /** For the app's own reasons and codes; others are shown as they are. */
    reasons: {
      'stock-left-policy': 'the coupon was taken out of the policy',
      'too-late': 'it could not be issued in time',
      corrected: 'its requester corrected it in a new request',
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

  operatorTrail: {
    heldBy: (who: string) => `issuing paused by ${who}: it waits`,
    resumedBy: (who: string) => `issuing resumed by ${who}`,
    proposed: (who: string, verdict: string, evidence: string) =>
      `${who} proposed: ${verdict}: “${evidence}”`,
    withdrawn: (who: string) => `${who} withdrew the proposed outcome`,
    issued: (proposer: string, second: string) => `issued, as ${proposer} proposed and ${second} confirmed`,
    notIssued: (proposer: string, second: string) =>
      `not issued, as ${proposer} proposed and ${second} confirmed`,
  },
}
export type DecideWords = typeof decide

/** Who is away, who decides for them, and whom the app asks when a request has waited long. */
export const away = {
  away: {
    usage: (unclear: string | null) =>
      `${unclear === null ? '' : `${unclear}? `}Say until when in your own time zone, and who decides for you if you like: \`/withdraw-coupon away friday\`, \`away 3d @…\`, \`away friday 18:00 @…\`. \`/withdraw-coupon back\` ends it.`,
    unknown: (typed: string, count: number) =>
      count === 0
        ? `Nobody whom this app’s policy names is called ${typed}. Write the name that Slack shows, or the e-mail address.`
        : `${count} people are called ${typed}. Write the e-mail address instead.`,
    untold: (typed: string) =>
      `Slack didn’t say in time who ${typed} is, so nothing was recorded. Please try again in a minute.`,
    notSure: 'It isn’t clear whether this was recorded. Run `/withdraw-coupon away` to see.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it isn’t clear whether this was recorded. Run \`/withdraw-coupon away\` to see. Number for the operators: \`${id}\`.`,
    none: 'You are not away.',
    /** @param who null: the reader */
    alone: (who: string | null, when: string) =>
      `${who ?? 'You'} ${who === null ? 'are' : 'is'} away until ${when}. Nobody stands in.`,
    withStandIn: (who: string | null, when: string, standIn: string) =>
      `${who ?? 'You'} ${who === null ? 'are' : 'is'} away until ${when}. ${standIn} decides in ${who === null ? 'your' : 'their'} place: both are one voice.`,
    back: (who: string) => `${who} is back.`,
    notAway: (who: string) => `${who} is not away.`,
    youStandIn: (who: string, when: string) =>
      `You stand in for ${who} until ${when}: what ${who} may approve, you may approve too, and both of you are one voice. Run \`/withdraw-coupon pending\` to see what waits.`,
    setFor: (by: string, when: string, standIn: string | null) =>
      `${by} recorded that you are away until ${when}${standIn === null ? '' : `, and that ${standIn} decides in your place`}. Run \`/withdraw-coupon back\` to end it.`,
    standing: (who: string, forWhom: string) => `${who} for ${forWhom}`,
    repeatedBy: (who: string, have: number, needed: number) =>
      `${who} has approved this already, and you two are one voice while one stands in for the other: ${have} of ${needed}.`,
    noDecider: (who: 'you' | 'person' | 'stand-in', id: string) =>
      ({
        you: 'This is for people who approve coupons, and you don’t. Operators can set it for others.',
        person: `<@${id}> doesn’t decide on coupons, so nobody needs to stand in.`,
        'stand-in': `<@${id}> may not approve any coupon, so they can’t stand in. Choose another approver.`,
      })[who],
    ownStandIn: 'Nobody can stand in for themselves. Choose another approver.',
    time: (days: number) => `Choose a time between now and ${days} days from now.`,
    help: 'Say that you are away, and who decides for you:',
  },
  escalation: {
    told: (who: string, count: number, when: string) =>
      `${who}: this request has waited a long time, so you may decide it too. It still needs ${count === 1 ? '1 approval' : `${count} approvals`}. It expires ${when}.`,
    stranded: 'Too few of those who may approve this can be reached. An operator must check the approvers.',
    strandedTitle: 'A request can’t be decided any more',
    strandedText: (needed: number, reachable: number) =>
      `It needs ${needed === 1 ? '1 approver' : `${needed} approvers`}, and ${reachable === 0 ? 'none' : `only ${reachable}`} can be reached. Check the approvers in the policy and the members of their user groups. The request goes on by itself once enough can be reached.`,
  },
}
export type AwayWords = typeof away
