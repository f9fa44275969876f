import type { Grant } from '../../domain/grant.ts'
import type { Limit, LimitKind } from '../../domain/limit.ts'
import { commandLineUser } from '../../domain/permissions.ts'
import { type Policy, stockOfGrant } from '../../domain/policy.ts'
import { formatFen, formatFenShort, type Language, type Named } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { Abilities, BudgetLine, LimitState } from '../../grants/index.ts'
import { safe } from './text.ts'
import { byCode, type Words, wordsOf } from './words/index.ts'

/** Everything needed to write texts for one reader. */
export interface Reader {
  language: Language
  words: Words
  dates: Dates
  /** A name from the policy, for mrkdwn. */
  name(named: Named): string
  /** The same name unescaped, for plain text. */
  plainName(named: Named): string
  money(fen: number): string
  /** The same, without decimals for a whole amount: for titles and figures. */
  amount(fen: number): string
  /**
   * The title of a rule, looked up by the name that it is counted by; that name if the policy no longer has the rule.
   */
  ruleName(name: string): string
  /** The policy's current name of a stock or reason, by its key; the key if it has none. */
  nameOf(what: string, key: string): string
  /**
   * What to tell the customer, in the customer's language first.
   * @param of quota in fen, expiry in epoch ms if known
   */
  passOn(of: { quota: number; expiresAt: number | null }): { language: Language; text: string }[]
  /** Whether the policy still offers a grant's coupon; if not, it can't be approved. */
  offers(grant: Pick<Grant, 'mchid' | 'stockId' | 'appid'>): boolean
  /** The address of a ticket, if the policy gives one. */
  ticketUrl(ticket: string): string | null
}

const NAME = 60

/** Builds the reader for a language, with the policy's names and time zone. */
export function createReader(
  language: Language,
  {
    timezone,
    ticket: tickets,
    approval,
    passOn: given = [],
    stocks,
    reasons = [],
  }: Pick<Policy, 'timezone' | 'ticket'> &
    Partial<Pick<Policy, 'approval' | 'passOn' | 'stocks' | 'reasons'>>,
): Reader {
  return {
    language,
    words: wordsOf(language),
    dates: createDates(language, timezone),
    name: (named) => safe(named[language], NAME),
    plainName: (named) => named[language],
    money: formatFen,
    amount: formatFenShort,
    ruleName: (name) => approval?.automatic.find((rule) => rule.name === name)?.title?.[language] ?? name,
    nameOf(what, key) {
      const named = what === 'stock' ? (stocks ?? []) : what === 'reason' ? reasons : []
      return named.find((one) => one.key === key)?.name[language] ?? key
    },
    passOn({ quota, expiresAt }) {
      const until = (to: Language) => (expiresAt === null ? null : createDates(to, timezone).words(expiresAt))
      if (given.length > 0)
        return given.map(({ language: to, text }) => ({
          language: to,
          text: text
            .replaceAll('{quota}', () => formatFenShort(quota))
            .replaceAll('{expires}', () => until(to) ?? wordsOf(to).card.passOnNoExpiry),
        }))
      // Customers of WeChat Pay read Chinese; the person who passes it on may read another language.
      return [...new Set<Language>(['zh-CN', language])].map((to) => ({
        language: to,
        text: wordsOf(to).card.passOn(formatFen(quota), until(to)),
      }))
    },
    offers: (grant) => stocks === undefined || stockOfGrant({ stocks }, grant) !== undefined,
    ticketUrl(ticket) {
      const url = tickets?.url?.replaceAll('{id}', encodeURIComponent(ticket))
      // The policy may put the ticket where an address can't hold it, for example in the host name.
      return url && URL.canParse(url) && !/[<>|\s]/.test(url) ? url : null
    },
  }
}

/** People, groups and addresses from the policy, as mentions. @returns null if there are none */
export function mentions(members: readonly string[], words: Words): string | null {
  if (members.length === 0) return null
  return listed(members, 10, words, (member) => {
    if (member.startsWith('S')) return `<!subteam^${member}>`
    return member.includes('@') ? safe(member) : `<@${member}>`
  })
}

/** The first `most` items, and how many more there are. */
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

/** The user of a grant, in plain text: the shortened openid, or a note that the person was erased. */
export function userText({ openid }: Pick<Grant, 'openid'>, { words }: Pick<Reader, 'words'>): string {
  return openid === '' ? words.erasure.user : shortOpenid(openid)
}

/** The same, for mrkdwn. */
export function userCode(grant: Pick<Grant, 'openid'>, reader: Pick<Reader, 'words'>): string {
  return grant.openid === '' ? userText(grant, reader) : `\`${userText(grant, reader)}\``
}

/** Who did something, for mrkdwn: a person, a user at the command line, or a part of the app. */
export function actorText(actor: string, words: Words): string {
  const known = byCode<string>(words.trail.actors, actor)
  if (known) return known
  const name = commandLineUser(actor)
  return name === null ? `<@${safe(actor, 40)}>` : words.atCommandLine(safe(name, 60))
}

const locales = { en: 'en-GB', 'zh-CN': 'zh-CN' } as const satisfies Record<Language, string>

/** Chinese readers know their own time by this name, not by an offset. */
const beijing = new Set(['Asia/Shanghai', 'Asia/Chongqing', 'PRC'])

/** How readers of a language see times; in words, with the policy's zone. */
export interface Dates {
  /** For Slack's messages: in the zone of the reader's device or, if that fails, the policy's. @param at epoch ms */
  slack(at: number): string
  /** In words, with the zone. @param at epoch ms */
  words(at: number): string
  /** "in 37 days", "3 days ago"; for texts that are read at once and not kept. */
  relative(at: number, now: number): string
}

/** Made once for each language and zone, because that takes longer than acknowledging a click. */
const made = new Map<string, Dates>()

function createDates(language: Language, timeZone: string): Dates {
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

type Says = (
  kind: LimitKind,
  measure: 'count' | 'quota',
  used: number,
  max: number,
  days: Limit['days'],
) => string

/** How much of each limit is used, in words; a limit may count coupons, what they cover, or both. */
export function limitTexts(limits: readonly LimitState[], says: Says): string[] {
  return limits.flatMap(({ kind, limit, used }) =>
    (['count', 'quota'] as const).flatMap((measure) => {
      const max = limit[measure]
      return max === null ? [] : [says(kind, measure, used[measure], max, limit.days)]
    }),
  )
}

/** What is left of a limit, in words: a text for the number of coupons, and one for what they cover. */
export function leftTexts({ limit, used }: Pick<LimitState, 'limit' | 'used'>, { left }: Words): string[] {
  return (['count', 'quota'] as const).flatMap((measure) => {
    const max = limit[measure]
    return max === null ? [] : [left.of(measure, Math.max(0, max - used[measure]), max)]
  })
}

/** The name of what a limit applies to, for plain text. */
export function limitName({ of }: Pick<BudgetLine, 'of'>, { words, plainName, ruleName }: Reader): string {
  if (of.kind === 'requester') return words.left.you
  return of.kind === 'stock' ? plainName(of.stock.name) : words.left.rule(ruleName(of.rule))
}

/** Characters of a bar. */
const BAR = 8

/**
 * A bar for the measure with the smaller share left, which runs out first. Full only if everything is left, empty only
 * if nothing is.
 */
export function leftBar({ limit, used }: Pick<LimitState, 'limit' | 'used'>): string {
  const shares = (['count', 'quota'] as const).flatMap((measure) => {
    const max = limit[measure]
    return max === null || max === 0 ? [] : [Math.max(0, max - used[measure]) / max]
  })
  const share = Math.min(1, ...shares)
  const full = share >= 1 ? BAR : share <= 0 ? 0 : Math.min(BAR - 1, Math.max(1, Math.round(share * BAR)))
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

/** What is left of a limit in one line of mrkdwn. */
export function barLine(line: BudgetLine, reader: Reader): string {
  const { words } = reader
  const texts = [leftTexts(line, words).join(words.separator), words.left.window(line.limit.days)]
  return `${leftBar(line)} *${safe(limitName(line, reader), 60)}* · ${texts.join(' · ')}`
}

/** How many coupons of this quota (fen) the stock's limit leaves; null if there is no limit. */
export function couponsLeft(left: Abilities['stocks'][number]['left'], quota: number): number | null {
  const count = left ? Math.min(left.count, Math.floor(left.quota / quota)) : Number.POSITIVE_INFINITY
  return Number.isFinite(count) ? count : null
}
