import type { AnyBlock, ModalView } from '@slack/types'
import { type Decision, type Grant, isOpen, type Settlement } from '../../domain/grant.ts'
import { labelledLines } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { CardFacts } from '../../grants/index.ts'
import { actions, views } from '../ids.ts'
import { button, cancelOwnButton, decideButtons, modal } from './buttons-and-views.ts'
import {
  approvalLines,
  approvalsContext,
  approvalTitle,
  endedBlocks,
  numbersBlock,
  progressBlocks,
  requesterTitle,
  ticketBlock,
} from './grant.ts'
import { actorText, limitTexts, mentions, type Reader } from './reader.ts'
import { context, header, type Message, safe, section, typed } from './text.ts'

/** What the requester is shown besides the grant. */
interface BesideGrant {
  decisions?: readonly Decision[]
  settlement?: Settlement | null
}

/** A grant as its requester sees it, in the message and in the view after the submission. The text says in one line what is so. */
export function showGrant(
  grant: Grant,
  reader: Reader,
  { decisions = [], settlement = null }: BesideGrant = {},
): Message {
  const text = requesterTitle(grant, reader)
  const { words, name, money } = reader
  return {
    text,
    blocks: [
      header(text),
      section(words.card.quota(`*${name(grant.stockName)}*`, money(grant.quota))),
      ...progressBlocks(grant, reader),
      ...settledBlocks(settlement, reader),
      ...detailBlocks(grant, decisions, reader),
    ],
  }
}

/** Who has settled it. */
function settledBlocks(settlement: Settlement | null, { words }: Reader): AnyBlock[] {
  if (!settlement?.ended) return []
  const { proposedBy, ended } = settlement
  return [context(words.settle.confirmedBy(actorText(proposedBy, words), actorText(ended.by, words)))]
}

function detailBlocks(grant: Grant, decisions: readonly Decision[], reader: Reader): AnyBlock[] {
  const { words, name } = reader
  return [
    context(
      words.card.reason(name(grant.reasonName)),
      ...(grant.approvedByRule === null ? [] : [words.card.byRule(safe(grant.approvedByRule))]),
      ...approvalLines(grant, decisions, reader),
    ),
    ...(grant.ticket ? [ticketBlock(grant.ticket, grant.openid, reader)] : []),
    numbersBlock(grant),
  ]
}

/** The buttons of a message about a grant. */
export function grantButtons(grant: Grant, reader: Reader): AnyBlock {
  const { words } = reader
  return {
    type: 'actions',
    elements: [
      ...(['pending', 'approved'].includes(grant.state) ? [cancelOwnButton(grant.id, reader)] : []),
      button(actions.lookUpUser, words.card.lookUp, grant.id),
      ...(isOpen(grant.state)
        ? []
        : [
            button(
              actions.giveAnother,
              grant.state === 'issued' ? words.card.giveAnother : words.card.askAgain,
              grant.id,
            ),
          ]),
      button(actions.history, words.approval.history, grant.id),
    ],
  }
}

/** What a submission becomes: the grant as it is, for as long as the view is open. */
export function recordedView(
  grant: Grant,
  reader: Reader,
  beside: BesideGrant & { note?: string | null } = {},
): ModalView {
  const { note } = beside
  return modal(reader, {
    id: views.recorded,
    title: reader.words.card.recordedTitle,
    endsAll: true,
    blocks: [...(note ? [section(note)] : []), ...showGrant(grant, reader, beside).blocks],
  })
}

/** A grant as approvers see it, from the ask to its end; only what waits has buttons that change something. */
export function showApproval(grant: Grant, beside: CardFacts, reader: Reader): Message {
  const { words } = reader
  const title = approvalTitle(grant, beside, reader)
  const says = grant.state === 'pending' ? words.approval.asks : words.approval.asked
  const asks = says(`<@${grant.requester}>`, `\`${shortOpenid(grant.openid)}\``)
  return {
    text: words.approval.headline(title, asks),
    blocks: [
      header(title),
      section(asks),
      factsBlock(grant, beside, reader),
      ...(grant.ticket ? [ticketBlock(grant.ticket, grant.openid, reader)] : []),
      ...(grant.note ? [typed(words.approval.note(labelledLines(grant.note, grant.openid)))] : []),
      ...decidingBlocks(grant, beside, reader),
      ...approvalsContext(grant, beside.decisions, reader),
      ...outcomeBlocks(grant, beside.settlement, reader),
      approvalButtons(grant, reader),
      numbersBlock(grant),
    ],
  }
}

function factsBlock(grant: Grant, { forDeciding }: CardFacts, reader: Reader): AnyBlock {
  const { words, name, money } = reader
  const cost = forDeciding?.cost ?? null
  const field = (label: string, text: string) => ({ type: 'mrkdwn' as const, text: `*${label}*\n${text}` })
  return {
    type: 'section',
    fields: [
      field(
        words.approval.coupon,
        words.approval.couponText(
          name(grant.stockName),
          money(grant.quota),
          cost === null ? null : money(cost),
        ),
      ),
      field(words.approval.reason, name(grant.reasonName)),
    ],
  }
}

/** All that is needed to decide, and only while it is. */
function decidingBlocks(grant: Grant, { forDeciding, decisions }: CardFacts, reader: Reader): AnyBlock[] {
  if (!forDeciding) return []
  const { words, dates } = reader
  const { given, underWay, limits, approvers } = forDeciding
  const givenBy = given.latest.map(({ requester, createdAt }) =>
    words.approval.givenBy(`<@${requester}>`, dates.slack(createdAt)),
  )
  const history = [
    words.approval.given(given.count, given.days, givenBy.join(words.separator)),
    words.approval.underWay(underWay.length),
  ].join(words.space)
  const have = decisions.filter(({ kind }) => kind === 'approve').length
  const why = grant.approvalReason && safe(words.approval.why(grant.approvalReason), 300)
  const needs = [
    words.approval.needs(grant.approvalsNeeded - have, mentions(approvers, words), why),
    ...(grant.expiresAt === null ? [] : [words.approval.until(dates.slack(grant.expiresAt))]),
  ].join(words.space)
  const limitsText = limitTexts(limits, words.approval.limit).join(' · ')
  return [
    section(history),
    ...(limitsText ? [context(words.approval.limits(limitsText))] : []),
    section(needs),
  ]
}

function outcomeBlocks(grant: Grant, settlement: Settlement | null, reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  switch (grant.state) {
    case 'pending':
      return []
    case 'issued': {
      // When it was issued is not known of a settled one, only when that was confirmed.
      const issued =
        settlement || grant.issuedAt === null ? [] : [words.approval.issuedAt(dates.slack(grant.issuedAt))]
      const expires =
        grant.couponExpiresAt === null
          ? words.card.noExpiry
          : words.card.expires(dates.slack(grant.couponExpiresAt))
      return [section([...issued, expires].join(' · ')), ...settledContext(settlement, reader)]
    }
    case 'approved':
    case 'issuing':
      if (!grant.hold && !grant.flag) return [section(words.approval.issuingNow)]
      return progressBlocks(grant, reader)
    case 'refused':
      return [...progressBlocks(grant, reader), ...settledContext(settlement, reader)]
    default:
      return endedBlocks(grant, reader)
  }
}

function settledContext(settlement: Settlement | null, { words, dates }: Reader): AnyBlock[] {
  if (!settlement?.ended) return []
  const { proposedBy, ended } = settlement
  const by = actorText(ended.by, words)
  return [context(words.settle.confirmedAt(actorText(proposedBy, words), by, dates.slack(ended.at)))]
}

function approvalButtons(grant: Grant, reader: Reader): AnyBlock {
  const { words } = reader
  return {
    type: 'actions',
    elements: [
      ...(grant.state === 'pending' ? decideButtons(grant, grant.id, reader) : []),
      ...(grant.state === 'approved'
        ? [button(actions.cancelIssue, words.approval.cancel, grant.id, 'danger')]
        : []),
      button(actions.showOpenid, words.approval.showOpenid, grant.id),
      button(actions.history, words.approval.history, grant.id),
    ],
  }
}
