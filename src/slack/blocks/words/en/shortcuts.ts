/** What is chosen from a message's menu or from anywhere in Slack. */
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
