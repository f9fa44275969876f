import type { ChannelProblem } from '../../../../domain/ask.ts'
import type { LimitKind } from '../../../../domain/limit.ts'
import type { Person } from '../../../../domain/permissions.ts'
import type { Role } from '../../../../domain/policy.ts'
import { formatFen, formatFenShort } from '../../../../domain/text.ts'
import { coupons } from './lists.ts'

/** The form, what follows it, why something is refused, and the help. */

const inDays = (days: number) => (days === 1 ? 'today' : `in ${days} days, today included`)
const lately = (days: number) => (days === 1 ? 'today' : `in ${days} days`)
/** What helps when a limit is reached: waiting only if it makes room. */
const whenAgain = (max: number, adding: number, days: number) => {
  const ask = 'ask an operator to raise the limit.'
  if (adding > max) return `Waiting won’t help: choose another coupon, or ${ask}`
  return `Try again ${days === 1 ? 'tomorrow' : `once earlier ones are ${days} days old`}, or ${ask}`
}
const roleDoes: Record<Exclude<Role, 'operator'>, string> = {
  viewer: 'look up coupons',
  requester: 'give coupons',
  approver: 'approve this coupon',
  auditor: 'read the records',
}
const amount = (measure: 'count' | 'quota', value: number) =>
  measure === 'count' ? String(value) : formatFen(value)
const whose: Record<LimitKind, string> = {
  user: 'this user’s limit',
  requester: 'your limit',
  stock: 'this coupon’s limit',
}
const left = (measure: 'count' | 'quota', used: number, max: number) =>
  measure === 'count'
    ? `${Math.max(0, max - used)} of ${coupons(max)} left`
    : `${formatFenShort(Math.max(0, max - used))} left of ${formatFenShort(max)}`
const channels: Record<ChannelProblem, string> = {
  'not-joined':
    'This app is not in the channel where approvers are asked. An operator must invite it there, or correct the channel in the policy.',
  shared:
    'The channel where approvers are asked is shared with another organisation. An operator must name another one in the policy.',
  archived:
    'The channel where approvers are asked is archived. An operator must name another one in the policy.',
  unreadable:
    'Slack does not let this app look into the channel where approvers are asked. An operator must reinstall the app with all its scopes.',
}
const standings: Record<Exclude<Person['standing'], 'member'>, string> = {
  guest: 'Guests cannot use this app. Please ask a full member of this workspace.',
  bot: 'Bots cannot use this app.',
  deactivated: 'This account is deactivated.',
  'other-workspace': 'This app is only for people of the workspace that it belongs to.',
}

export const ask = {
  refusal: {
    standing: (standing: Exclude<Person['standing'], 'member'>) => standings[standing],
    rolesUnknown:
      'Slack didn’t say in time which groups you are in, so nothing was done. Please try again in a minute; if it still fails, tell an operator.',
    cutOff:
      'Slack no longer accepts this app’s token, so nothing was done, and trying again does not help. Tell whoever runs this app: it needs a new token.',
    roleMissing: (role: Role) =>
      role === 'operator'
        ? 'Only operators may do this.'
        : `You are not in a group that may ${roleDoes[role]}.`,
    openidEmpty: 'Please enter the user’s openid.',
    openidUnion: 'A unionid is not an openid. Please enter the user’s openid under your WeChat appid.',
    openidTooLong: (length: number) => `An openid has at most 128 characters. This has ${length}.`,
    openidLength: (length: number) =>
      `An openid has 28 characters and begins with o; this has ${length}. If the openids of your appid look different, an operator can set openid in the policy.`,
    openidStart: (character: string) =>
      `An openid begins with a lowercase o; this begins with “${character}”. If the openids of your appid look different, an operator can set openid in the policy.`,
    openidPattern:
      'This doesn’t look like an openid of this app’s users. Check that you copied all of it, and nothing else.',
    openidCharacter: (character: string, position: number) =>
      `An openid has only letters, digits, - and _. This has ${character === ' ' ? 'a space' : `“${character}”`} at position ${position}.`,
    stockUnknown: (stock: string) => `There is no coupon “${stock}” here. Please choose another one.`,
    reasonUnknown: (reason: string) => `There is no reason “${reason}” here. Please choose another one.`,
    noteMissing: 'This reason needs a note: say in a sentence what happened.',
    noteTooLong: (length: number, max: number) => `A note has at most ${max} characters. This has ${length}.`,
    ticketMissing: 'Please enter the ticket.',
    ticketMalformed: (example: string | null) =>
      `That isn’t a valid ticket number. ${example === null ? 'Check it for typos, or ask an operator what ticket numbers look like here.' : `It should look like ${example}.`}`,
    limit: (
      kind: LimitKind,
      measure: 'count' | 'quota',
      used: number,
      max: number,
      adding: number,
      days: number,
    ) =>
      `Over ${whose[kind]}: ${left(measure, used, max)} (${days === 1 ? 'today' : `${days} days`}), this needs ${measure === 'count' ? adding : formatFenShort(adding)}. ${whenAgain(max, adding, days)}`,
    lookups: (max: number, againAt: string) =>
      `You have used all ${max} look-ups for now. You can look up again from ${againAt}.`,
    ask: (people: string) => `If you need this, ask ${people}.`,
    /** Whom a refusal means by operators. */
    operators: (people: string) => `Operators: ${people}`,
    noOperators: 'The policy names no operators: tell whoever runs this app in your workspace.',
    askSomebody: 'If you need this, ask whoever runs this app in your workspace.',
    whyMissing: 'Please write a reason.',
    notCorrectable:
      'The request you wanted to correct is being issued or has ended, so it stays as it is, and nothing new was recorded. Its message shows its state.',
    ownGrant:
      'You asked for this coupon yourself, so somebody else must decide it. You can cancel it: run /withdraw-coupon mine.',
    noApprovers: (needed: number, reachable: number) =>
      `Nobody could decide this: it needs ${needed === 1 ? '1 approver' : `${needed} approvers`}, and ${reachable === 0 ? 'none' : `only ${reachable}`} can be reached. An operator must check the approvers in the policy.`,
    approversUnknown:
      'Slack didn’t say in time who could decide this. Please submit again in a minute; if it still fails, tell an operator.',
    proposerUnknown:
      'Slack didn’t say in time whether the person who proposed this is still an operator. Please confirm again in a minute.',
    earlierApproversUnknown:
      'Slack didn’t say in time whether those who approved before are still approvers. Please press again in a minute; if it still fails, tell an operator.',
    channel: (why: ChannelProblem) => channels[why],
    stockLeft: (stock: string) =>
      `The coupon “${stock}” was taken out of the policy, so it can no longer be approved. Reject it to let the requester know, or ask an operator.`,
    ownSettlement: 'You proposed this outcome yourself, so a second person must confirm it.',
    evidenceMissing: 'Please write how you know: where you looked, and what it showed.',
    evidenceTooLong: (length: number, max: number) =>
      `This has at most ${max} characters. Yours has ${length}.`,
    couponIdMalformed:
      'A coupon id has only letters, digits, - and _, at most 128 of them. Copy it from WeChat Pay.',
    couponTaken: 'This coupon belongs to another request. Choose the one that came from this request.',
    nothingRecorded: 'Nothing was recorded.',
  },

  form: {
    title: 'Give a coupon',
    intro:
      'Lets the user move up to the coupon’s amount from WeChat balance to a bank card without the fee. *Can’t be undone.*',
    openid: 'User’s openid',
    openidHint: 'The user’s id under your WeChat appid: 28 characters, beginning with o.',
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
    changeTitle: 'Correct the request',
    changing:
      'Your first request stays as it is until you submit. Then it is cancelled, this one takes its place, and approvals start over.',
    loading:
      'One moment: checking what you may do… If nothing changes within ten seconds, close this and run the command again.',
    previewNone: 'Whether this needs approval is shown here once the form is filled in.',
    previewFailed: 'The app couldn’t check just now whether this needs approval. You’ll see when you submit.',
    previewAutomatic: '✓ *No approval needed*: issued as soon as you submit.',
    previewHeld: (why: string) =>
      `⏸ *No approval needed, but it has to wait*: ${why} The coupon is issued once this is fixed; if that takes too long, the request is cancelled and you are told.`,
    /** @param why the policy's reasons */
    previewApproval: (approvals: number, channel: string, why: string) =>
      `⏳ *Needs ${approvals === 1 ? '1 approval' : `${approvals} approvals`}* in ${channel}: ${why}.`,
    previewRefused: (why: string) => `⛔ ${why}`,
    limit: (kind: LimitKind, measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `${{ user: 'this user', requester: 'you', stock: 'this coupon' }[kind]} ${measure === 'count' ? `${used} of ${max}` : `${formatFenShort(used)} of ${formatFenShort(max)}`} ${lately(days)}`,
    limits: (list: string) => `Used so far: ${list}`,
    busy: 'The records could not be written just now: nothing was recorded, and nothing is issued. Please submit again in a minute; if it still fails, tell an operator.',
  },

  another: {
    title: 'Another one?',
    given: (who: string, when: string) => `${who} gave this user the same coupon ${when}.`,
    inFlight: (who: string, when: string) =>
      `${who} asked for the same coupon for this user ${when}, and it is still under way.`,
    question: (user: string, name: string) => `Give ${user} another “${name}”? This can’t be undone.`,
    give: 'Give another',
  },

  help: {
    title: 'What you can do here',
    typo: (typed: string, meant: string) => `“${typed}”? Did you mean “${meant}”?`,
    unknown: (typed: string) => `Unknown command “${typed}”.`,
    mayNothing: 'You may neither give nor look up coupons.',
    send: 'Open the form to give a coupon:',
    sendFilled: 'The same, filled in (all parts optional):',
    list: 'See what a user holds:',
    find: (kinds: string) => `Find a user without an openid (${kinds}):`,
    pending: 'See what waits for your decision:',
    mine: 'See what you asked for:',
    budget: 'See what you have left:',
    history: 'See what a user was given here; also by ticket, coupon id or send_request_no:',
    approvers: (people: string, channel: string) =>
      `Everything else needs approval by ${people} (${channel}).`,
    noApprovers: 'Nothing else can be decided: the policy names no approvers.',
    left: (list: string, days = 1) => `Left ${inDays(days)}: ${list}`,
    leftOne: (name: string, count: number) => `${name}: ${count}`,
    requester: (measure: 'count' | 'quota', used: number, max: number, days: number) =>
      `You may give ${measure === 'count' ? `at most ${coupons(max)}` : `coupons for at most ${formatFen(max)}`} ${inDays(days)}; ${amount(measure, used)} given or under way.`,
    example: { stock: 'withdraw-10', reason: 'outage', note: 'sorry for the wait' },
  },

  operatorHelp: {
    stuck: 'See what is stuck, and settle it:',
    pause: 'Pause issuing at once, of all coupons or of one:',
    resume: 'Resume issuing:',
    doctor: 'Check the whole set-up:',
    reason: 'given twice?',
  },
}
export type AskWords = typeof ask

/** Shortcuts in a message's menu and from anywhere in Slack. */
export const shortcuts = {
  fromMessage: {
    openid: 'openid',
    ticket: 'ticket',
    number: 'the number to find the user by (press “Find the user…”)',
    message: 'the message',
    found: (what: string) => `Filled in from the message: ${what}. Please check it.`,
    nothing: 'Nothing in the message could be filled in. Please enter the openid.',
    several: (count: number) => `The message has ${count} openids. Please enter the one that you mean.`,
    kept: (link: string) => `The request will link to ${link}.`,
    noAddress: 'The request can’t link to the message, because this app isn’t in that conversation.',
  },
  source: (link: string) => `From ${link}`,
  sourceLink: 'this message',

  lookUp: {
    title: 'Look up coupons',
    submit: 'Look up',
    loading: 'One moment: checking what you may do…',
    says: 'The result comes as a direct message from this app.',
  },
}
export type ShortcutWords = typeof shortcuts
