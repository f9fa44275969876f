import type { ActionsBlock, AnyBlock, ModalView } from '@slack/types'
import { type Decision, type Grant, isOpen, type Settlement } from '../../domain/grant.ts'
import type { CardFacts } from '../../grants/index.ts'
import { actions, views } from '../ids.ts'
import { button, buttonRow, cancelOwnButton, decideButtons, modal, moreMenu } from './buttons-and-views.ts'
import { decisionFacts, foundByLines, grantHeadline, noteBlocks } from './grant-facts.ts'
import {
  approvalLines,
  approvalTitle,
  endedLines,
  expiryText,
  progressBlocks,
  sourceText,
  stateSign,
  whyEnded,
} from './grant-parts.ts'
import { actorText, type Reader, userCode } from './reader.ts'
import { context, header, type Message, safe, section, unformatted } from './text.ts'

/** What the requester sees besides the grant. */
interface BesideGrant {
  decisions?: readonly Decision[]
  settlement?: Settlement | null
}

/**
 * A grant as its requester sees it, in the message and in the view after the submission. The text sums it up in one
 * line.
 */
export function showGrant(
  grant: Grant,
  reader: Reader,
  { decisions = [], settlement = null }: BesideGrant = {},
): Message {
  const text = grantHeadline(grant, { decisions: [...decisions] }, reader)
  return {
    text,
    blocks: [
      header(text),
      ...progressBlocks(grant, reader),
      ...settledContext(settlement, reader),
      detailsContext(grant, decisions, reader),
      ...noteBlocks(grant),
    ],
  }
}

/** Details that hold in every state: which coupon, why, and who approved it. */
function detailsContext(grant: Grant, decisions: readonly Decision[], reader: Reader): AnyBlock {
  const { words, name, ruleName } = reader
  return context(
    [
      ...(grant.state === 'issued' ? [expiryText(grant, reader)] : []),
      name(grant.stockName),
      name(grant.reasonName),
      ...(grant.approvedByRule === null ? [] : [words.card.byRule(safe(ruleName(grant.approvedByRule)))]),
      ...approvalLines(grant, decisions, reader),
      ...ticketText(grant, reader),
      ...foundByLines(grant, reader),
      ...sourceText(grant, reader),
    ].join(' · '),
  )
}

/** A link if the policy gives an address, and only for a ticket that can't break out of the link. */
function ticketText({ ticket, openid }: Grant, { ticketUrl }: Reader): string[] {
  if (!ticket) return []
  const shown = unformatted(ticket, 100, openid)
  const url = shown === ticket && /^[\w.-]+$/.test(ticket) ? ticketUrl(ticket) : null
  return [url === null ? shown : `<${url}|${ticket}>`]
}

/** Who settled it. */
function settledContext(settlement: Settlement | null, { words, dates }: Reader): AnyBlock[] {
  if (!settlement?.ended) return []
  const { proposedBy, ended } = settlement
  const by = actorText(ended.by, words)
  return [context(words.settle.confirmedAt(actorText(proposedBy, words), by, dates.slack(ended.at)))]
}

/** The buttons of a message about a grant. */
export function grantButtons(grant: Grant, reader: Reader): ActionsBlock {
  const { card } = reader.words
  const canStop = ['pending', 'approved'].includes(grant.state)
  return buttonRow(
    ...(canStop ? [button(actions.change, card.change, grant.id), cancelOwnButton(grant.id, reader)] : []),
    ...(isOpen(grant.state)
      ? []
      : [button(actions.giveAnother, grant.state === 'issued' ? card.giveAnother : card.askAgain, grant.id)]),
    moreMenu(grant.id, ['lookup', 'ids', 'history'], reader),
  )
}

/** The view after a submission: the grant's current state, as long as the view is open. */
export function recordedView(
  grant: Grant,
  reader: Reader,
  beside: BesideGrant & { note?: string | null } = {},
): ModalView {
  const { note, decisions = [] } = beside
  return modal(reader, {
    id: views.recorded,
    carries: grant.id,
    title: approvalTitle(grant, { decisions: [...decisions] }, reader),
    endsAll: true,
    blocks: [...(note ? [section(note)] : []), ...showGrant(grant, reader, beside).blocks],
  })
}

/** A grant as approvers see it, from the ask to its end; only a waiting grant has buttons that change something. */
export function showApproval(grant: Grant, beside: CardFacts, reader: Reader): Message {
  const title = grantHeadline(grant, beside, reader)
  // Shown in notifications, and where blocks can't be shown.
  const text = [safe(title, 200), reader.words.approval.askedBy(`<@${grant.requester}>`)].join(' · ')
  if (!isOpen(grant.state)) return { text, blocks: decidedBlocks(grant, beside, reader) }
  const more = moreMenu(grant.id, ['openid', 'history', 'ids'], reader)
  if (grant.state === 'pending')
    return {
      text,
      blocks: [
        header(title),
        ...decisionFacts(grant, beside, reader),
        buttonRow(...decideButtons({ grant, decisions: beside.decisions }, grant.id, reader), more),
      ],
    }
  const cancel = button(actions.cancelIssue, reader.words.approval.cancel, grant.id, 'danger')
  return {
    text,
    blocks: [
      header(title),
      ...openBlocks(grant, reader),
      askedContext(grant, beside.decisions, reader),
      buttonRow(...(grant.state === 'approved' ? [cancel] : []), more),
    ],
  }
}

/** The state of an approved grant, and what comes next. */
function openBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  if (!grant.hold && !grant.flag) return [section(reader.words.approval.issuingNow)]
  return progressBlocks(grant, reader)
}

/** A grant that has ended keeps two lines, and the reason if there is one; the menu has the rest. */
function decidedBlocks(grant: Grant, { decisions, settlement }: CardFacts, reader: Reader): AnyBlock[] {
  const { state, quota } = grant
  const { amount } = reader
  const title = `${stateSign(grant)} *${approvalTitle(grant, { decisions }, reader)}*`
  const line = [title, amount(quota), userCode(grant, reader), ...endFacts(grant, settlement, reader)]
  return [
    {
      ...section(line.join(' · ')),
      accessory: moreMenu(grant.id, ['openid', 'history', 'ids'], reader),
    },
    ...(state === 'refused' ? progressBlocks(grant, reader) : []),
    ...whyEnded(grant, reader, 6),
    askedContext(grant, decisions, reader, endedLines(grant, reader)),
    ...settledContext(settlement, reader),
  ]
}

/** When it was issued and until when it is valid; nobody knows when a settled coupon was issued. */
function endFacts(grant: Grant, settlement: Settlement | null, reader: Reader): string[] {
  if (grant.state !== 'issued') return []
  const { words, dates } = reader
  const issued =
    settlement || grant.issuedAt === null ? [] : [words.approval.issuedAt(dates.slack(grant.issuedAt))]
  return [...issued, expiryText(grant, reader)]
}

function askedContext(
  grant: Grant,
  decisions: readonly Decision[],
  reader: Reader,
  ended: readonly string[] = [],
): AnyBlock {
  const { words, name } = reader
  return context(
    [
      words.approval.askedBy(`<@${grant.requester}>`),
      name(grant.reasonName),
      ...ticketText(grant, reader),
      ...foundByLines(grant, reader),
      ...sourceText(grant, reader),
      ...approvalLines(grant, decisions, reader),
      ...ended,
    ].join(' · '),
  )
}
