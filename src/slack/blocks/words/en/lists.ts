import { formatFen } from '../../../../domain/text.ts'

/** The lists of coupons and of grants, and what is left of limits. */

export const coupons = (count: number) => (count === 1 ? '1 coupon' : `${count} coupons`)

export const lists = {
  list: {
    title: {
      failed: 'The coupons could not be looked up',
      none: 'No coupons',
      /** @param left of the usable coupons; null: WeChat Pay did not tell enough to know it */
      some: (usable: number, left: string | null, all: number) => {
        if (usable > 0)
          return `${usable} usable · ${left === null ? 'amount left not known' : `${left} left`}`
        return `${left === null ? 'None known to be usable' : 'None usable'} · ${coupons(all)}`
      },
      incomplete: (says: string) => `${says} · incomplete`,
    },
    none: (kinds: number) =>
      kinds === 1
        ? 'This user holds no coupon at the moment (1 kind was looked up).'
        : `This user holds no coupon at the moment (${kinds} kinds were looked up).`,
    noKinds: 'There is no kind of coupon to look up: the policy names none.',
    caption: 'Coupons',
    columns: ['State', 'Amount', 'Expires', 'Given by', 'When', 'Reason', 'Ticket', 'Coupon'],
    notKnown: 'not known',
    outside: 'outside this app',
    left: (left: string, quota: string) => `${left} of ${quota} left`,
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
    /** @param days whole days until then */
    expires: (when: string, relative: string, _days: number) => `expires ${when} (${relative})`,
    /** Null: not given by this app, or WeChat Pay did not tell when. */
    given: (who: string | null, when: string | null) =>
      [who, when].filter((part) => part !== null).join(' · '),
    expired: (when: string) => `expired ${when}`,
    noExpiry: 'expiry not known (given outside this app)',
    noExpiryYet: 'expiry not known yet',
    noExpiryOwn: 'expiry not known',
    open: {
      pending: 'Waiting for approval',
      notAsked: 'Not asked yet',
      approved: 'Approved, not issued yet',
      issuing: 'Being issued',
      checking: 'Being checked',
      needsLook: 'Needs a look',
    },
    openLine: (
      state: string,
      amount: string,
      who: string,
      when: string,
      reason: string,
      channel: string | null,
    ) => `⏳ *${state}* · ${amount}\n${who} · ${when} · ${reason}${channel ? ` · ${channel}` : ''}`,
    openMore: (count: number) => `… and ${count} more under way`,
    /** About coupons that no record accounts for, and requests whose coupon is still unknown. */
    question: (coupons: number, requests: number) =>
      coupons === 1 && requests === 1
        ? 'This may be the coupon of the request that is still being checked. Count the two as one:'
        : `${coupons === 1 ? 'This coupon' : `These ${coupons} coupons`} may have been issued for ${requests === 1 ? 'the request' : `the ${requests} requests`} still being checked. Don’t count them twice:`,
    questionMore: (count: number) => `… and ${count} more`,
    failed: (name: string, why: string) => `⚠ *Could not look up ${name}*: ${why}`,
    failedMore: (count: number) => `… and ${count} more kinds`,
    failedWhy: {
      NO_ANSWER:
        'WeChat Pay did not answer. Please try again in a minute; if it still fails, tell an operator.',
      FREQUENCY_LIMITED: 'WeChat Pay accepts no more calls just now. Please try again in a minute.',
      SYSTEM_ERROR:
        'WeChat Pay has a fault. Please try again in a minute; if it still fails, tell an operator.',
      UNTRUSTED_ANSWER: 'the answer could not be verified as WeChat Pay’s. Please tell an operator.',
      UNEXPECTED_ANSWER: 'WeChat Pay’s answer could not be understood. Please tell an operator.',
      SETUP: 'something in this app’s set-up is wrong. Please tell an operator.',
    },
    failedOther: (code: string) => `WeChat Pay says ${code}. Please tell an operator.`,
    /** @param isMore whether there are more than were counted */
    range: (from: number, to: number, total: number, isMore: boolean) =>
      `${from}–${to} of ${isMore ? `more than ${total}` : total}`,
    previous: 'Previous',
    next: 'Next',
    give: 'Give a coupon',
    records: 'Records',
    moreOf: 'History, ids…',
    stocks: (keys: string) => `Coupons to look up here: ${keys}`,
    missing: 'Whose coupons? Write the openid after it, for example `/withdraw-coupon list oUpF…`.',
    privacy: 'Only you see this · look-ups are recorded',
  },

  left: {
    title: 'What you have left',
    caption: 'Limits',
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
    pendingTitle: (count: number, isMore: boolean) =>
      count === 0
        ? 'Nothing waits for you'
        : `${isMore ? `More than ${count} wait` : count === 1 ? '1 waits' : `${count} wait`} for you`,
    pendingNone: 'New requests that you may decide appear in the approval channel and here.',
    mineTitle: 'What you asked for',
    mineNone: 'You have not asked for any coupon yet. `/withdraw-coupon send` opens the form.',
    historyTitle: (user: string) => `Records of ${user}`,
    keyTitle: (of: 'number' | 'coupon' | 'ticket', key: string) =>
      `Records of ${{ number: 'send_request_no', coupon: 'coupon', ticket: 'ticket' }[of]} ${key}`,
    historyNone: 'Nobody has asked for a coupon for this user here.',
    missing:
      'Whose records? Write an openid, a ticket, a coupon id or a send_request_no after it, for example `/withdraw-coupon history oUpF…`.',
    unknownKey: (key: string) =>
      `No records match “${key}”: it is not an openid, and no ticket, coupon id or send_request_no in these records. Check that you copied all of it.`,
    card: 'Open the card',
    caption: 'Requests',
    columns: {
      when: 'Asked',
      state: 'State',
      amount: 'Amount',
      user: 'User',
      requester: 'By',
      reason: 'Reason',
      ticket: 'Ticket',
      decided: 'Decided by',
      note: 'Note',
    },
    note: (text: string) => `Note: ${text}`,
    /** For a rejection or a cancellation. */
    why: (text: string) => `Why not: ${text}`,
  },
}
export type ListWords = typeof lists
