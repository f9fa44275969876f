import { formatFen } from '../../../../domain/text.ts'

/** The lists of coupons and of grants, and what is left of limits. */

export const coupons = (count: number) => (count === 1 ? '1 coupon' : `${count} coupons`)

export const lists = {
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

  left: {
    title: 'What you have left',
    columns: ['For', 'Left', 'Window', 'More from'],
    unlimited: 'The policy sets no limit on what you may give.',
    you: 'You',
    rule: (name: string) => `Without approval (${name})`,
    of: (measure: 'count' | 'quota', left: number, max: number) =>
      measure === 'count'
        ? `${left} of ${coupons(max)} left`
        : `${formatFen(left)} of ${formatFen(max)} left`,
    window: (days: number) => (days === 1 ? 'today' : `${days} days, today included`),
    more: (when: string) => `more from ${when}`,
    perUser: (count: number | null, quota: number | null, days: number) =>
      `Each user may get ${[...(count === null ? [] : [coupons(count)]), ...(quota === null ? [] : [formatFen(quota)])].join(' and ')} ${days === 1 ? 'a day' : `in ${days} days`}.`,
    /** @param per minutes */
    lookups: (left: number, max: number, per: number) =>
      `${left} of ${max} look-ups left ${per === 60 ? 'this hour' : `in ${per % 1440 === 0 ? `${per / 1440} days` : per % 60 === 0 ? `${per / 60} hours` : `${per} minutes`}`}.`,
  },

  found: {
    pendingTitle: 'Waiting for your decision',
    pendingNone: 'Nothing waits for your decision.',
    mineTitle: 'What you asked for',
    mineNone: 'You have not asked for any coupon yet.',
    historyTitle: (user: string) => `What ${user} was given here`,
    historyNone: 'Nobody has asked for a coupon for this user here.',
    missing: 'Whose records? Write the openid after it, for example `/withdraw-coupon history oUpF…`.',
    line: (state: string, name: string, user: string, who: string, when: string) =>
      `*${state}*  ${name} · to ${user} · asked by ${who}, ${when}`,
    reason: (name: string) => `Reason: ${name}`,
    page: (page: number) => `Page ${page}`,
  },
}
export type ListWords = typeof lists
