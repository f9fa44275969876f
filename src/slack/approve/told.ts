import type { AnyBlock, ModalView } from '@slack/types'
import { isOpen } from '../../domain/grant.ts'
import type { CancelOutcome, DecideOutcome, WaitsOutcome } from '../../grants/index.ts'
import { approvalTitle } from '../cards/approval-blocks.ts'
import { approvalLines, endedBlocks } from '../cards/decision-blocks.ts'
import type { Edge } from '../edge.ts'
import type { Reader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import { noticeView } from '../send/notice-view.ts'
import { context, section } from '../text.ts'

/** What a click or a form did, told to whoever pressed. */
export interface Told {
  text: string
  blocks: AnyBlock[]
}

/** The answer to a decision or a cancelling, whatever became of it. */
export function toldOf(
  { grants }: Edge,
  outcome: DecideOutcome | CancelOutcome | Exclude<WaitsOutcome, { kind: 'waits' }>,
  reader: Reader,
  wanted: 'approve' | 'reject' | 'cancel' = 'approve',
): Told {
  const { decided, notice } = reader.words
  const only = (text: string): Told => ({ text, blocks: [section(text)] })
  switch (outcome.kind) {
    case 'approved':
      return only(outcome.grant.hold ? decided.approvedHeld : decided.approved)
    case 'rejected':
    case 'cancelled':
      return only(decided[outcome.kind])
    case 'counted': {
      const counts = decided.counted(outcome.have, outcome.grant.approvalsNeeded)
      const who = outcome.lapsed.map((id) => `<@${id}>`).join(reader.words.separator)
      return only(who === '' ? counts : counts + reader.words.gap + decided.lapsed(who))
    }
    case 'repeated':
      return only(decided.repeated(outcome.have, outcome.grant.approvalsNeeded))
    case 'already': {
      const { grant, decisions } = outcome
      const already = wanted === 'cancel' ? decided.alreadyNoCancel : decided.already
      const title = approvalTitle(grant, { decisions }, reader)
      const who = approvalLines(grant, decisions, reader)
      return {
        text: `${already}${reader.words.space}${title}`,
        blocks: [
          section(`${already}${reader.words.space}*${title}*`),
          ...(isOpen(grant.state) ? [] : endedBlocks(grant, reader)),
          ...(who.length > 0 ? [context(...who)] : []),
        ],
      }
    }
    case 'refused':
      return refusalBlocks([outcome.refusal], grants.policy(), reader)
    case 'gone':
      return only(notice.gone)
    case 'busy':
      return only(decided.busy)
    case 'not-sure':
      return only(decided.notSure)
  }
}

export function toldView(told: Told, reader: Reader): ModalView {
  return noticeView(reader, told.blocks)
}
