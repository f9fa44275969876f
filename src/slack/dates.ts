import type { Language } from '../domain/language.ts'

const locales = { en: 'en-GB', 'zh-CN': 'zh-CN' } as const satisfies Record<Language, string>

/** Chinese readers know their own time by this name, and no offset. */
const beijing = new Set(['Asia/Shanghai', 'Asia/Chongqing', 'PRC'])

/** How times are told to readers of a language, in words with the policy's zone. */
export interface Dates {
  /** For Slack's messages: in the zone of the reader's device; where that fails, in the policy's. @param at epoch ms */
  slack(at: number): string
  /** In words, with its zone. @param at epoch ms */
  words(at: number): string
  /** "in 37 days", "3 days ago"; for what is read at once and not kept. */
  relative(at: number, now: number): string
}

/** Made once for each language and zone: making them takes longer than acknowledging a click. */
const made = new Map<string, Dates>()

export function createDates(language: Language, timeZone: string): Dates {
  const key = `${language} ${timeZone}`
  const dates = made.get(key) ?? makeDates(language, timeZone)
  made.set(key, dates)
  return dates
}

function makeDates(language: Language, timeZone: string): Dates {
  const moment = new Intl.DateTimeFormat(locales[language], {
    timeZone,
    year: 'numeric',
    month: language === 'en' ? 'short' : 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const zone = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' })
  const zoneOf = (at: number) =>
    zone.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone
  const relative = new Intl.RelativeTimeFormat(locales[language], { numeric: 'always' })
  const words = (at: number) => {
    if (language === 'en') return `${moment.format(at)} (${zoneOf(at)})`
    return `${moment.format(at)}（${beijing.has(timeZone) ? '北京时间' : zoneOf(at)}）`
  }
  return {
    words,
    slack: (at) => `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${words(at)}>`,
    relative: (at, now) => {
      const minutes = (at - now) / 60_000
      const size = Math.abs(minutes)
      if (size < 60) return relative.format(Math.trunc(minutes), 'minute')
      if (size < 48 * 60) return relative.format(Math.trunc(minutes / 60), 'hour')
      return relative.format(Math.trunc(minutes / 1440), 'day')
    },
  }
}
