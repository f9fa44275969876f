import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { AnyBlock } from '@slack/types'
import { type Grant, isOpen } from '../../domain/grant.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Settlement } from '../../domain/settlement.ts'
import type {
  CandidatesOutcome,
  ConfirmOutcome,
  ProposeOutcome,
  SettlementOutcome,
  WithdrawOutcome,
} from '../../grants/index.ts'
import { refusalBlocks, refusalText } from '../blocks/explain.ts'
import { approvalTitle } from '../blocks/grant-cards.ts'
import { actorText, type Reader } from '../blocks/reader.ts'
import { needsPeople, saidBlocks } from '../blocks/settlement.ts'
import { section } from '../blocks/text.ts'
import { noticeView } from '../blocks/views.ts'
import type { Told } from '../decide/decide.ts'
import type { Respond } from '../edge/answer.ts'
import type { Edge, User } from '../edge/handlers.ts'
import { openWhenReady, type Ready } from '../edge/open-view.ts'
import type { FormView } from '../edge/payloads.ts'
import { fields } from '../ids.ts'
import { readGrantId } from '../lists/grants.ts'
import { acting, CHANGING } from './acting.ts'
import { confirmView, type Filled, filledSettle, settleView } from './settle-views.ts'
import { tellStuck } from './stuck.ts'

const ownGrant = { kind: 'refused', refusal: { code: 'own-grant' } } as const

/** A loading view is looked at for as long as this, ms. */
const SLOW = 8000

interface Press {
  user: User
  /** The grant's id, with that of the settlement to be confirmed; to withdraw, only the settlement's. */
  value: string | undefined
  respond: Respond
}

/** Opens what is to be said of a grant, or, where that was said, what is to be confirmed. */
export async function openSettle(edge: Edge, press: Press & { triggerId: string }): Promise<void> {
  const { user, value, triggerId, respond } = press
  await openWhenReady(edge, {
    user,
    triggerId,
    respond,
    ready: prepare(edge, user, value ?? ''),
    loading: ({ settle }) => settle,
    late: ({ settle }) => settle.late,
  })
}

async function prepare(edge: Edge, user: User, value: string): Promise<Ready> {
  const { by, reader } = await acting(edge, user, SLOW)
  const [grantId = '', settlementId = ''] = value.split('|').map(readGrantId)
  const read = await edge.grants.settlementOf({ by, grantId, settlementId })
  if (read.kind !== 'settlement') return { reader, told: toldSettlement(edge, read, reader) }
  const { grant, settlement, over } = read
  if (!needsPeople(grant)) return { reader, told: toldSettlement(edge, notForPeople(grant), reader) }
  if (settlement) return { reader, view: confirmView(grant, settlement, reader, over), told: null }
  if (over?.ended) {
    // What the app itself took back, it did because more was sent.
    const became =
      over.ended.by === 'app'
        ? ({ kind: 'sent-since', grant, settlement: null } as const)
        : ({ kind: 'already', grant, settlement: over } as const)
    return { reader, told: toldSettlement(edge, became, reader) }
  }
  if (grant.requester === user.id) return { reader, told: toldSettlement(edge, ownGrant, reader) }
  const found = await edge.grants.candidates({ by, grantId })
  if (found.kind !== 'candidates') return { reader, told: toldSettlement(edge, found, reader) }
  return { reader, view: settleView(found, reader), told: null }
}

function notForPeople(grant: Grant) {
  return {
    kind: isOpen(grant.state) ? ('not-stuck' as const) : ('already' as const),
    grant,
    settlement: null,
  }
}

/** Takes back what was said: committed, then acknowledged, then answered. */
export async function withdraw(
  edge: Edge,
  { user, value, message, respond, ack }: Press & { message: object | null; ack: () => Promise<void> },
): Promise<void> {
  const who = await acting(edge, user, CHANGING)
  const settlementId = readGrantId(value ?? '')
  const outcome = await edge.grants.withdrawSettlement({ by: who.by, settlementId })
  await ack()
  const told = toldSettlement(edge, outcome, who.reader)
  if (message) await respond(told)
  else await tellStuck(edge, who, { respond, told: told.blocks, replace: true })
}

interface Submission {
  user: User
  view: FormView
  ack: AckFn<ViewResponseAction>
}

/** Takes what an operator has found out: committed, then acknowledged with what became of it. */
export async function submitSettle(edge: Edge, { user, view, ack }: Submission): Promise<void> {
  const { by, reader } = await acting(edge, user, CHANGING)
  const { settle, notice } = reader.words
  const filled = filledSettle(view)
  if (!filled) return ack({ response_action: 'update', view: noticeView(reader, [section(notice.gone)]) })
  const wrong = (field: string, text: string) => ack({ response_action: 'errors', errors: { [field]: text } })
  const { grantId, verdict, evidence, attempts } = filled
  if (!verdict) return wrong(fields.verdict, settle.verdictMissing)
  if (verdict.kind === 'issued' && verdict.couponId === '')
    return wrong(fields.couponId, settle.couponIdMissing)
  const outcome = await edge.grants.proposeSettlement({
    by,
    grantId,
    verdict,
    evidence,
    order: `settle/${grantId}/${view.id}`,
    ...(attempts !== undefined && { attempts }),
  })
  // What was typed stays, to be submitted again.
  if (outcome.kind === 'busy') return wrong(fields.evidence, settle.busy)
  if (outcome.kind === 'refused') {
    const field = fieldOf(outcome.refusal, filled)
    if (field) return wrong(field, refusalText(outcome.refusal, reader.words, reader.dates))
  }
  const told = toldSettlement(edge, outcome, reader)
  return ack({ response_action: 'update', view: noticeView(reader, told.blocks) })
}

function fieldOf({ code }: Refusal, { couponField }: Filled): string | null {
  if (code === 'evidence-missing' || code === 'evidence-too-long') return fields.evidence
  if (code === 'coupon-id-malformed' || code === 'coupon-taken') return fields[couponField]
  return null
}

/** Takes a second person's word: committed, then acknowledged with what became of it. */
export async function submitConfirm(edge: Edge, { user, view, ack }: Submission): Promise<void> {
  const { by, reader } = await acting(edge, user, CHANGING)
  const settlementId = readGrantId(view.private_metadata)
  const outcome = await edge.grants.confirmSettlement({ by, settlementId })
  const told = toldSettlement(edge, outcome, reader)
  await ack({ response_action: 'update', view: noticeView(reader, told.blocks) })
}

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
