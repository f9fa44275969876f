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

/** What an approver decides by: the card shows it, and so does the list of what waits. */

type ForDeciding = NonNullable<CardFacts['forDeciding']>

/** The rest of a longer note is behind "History". */
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
 * Everything that an approver decides a pending grant by, in order: who asks and why, what speaks against it, what is left
 * of the limits, and who must agree until when.
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

/** Who asked for which coupon, why, with which ticket, and the note. Rich text: nothing that was typed comes to life. */
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

/** The note of a grant, as far as a card has room for it. */
export function noteBlocks({ note, openid }: Pick<Grant, 'note' | 'openid'>): RichTextBlock[] {
  return note ? [quoteBlock(quotedLines(note, MOST_LINES_OF_NOTE, openid))] : []
}

/** A link whatever the ticket holds, and never more. */
function ticketElements({ ticket, openid }: Grant, before: string, { ticketUrl }: Reader): RichTextElement[] {
  if (!ticket) return []
  const shown = inOneLine(ticket, MAX_TICKET, openid)
  // An openid in it would stand whole in the address.
  const url = shown === ticket ? ticketUrl(ticket) : null
  return [
    { type: 'text', text: before },
    url === null ? { type: 'text', text: shown } : { type: 'link', url, text: shown },
  ]
}

/** What the user got or is about to get besides; and a ticket that was used for others. */
function warningBlock(forDeciding: ForDeciding, reader: Reader): SectionBlock {
  const { given, ticketUsers } = forDeciding
  const { facts } = reader.words
  const lines = [
    ...receivedLines(forDeciding, reader),
    ...(ticketUsers > 0 ? [`⚠ ${facts.ticketUsers(ticketUsers)}`] : []),
  ]
  return section(lines.length > 0 ? lines.join('\n') : facts.first(given.days))
}

/** The same of the user alone, as the form warns of it; empty: nothing to warn of. */
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

/** Who must agree, until when, and why; and who has so far. */
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

/** Why one approval is not enough, where the policy still says so. */
function whySeveral({ approvalsNeeded }: Grant, { level }: ForDeciding, { words, amount }: Reader): string[] {
  if (approvalsNeeded < 2 || level.approvals !== approvalsNeeded) return []
  const above = level.aboveQuota === null ? null : amount(level.aboveQuota)
  return [words.approval.whySeveral(approvalsNeeded, above)]
}

/** What people call a kind of number, for plain text. */
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

/** How the user of a grant was found, where it was not by the openid. */
export function foundByLines({ foundBy }: Pick<Grant, 'foundBy'>, reader: Reader): string[] {
  return foundBy ? [reader.words.find.foundBy(foundByText(foundBy, reader))] : []
}

/** By which number somebody was found, without what was paid. */
export function foundByShort({ kind, name, number }: FoundBy, reader: Reader): string {
  const { other, ...ofPay } = reader.words.find.by
  const masked = safe(number, 40)
  const says = byCode<(number: string) => string>(ofPay, kind)
  return says?.(masked) ?? other(safe(kindName({ key: kind, name }, reader), 60), masked)
}
