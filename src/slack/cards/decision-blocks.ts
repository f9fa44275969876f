import type { AnyBlock } from '@slack/types'
import type { Decision, Grant } from '../../domain/grant.ts'
import { saidLines } from '../../domain/people-text.ts'
import type { Reader } from '../reader.ts'
import { context, section, typed } from '../text.ts'
import { byCode } from '../words/index.ts'

/** Who has approved so far, each with the time; one of one's own is told as such, and one that counts no more. */
export function approvalLines(grant: Grant, decisions: readonly Decision[], reader: Reader): string[] {
  const { words, dates } = reader
  return decisions
    .filter(({ kind }) => kind !== 'reject')
    .map(({ kind, approver, at }) => {
      if (kind === 'lapsed') return words.approval.lapsedApproval(`<@${approver}>`)
      const says = approver === grant.requester ? words.approval.ownApproval : words.approval.approvedBy
      return says(`<@${approver}>`, dates.slack(at))
    })
}

export function approvalsContext(grant: Grant, decisions: readonly Decision[], reader: Reader): AnyBlock[] {
  const lines = approvalLines(grant, decisions, reader)
  return lines.length > 0 ? [context(...lines)] : []
}

/** How a grant ended without a coupon, by whom and why; empty for one that did not end so. */
export function endedBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  const { state, ended, stateAt } = grant
  const when = dates.slack(stateAt)
  const nothing = words.space + words.card.nothingGiven
  switch (state) {
    case 'rejected':
      return [section(words.approval.rejectedBy(`<@${ended?.by ?? ''}>`, when) + nothing), ...said(grant)]
    case 'cancelled': {
      if (ended?.by === 'policy' || !ended) {
        const { cancelledByPolicy } = words.approval
        const why = byCode<string>(cancelledByPolicy, ended?.reason ?? '') ?? cancelledByPolicy.other
        return [section(why + nothing)]
      }
      return [section(words.approval.cancelledBy(`<@${ended.by}>`, when) + nothing), ...said(grant)]
    }
    case 'expired':
      return [section(words.approval.expiredAt(when) + nothing)]
    default:
      return []
  }
}

/** What somebody wrote, as it is: no mention or link can come of it. */
function said({ ended, openid }: Grant): AnyBlock[] {
  return ended?.reason ? [typed(saidLines(ended.reason, openid))] : []
}
