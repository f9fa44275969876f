import { formatFen } from '../../domain/money.ts'
import type { LimitKind, Person, Role } from '../../domain/policy.ts'

/**
 * Every word that a person reads, in English; long, so that two languages can be laid side by side.
 * `Words`, which the other languages must fill, is its type.
 * Values that come in are already safe where they stand: escaped for mrkdwn, as they are for plain text.
 */

const coupons = (count: number) => (count === 1 ? '1 coupon' : `${count} coupons`)
const inDays = (days: number) => (days === 1 ? 'today' : `in ${days} days, today included`)
const lately = (days: number) => (days === 1 ? 'today' : `in ${days} days`)
const roleDoes: Record<Role, string> = {
  viewer: 'look up coupons',
  requester: 'give coupons',
  approver: 'approve coupons',
  auditor: 'read the records',
  operator: 'run this app',
}
/** "1 of at most 2 coupons", "¥10.00 of at most ¥20.00" */
const usedOf = (measure: 'count' | 'quota', used: number, max: number) =>
  measure === 'count'
    ? `${used} of at most ${coupons(max)}`
    : `${formatFen(used)} of at most ${formatFen(max)}`
const reached: Record<LimitKind, (used: string, days: string) => string> = {
  user: (used, days) => `This user has got ${used} ${days}`,
  requester: (used, days) => `You have given ${used} ${days}`,
  stock: (used, days) => `${used} of this kind have been given ${days}`,
}
const standings: Record<Exclude<Person['standing'], 'member'>, string> = {
  guest: 'Guests cannot use this app. Please ask a full member of this workspace.',
  bot: 'Bots cannot use this app.',
  deactivated: 'This account is deactivated.',
  'other-workspace': 'This app is only for people of the workspace that it belongs to.',
}

export const en = {
  locale: 'en',
  separator: ', ',
  close: 'Close',
  cancel: 'Cancel',

  /** How the subcommands are told; all languages are understood. */
  subcommands: { send: 'send', list: 'list', help: 'help' },

  refusal: {
    standing: (standing: Exclude<Person['standing'], 'member'>) => standings[standing],
    rolesUnknown:
      'Slack did not tell in time which groups you are in, so nothing was done. Please try again in a minute.',
    roleMissing: (role: Role) => `You are not in a group that may ${roleDoes[role]}.`,
    openidEmpty: 'Please enter the user’s openid.',
    openidTooLong: (length: number) => `An openid has at most 128 characters. This has ${length}.`,
    openidCharacter: (character: string, position: number) =>
      `An openid has only letters, digits, - and _. This has ${character === ' ' ? 'a space' : `“${character}”`} at position ${position}.`,
    stockUnknown: (stock: string) =>
      `There is no coupon “${stock}” to give any more. Please choose another one.`,
    reasonUnknown: (reason: string) => `There is no reason “${reason}” any more. Please choose another one.`,
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
      `${reached[kind](usedOf(measure, used, max), inDays(days))}; this would add ${measure === 'count' ? adding : formatFen(adding)}. Try again later, or ask an operator whether the limit may change.`,
    lookups: (max: number, againAt: string) =>
      `You have looked up ${max} users, which is the most for now. You can look up again from ${againAt}.`,
    ask: (people: string) => `If you think that you should be able to: ask ${people}.`,
    nothingRecorded: 'Nothing was recorded.',
  },

  form: {
    title: 'Give a coupon',
    intro:
      'A withdrawal coupon lets a user move money from WeChat Pay to a bank card without the fee, up to its quota. *It cannot be taken back.*',
    openid: 'openid of the user',
    openidHint: 'The user’s id at WeChat Pay under your app: 28 characters, the first an o.',
    openidPlaceholder: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    stock: 'Coupon',
    stockPlaceholder: 'Choose a coupon',
    stockOption: (name: string, quota: string) => `${name} · up to ${quota}`,
    stockLeft: (count: number | null, quota: string | null) =>
      count === null ? `${quota} left today` : `${count} left today`,
    reason: 'Reason',
    reasonPlaceholder: 'Choose a reason',
    note: 'Note for the approver',
    ticket: 'Ticket',
    submit: 'Submit',
    give: 'Give coupon',
    ask: 'Ask for approval',
    loading: 'One moment: looking up what you may do…',
    previewNone: 'Whether this needs approval is shown here once the form is filled in.',
    previewAutomatic: '*Approved by itself*: the coupon is given as soon as you submit.',
    previewApproval: (approvals: number, channel: string) =>
      `*Needs ${approvals === 1 ? '1 approval' : `${approvals} approvals`}* in ${channel}.`,
    previewRefused: (why: string) => `*Not possible as it stands*: ${why}`,
    unlike: 'This does not look like an openid (28 characters, the first an o). Please check it.',
    limit: (kind: LimitKind, measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `${{ user: 'this user', requester: 'you', stock: 'this coupon' }[kind]} ${measure === 'count' ? `${used} of ${max}` : `${formatFen(used)} of ${formatFen(max)}`} ${lately(days)}`,
    limits: (list: string) => `Limits: ${list}`,
    busy: 'The records could not be written just now, so nothing was recorded. Please submit again.',
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
    title: 'Withdraw coupon',
    broken:
      'This form is no longer valid, so nothing was recorded. Please close it and run `/withdraw-coupon send` again.',
    notSure:
      'It is not sure whether this was recorded. Please do not give it again yet: look at the messages of this app first. If it was recorded, its progress is shown there.',
    failed: (id: string) =>
      `Something went wrong in this app, and nothing was changed. Please try again; if it happens again, tell the operators this number: \`${id}\`.`,
    unsure: (id: string) =>
      `Something went wrong in this app, and it is not sure whether your request was recorded. Please look at the messages of this app before you try again. Number for the operators: \`${id}\`.`,
    late: 'The form could not be opened in time. Please run the command again.',
    notYours: 'This message belongs to somebody else.',
    gone: 'This grant is not in the records any more.',
    busy: 'The records could not be read just now. Please try again in a minute.',
  },

  card: {
    recordedTitle: 'Recorded',
    to: (user: string) => `to ${user}`,
    pending: (user: string) => `Waiting for approval: coupon to ${user}`,
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
    pendingText: (channel: string, until: string | null) =>
      `Sent for approval to ${channel}.${until ? ` Open until ${until}.` : ''}`,
    approvedText: 'Recorded and approved. Issuing now…',
    holdText: (why: string) =>
      `Approved, waiting: ${why} Nothing is lost and you need not do anything: it is issued as soon as that is settled.`,
    issuingText: 'Recorded. Issuing now…',
    checkingText:
      'WeChat Pay does not answer. We keep trying; the coupon will not be given twice. Please do not give another one meanwhile.',
    needsLookText:
      'It is not clear whether WeChat Pay issued this coupon. An operator is checking. Please do not give another one meanwhile.',
    expires: (when: string) => `Expires ${when}`,
    noExpiry: 'WeChat Pay did not tell when it expires.',
    passOnLabel: 'To pass on to the user:',
    passOn: (quota: string, until: string | null) =>
      `We have added a fee-free withdrawal coupon to your WeChat Pay. You can withdraw up to ${quota} to your bank card without a fee${until ? ` until ${until}` : ''}.`,
    refusedText: (why: string) => `WeChat Pay refused: ${why} Nothing was given.`,
    rejectedText: 'An approver rejected it. Nothing was given.',
    cancelledText: 'It was cancelled before it was issued. Nothing was given.',
    expiredText: 'Nobody approved it in time. Nothing was given. You can ask again.',
    reason: (name: string) => `Reason: ${name}`,
    byRule: (rule: string) => `approved by the policy (${rule})`,
    ticket: (ticket: string) => `Ticket: ${ticket}`,
    lookUp: 'Look up this user',
    giveAnother: 'Give another',
    repeated:
      'This form had been submitted before: what was recorded then is shown, and nothing new was recorded.',
    wechatSays: (code: string, message: string) => `WeChat Pay: ${code} ${message}`,
    requestId: (id: string) => `Request-ID: ${id}`,
  },

  /** Why WeChat Pay refused, and the next step, by its code. */
  refusedBy: {
    RULE_LIMIT:
      'this user has reached the limit of this coupon. Choose another coupon, or ask those who run the stock to raise its limit.',
    USER_ACCOUNT_ABNORMAL:
      'this user’s WeChat Pay account is not in order. The user can see why in WeChat Pay, or ask WeChat Pay’s support.',
    NOT_ENOUGH:
      'the stock’s budget is used up. Choose another coupon, or ask those who run the stock to add to it.',
    REQUEST_BLOCKED:
      'the stock has not started or is over. Choose another coupon, or ask those who run the stock.',
    USER_AL_GET_COUPON:
      'this user already has this coupon. Look up what the user holds before you give another.',
    RESOURCE_NOT_EXISTS: 'it does not know this stock. An operator must check the stock’s id in the policy.',
    USER_NOT_EXISTS:
      'it does not know this user. Check that the openid belongs to this app and was copied whole.',
    PARAM_ERROR: 'it does not accept one of the values. Check the openid; if it is right, tell an operator.',
    INVALID_REQUEST: 'it does not accept the request. Check the openid; if it is right, tell an operator.',
  },
  refusedOther: 'it gave a reason that this app does not know. Please tell an operator.',

  /** Why issuing waits, by the hold's reason, for the person who asked. */
  holdBy: {
    SIGN_ERROR: 'the connection to WeChat Pay is being repaired.',
    NO_AUTH: 'the merchant is not allowed to give this coupon yet.',
    APPID_MCHID_NOT_MATCH: 'the set-up of this coupon is being corrected.',
    MCH_NOT_EXISTS: 'the set-up of this coupon is being corrected.',
    'untrusted-answers': 'answers of WeChat Pay cannot be verified at the moment.',
    'same-user': 'another coupon for this user is being settled first.',
    paused: 'issuing is paused.',
    other: 'the operators are looking into a fault.',
  },

  list: {
    title: (count: number, user: string) => `${count === 0 ? 'No coupons' : coupons(count)} of ${user}`,
    summary: (usable: number, left: string) =>
      usable === 0 ? 'None is usable' : `${usable} usable, up to ${left} left`,
    none: (kinds: number) =>
      kinds === 1
        ? 'This user holds no coupon of the 1 kind that you may look up.'
        : `This user holds no coupons of the ${kinds} kinds that you may look up.`,
    noKinds: 'There is no kind of coupon to look up: the policy names none.',
    state: {
      usable: 'Usable',
      usedUp: 'Used up',
      expired: 'Expired',
    },
    used: (used: string, quota: string) => `${used} of ${quota} used`,
    sent: (when: string) => `sent ${when}`,
    expires: (when: string, relative: string) => `expires ${when} (${relative})`,
    expired: (when: string) => `expired ${when}`,
    noExpiry: 'expiry not known (given outside this app)',
    noExpiryOwn: 'expiry not known (WeChat Pay did not tell)',
    by: (who: string, reason: string) => `by ${who}: ${reason}`,
    open: {
      pending: 'Waiting for approval',
      approved: 'Approved, not issued yet',
      issuing: 'Being issued',
      checking: 'Being checked',
      needsLook: 'Needs a look',
    },
    openLine: (state: string, name: string, who: string, when: string) =>
      `*${state}*  ${name} · by ${who}, ${when}`,
    openMore: (count: number) => `… and ${count} more under way`,
    failed: (name: string, why: string) => `*Could not look up ${name}*: ${why}`,
    failedMore: (count: number) => `… and ${count} more kinds`,
    failedWhy: {
      NO_ANSWER: 'WeChat Pay did not answer. Please try again in a minute.',
      UNTRUSTED_ANSWER: 'the answer could not be verified as WeChat Pay’s. An operator must look.',
      UNEXPECTED_ANSWER: 'WeChat Pay’s answer could not be understood. An operator must look.',
    },
    failedOther: (code: string) => `WeChat Pay says ${code}. Please tell an operator.`,
    incomplete: 'This list is not complete.',
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    previous: 'Previous',
    next: 'Next',
    give: 'Give a coupon',
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
    approvers: (people: string, channel: string) =>
      `What is not approved by itself is decided by ${people} in ${channel}.`,
    noApprovers: 'What is not approved by itself cannot be decided: the policy names no approvers.',
    left: (list: string) => `Left today: ${list}`,
    leftOne: (name: string, count: number | null, quota: string | null) =>
      `${name} ${count === null ? quota : count}`,
    requester: (measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `You have given ${usedOf(measure, used, max)} ${inDays(days)}.`,
    lookups: (left: number) => `Look-ups left: ${left}.`,
    example: { stock: 'withdraw-10', reason: 'outage', note: 'sorry for the wait' },
  },

  hold: {
    title: (ended: boolean): string => (ended ? 'Settled: coupons are issued again' : 'Coupons are waiting'),
    all: 'Nothing is issued',
    firstAttempts: 'No new coupon is issued; what was begun goes on',
    stock: (key: string) => `The coupon ${key} is not issued`,
    since: (when: string) => `since ${when}`,
    until: (when: string) => `until ${when}`,
    waiting: (count: number) =>
      `Nothing is lost: ${count === 1 ? '1 approved coupon waits' : `${count} approved coupons wait`}. One attempt a minute is made; issuing goes on by itself after the repair.`,
    ended: 'The coupons that waited are issued now.',
    says: (reason: string, message: string) => `WeChat Pay: ${reason} ${message}`,
    check: {
      SIGN_ERROR:
        'WeChat Pay rejects our signature. Check the merchant id, the serial of the merchant certificate, the private key, and the clock of this machine.',
      NO_AUTH:
        'The merchant may not give this coupon. Check the product permissions in the merchant platform, and who created the stock.',
      APPID_MCHID_NOT_MATCH:
        'appid and merchant id do not belong together. Check both in the policy and in the merchant platform.',
      MCH_NOT_EXISTS: 'WeChat Pay does not know the merchant id. Check it in the policy.',
      'untrusted-answers':
        'Answers cannot be verified as WeChat Pay’s. Check the WeChat Pay public key and its id, or the platform certificates, and any proxy that strips Wechatpay-* headers.',
      other: 'Look into the log of this app.',
    },
  },
}

/** The catalogue: what every language must say. */
export type Words = typeof en
