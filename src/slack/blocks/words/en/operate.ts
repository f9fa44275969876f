import { MOST_COUNTED } from '../../../../domain/hold.ts'

/** Pausing and resuming, and grants that need people. */

export const operate = {
  /** Keys of coupons come in as they stand in the policy: escaped and marked for mrkdwn, as they are for plain text. */
  pausing: {
    title: (key: string | null) =>
      key === null ? 'Issuing is paused' : `Issuing of the coupon ${key} is paused`,
    ended: (key: string | null) =>
      key === null ? 'Issuing goes on' : `Issuing of the coupon ${key} goes on`,
    pausedWhat: (key: string | null) =>
      key === null ? '*Issuing is paused, of all coupons.*' : `*Issuing of the coupon ${key} is paused.*`,
    alreadyWhat: (key: string | null) =>
      key === null
        ? '*Issuing was paused before, of all coupons.* Nothing was changed.'
        : `*Issuing of the coupon ${key} was paused before.* Nothing was changed.`,
    by: (who: string, when: string) => `Paused by ${who}, ${when}.`,
    restored: (when: string) =>
      `Paused since ${when}: the records were restored from a backup. What happened after the backup is not in them, so compare with WeChat Pay before you resume.`,
    resumedBy: (who: string, when: string) =>
      `Resumed by ${who}, ${when}. What waited for it is being issued, unless something else holds it.`,
    effect:
      'Until an operator resumes, nothing more is sent to WeChat Pay for what is paused, repeats included. What was under way ends as it would.',
    toResume: (command: string) => `To go on: ${command}`,
    unclear: (word: string) => `*Nothing was paused.* There is no coupon ${word}. What did you mean?`,
    unclearOne: (key: string | null, command: string, hasReason: boolean) =>
      `*${key === null ? 'All coupons' : `Only ${key}`}*${hasReason ? ', with the reason' : ''}: ${command}`,
    resumedWhat: (key: string | null) =>
      `${key === null ? '*Issuing goes on.*' : `*Issuing of the coupon ${key} goes on.*`} What waited for it is being issued, unless something else holds it.`,
    notPaused: (key: string | null) =>
      key === null
        ? 'Issuing as a whole is not paused. Nothing was changed.'
        : `The coupon “${key}” is not paused. Nothing was changed.`,
    noneToResume: (stock: string) =>
      `There is no coupon “${stock}”, and no pause of one. Nothing was changed.`,
    repeated: 'This very order arrived before and was answered then. Nothing was done a second time.',
    over: (who: string, when: string) =>
      `That pause is over: resumed by ${who}, ${when}. Nothing was changed.`,
    anotherOn: (who: string, when: string) =>
      `Another one is on, by ${who}, since ${when}: read why before you resume it.`,
    overUnknown: 'What this button was drawn for is not known any more, so nothing was changed.',
    faultOver: (when: string, pause: string) =>
      `The fault that this button was drawn for is over since ${when}, so nothing was paused. To pause all the same: ${pause}`,
    meant: (key: string) => `Did you mean ${key}?`,
    stocks: (keys: string) => `Coupons here: ${keys}`,
    nothingPaused: 'Nothing is paused.',
    stillPaused: 'Paused at the moment:',
    whole: 'All coupons',
    pausedOne: (what: string, who: string, when: string) => `*${what}*  paused by ${who}, ${when}`,
    resume: 'Resume',
    resumeTitle: 'Resume issuing?',
    resumeText: (key: string | null) =>
      `${key === null ? 'What waits' : `What waits of ${key}`} is issued at once, unless something else holds it. A coupon cannot be taken back.`,
    resumeYes: 'Resume',
    resumeNo: 'Not yet',
    pause: 'Pause issuing',
    pauseTitle: 'Pause issuing?',
    pauseText: (key: string | null) =>
      `Nothing more is sent to WeChat Pay${key === null ? '' : ` for ${key}`} until an operator resumes.`,
    pauseYes: 'Pause',
    pauseNo: 'Not now',
    busy: 'The records could not be written just now, so nothing was changed. Please try again.',
    notSure:
      'It is not certain whether this was recorded. Run `/withdraw-coupon stuck` to see what is so before you try again.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it is not certain whether issuing was paused or resumed. Run \`/withdraw-coupon stuck\` to see what is so before you try again. Number for the operators: \`${id}\`.`,
  },

  stuck: {
    title: 'What is stuck',
    none: 'Nothing is stuck: issuing is neither held nor paused, no coupon is being checked or needs a look, and messages can be posted.',
    holds: 'What makes coupons wait',
    holdsMore: (count: number) => `… and ${count} more`,
    hold: (what: string, when: string, ago: string) => `*${what}*  since ${when} (${ago})`,
    waiting: (count: number) =>
      count === 1
        ? '1 coupon waits.'
        : `${count === 0 ? 'No' : count > MOST_COUNTED ? 'More than 1,000' : count} coupons wait.`,
    grants: 'Coupons whose outcome is not known',
    closed: 'Where Slack takes no messages of this app',
    closedLine: (where: string, code: string, when: string, ago: string) =>
      `*${where}*  since ${when} (${ago}) · Slack: ${code}`,
    closedWaiting: (messages: number, asks: number) =>
      `${messages === 1 ? '1 message waits' : `${messages} messages wait`}${asks === 0 ? '' : `, ${asks === 1 ? '1 request' : `${asks} requests`} not asked yet`}.`,
    line: (state: string, name: string, user: string, who: string) =>
      `*${state}*  ${name} · to ${user} · asked for by ${who}`,
    since: (when: string, ago: string, attempts: number) =>
      `Since ${when} (${ago}) · ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`,
    why: (why: string) => `Why: ${why}`,
    goesOn: 'The app goes on asking by itself.',
    paused: 'It is asked for again once issuing goes on.',
    more: 'There are more: they are shown once these are settled.',
    settle: 'Settle…',
    confirm: 'Confirm…',
    look: 'Look…',
    withdraw: 'Withdraw',
    withdrawTitle: 'Withdraw it?',
    withdrawText: 'What was said is taken back, so that something else can be said. The coupon stays open.',
    withdrawYes: 'Withdraw',
    withdrawNo: 'Keep it',
    privacy: 'Only you can see this.',
  },

  /** Why the app can't tell how a grant ended, by the code in its flag; `detail` is what follows the code. */
  flagged: {
    'no-answer': () => 'WeChat Pay does not answer',
    untrusted: () => 'the answer cannot be verified as WeChat Pay’s',
    unexpected: () => 'WeChat Pay’s answer is not understood',
    lost: () => 'an attempt was cut off before its answer was recorded',
    setup: (detail: string) =>
      `WeChat Pay does not take our calls (${detail}), after an attempt of unknown outcome`,
    ALREADY_EXISTS: () => 'WeChat Pay says that this was given already, but not which coupon it was',
    RESOURCE_ALREADY_EXISTS: () => 'WeChat Pay says that this was given already, but not which coupon it was',
    'refused-after-unknown': (detail: string) =>
      `WeChat Pay refuses (${detail}), but an earlier attempt may have given the coupon`,
    'no-outcome-in-24h': (detail: string) =>
      `no outcome within a day, so it is no longer asked for; last: ${detail}`,
    restored: () => 'the records were restored from a backup: it may have been given, or ended, after that',
    'coupon-of-another': () => 'WeChat Pay answered with a coupon that another request has already',
    other: (code: string) => `an attempt of unknown outcome (${code})`,
  },

  settle: {
    title: 'Settle a coupon',
    loading: 'One moment: looking up what this user holds at WeChat Pay…',
    attempts: 'Attempts',
    attempt: (number: number, when: string, outcome: string) => `${number}.  ${when}  ${outcome}`,
    attemptsCut: (count: number) => `… ${count} between them`,
    outcomes: {
      issued: 'issued',
      refused: 'refused',
      setup: 'not taken: the set-up does not fit',
      'not-executed': 'not carried out',
      unknown: 'outcome not known',
      lost: 'cut off, outcome not known',
      overtaken: 'overtaken by another attempt',
      'not-sent': 'not sent',
      underWay: 'under way',
    },
    candidates: (count: number) =>
      `*WeChat Pay lists ${count === 1 ? '1 coupon of this kind' : `${count} coupons of this kind`} for this user that no request here accounts for:*`,
    noCandidates: 'WeChat Pay lists no coupon of this kind for this user that no request here accounts for.',
    candidatesMore: (count: number) => `… and ${count} more: for one of these choose “Issued, coupon id:”.`,
    sentAt: (when: string) => `sent ${when}`,
    warnCandidates: (count: number) =>
      `⚠ ${count === 1 ? 'It' : 'One of them'} may have come from this request. If so, “Not issued” is wrong, and the user could get two coupons.`,
    warnFailure: (why: string) =>
      `⚠ WeChat Pay’s list could not be read: ${why} Check in the merchant platform what this user holds before you choose “Not issued”.`,
    verdict: 'How did it end?',
    does: '*Issued* ends the request with that coupon, and nothing more is sent. *Not issued* ends it without a coupon and frees its place in the limits. Neither counts until a second person confirms it.',
    asCandidate: (when: string | null) =>
      when === null ? 'Issued: this coupon' : `Issued: the coupon sent ${when}`,
    asAnother: 'Issued, coupon id:',
    asAnotherHint: 'Enter the id below',
    issued: 'Issued',
    notIssued: 'Not issued',
    notIssuedHint: 'No coupon exists for this request, and none will',
    couponId: 'Coupon id',
    couponIdHint: 'Only for “Issued, coupon id:”.',
    couponIdMissing: 'Enter the coupon’s id, or choose another answer above.',
    evidence: 'How do you know?',
    evidenceHint:
      'Where you looked, and what it showed. The second person and the requester read it as you write it.',
    verdictMissing: 'Please choose how it ended.',
    second: 'The second person must be an operator or an approver, and neither you nor the requester.',
    submit: 'Submit',
    issuedAs: (id: string) => `Issued, as coupon ${id}`,
    saidBy: (verdict: string, who: string, when: string) => `*${verdict}*  says ${who}, ${when}:`,
    confirmTitle: 'Confirm the outcome',
    confirmSubmit: 'Confirm',
    another: '*What this button was drawn for does not wait any more.* This was said later:',
    confirmAsk: 'Check at WeChat Pay yourself before you confirm.',
    confirmIssued:
      '*Confirm* ends the request as issued with this coupon. Nothing more is sent, and the requester is told.',
    confirmNotIssued:
      '*Confirm* ends the request without a coupon and frees its place in the limits. The requester is told.\n⚠ If a coupon was given after all, the user may get a second one.',
    confirmElse:
      'Not right? Close this window: nothing changes. An operator can withdraw it with `/withdraw-coupon stuck`.',
    proposed: 'Recorded. Nothing has ended yet: a second person must confirm it.',
    askedInAlerts: (channel: string) => `A second person is asked for in ${channel}.`,
    waits:
      'Nothing new was recorded: something was said about this coupon before, and it waits for a second person.',
    repeated: 'This very form arrived before and was answered then. Nothing was recorded a second time.',
    sentSince:
      'Nothing was recorded: this coupon was sent to WeChat Pay again after that look. Look again, and say anew how it ended.',
    lapsed: (who: string) =>
      `Nothing has ended: ${who}, who said this, is no longer an operator, so it was withdrawn. Say anew how it ended: \`/withdraw-coupon stuck\`.`,
    settled: 'Confirmed. The coupon is settled, and the requester is told.',
    withdrawn: 'Withdrawn. The coupon stays open, and how it ended can be said anew.',
    already: (state: string) => `Nothing was changed: this has ended. It is told as “${state}”.`,
    alreadyConfirmed: (who: string, when: string) => `Nothing was changed: ${who} has confirmed it, ${when}.`,
    alreadyWithdrawn: (who: string, when: string) => `Nothing was changed: ${who} has withdrawn it, ${when}.`,
    notStuck: 'Nothing was changed: there is nothing to settle here. It goes on as its message says.',
    ownGrant: 'You asked for this coupon yourself, so two other people must say and confirm how it ended.',
    underWay:
      'Nothing was changed: a call to WeChat Pay is under way for this coupon, and its answer may settle it. Please try again in a minute.',
    busy: 'The records could not be written just now, so nothing was recorded. Please submit again.',
    late: 'Slack did not open the window in time. Please press it again.',
    confirmedBy: (proposer: string, second: string) =>
      `Said by ${proposer} and confirmed by ${second}, after a look at WeChat Pay`,
    confirmedAt: (proposer: string, second: string, when: string) =>
      `Said by ${proposer} and confirmed by ${second} after a look at WeChat Pay, ${when}`,
  },
}
export type OperateWords = typeof operate
