import { MOST_COUNTED } from '../../../../domain/hold.ts'

/** Pausing and resuming, and grants that need people. */

export const operate = {
  /**
   * Keys of coupons arrive as the policy writes them: escaped and formatted for mrkdwn, as they are for plain text.
   */
  pausing: {
    title: (key: string | null) =>
      key === null ? 'Issuing is paused' : `Issuing of the coupon ${key} is paused`,
    ended: (key: string | null) =>
      key === null ? 'Issuing has resumed' : `Issuing of the coupon ${key} has resumed`,
    pausedWhat: (key: string | null) =>
      key === null ? '*Issuing of all coupons is paused.*' : `*Issuing of the coupon ${key} is paused.*`,
    alreadyWhat: (key: string | null) =>
      key === null
        ? '*Issuing of all coupons was already paused.* Nothing was changed.'
        : `*Issuing of the coupon ${key} was already paused.* Nothing was changed.`,
    by: (who: string, when: string) => `Paused by ${who}, ${when}.`,
    restored: (when: string) =>
      `Paused since ${when}: the records were restored from a backup. What happened after the backup is not in them, so compare with WeChat Pay before you resume.`,
    resumedBy: (who: string, when: string) =>
      `Resumed by ${who}, ${when}. What waited for it is being issued, unless something else holds it.`,
    effect:
      'Until an operator resumes, nothing more is sent to WeChat Pay for what is paused, not even repeats. Calls that are under way finish.',
    toResume: (command: string) => `To resume: ${command}`,
    unclear: (word: string) => `*Nothing was paused.* There is no coupon ${word}. What did you mean?`,
    unclearOne: (key: string | null, command: string, hasReason: boolean) =>
      `*${key === null ? 'All coupons' : `Only ${key}`}*${hasReason ? ', with the reason' : ''}: ${command}`,
    resumedWhat: (key: string | null) =>
      `${key === null ? '*Issuing has resumed.*' : `*Issuing of the coupon ${key} has resumed.*`} What waited for it is being issued, unless something else holds it.`,
    notPaused: (key: string | null) =>
      key === null
        ? 'Issuing as a whole is not paused. Nothing was changed.'
        : `The coupon “${key}” is not paused. Nothing was changed.`,
    noneToResume: (stock: string) =>
      `There is no coupon “${stock}”, and no pause of one. Nothing was changed.`,
    repeated: 'This command arrived before and was answered then. It wasn’t carried out again.',
    over: (who: string, when: string) =>
      `That pause is over: resumed by ${who}, ${when}. Nothing was changed.`,
    anotherOn: (who: string, when: string) =>
      `There is another pause, by ${who} since ${when}: read why before you resume it.`,
    overUnknown: 'The app no longer knows which pause or fault this button was for, so nothing was changed.',
    faultOver: (when: string, pause: string) =>
      `The fault that this button was for ended ${when}, so nothing was paused. To pause anyway: ${pause}`,
    meant: (key: string) => `Did you mean ${key}?`,
    stocks: (keys: string) => `Coupons here: ${keys}`,
    nothingPaused: 'Nothing is paused.',
    stillPaused: 'Paused at the moment:',
    whole: 'All coupons',
    pausedOne: (what: string, who: string, when: string) => `*${what}*  paused by ${who}, ${when}`,
    resume: 'Resume',
    resumeTitle: 'Resume issuing?',
    resumeText: (key: string | null) =>
      `Waiting coupons${key === null ? '' : ` of ${key}`} are issued at once, unless something else holds them. This can’t be undone.`,
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
      'It isn’t clear whether this was recorded. Run `/withdraw-coupon stuck` to check before you try again.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it isn’t clear whether issuing was paused or resumed. Run \`/withdraw-coupon stuck\` to check before you try again. Number for the operators: \`${id}\`.`,
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
    closed: 'Where Slack takes no messages from this app',
    closedLine: (where: string, code: string, when: string, ago: string) =>
      `*${where}*  since ${when} (${ago}) · Slack: ${code}`,
    closedWaiting: (messages: number, asks: number) =>
      `${messages === 1 ? '1 message waits' : `${messages} messages wait`}${asks === 0 ? '' : `, ${asks === 1 ? '1 request' : `${asks} requests`} not asked yet`}.`,
    line: (state: string, name: string, user: string, who: string) =>
      `*${state}*  ${name} · to ${user} · asked for by ${who}`,
    since: (when: string, ago: string, attempts: number) =>
      `Since ${when} (${ago}) · ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`,
    why: (why: string) => `Why: ${why}`,
    goesOn: 'The app keeps asking by itself.',
    paused: 'The app asks again once issuing resumes.',
    more: 'There are more: they are shown once these are settled.',
    settle: 'Settle…',
    confirm: 'Confirm…',
    look: 'Look…',
    withdraw: 'Withdraw',
    withdrawTitle: 'Withdraw it?',
    withdrawText:
      'The proposed outcome is withdrawn, so that another one can be proposed. The coupon stays open.',
    withdrawYes: 'Withdraw',
    withdrawNo: 'Keep it',
    privacy: 'Only you can see this.',
  },

  /**
   * Why the app can't tell how a grant ended, by the reason in its flag; `detail` is a code, or what it last waited
   * for.
   */
  flagged: {
    'no-answer': 'WeChat Pay does not answer',
    untrusted: 'the answer cannot be verified as WeChat Pay’s',
    unexpected: 'WeChat Pay’s answer is not understood',
    lost: 'an attempt was cut off before its answer was recorded',
    setup: (detail: string) =>
      `WeChat Pay refuses this app’s calls (${detail}), after an attempt of unknown outcome`,
    ALREADY_EXISTS: 'WeChat Pay says that this was given already, but not which coupon it was',
    RESOURCE_ALREADY_EXISTS: 'WeChat Pay says that this was given already, but not which coupon it was',
    'refused-after-unknown': (detail: string) =>
      `WeChat Pay refuses (${detail}), but an earlier attempt may have given the coupon`,
    'no-outcome-in-24h': (detail: string) =>
      `no outcome within a day, so it is no longer asked for; last: ${detail}`,
    restored: 'the records were restored from a backup: it may have been given, or ended, after that',
    'coupon-of-another': 'WeChat Pay answered with a coupon that another request already has',
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
      setup: 'refused: the set-up is wrong',
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
    saidBy: (verdict: string, who: string, when: string) => `*${verdict}*  proposed by ${who}, ${when}:`,
    confirmTitle: 'Confirm the outcome',
    confirmSubmit: 'Confirm',
    another: '*The outcome that this button was for no longer waits.* This one was proposed later:',
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
      'Nothing new was recorded: an outcome was already proposed for this coupon, and it waits for a second person.',
    repeated: 'This form was submitted before. Nothing was recorded a second time.',
    sentSince:
      'Nothing was recorded: this coupon was sent to WeChat Pay again after you looked. Look again, and choose again how it ended.',
    lapsed: (who: string) =>
      `Nothing has ended: ${who}, who proposed this, is no longer an operator, so it was withdrawn. Propose an outcome again: \`/withdraw-coupon stuck\`.`,
    withdrawnByApp:
      'Nothing was changed: this proposal was withdrawn, because the coupon was sent to WeChat Pay again or the proposer is no longer an operator. Propose an outcome again: `/withdraw-coupon stuck`.',
    settled: 'Confirmed. The coupon is settled, and the requester is told.',
    withdrawn: 'Withdrawn. The coupon stays open, and another outcome can be proposed.',
    already: (state: string) => `Nothing was changed: this has already ended as “${state}”.`,
    alreadyConfirmed: (who: string, when: string) => `Nothing was changed: ${who} has confirmed it, ${when}.`,
    alreadyWithdrawn: (who: string, when: string) => `Nothing was changed: ${who} has withdrawn it, ${when}.`,
    notStuck: 'Nothing was changed: there is nothing to settle here. It goes on as its message says.',
    ownGrant:
      'You asked for this coupon yourself, so two other people must propose and confirm how it ended.',
    underWay:
      'Nothing was changed: a call to WeChat Pay is under way for this coupon, and its answer may settle it. Please try again in a minute.',
    busy: 'The records could not be written just now, so nothing was recorded. Please submit again.',
    late: 'Slack did not open the window in time. Please press again.',
    confirmedBy: (proposer: string, second: string) =>
      `Proposed by ${proposer} and confirmed by ${second}, after a check at WeChat Pay`,
    confirmedAt: (proposer: string, second: string, when: string) =>
      `Proposed by ${proposer} and confirmed by ${second} after a check at WeChat Pay, ${when}`,
  },
}
export type OperateWords = typeof operate
