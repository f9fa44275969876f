import type { AnyBlock } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import type { Settlement } from '../../domain/settlement.ts'
import type {
  CandidatesOutcome,
  ConfirmOutcome,
  ProposeOutcome,
  SettlementOutcome,
  WithdrawOutcome,
} from '../../grants/index.ts'
import type { Told } from '../approve/told.ts'
import { approvalTitle } from '../cards/approval-blocks.ts'
import { saidBlocks } from '../cards/settlement-blocks.ts'
import type { Edge } from '../edge.ts'
import { actorText, type Reader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import { section } from '../text.ts'

type Outcome =
  | ProposeOutcome
  | ConfirmOutcome
  | WithdrawOutcome
  | Exclude<CandidatesOutcome, { kind: 'candidates' }>
  | Exclude<SettlementOutcome, { kind: 'settlement' }>

/** What became of settling a grant, whatever it was, to whoever pressed. */
export function toldSettlement({ grants }: Edge, outcome: Outcome, reader: Reader): Told {
  const { settle, notice, pausing } = reader.words
  const only = (text: string, ...more: AnyBlock[]) => ({ text, blocks: [section(text), ...more] })
  switch (outcome.kind) {
    case 'proposed': {
      const { alerts } = grants.policy()
      const where = alerts === null ? [] : [section(settle.askedInAlerts(`<#${alerts}>`))]
      return only(settle.proposed, ...saidBlocks(outcome.settlement, reader), ...where)
    }
    case 'waits':
      return only(settle.waits, ...saidBlocks(outcome.settlement, reader))
    case 'repeated':
      return only(settle.repeated, ...(outcome.settlement ? saidBlocks(outcome.settlement, reader) : []))
    case 'sent-since':
      return only(settle.sentSince)
    case 'lapsed':
      return only(settle.lapsed(actorText(outcome.settlement.proposedBy, reader.words)))
    case 'settled':
      return only(settle.settled)
    case 'withdrawn':
      return only(settle.withdrawn)
    case 'already':
      return only(alreadyText(outcome, reader))
    case 'not-stuck':
      return only(settle.notStuck)
    case 'under-way':
      return only(settle.underWay)
    case 'gone':
      return only(notice.gone)
    case 'refused':
      if (outcome.refusal.code === 'own-grant') return only(settle.ownGrant)
      return refusalBlocks([outcome.refusal], grants.policy(), reader)
    case 'busy':
      return only(pausing.busy)
    case 'not-sure':
      return only(pausing.notSure)
  }
}

/** By whom it was ended, where people said so, else how it is told. */
function alreadyText(
  { grant, settlement }: { grant: Grant; settlement: Settlement | null },
  reader: Reader,
): string {
  const { words, dates } = reader
  const ended = settlement?.ended
  // What the app itself took back, it did because the grant had ended.
  if (!ended || ended.by === 'app')
    return words.settle.already(approvalTitle(grant, { decisions: [] }, reader))
  const says = ended.outcome === 'confirmed' ? words.settle.alreadyConfirmed : words.settle.alreadyWithdrawn
  return says(actorText(ended.by, words), dates.slack(ended.at))
}
