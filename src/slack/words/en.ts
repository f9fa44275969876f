import { MOST_COUNTED } from '../../domain/hold.ts'
import type { LimitKind } from '../../domain/limit.ts'
import { formatFen } from '../../domain/money.ts'
import type { Person } from '../../domain/permissions.ts'
import type { Role } from '../../domain/policy.ts'
import type { ChannelProblem } from '../../domain/refusal.ts'
import { approvalsEn } from './approvals-en.ts'
import { operationsEn } from './operations-en.ts'

/**
 * Every word that a person reads, in English; long, so that two languages can be laid side by side.
 * `Words`, which the other languages must fill, is its type.
 * Values that come in are already safe where they stand: escaped for mrkdwn, as they are for plain text.
 */

const coupons = (count: number) => (count === 1 ? '1 coupon' : `${count} coupons`)
const inDays = (days: number) => (days === 1 ? 'today' : `in ${days} days, today included`)
const lately = (days: number) => (days === 1 ? 'today' : `in ${days} days`)
/** What helps where a limit is reached: waiting only where it gives room. */
const whenAgain = (max: number, adding: number, days: number) => {
  const ask = 'ask an operator whether the limit may change.'
  if (adding > max) return `Waiting does not help: choose another coupon, or ${ask}`
  return `Try again ${days === 1 ? 'tomorrow' : `once earlier ones are ${days} days old`}, or ${ask}`
}
const roleDoes: Record<Role, string> = {
  viewer: 'look up coupons',
  requester: 'give coupons',
  approver: 'approve this coupon',
  auditor: 'read the records',
  operator: 'pause, resume or settle',
}
const amount = (measure: 'count' | 'quota', value: number) =>
  measure === 'count' ? String(value) : formatFen(value)
const most = (measure: 'count' | 'quota', max: number) =>
  measure === 'count' ? `at most ${coupons(max)}` : `coupons for at most ${formatFen(max)}`
const allowed: Record<LimitKind, (most: string, days: string) => string> = {
  user: (most, days) => `This user may get ${most} ${days}`,
  requester: (most, days) => `You may give ${most} ${days}`,
  stock: (most, days) => `Of this kind ${most} may be given ${days}`,
}
const channels: Record<ChannelProblem, string> = {
  'not-joined':
    'This app is not in the channel where approvers are asked. An operator must invite it there, or correct the channel in the policy.',
  shared:
    'The channel where approvers are asked is shared with another organisation. An operator must name another one in the policy.',
  archived:
    'The channel where approvers are asked is archived. An operator must name another one in the policy.',
  unreadable:
    'Slack does not let this app look into the channel where approvers are asked. An operator must install the app anew with all its scopes.',
}
const standings: Record<Exclude<Person['standing'], 'member'>, string> = {
  guest: 'Guests cannot use this app. Please ask a full member of this workspace.',
  bot: 'Bots cannot use this app.',
  deactivated: 'This account is deactivated.',
  'other-workspace': 'This app is only for people of the workspace that it belongs to.',
}

export const en = {
  ...approvalsEn,
  ...operationsEn,
  locale: 'en',
  /** Between two sentences. */
  space: ' ',
  separator: ', ',
  /** What stands for what a message has no room for. */
  cut: {
    more: (count: number) => `…and ${count} more`,
    lines: (count: number) => `…and ${count} more ${count === 1 ? 'line' : 'lines'}`,
    characters: (count: number) => `… (${count} more ${count === 1 ? 'character' : 'characters'})`,
  },
  /** Between two sentences. */
  gap: ' ',
  close: 'Close',
  cancel: 'Cancel',

  /** How the subcommands are told; all languages are understood. */
  subcommands: {
    send: 'send',
    list: 'list',
    pending: 'pending',
    mine: 'mine',
    history: 'history',
    stuck: 'stuck',
    pause: 'pause',
    resume: 'resume',
    help: 'help',
  },

  refusal: {
    standing: (standing: Exclude<Person['standing'], 'member'>) => standings[standing],
    rolesUnknown:
      'Slack did not tell in time which groups you are in, so nothing was done. Please try again in a minute; if it stays so, tell an operator.',
    cutOff:
      'Slack no longer accepts this app’s token, so nothing was done, and trying again does not help. Tell whoever runs this app: it needs a new token.',
    roleMissing: (role: Role) => `You are not in a group that may ${roleDoes[role]}.`,
    openidEmpty: 'Please enter the user’s openid.',
    openidTooLong: (length: number) => `An openid has at most 128 characters. This has ${length}.`,
    openidLength: (length: number) =>
      `An openid has 28 characters and begins with o; this has ${length}. If the openids of your appid look different, an operator can set openid in the policy.`,
    openidStart: (character: string) =>
      `An openid begins with a small o; this begins with “${character}”. If the openids of your appid look different, an operator can set openid in the policy.`,
    openidPattern: (pattern: string) =>
      `This does not look like an openid here, as the policy describes it: ${pattern}`,
    openidCharacter: (character: string, position: number) =>
      `An openid has only letters, digits, - and _. This has ${character === ' ' ? 'a space' : `“${character}”`} at position ${position}.`,
    stockUnknown: (stock: string) => `There is no coupon “${stock}” here. Please choose another one.`,
    reasonUnknown: (reason: string) => `There is no reason “${reason}” here. Please choose another one.`,
    noteMissing: 'This reason needs a note: say in a sentence what happened.',
    noteTooLong: (length: number, max: number) => `A note has at most ${max} characters. This has ${length}.`,
    ticketMissing: 'Please enter the ticket.',
    ticketMalformed: (pattern: string) => `A ticket must look like ${pattern}.`,
    limit: (
      kind: LimitKind,
      measure: 'count' | 'quota',
      used: number,
      max: number,
      adding: number,
      days: number,
    ) =>
      `${allowed[kind](most(measure, max), inDays(days))}; ${amount(measure, used)} given or under way, and this would add ${amount(measure, adding)}. ${whenAgain(max, adding, days)}`,
    lookups: (max: number, againAt: string) =>
      `You have made ${max} look-ups, which is the most for now. You can look up again from ${againAt}.`,
    ask: (people: string) => `If you need this, ask ${people}.`,
    /** Whom a refusal means by operators. */
    operators: (people: string) => `Operators: ${people}`,
    noOperators: 'The policy names no operators: tell whoever runs this app in your workspace.',
    askSomebody: 'If you need this, ask whoever runs this app in your workspace.',
    whyMissing: 'Please write a reason.',
    ownGrant:
      'You asked for this coupon yourself, so somebody else must decide it. You can cancel it: run /withdraw-coupon mine.',
    noApprovers: (needed: number, reachable: number) =>
      `Nobody could decide this: it needs ${needed === 1 ? '1 approver' : `${needed} approvers`}, and ${reachable === 0 ? 'nobody' : `only ${reachable}`} who may decide it can be reached. An operator must look at the policy’s approvers.`,
    approversUnknown:
      'Slack did not tell in time who could decide this. Please submit again in a minute; if it stays so, tell an operator.',
    proposerUnknown:
      'Slack did not tell in time whether the person who said this is an operator still. Please confirm again in a minute.',
    earlierApproversUnknown:
      'Slack did not tell in time whether those who approved before are approvers still. Please press again in a minute; if it stays so, tell an operator.',
    channel: (why: ChannelProblem) => channels[why],
    stockLeft: (stock: string) =>
      `The coupon “${stock}” was taken out of the policy, so it can no longer be approved. Reject it, so that the requester hears of it, or ask an operator.`,
    ownSettlement: 'You said yourself how this ended, so a second person must confirm it.',
    evidenceMissing: 'Please write how you know: where you looked, and what it showed.',
    evidenceTooLong: (length: number, max: number) =>
      `This has at most ${max} characters. Yours has ${length}.`,
    couponIdMalformed:
      'A coupon id has only letters, digits, - and _, at most 128 of them. Copy it from WeChat Pay.',
    couponTaken: 'This coupon was given by another grant. Choose the coupon that came from this one.',
    nothingRecorded: 'Nothing was recorded.',
  },

  form: {
    title: 'Give a coupon',
    intro:
      'A withdrawal coupon lets a user move money from WeChat Pay to a bank card without the fee, up to its quota. *It cannot be taken back.*',
    openid: 'openid of the user',
    openidHint: 'The user’s id under your WeChat appid: 28 characters, the first an o.',
    openidPlaceholder: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    stock: 'Coupon',
    stockPlaceholder: 'Choose a coupon',
    stockOption: (name: string, quota: string) => `${name} · up to ${quota}`,
    stockLeft: (count: number, days = 1) => `${count} left ${inDays(days)}`,
    reason: 'Reason',
    reasonPlaceholder: 'Choose a reason',
    reasonNeedsNote: 'Needs a note',
    note: 'Note',
    noteHint: 'For approvers and for the records. The user does not see it.',
    ticket: 'Ticket',
    submit: 'Submit',
    give: 'Give coupon',
    ask: 'Ask for approval',
    loading:
      'One moment: looking up what you may do… If nothing follows within ten seconds, close this and run the command again.',
    previewNone: 'Whether this needs approval is shown here once the form is filled in.',
    previewFailed:
      'Whether this needs approval could not be looked up just now. It is decided when you submit.',
    previewAutomatic: '*Approved by itself*: the coupon is given as soon as you submit.',
    previewHeld: (why: string) =>
      `*Approved by itself, but it has to wait*: ${why} It is given once that is settled; if that takes too long, it is cancelled and you are told.`,
    previewApproval: (approvals: number, channel: string, why: string) =>
      `*Needs ${approvals === 1 ? '1 approval' : `${approvals} approvals`}* from ${channel} before it is issued: ${why}.`,
    previewRefused: (why: string) => `*Not possible as it stands*: ${why}`,
    limit: (kind: LimitKind, measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `${{ user: 'this user', requester: 'you', stock: 'this coupon' }[kind]} ${measure === 'count' ? `${used} of ${max}` : `${formatFen(used)} of ${formatFen(max)}`} ${lately(days)}`,
    limits: (list: string) => `Limits: ${list}`,
    busy: 'The records could not be written just now: nothing was recorded, and nothing is given. Please submit again in a minute; if it stays so, tell an operator.',
  },

  another: {
    title: 'Another one?',
    given: (who: string, when: string) => `${who} gave this user the same coupon ${when}.`,
    inFlight: (who: string, when: string) =>
      `${who} asked for the same coupon for this user ${when}, and it is still under way.`,
    question: (user: string, name: string) => `Give ${user} another “${name}”? It cannot be taken back.`,
    give: 'Give another',
  },

  notice: {
    tooLong: (max: number) =>
      `This is more than ${max} characters, so nothing of it was read. Please shorten it.`,
    title: 'Withdraw coupon',
    broken:
      'This form is no longer valid, so nothing was recorded. Please close it and run `/withdraw-coupon send` again.',
    notSure:
      'It is not certain whether this was recorded. Please do not give it again yet: look at this app’s messages to you first. If it was recorded, its progress is shown there.',
    failed: (id: string) =>
      `Something went wrong in this app, and nothing was changed. Please try again; if it happens again, tell the operators this number: \`${id}\`.`,
    unsure: (id: string) =>
      `Something went wrong in this app, and it is not certain whether your request was recorded. Please look at this app’s messages to you before you try again. Number for the operators: \`${id}\`.`,
    unknown:
      'This version of the app does not know this button or command, so nothing was done. Run `/withdraw-coupon` for what it can do; if this happens again, tell an operator.',
    late: 'The form could not be opened in time. Please run the command again.',
    notYours: 'This message belongs to somebody else.',
    gone: 'This request is not in the records, so nothing was changed. If it should be there, tell an operator.',
    busy: 'The records could not be read just now. Please try again in a minute; if it stays so, tell an operator.',
  },

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

  list: {
    /** @param known of how many of the kinds asked for it is known what the user holds */
    title: (count: number, user: string, known: 'all' | 'some' | 'none') => {
      if (known === 'none') return `Coupons of ${user} could not be looked up`
      const found = `${count === 0 ? 'No coupons' : coupons(count)} of ${user}`
      return known === 'all' ? found : `${found} found, but not all could be looked up`
    },
    /** @param left null: WeChat Pay did not tell enough to know it */
    summary: (usable: number, left: string | null) => {
      if (usable === 0) return left === null ? 'None is known to be usable' : 'None is usable'
      return left === null
        ? `${usable} usable; WeChat Pay did not say how much is left`
        : `${usable} usable, up to ${left} left`
    },
    none: (kinds: number) =>
      kinds === 1
        ? 'This user holds no coupon of the kind that was looked up.'
        : `This user holds no coupons of the ${kinds} kinds that were looked up.`,
    noKinds: 'There is no kind of coupon to look up: the policy names none.',
    state: {
      usable: 'Usable',
      usedUp: 'Used up',
      expired: 'Expired',
      unknown: 'State not known',
    },
    /** Null: WeChat Pay did not tell. */
    used: (used: string | null, quota: string | null) => {
      if (quota === null) return used === null ? 'amount not known' : `${used} used, amount not known`
      return used === null ? `up to ${quota}, use not known` : `${used} of ${quota} used`
    },
    sent: (when: string) => `sent ${when}`,
    expires: (when: string, relative: string) => `expires ${when} (${relative})`,
    expired: (when: string) => `expired ${when}`,
    noExpiry: 'expiry not known (given outside this app, as far as its records go)',
    noExpiryYet: 'expiry not known yet',
    noExpiryOwn: 'expiry not known (WeChat Pay did not tell)',
    by: (who: string, reason: string) => `by ${who}: ${reason}`,
    open: {
      pending: 'Waiting for approval',
      notAsked: 'Not asked yet',
      approved: 'Approved, not issued yet',
      issuing: 'Being issued',
      checking: 'Being checked',
      needsLook: 'Needs a look',
    },
    openLine: (state: string, name: string, who: string, when: string, channel: string | null) =>
      `*${state}*  ${name} · by ${who}, ${when}${channel ? ` · ${channel}` : ''}`,
    openMore: (count: number) => `… and ${count} more under way`,
    /** Between coupons that nothing recorded accounts for, and requests whose coupon is not known yet. */
    question: (coupons: number, requests: number) =>
      coupons === 1 && requests === 1
        ? 'This may be the coupon of the request that is still being checked. Count the two as one:'
        : `${coupons === 1 ? 'This coupon' : `These ${coupons} coupons`} may be what ${requests === 1 ? 'the request' : `the ${requests} requests`} still being checked ${requests === 1 ? 'was' : 'were'} given. Do not add them up:`,
    questionMore: (count: number) => `… and ${count} more`,
    failed: (name: string, why: string) => `*Could not look up ${name}*: ${why}`,
    failedMore: (count: number) => `… and ${count} more kinds`,
    failedWhy: {
      NO_ANSWER: 'WeChat Pay did not answer. Please try again in a minute; if it stays so, tell an operator.',
      FREQUENCY_LIMITED: 'WeChat Pay takes no more calls just now. Please try again in a minute.',
      SYSTEM_ERROR: 'WeChat Pay has a fault. Please try again in a minute; if it stays so, tell an operator.',
      UNTRUSTED_ANSWER: 'the answer could not be verified as WeChat Pay’s. An operator must look.',
      UNEXPECTED_ANSWER: 'WeChat Pay’s answer could not be understood. An operator must look.',
      SETUP: 'something in this app’s set-up does not fit. An operator must look.',
    },
    failedOther: (code: string) => `WeChat Pay says ${code}. Please tell an operator.`,
    incomplete: 'This list is not complete.',
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    previous: 'Previous',
    next: 'Next',
    give: 'Give a coupon',
    stocks: (keys: string) => `Coupons to look up here: ${keys}`,
    missing: 'Whose coupons? Write the openid after it, for example `/withdraw-coupon list oUpF…`.',
    privacy: 'Only you can see this. Look-ups are recorded.',
  },

  help: {
    title: 'What you can do here',
    typo: (typed: string, meant: string) => `“${typed}”? Did you mean “${meant}”?`,
    unknown: (typed: string) => `There is no “${typed}” here.`,
    mayNothing: 'At the moment you may neither give nor look up coupons.',
    send: 'Open the form to give a coupon:',
    sendFilled: 'The same, filled in (each part may be left out):',
    list: 'See what a user holds:',
    pending: 'What waits for your decision:',
    mine: 'What you asked for:',
    history: 'What a user was given here, and by whom:',
    approvers: (people: string, channel: string) =>
      `What is not approved by itself waits for approval by ${people} (${channel}).`,
    noApprovers: 'What is not approved by itself cannot be decided: the policy names no approvers.',
    left: (list: string, days = 1) => `Left ${inDays(days)}: ${list}`,
    leftOne: (name: string, count: number) => `${name}: ${count}`,
    requester: (measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `You may give ${most(measure, max)} ${inDays(days)}; ${amount(measure, used)} given or under way.`,
    lookups: (left: number) => `Look-ups left for now: ${left}.`,
    example: { stock: 'withdraw-10', reason: 'outage', note: 'sorry for the wait' },
  },

  hold: {
    title: (ended: boolean): string =>
      ended ? 'Settled: no coupon waits for this any more' : 'Coupons are waiting',
    text: (title: string, reason: string) => `${title} (${reason})`,
    all: (ended: boolean): string => (ended ? 'Nothing was issued' : 'Nothing is issued'),
    firstAttempts: (ended: boolean): string =>
      ended ? 'No new coupon was issued' : 'No new coupon is issued',
    stock: (key: string, ended: boolean) => `The coupon ${key} ${ended ? 'was' : 'is'} not issued`,
    since: (when: string) => `since ${when}`,
    until: (when: string) => `until ${when}`,
    waiting: (count: number) =>
      `Nothing is lost: ${count === 1 ? '1 approved coupon waits' : `${count === 0 ? 'no' : count > MOST_COUNTED ? 'more than 1,000' : count} approved coupons wait`}.`,
    goesOn: 'One attempt a minute is made; issuing goes on by itself after the repair.',
    goesOnWhenTrusted:
      'The app looks something up at least once a minute, which issues nothing; once an answer can be verified, issuing goes on by itself.',
    goesOnOrResume:
      'One coupon a minute is tried, and issuing goes on by itself once one is issued. Resume to try at once.',
    goesOnWhenBack:
      'The app tries at least once a minute, and issuing goes on by itself once WeChat Pay answers.',
    serials: (came: string, expected: string) => `Serial that came: ${came} · expected: ${expected}`,
    ended: 'What waited for it is being issued, unless something else holds it.',
    says: (reason: string, message: string) => `WeChat Pay: ${reason} ${message}`,
    check: {
      SIGN_ERROR:
        'WeChat Pay rejects our signature. Check the merchant id, the serial of the merchant certificate, the private key, and the clock of this machine.',
      NO_AUTH:
        'The merchant may not give this coupon. Check the product permissions in the merchant platform, and who created the stock.',
      APPID_MCHID_NOT_MATCH:
        'appid and merchant id do not belong together. Check both in the policy and in the merchant platform.',
      MCH_NOT_EXISTS: 'WeChat Pay does not know the merchant id. Check it in the policy.',
      PARAM_ERROR:
        'WeChat Pay refuses a part of the set-up that is the same for every user. Check stock_id, appid and mchid in the policy.',
      NOT_ENOUGH:
        'The budget of this stock is used up. Add to it in the merchant platform, or take the coupon out of the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      REQUEST_BLOCKED:
        'This stock has not started or is over. Check its dates and whether it is active in the merchant platform, or take the coupon out of the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      RESOURCE_NOT_EXISTS:
        'WeChat Pay does not know this stock. Check its stock_id and mchid in the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      'no-connection':
        'No connection to WeChat Pay can be made. Check the network of this machine, its DNS, its proxy, and that api.mch.weixin.qq.com may be reached.',
      'no-answer':
        'WeChat Pay gives no answer, or none that could be verified. Check the network and WeChat Pay’s status page.',
      'untrusted-answers':
        'Answers cannot be verified as WeChat Pay’s. Check the WeChat Pay public key and its id, or the platform certificates, and any proxy that strips Wechatpay-* headers.',
      other: 'Look into the log of this app.',
    },
    /** Why answers cannot be verified, and the remedy. */
    trust: {
      'switch-not-begun':
        'WeChat Pay signs with a platform certificate, but only the WeChat Pay public key is configured. Begin the switch to it in the merchant platform (API security, WeChat Pay public key: 微信支付公钥 > 开始更换), or set WECHATPAY_APIV3_KEY as well until it is done.',
      'public-key-missing':
        'WeChat Pay signs with its public key, but only platform certificates are configured. Copy the public key and its id from the merchant platform into WECHATPAY_PUBLIC_KEY_FILE and WECHATPAY_PUBLIC_KEY_ID.',
      'other-public-key':
        'WeChat Pay signs with another public key than the configured one. Copy the public key and its id anew, signed in as the merchant of WECHATPAY_MCHID.',
      'unknown-certificate':
        'WeChat Pay signs with a platform certificate that this app does not have. Set WECHATPAY_APIV3_KEY, with which the current ones are downloaded.',
      'other-key':
        'The serial is right, but the signature does not fit the key: WECHATPAY_PUBLIC_KEY may be another merchant’s. Download pub_key.pem anew. If it is right, a proxy changes the answers on their way.',
      'headers-stripped':
        'The answers have no Wechatpay-* headers: a proxy takes them out, or answers in place of WeChat Pay. Let it pass them on, or go round it.',
      'headers-incomplete':
        'Some Wechatpay-* headers are missing or contradict each other: a proxy changes them. Let it pass them on, or go round it.',
      clock: 'The answers are signed five minutes or more away from now. Set the clock of this machine.',
      unsigned:
        'WeChat Pay refuses what the app looks up, without a signature. See below what it says, and put that right first.',
    },
  },
}

/** The catalogue: what every language must say. */
export type Words = typeof en
