import type { AnyBlock, SectionBlock } from '@slack/types'
import {
  type Decision,
  type Doubt,
  type Grant,
  SETTLED_NOT_ISSUED,
  type Settlement,
  type Verdict,
} from '../../domain/grant.ts'
import { quotedLines, saidLines } from '../../domain/text.ts'
import type { CardFacts } from '../../grants/index.ts'
import { actorText, type Reader, userCode, userText } from './reader.ts'
import { context, type Message, message, quoteBlock, safe, section, typed, typedContext } from './text.ts'
import { byCode, type Words } from './words/index.ts'

/** The state of a grant in words, the same for every reader. */
export function approvalTitle(
  grant: Grant,
  { decisions }: Pick<CardFacts, 'decisions'>,
  { words }: Reader,
): string {
  const { title } = words.approval
  const approved = approvedSoFar(decisions)
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

/** How many approvals count. */
export function approvedSoFar(decisions: readonly Decision[]): number {
  return decisions.filter(({ kind }) => kind === 'approve').length
}

/** A sign next to the state's word, never in place of it. */
export function stateSign({ state, flag, hold }: Pick<Grant, 'state' | 'flag' | 'hold'>): string {
  switch (state) {
    case 'pending':
      return '⏳'
    case 'approved':
    case 'issuing':
      if (flag) return '🔎'
      return hold ? '⏸' : '⏳'
    case 'issued':
      return '✅'
    case 'refused':
    case 'rejected':
      return '❌'
    case 'cancelled':
      return '↩'
    case 'expired':
      return '⌛'
  }
}

/** Who asked for which coupon for whom. */
export function whichBlock(grant: Grant, reader: Reader): SectionBlock {
  const { requester, stockName } = grant
  const { words, name } = reader
  return section(words.approval.about(`<@${requester}>`, name(stockName), userCode(grant, reader)))
}

/** The current state of a grant, for its requester. */
export function progressBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  switch (grant.state) {
    case 'pending':
      return [section(pendingText(grant, reader))]
    case 'approved':
      return [section(approvedText(grant, reader))]
    case 'issuing':
      return issuingTexts(grant, reader).map((text) => section(text))
    case 'issued':
      return issuedBlocks(grant, reader)
    case 'refused':
      return refusedBlocks(grant, reader)
    case 'rejected':
    case 'cancelled':
    case 'expired':
      return [...endedBlocks(grant, reader), section(nextAfterEnd(grant, reader))]
  }
}

function pendingText(grant: Grant, { words, dates, offers }: Reader): string {
  const { approvalChannel, expiresAt, notAsked, strandedAt } = grant
  const until = expiresAt === null ? null : dates.slack(expiresAt)
  if (!offers(grant)) return words.card.stockLeft(until)
  if (strandedAt !== null) return words.escalation.stranded
  const channel = approvalChannel ? `<#${approvalChannel}>` : null
  if (channel === null || !notAsked) return words.card.pendingText(channel, until)
  return words.card.notAskedText(channel, notAsked.operatorsTold, until)
}

/** What the requester can do after an end without a coupon. */
function nextAfterEnd({ state, ended, requester }: Grant, { words }: Reader): string {
  const { next } = words.approval
  if (state === 'expired') return next.expired
  if (ended?.isCorrected) return next.cancelledByPolicy.changed
  if (state === 'cancelled' && ended?.by === requester) return next.cancelledOwn
  if (state === 'cancelled' && (ended?.by === 'policy' || !ended))
    return byCode<string>(next.cancelledByPolicy, ended?.reason ?? '') ?? next.cancelledByPolicy.other
  return next.decided
}

function approvedText(grant: Grant, { words, dates }: Reader): string {
  if (grant.flag?.kind === 'needs-look') return words.card.needsLookBefore
  const why = holdReason(grant, words)
  if (why === null) return words.card.approvedText
  const until = grant.issueBy === null ? null : dates.slack(grant.issueBy)
  return isPaused(grant) ? words.paused.approved(why, until) : words.card.holdText(why, until)
}

/** A coupon may already exist, so the text mentions a hold only next to what is unknown. */
function issuingTexts(grant: Grant, { words }: Reader): string[] {
  const { flag } = grant
  const why = holdReason(grant, words)
  if (why !== null && isPaused(grant)) {
    if (!flag) return [words.paused.issuing(why)]
    if (flag.kind === 'checking') return [words.paused.checking(flag.reason === 'no-answer', why)]
  }
  if (!flag) return [why === null ? words.card.issuingText : words.card.holdText(why, null)]
  if (why !== null && flag.kind === 'checking')
    return [words.paused.checkingHeld(flag.reason === 'no-answer', why)]
  return [
    flag.kind === 'checking'
      ? words.card.checkingText(flag.reason === 'no-answer')
      : words.card.needsLookText,
    ...(why === null ? [] : [words.card.waits(why)]),
  ]
}

/** Whether it waits for an operator to resume, not for a repair. */
function isPaused({ hold }: Pick<Grant, 'hold'>): boolean {
  return hold !== null && ['paused', 'restored'].includes(hold.reason)
}

/** Why an open grant waits, in words; null: it doesn't. */
export function holdReason({ hold }: Pick<Grant, 'hold'>, words: Words): string | null {
  return hold && (byCode(words.holdBy, hold.reason) ?? words.holdBy.other)
}

/** Whether people, not WeChat Pay, have said that no coupon was issued. */
export function isSettledNotIssued({ state, refusal }: Pick<Grant, 'state' | 'refusal'>): boolean {
  return state === 'refused' && refusal?.code === SETTLED_NOT_ISSUED
}

/** The text to pass on to the user, ready to copy, in each language; a card shows the expiry below it. */
function issuedBlocks({ quota, couponExpiresAt }: Grant, { words, passOn }: Reader): AnyBlock[] {
  return passOn({ quota, expiresAt: couponExpiresAt }).flatMap(({ language, text }, index) => [
    section(index === 0 ? words.card.passOnLabel : words.card.passOnIn[language]),
    {
      type: 'rich_text' as const,
      elements: [{ type: 'rich_text_preformatted' as const, elements: [{ type: 'text' as const, text }] }],
    },
  ])
}

/** Until when an issued coupon is valid. */
export function expiryText(
  { couponExpiresAt }: Pick<Grant, 'couponExpiresAt'>,
  { words, dates }: Reader,
): string {
  return couponExpiresAt === null ? words.card.noExpiry : words.card.expires(dates.slack(couponExpiresAt))
}

/** Why WeChat Pay refused it, and the next step. */
export function refusedBy({ refusal }: Pick<Grant, 'refusal'>, words: Words): { why: string; next: string } {
  const code = refusal?.code === 'RULELIMIT' ? 'RULE_LIMIT' : (refusal?.code ?? '')
  return byCode(words.refusedBy, code) ?? words.refusedOther
}

function refusedBlocks(grant: Grant, { words }: Reader): AnyBlock[] {
  const refusal = grant.refusal
  if (refusal && isSettledNotIssued(grant))
    return [
      section(words.settled.text),
      typed(saidLines(refusal.message, grant.openid)),
      section(words.settled.next),
    ]
  const { why, next } = refusedBy(grant, words)
  const told = section(words.card.refusedText(why, next))
  if (!refusal) return [told]
  return [told, typedContext(words.card.wechatSays(refusal.code, refusal.message))]
}

/**
 * The ids of a grant, named as WeChat Pay's documents and support name them.
 * @param settlement a settlement of it, which may bring a coupon's id of its own
 */
export function numbersBlock(grant: Grant, settlement: Settlement | null = null): AnyBlock {
  const said = settlement?.verdict.kind === 'issued' ? settlement.verdict.couponId : null
  const couponId = said ?? grant.couponId
  return context(
    ...(couponId ? [`coupon_id \`${safe(couponId, 200)}\``] : []),
    `send_request_no \`${safe(grant.sendRequestNo, 64)}\``,
  )
}

/** Every id of a grant, for one person; each on its own line, so that it can be copied. */
export function idsMessage(grant: Grant, reader: Reader): Message {
  const { words } = reader
  const ids: [label: string, id: string | null][] = [
    ['coupon_id', grant.couponId],
    ['send_request_no', grant.sendRequestNo],
    ['stock_id', grant.stockId],
    // From the answer that refused it; WeChat Pay's support asks for it.
    ['Request-ID', grant.refusal?.requestId ?? null],
    [words.ids.grant, grant.id],
  ]
  const lines = ids.flatMap(([label, id]) => (id === null ? [] : [`${label}\n\`${safe(id, 200)}\``]))
  const title = `*${words.ids.title}* · ${userText(grant, reader)}`
  return message(
    [title, ...lines].join('\n'),
    ...(grant.couponId === null ? [context(words.ids.noCoupon)] : []),
  )
}

/** A link to the message that the ask began with; empty if there is none. */
export function sourceText({ source }: Pick<Grant, 'source'>, { words }: Reader): string[] {
  return source === null ? [] : [words.source(`<${safe(source, 500)}|${words.sourceLink}>`)]
}

/** Who has approved so far, and when; marks the requester's own approval and one that no longer counts. */
export function approvalLines(grant: Grant, decisions: readonly Decision[], reader: Reader): string[] {
  const { words, dates } = reader
  return decisions
    .filter(({ kind }) => kind !== 'reject')
    .map(({ kind, approver, at, standsFor }) => {
      const own = `<@${approver}>`
      const who = standsFor ? words.away.standing(own, `<@${standsFor}>`) : own
      if (kind === 'lapsed') return words.approval.lapsedApproval(`<@${approver}>`)
      const says = approver === grant.requester ? words.approval.ownApproval : words.approval.approvedBy
      return says(who, dates.slack(at))
    })
}

/** How a grant ended without a coupon, by whom and why; empty for any other grant. */
export function endedBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  return [
    ...endedLines(grant, reader).map((line) => section(line)),
    ...whyEnded(grant, reader, MOST_LINES_OF_REASON),
  ]
}

/** The same in one line, without a person's own words. */
export function endedLines({ state, ended, stateAt }: Grant, { words, dates }: Reader): string[] {
  const { approval } = words
  const when = dates.slack(stateAt)
  const and = words.space + words.card.nothingGiven
  switch (state) {
    case 'rejected':
      return [approval.rejectedBy(`<@${ended?.by ?? ''}>`, when) + and]
    case 'cancelled': {
      if (ended?.isCorrected) return [approval.cancelledByPolicy.changed + and]
      if (ended && ended.by !== 'policy') return [approval.cancelledBy(`<@${ended.by}>`, when) + and]
      const { cancelledByPolicy } = approval
      return [(byCode<string>(cancelledByPolicy, ended?.reason ?? '') ?? cancelledByPolicy.other) + and]
    }
    case 'expired':
      return [approval.expiredAt(when) + and]
    default:
      return []
  }
}

const MOST_LINES_OF_REASON = 12

/** Whether a person ended it without a coupon and so gave a reason. */
export function isEndedByPerson({ ended, state }: Pick<Grant, 'ended' | 'state'>): boolean {
  return ended !== null && ended.by !== 'policy' && state !== 'expired'
}

/**
 * Why a person ended it: a reason of the policy's in the reader's language, and what they wrote, unchanged.
 * @param most lines of what they wrote
 */
export function whyEnded(grant: Grant, { name }: Reader, most: number): AnyBlock[] {
  const { ended, openid } = grant
  if (!isEndedByPerson(grant)) return []
  return [
    ...(ended?.named ? [section(name(ended.named))] : []),
    ...(ended?.reason ? [quoteBlock(quotedLines(ended.reason, most, openid))] : []),
  ]
}

/** Why the app can't tell how a grant ended, for mrkdwn. */
export function flagText(doubt: Doubt, words: Words): string {
  const { flagged } = words
  switch (doubt.reason) {
    case 'setup':
    case 'refused-after-unknown':
      return flagged[doubt.reason](safe(doubt.code, 100))
    case 'no-outcome-in-24h':
      return flagged[doubt.reason](flagText(doubt.last, words))
    case 'other':
      return flagged.other(`\`${safe(doubt.code.replaceAll('`', ''), 100)}\``)
    default:
      return flagged[doubt.reason]
  }
}

/** Which grant to settle, and why it needs people. */
export function aboutBlocks(grant: Grant, reader: Reader): SectionBlock[] {
  const { words } = reader
  return [
    whichBlock(grant, reader),
    ...(grant.flag ? [section(words.stuck.why(flagText(grant.flag, words)))] : []),
  ]
}

/** Whether people must say how a grant ended. */
export function needsPeople({ state, flag }: Pick<Grant, 'state' | 'flag'>): boolean {
  return state === 'issuing' && flag?.kind === 'needs-look'
}

/** How a grant ended according to a settlement, for mrkdwn. */
export function verdictText(verdict: Verdict, { settle }: Words): string {
  return verdict.kind === 'issued' ? settle.issuedAs(`\`${safe(verdict.couponId, 130)}\``) : settle.notIssued
}

/** A settlement: how the grant ended, who says so, and the evidence. @param above lines shown above it */
export function saidBlocks(
  { verdict, proposedBy, proposedAt, evidence }: Settlement,
  { words, dates }: Reader,
  above: readonly string[] = [],
): AnyBlock[] {
  const who = actorText(proposedBy, words)
  const { settle } = words
  const says = verdict.kind === 'issued' ? settle.issued : settle.notIssued
  const said = settle.saidBy(says, who, dates.slack(proposedAt))
  return [section([...above, said].join('\n')), typed(saidLines(evidence))]
}
