/** Who is away, who decides for them, and who is asked once a request has waited long. */
export const away = {
  away: {
    usage: (unclear: string | null) =>
      `${unclear === null ? '' : `${unclear}? `}Say until when, and who decides for you if you like: \`/withdraw-coupon away 2026-12-01 @lea\`, \`away 3d\`, \`away friday 18:00 @lea\`. \`/withdraw-coupon back\` ends it.`,
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
    /** @param who null: whoever reads it */
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
    noDecider: (who: 'person' | 'stand-in', id: string) =>
      who === 'person'
        ? `<@${id}> doesn’t decide on coupons, so nobody needs to stand in.`
        : `<@${id}> may not approve any coupon, so they can’t stand in. Choose another approver.`,
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
