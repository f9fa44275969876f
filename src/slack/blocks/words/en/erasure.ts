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
    own: 'You asked for this yourself, so somebody else must confirm it.',
    trail: (who: string, asker: string) =>
      `openid and notes erased: asked for by ${asker}, confirmed by ${who}`,
  },
}
export type ErasureWords = typeof erasure
