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
    nothing: 'Nothing was given in this month.',
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
    /** @param command prints the same where the ledger is */
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
