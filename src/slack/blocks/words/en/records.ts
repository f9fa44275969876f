import { coupons } from './lists.ts'

/** The report of a month, for auditors. */

const isOne = (count: number) => count === 1

export const report = {
  report: {
    help: 'See what was given in a month:',
    noMonth: (typed: string) =>
      `${typed} isn’t a month. Write it like this: \`/withdraw-coupon report 2026-11\`, or \`report last\` for last month.`,
    underWay: 'Another report is being prepared. Please try again in a minute.',
    title: (month: string, count: number, quota: string) => `${month} · ${coupons(count)} · ${quota}`,
    zone: (timeZone: string) => `Days in ${timeZone}. No user is named.`,
    nothing: 'Nothing was given that month.',
    given: (count: number, quota: string, cost: string | null) =>
      `*Given:* ${coupons(count)} covering ${quota}, cost ${cost ?? 'not known: the policy doesn’t give it for every coupon'}`,
    asked: (count: number, quota: string) => `*Asked for:* ${count}, covering ${quota}`,
    decided: (approved: number, byRule: number, rejected: number) =>
      `*Decided:* ${approved} approved, ${byRule} by a rule, ${rejected} rejected`,
    time: (median: string, longest: string) =>
      `; half of them within ${median}, the slowest after ${longest}`,
    minutes: (count: number) => `${count} min`,
    hours: (count: string) => `${count} h`,
    ended: (refused: number, cancelled: number, expired: number) =>
      `*Ended without a coupon:* ${refused} refused by WeChat Pay, ${cancelled} cancelled, ${expired} expired`,
    use: (parts: readonly string[]) => `*Of these coupons:* ${parts.join(', ')}`,
    used: (count: number, quota: string) => `${count} used (${quota})`,
    expiredUnused: (count: number, quota: string) => `${count} expired unused (${quota})`,
    open: (count: number) => `${count} still open`,
    notKnown: (count: number) => `${count} not known: not looked up yet, or not listed`,
    settlements: (proposed: number, confirmed: number, withdrawn: number, corrected: number) =>
      `*Settled by people:* ${proposed} proposed, ${confirmed} confirmed, ${withdrawn} withdrawn; ${corrected} corrected by WeChat Pay`,
    operated: (pauses: number, policies: number, erased: number) =>
      `*Operated:* ${pauses} ${isOne(pauses) ? 'pause or resume' : 'pauses and resumes'}, ${policies} ${isOne(policies) ? 'change' : 'changes'} of the policy, ${erased} ${isOne(erased) ? 'record' : 'records'} erased`,
    lookups: '*Look-ups of users:*',
    lookup: (who: string, count: number, openids: number) =>
      `${who} ${count}${openids > 0 ? ` (${openids} ${isOne(openids) ? 'openid' : 'openids'} shown)` : ''}`,
    differs: (noGrant: number, notListed: number) =>
      `⚠ *Does not agree with WeChat Pay now:* ${noGrant} ${isOne(noGrant) ? 'coupon' : 'coupons'} without a request, ${notListed} ${isOne(notListed) ? 'request' : 'requests'} whose coupon is not listed`,
    chart: '*Coupons by day*',
    days: (first: string, last: string) => `Coupons by day, ${first} to ${last}`,
    series: 'Coupons',
    caption: 'Coupons by stock, reason and person',
    columns: ['By', 'Which', 'Coupons', 'Covering', 'Cost'],
    by: {
      stock: 'Stock',
      reason: 'Reason',
      requester: 'Requester',
      approver: 'Approver',
      rule: 'Rule',
    },
    inFile: (count: number) => `${count} more rows are in the CSV.`,
    file: (month: string) => `Report of ${month}, all figures; money in fen`,
    fileSent: 'All figures as a CSV are in your messages with this app.',
    /** @param command prints the same on the ledger's machine */
    fileRefused: {
      scope: (command: string) =>
        `The CSV could not be sent: this Slack app has no permission for files. An operator can install it again with the scope \`files:write\`. Until then ${command} prints the same.`,
      disabled: (command: string) =>
        `The CSV could not be sent: this workspace takes no uploads. ${command} prints the same.`,
      full: (command: string) =>
        `The CSV could not be sent: this workspace has no storage left. ${command} prints the same.`,
      other: (command: string) =>
        `Slack did not say whether it took the CSV. If it is not in your messages with this app, run the report again; ${command} prints the same.`,
    },
  },
}
export type ReportWords = typeof report

/** Erasing a person: an auditor asks, an operator confirms. */

const requests = (count: number) => (count === 1 ? '1 request' : `${count} requests`)

export const erasure = {
  erasure: {
    help: 'Ask to erase a person:',
    usage:
      'Say whom: `/withdraw-coupon erase <openid>`, or a subject’s id from an export in place of the openid.',
    unknown: 'There is no record of this person here, so there is nothing to erase.',
    'no-alerts':
      'The policy names no alerts channel, so nobody can be asked to confirm it. An operator can run `npm run audit -- erase`.',
    repeated: 'This command was already carried out.',
    notSure: 'It isn’t clear whether this was recorded. Run the command again to see.',
    unsure: (id: string) =>
      `Something went wrong in this app, and it isn’t clear whether this was recorded. Run the command again to see. Number for the operators: \`${id}\`.`,
    asked: (subject: string, channel: string) =>
      `Recorded. Nothing is erased yet: an operator must confirm it in ${channel}. Subject ${subject}`,
    waits: (subject: string, channel: string) =>
      `This was already asked for, and waits for an operator in ${channel}. Subject ${subject}`,
    already: (subject: string) => `Already erased. Subject ${subject}`,
    open: (grants: string) =>
      `Not erased: requests of this person are still open: ${grants}. Wait until they end, or cancel or settle them first.`,
    title: 'Erase a person?',
    asks: (who: string) => `${who} asks to erase a person.`,
    what: (count: number) =>
      `The openid and everything typed about the person will be erased, in ${requests(count)}. The history stays and can still be verified. Messages in Slack and older backups keep what they hold.`,
    subject: (id: string) => `Subject ${id}`,
    askedBy: (who: string) => `Asked by ${who}`,
    confirm: 'Erase',
    decline: 'Decline',
    confirmTitle: 'Erase this person?',
    confirmText: 'This can’t be undone.',
    confirmYes: 'Erase',
    done: (count: number) => `Erased: the openid, and what was typed in ${requests(count)}.`,
    declined: 'Declined. Nothing was erased.',
    lapsed: (who: string) =>
      `Nothing was erased: ${who}, who asked for it, is no longer an auditor. An auditor can ask again.`,
    ended: {
      erased: (who: string, when: string) => `A person was erased. ${who} confirmed it ${when}.`,
      declined: (who: string, when: string) =>
        `${who} declined ${when} to erase a person. Nothing was erased.`,
      lapsed: (_who: string, when: string) =>
        `Nothing was erased: whoever asked for it was no longer an auditor when it was confirmed, ${when}.`,
      over: (_who: string, when: string) =>
        `This person had already been erased another way, as the app found ${when}.`,
    },
    told: {
      erased: (subject: string, who: string) =>
        `The person you asked to erase has been erased; ${who} confirmed it. Subject ${subject}`,
      declined: (subject: string, who: string) =>
        `${who} declined to erase the person you asked to erase. Subject ${subject}`,
      lapsed: (subject: string, _who: string) =>
        `The person you asked to erase was not erased, because you are no longer an auditor. Subject ${subject}`,
      over: (subject: string, _who: string) =>
        `The person you asked to erase had already been erased another way. Subject ${subject}`,
    },
    askerUnknown:
      'Slack didn’t say in time whether the person who asked for it is still an auditor. Press the button again in a moment.',
    gone: 'This person was erased, so the app no longer has their openid.',
    user: 'user erased',
    own: 'You asked for this yourself, so somebody else must confirm it.',
    trail: (who: string, asker: string) =>
      `openid, ticket and notes erased: asked for by ${asker}, confirmed by ${who}`,
  },
}
export type ErasureWords = typeof erasure
