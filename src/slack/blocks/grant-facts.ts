import type { AnyBlock, RichTextBlock, RichTextElement, SectionBlock } from '@slack/types'
import { MAX_TICKET } from '../../domain/ask.ts'
import type { FindKind, FoundBy } from '../../domain/customer.ts'
import type { Grant } from '../../domain/grant.ts'
import { inOneLine, quotedLines } from '../../domain/text.ts'
import type { CardFacts, Received } from '../../grants/index.ts'
import { approvalLines, approvalTitle, approvedSoFar, sourceText, stateSign } from './grant-parts.ts'
import { limitTexts, mentions, type Reader, userText } from './reader.ts'
import { context, quote, quoteBlock, safe, section } from './text.ts'
import { byCode } from './words/index.ts'

/** What an approver needs to decide: shown on the card and in the list of waiting grants. */

type ForDeciding = NonNullable<CardFacts['forDeciding']>

/** "History" shows the rest of a longer note. */
const MOST_LINES_OF_NOTE = 6
const MAX_TICKET_IN_TITLE = 30

/**
 * State, amount, user and ticket of a grant in one line of plain text, for a header or a notification.
 * @param beside who has approved so far
 */
export function grantHeadline(grant: Grant, beside: Pick<CardFacts, 'decisions'>, reader: Reader): string {
  const { openid, ticket, quota } = grant
  return [
    `${stateSign(grant)} ${approvalTitle(grant, beside, reader)}`,
    reader.amount(quota),
    userText(grant, reader),
    ...(ticket ? [inOneLine(ticket, MAX_TICKET_IN_TITLE, openid)] : []),
  ].join(' · ')
}

/**
 * Everything that an approver needs to decide on a pending grant, in order: who asks and why, what speaks against it,
 * what is left of the limits, who must agree, and by when.
 */
export function decisionFacts(
  grant: Grant,
  { decisions, forDeciding }: Pick<CardFacts, 'decisions' | 'forDeciding'>,
  reader: Reader,
): AnyBlock[] {
  if (!forDeciding) return [askBlock(grant, reader)]
  return [
    askBlock(grant, reader),
    warningBlock(forDeciding, reader),
    ...(reader.offers(grant) ? [] : [section(`⚠ ${reader.words.card.stockLeft(null)}`)]),
    ...(grant.strandedAt === null ? [] : [section(`⚠ ${reader.words.escalation.stranded}`)]),
    ...figuresBlock(forDeciding, reader),
    needsBlock(grant, { decisions, forDeciding }, reader),
  ]
}

/**
 * Who asked for which coupon, why, with which ticket and note. As rich text, so that nothing a person typed is
 * rendered.
 */
export function askBlock(grant: Grant, reader: Reader, mostLines = MOST_LINES_OF_NOTE): RichTextBlock {
  const { requester, stockName, reasonName, note, openid } = grant
  const about = [reasonName, stockName]
    .map((named) => ` · ${inOneLine(reader.plainName(named), 60)}`)
    .join('')
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'user', user_id: requester, style: { bold: true } },
          { type: 'text', text: about },
          ...ticketElements(grant, ' · ', reader),
        ],
      },
      ...(note ? [quote(quotedLines(note, mostLines, openid))] : []),
    ],
  }
}

/** The note of a grant, as far as it fits on a card. */
export function noteBlocks({ note, openid }: Pick<Grant, 'note' | 'openid'>): RichTextBlock[] {
  return note ? [quoteBlock(quotedLines(note, MOST_LINES_OF_NOTE, openid))] : []
}

/** The ticket as a link that no content can break out of. */
function ticketElements({ ticket, openid }: Grant, before: string, { ticketUrl }: Reader): RichTextElement[] {
  if (!ticket) return []
  const shown = inOneLine(ticket, MAX_TICKET, openid)
  // Otherwise an openid in the ticket would appear whole in the address.
  const url = shown === ticket ? ticketUrl(ticket) : null
  return [
    { type: 'text', text: before },
    url === null ? { type: 'text', text: shown } : { type: 'link', url, text: shown },
  ]
}

/** What else the user got or is about to get, and whether the ticket was used for others. */
function warningBlock(forDeciding: ForDeciding, reader: Reader): SectionBlock {
  const { given, ticketUsers } = forDeciding
  const { facts } = reader.words
  const lines = [
    ...receivedLines(forDeciding, reader),
    ...(ticketUsers > 0 ? [`⚠ ${facts.ticketUsers(ticketUsers)}`] : []),
  ]
  return section(lines.length > 0 ? lines.join('\n') : facts.first(given.days))
}

/** Only the lines about the user, as the form shows them; empty: nothing to warn of. */
export function receivedLines({ given, underWay }: Received, reader: Reader): string[] {
  const { facts } = reader.words
  const of = (grant: Grant) => oneGiven(grant, reader)
  const more = given.count - given.latest.length
  const others = [...given.latest.map(of), ...(more > 0 ? [facts.more(more)] : [])]
  const which = underWay.slice(0, 3).map(of).join(reader.words.separator)
  return [
    ...(given.count > 0 ? [facts.nth(given.count + 1, given.days, others.join(reader.words.separator))] : []),
    ...(underWay.length > 0 ? [facts.underWay(underWay.length, which)] : []),
  ].map((line) => `⚠ ${line}`)
}

/** "@Ada ¥50, today 09:42 (Outage)" */
function oneGiven({ requester, quota, createdAt, reasonName }: Grant, reader: Reader): string {
  const { words, amount, dates, name } = reader
  return words.facts.one(`<@${requester}>`, amount(quota), dates.slack(createdAt), name(reasonName))
}

function figuresBlock({ limits, cost }: ForDeciding, reader: Reader): AnyBlock[] {
  const { words, amount } = reader
  const figures = [
    ...limitTexts(limits, words.facts.limit),
    ...(cost === null ? [] : [words.facts.cost(amount(cost))]),
  ]
  if (figures.length === 0) return []
  return [{ type: 'section', fields: figures.map((text) => ({ type: 'mrkdwn', text })) }]
}

/** Who must agree, by when and why, and who has so far. */
function needsBlock(
  grant: Grant,
  { decisions, forDeciding }: { decisions: CardFacts['decisions']; forDeciding: ForDeciding },
  reader: Reader,
): AnyBlock {
  const { words, dates } = reader
  const { approval } = words
  const have = approvedSoFar(decisions)
  return context(
    [
      approval.needs(grant.approvalsNeeded, have, mentions(forDeciding.approvers, words)),
      ...(grant.expiresAt === null ? [] : [approval.until(dates.slack(grant.expiresAt))]),
      ...(grant.approvalReason ? [safe(approval.why(grant.approvalReason), 300)] : []),
      ...whySeveral(grant, forDeciding, reader),
      ...foundByLines(grant, reader),
      ...sourceText(grant, reader),
    ].join(' · '),
    ...approvalLines(grant, decisions, reader),
  )
}

/** Why one approval is not enough, if the policy still says so. */
function whySeveral({ approvalsNeeded }: Grant, { level }: ForDeciding, { words, amount }: Reader): string[] {
  if (approvalsNeeded < 2 || level.approvals !== approvalsNeeded) return []
  const above = level.aboveQuota === null ? null : amount(level.aboveQuota)
  return [words.approval.whySeveral(approvalsNeeded, above)]
}

/** The name of a kind of number, for plain text. */
export function kindName({ key, name }: FindKind, { words, plainName }: Reader): string {
  return name ? plainName(name) : (byCode<string>(words.find.kinds, key) ?? key)
}

/** How a user was found, for mrkdwn: by which number, and what was paid when. */
export function foundByText(found: FoundBy, reader: Reader): string {
  const { amount, at } = found
  return [
    foundByShort(found, reader),
    ...(amount === null ? [] : [reader.money(amount)]),
    ...(at === null ? [] : [reader.dates.slack(at)]),
  ].join(reader.words.separator)
}

/** How the user of a grant was found, unless by the openid. */
export function foundByLines({ foundBy }: Pick<Grant, 'foundBy'>, reader: Reader): string[] {
  return foundBy ? [reader.words.find.foundBy(foundByText(foundBy, reader))] : []
}

/** The number by which a user was found, without the payment. */
export function foundByShort({ kind, name, number }: FoundBy, reader: Reader): string {
  const { other, ...ofPay } = reader.words.find.by
  const masked = safe(number, 40)
  const says = byCode<(number: string) => string>(ofPay, kind)
  return says?.(masked) ?? other(safe(kindName({ key: kind, name }, reader), 60), masked)
}
