/** What requesters are told when their requests end, and of what approvers are reminded, in messages of their own. */

export const outcomes = {
  outcome: {
    issuedAfterAll: 'Issued after all',
    afterAll: 'This request had ended without a coupon. WeChat Pay has now confirmed that it issued one.',
    rejectedBy: (who: string) => `Rejected by ${who}`,
    cancelledBy: (who: string) => `Cancelled by ${who}`,
    details: 'Details',
    /** Several at once, as after the quiet hours. */
    together: (count: number) => `${count} of your requests have ended`,
    more: (count: number) => `…and ${count} more: \`/withdraw-coupon mine\` lists all of them.`,
  },

  /** Of several requests at once. */
  reminders: {
    title: (who: string, count: number) => `${who}: ${count} requests still wait for approval`,
    /** @param what amount and user, as a link to the card @param until when it expires */
    line: (what: string, have: number, needed: number, until: string | null) =>
      `${what}${have > 0 ? ` · ${have} of ${needed} approvals` : ''}${until ? ` · until ${until}` : ''}`,
    more: (count: number) => `…and ${count} more: \`/withdraw-coupon pending\` lists what you can decide.`,
  },
}
export type OutcomeWords = typeof outcomes
