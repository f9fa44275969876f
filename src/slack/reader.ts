import type { Language, Named } from '../domain/language.ts'
import { formatFen } from '../domain/money.ts'
import type { Policy } from '../domain/policy.ts'
import { createDates, type Dates } from './dates.ts'
import { safe } from './text.ts'
import { byCode, type Words, wordsOf } from './words/index.ts'

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
  /** The address of a ticket, where the policy tells one. */
  ticketUrl(ticket: string): string | null
}

const NAME = 60

export function createReader(
  language: Language,
  { timezone, ticket: tickets }: Pick<Policy, 'timezone' | 'ticket'>,
): Reader {
  return {
    language,
    words: wordsOf(language),
    dates: createDates(language, timezone),
    name: (named) => safe(named[language], NAME),
    plainName: (named) => named[language],
    money: formatFen,
    ticketUrl(ticket) {
      const url = tickets?.url?.replaceAll('{id}', encodeURIComponent(ticket))
      // A ticket can stand where an address may not hold it, such as the name of a host.
      return url && URL.canParse(url) ? url : null
    },
  }
}

/** People, groups and addresses of the policy, as mentions. @returns null for none */
export function mentions(members: readonly string[], words: Words): string | null {
  if (members.length === 0) return null
  return listed(members, 10, words, (member) => {
    if (member.startsWith('S')) return `<!subteam^${member}>`
    return member.includes('@') ? safe(member) : `<@${member}>`
  })
}

/** The first of them, and how many more there are. */
export function listed(
  items: readonly string[],
  most: number,
  words: Words,
  as: (item: string) => string = (item) => item,
): string {
  const left = items.length - most
  const shown = items.slice(0, most).map(as)
  return shown.join(words.separator) + (left > 0 ? ` ${words.cut.more(left)}` : '')
}

/** Who did something, for mrkdwn: a person, somebody at the command line, or a part of the app. */
export function actorText(actor: string, words: Words): string {
  const known = byCode<string>(words.trail.actors, actor)
  if (known) return known
  const name = /^cli:(.*)$/s.exec(actor)?.[1]
  return name === undefined ? `<@${safe(actor, 40)}>` : words.atCommandLine(safe(name, 60))
}
