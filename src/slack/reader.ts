import type { Named } from '../domain/grant.ts'
import { formatFen } from '../domain/money.ts'
import type { Language } from '../domain/policy.ts'
import { createDates, type Dates } from './dates.ts'
import { safe } from './text.ts'
import { type Words, wordsOf } from './words/index.ts'

/** Everything needed to put something into words for one reader. */
export interface Reader {
  language: Language
  words: Words
  dates: Dates
  /** A name of the policy, for mrkdwn. */
  name(named: Named): string
  /** The same as it is, for plain text. */
  plainName(named: Named): string
  money(fen: number): string
}

const NAME = 60

export function createReader(language: Language, timeZone: string): Reader {
  return {
    language,
    words: wordsOf(language),
    dates: createDates(language, timeZone),
    name: (named) => safe(named[language], NAME),
    plainName: (named) => named[language],
    money: formatFen,
  }
}

/** People, groups and addresses of the policy, as mentions. @returns null for none */
export function mentions(members: readonly string[], words: Words): string | null {
  if (members.length === 0) return null
  const shown = members.slice(0, 10).map((member) => {
    if (member.startsWith('S')) return `<!subteam^${member}>`
    return member.includes('@') ? safe(member) : `<@${member}>`
  })
  return shown.join(words.separator) + (members.length > shown.length ? ' …' : '')
}
