import { alerts } from './alerts.ts'
import { ask, shortcuts } from './ask.ts'
import { cards, outcomes } from './cards.ts'
import { away, decide } from './decide.ts'
import { find } from './find.ts'
import { home } from './home.ts'
import { lists } from './lists.ts'
import { operate } from './operate.ts'
import { erasure, report } from './records.ts'

/**
 * Every text that people read, in English, with a file for each surface. The files are long so that two languages can
 * be compared side by side. The type `Words` is what every other language must fill.
 * Values arrive already safe for their place: escaped for mrkdwn, as they are for plain text.
 */
export const en = {
  ...ask,
  ...away,
  ...cards,
  ...decide,
  ...home,
  ...lists,
  ...find,
  ...operate,
  ...shortcuts,
  ...report,
  ...erasure,
  ...alerts,
  ...outcomes,
  locale: 'en',
  /** Between two sentences. */
  space: ' ',
  separator: ', ',
  /** Says what a message has no room for. */
  cut: {
    more: (count: number) => `…and ${count} more`,
    lines: (count: number) => `…and ${count} more ${count === 1 ? 'line' : 'lines'}`,
    characters: (count: number) => `… (${count} more ${count === 1 ? 'character' : 'characters'})`,
  },
  /** Between two sentences. */
  gap: ' ',
  close: 'Close',
  cancel: 'Cancel',
  /** How the subcommands are written; the app understands those of all languages. */
  subcommands: {
    send: 'send',
    list: 'list',
    find: 'find',
    pending: 'pending',
    mine: 'mine',
    history: 'history',
    left: 'left',
    stuck: 'stuck',
    pause: 'pause',
    resume: 'resume',
    doctor: 'doctor',
    report: 'report',
    erase: 'erase',
    away: 'away',
    back: 'back',
    help: 'help',
  },
  notice: {
    tooLong: (max: number) =>
      `This has more than ${max} characters, so none of it was read. Please shorten it.`,
    title: 'Withdraw coupon',
    broken:
      'This form is no longer valid, so nothing was recorded. Please close it and run `/withdraw-coupon send` again.',
    notSure:
      'It isn’t clear whether this was recorded. Please don’t give it again yet: look at this app’s messages to you first. If it was recorded, its progress is shown there.',
    failed: (id: string) =>
      `Something went wrong in this app, and nothing was changed. Please try again; if it happens again, tell the operators this number: \`${id}\`.`,
    unsure: (id: string) =>
      `Something went wrong in this app, and it isn’t clear whether your request was recorded. Please look at this app’s messages to you before you try again. Number for the operators: \`${id}\`.`,
    unknown:
      'This version of the app does not know this button or command, so nothing was done. Run `/withdraw-coupon` for what it can do; if this happens again, tell an operator.',
    late: 'The form could not be opened in time. Please run the command again.',
    oneAtATime: (more: string) => `One at a time: ${more} is left over, so nothing was done.`,
    notYours: 'This message belongs to somebody else.',
    gone: 'This request is not in the records, so nothing was changed. If it should be there, tell an operator.',
    busy: 'The records could not be read just now. Please try again in a minute; if it still fails, tell an operator.',
  },
}

/** The catalogue: what every language must say. */
export type Words = typeof en
