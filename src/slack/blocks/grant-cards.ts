import type { AnyBlock } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { labelledLines } from '../../domain/people-text.ts'
import type { Settlement } from '../../domain/settlement.ts'
import type { Beside, LimitState } from '../../grants/index.ts'
import { actions } from '../ids.ts'
import { button, decideButtons } from './buttons.ts'
import {
  approvalsContext,
  endedBlocks,
  isSettledNotIssued,
  numbersBlock,
  progressBlocks,
  ticketBlock,
} from './grant.ts'
import { actorText, mentions, type Reader } from './reader.ts'
import { context, header, safe, section, typed } from './text.ts'

/** A grant as approvers see it, from the ask to its end; only what waits has buttons that change something. */
export function showApproval(
  grant: Grant,
  beside: Beside,
  reader: Reader,
): { title: string; blocks: AnyBlock[] } {
  const { words } = reader
  const title = approvalTitle(grant, beside, reader)
  const says = grant.state === 'pending' ? words.approval.asks : words.approval.asked
  const asks = says(`<@${grant.requester}>`, `\`${shortOpenid(grant.openid)}\``)
  return {
    title: words.approval.headline(title, asks),
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

/** The state of a grant in words. */
export function approvalTitle(
  grant: Grant,
  { decisions }: Pick<Beside, 'decisions'>,
  { words }: Reader,
): string {
  const { title } = words.approval
  const approved = decisions.filter(({ kind }) => kind === 'approve').length
  switch (grant.state) {
    case 'pending':
      if (approved > 0) return title.counted(approved, grant.approvalsNeeded)
      return grant.notAsked ? title.notAsked : title.pending
    case 'approved':
      if (grant.flag?.kind === 'needs-look') return title.needsLook
      return grant.hold ? title.held : title.approved
    case 'issuing':
      if (!grant.flag) return title.issuing
      return grant.flag.kind === 'checking' ? title.checking : title.needsLook
    case 'refused':
      return isSettledNotIssued(grant) ? words.settled.title : title.refused
    default:
      return title[grant.state]
  }
}

function factsBlock(grant: Grant, { forDeciding }: Beside, reader: Reader): AnyBlock {
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
function decidingBlocks(grant: Grant, { forDeciding, decisions }: Beside, reader: Reader): AnyBlock[] {
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
  const limitsText = limitParts(limits, reader)
  return [
    section(history),
    ...(limitsText ? [context(words.approval.limits(limitsText))] : []),
    section(needs),
  ]
}

function limitParts(limits: LimitState[], { words }: Reader): string {
  return limits
    .flatMap(({ kind, limit, used }) =>
      (['count', 'quota'] as const).flatMap((measure) => {
        const max = limit[measure]
        return max === null ? [] : [words.approval.limit(kind, measure, used[measure], max, limit.days)]
      }),
    )
    .join(' · ')
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
