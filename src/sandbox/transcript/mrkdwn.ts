import type { Workspace, WorkspacePerson } from '../slack/index.ts'

/** Who looks at the screen, where, and when: mentions and dates are drawn for this person. */
export interface Onlooker {
  person: WorkspacePerson
  workspace: Workspace
  /** Epoch ms. */
  now: number
}

/** Slack's mrkdwn as a person reads it: names for ids, dates in the person's zone, no marks of bold or code. */
export function readable(text: string, onlooker: Onlooker): string {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 === 1 ? named(part.slice(1, -1), onlooker) : unmarked(part)))
    .join('')
}

/** Marks count only around words, as in Slack: `2*3` and `a_b` stay as they are. */
function unmarked(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((part, index) => {
      if (index % 2 === 1) return part.slice(1, -1)
      return part.replace(/(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu, '$2')
    })
    .join('')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function named(inside: string, onlooker: Onlooker): string {
  const { people, channels, groups } = onlooker.workspace
  const [target = '', label] = splitAt(inside, '|')
  const id = target.slice(1)
  if (target.startsWith('@')) return `@${people.find((one) => one.id === id)?.name ?? label ?? id}`
  if (target.startsWith('#')) return `#${channels.find((one) => one.id === id)?.name ?? label ?? id}`
  if (target.startsWith('!subteam^')) {
    const groupId = target.slice('!subteam^'.length)
    return `@${groups.find((one) => one.id === groupId)?.handle ?? label ?? groupId}`
  }
  if (target.startsWith('!date^')) return dated(target, label ?? '', onlooker)
  if (target.startsWith('!')) return `@${id}`
  return label === undefined || label === target ? target : `${label} (${target})`
}

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const DAY = 86_400_000
const dateStyles: Record<string, Intl.DateTimeFormatOptions> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
}

/** `!date^1767168000^{date_short_pretty} {time}^link`; what can't be read is its fallback, as in Slack. */
function dated(target: string, fallback: string, { person, now }: Onlooker): string {
  const [, seconds = '', form = ''] = target.split('^')
  if (!/^\d+$/.test(seconds)) return fallback
  const at = Number(seconds) * 1000
  let isKnown = form !== ''
  const told = form.replace(/\{(\w+)\}/g, (_, token: string) => {
    const style = dateStyles[token.replace(/_pretty$/, '')]
    const near = token.endsWith('_pretty') ? nearDay(at, now, person) : undefined
    if (!style) isKnown = false
    return near ?? new Intl.DateTimeFormat(person.locale, { ...style, timeZone: person.tz }).format(at)
  })
  return isKnown ? told : fallback
}

/** "today", "tomorrow", "yesterday" in the person's words and zone. */
function nearDay(at: number, now: number, { locale, tz }: WorkspacePerson): string | undefined {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: tz })
  const away = [-1, 0, 1].find((days) => day.format(now + days * DAY) === day.format(at))
  if (away === undefined) return undefined
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(away, 'day')
}
