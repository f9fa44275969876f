import { coupons } from './lists.ts'

/** The app's Home. */
export const home = {
  home: {
    asOf: (when: string) => `As of ${when}. It updates while you look at it.`,
    give: 'Give a coupon',
    lookUp: 'Look up',
    find: 'Find a user',
    refresh: 'Refresh',
    waiting: (count: number, isMore: boolean) =>
      count === 0 ? 'Nothing waits for you' : `Waits for you (${isMore ? `more than ${count}` : count})`,
    newest: (shown: number, count: number) => `The newest ${shown} of ${count}.`,
    allWaiting: 'All that wait for you',
    mine: 'Yours',
    mineNone: 'You have not asked for any coupon yet.',
    allMine: 'All your requests',
    left: 'Left',
    stuck: 'Operations',
    stuckNone: 'Nothing is paused or stuck.',
    paused: (what: string, who: string, when: string) => `⏸ ${what} · by ${who}, ${when}`,
    /** @param check what an operator can check */
    fault: (what: string, when: string, check: string) => `⚠ *${what}* · since ${when}\n${check}`,
    closed: (where: string, code: string) => `⚠ Slack takes no messages from this app in ${where} (${code}).`,
    needsLook: (count: number, isMore: boolean) =>
      `🔎 ${isMore ? `More than ${count}` : count} ${count === 1 && !isMore ? 'request needs' : 'requests need'} a look.`,
    checking: (count: number) =>
      `${count} ${count === 1 ? 'request is' : 'requests are'} being checked with WeChat Pay.`,
    showStuck: 'Show and settle',
    setUp: 'Set-up',
    checkSetUp: 'Check the set-up',
    month: 'This month',
    monthSays: 'Given or under way, by the day of the request.',
    monthLine: (name: string, count: number, quota: string) => `*${name}* · ${coupons(count)} · ${quota}`,
    monthSum: (count: number, quota: string) => `*All* · ${coupons(count)} · ${quota}`,
    busy: 'The records could not be read just now. Press Refresh in a minute.',
  },
}
export type HomeWords = typeof home
