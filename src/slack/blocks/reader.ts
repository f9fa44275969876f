import type { Grant } from '../../domain/grant.ts'
import type { Limit, LimitKind } from '../../domain/limit.ts'
import { commandLineUser } from '../../domain/permissions.ts'
import { type Policy, stockOfGrant } from '../../domain/policy.ts'
import { formatFen, formatFenShort, type Language, type Named } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { Abilities, BudgetLine, LimitState } from '../../grants/index.ts'
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
  /** The same without what a whole amount needs not: for titles and figures. */
  amount(fen: number): string
  /** What a rule is called, by the name that it is counted by; that name itself where the policy has no such rule now. */
  ruleName(name: string): string
  /** What the policy calls a stock or reason now, by its key; the key where it has none. */
  nameOf(what: string, key: string): string
  /** What to tell the customer, in the customer's language first. @param of fen, and epoch ms where it is known */
  passOn(of: { quota: number; expiresAt: number | null }): { language: Language; text: string }[]
  /** Whether the policy still offers a grant's coupon; if not, it can't be approved. */
  offers(grant: Pick<Grant, 'mchid' | 'stockId' | 'appid'>): boolean
  /** The address of a ticket, where the policy tells one. */
  ticketUrl(ticket: string): string | null
}

const NAME = 60

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
      // Customers of WeChat Pay read Chinese; who passes it on may read something else.
      return [...new Set<Language>(['zh-CN', language])].map((to) => ({
        language: to,
        text: wordsOf(to).card.passOn(formatFen(quota), until(to)),
      }))
    },
    offers: (grant) => stocks === undefined || stockOfGrant({ stocks }, grant) !== undefined,
    ticketUrl(ticket) {
      const url = tickets?.url?.replaceAll('{id}', encodeURIComponent(ticket))
      // A ticket can stand where an address may not hold it, such as the name of a host.
      return url && URL.canParse(url) && !/[<>|\s]/.test(url) ? url : null
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

/** The user of a grant, in plain text: the openid shortened, or that the person was erased. */
export function userText({ openid }: Pick<Grant, 'openid'>, { words }: Pick<Reader, 'words'>): string {
  return openid === '' ? words.erasure.user : shortOpenid(openid)
}

/** The same for mrkdwn. */
export function userCode(grant: Pick<Grant, 'openid'>, reader: Pick<Reader, 'words'>): string {
  return grant.openid === '' ? userText(grant, reader) : `\`${userText(grant, reader)}\``
}

/** Who did something, for mrkdwn: a person, somebody at the command line, or a part of the app. */
export function actorText(actor: string, words: Words): string {
  const known = byCode<string>(words.trail.actors, actor)
  if (known) return known
  const name = commandLineUser(actor)
  return name === null ? `<@${safe(actor, 40)}>` : words.atCommandLine(safe(name, 60))
}

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

/** What is left of a limit, in words: one line for what it counts, one for what that covers. */
export function leftTexts({ limit, used }: Pick<LimitState, 'limit' | 'used'>, { left }: Words): string[] {
  return (['count', 'quota'] as const).flatMap((measure) => {
    const max = limit[measure]
    return max === null ? [] : [left.of(measure, Math.max(0, max - used[measure]), max)]
  })
}

/** Whose or what's limit it is, for plain text. */
export function limitName({ of }: Pick<BudgetLine, 'of'>, { words, plainName, ruleName }: Reader): string {
  if (of.kind === 'requester') return words.left.you
  return of.kind === 'stock' ? plainName(of.stock.name) : words.left.rule(ruleName(of.rule))
}

/** Characters of a bar. */
const BAR = 8

/** The measure of which the smaller share is left: that one stops first. Full only for all of it, empty only for nothing. */
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

/** How many coupons of this quota (fen) the stock's limit leaves, or null where it sets none. */
export function couponsLeft(left: Abilities['stocks'][number]['left'], quota: number): number | null {
  const count = left ? Math.min(left.count, Math.floor(left.quota / quota)) : Number.POSITIVE_INFINITY
  return Number.isFinite(count) ? count : null
}
