import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { Refusal } from '../../domain/ask.ts'
import { type Grant, isOpen, type Settlement } from '../../domain/grant.ts'
import type {
  CandidatesOutcome,
  ConfirmOutcome,
  ProposeOutcome,
  SettlementOutcome,
  WithdrawOutcome,
} from '../../grants/index.ts'
import { noticeView } from '../blocks/buttons-and-views.ts'
import { explain, isNotDone, refusalText } from '../blocks/explain.ts'
import { approvalTitle, needsPeople, saidBlocks } from '../blocks/grant-parts.ts'
import { actorText, type Reader } from '../blocks/reader.ts'
import { type Message, message, section } from '../blocks/text.ts'
import { type Answer, openWhenReady, type Ready } from '../edge/answer.ts'
import type { Due, Edge } from '../edge/handlers.ts'
import { type FormView, readGrantId, type User } from '../edge/payloads.ts'
import { fields } from '../ids.ts'
import { confirmView, type Filled, filledSettle, settleView } from './settle-views.ts'
import { showStuck } from './stuck.ts'

const ownGrant = { kind: 'refused', refusal: { code: 'own-grant' } } as const

/** ms; Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700
/** ms for which a person looks at a loading view. */
const SLOW = 8000

interface Press {
  user: User
  /** The grant's id, followed by the settlement's to confirm it; to withdraw, the settlement's alone. */
  value: string | undefined
  answer: Answer
}

/** Opens the form that settles a grant or, if one person has settled it, the one that confirms it. */
export async function openSettle(edge: Edge, press: Press & { triggerId: string }): Promise<void> {
  const { user, value, triggerId, answer } = press
  await openWhenReady(edge, {
    user,
    triggerId,
    answer,
    ready: prepare(edge, user, value ?? ''),
    loading: ({ settle }) => settle,
    late: ({ settle }) => settle.late,
  })
}

async function prepare(edge: Edge, user: User, value: string): Promise<Ready> {
  const { person, reader } = await edge.people.who(user, SLOW)
  const [grantId = '', settlementId = ''] = value.split('|').map(readGrantId)
  const read = await edge.grants.settlementOf({ by: { person }, grantId, settlementId })
  if (read.kind !== 'settlement') return { reader, instead: settleMessage(edge, read, reader) }
  const { grant, settlement, over } = read
  if (!needsPeople(grant)) return { reader, instead: settleMessage(edge, notForPeople(grant), reader) }
  if (settlement) return { view: confirmView(grant, settlement, reader, over) }
  if (over?.ended) {
    const became = { kind: 'already', grant, settlement: over } as const
    return { reader, instead: settleMessage(edge, became, reader) }
  }
  if (grant.requester === user.id) return { reader, instead: settleMessage(edge, ownGrant, reader) }
  const found = await edge.grants.candidates({ by: { person }, grantId })
  if (found.kind !== 'candidates') return { reader, instead: settleMessage(edge, found, reader) }
  return { view: settleView(found, reader) }
}

function notForPeople(grant: Grant) {
  return {
    kind: isOpen(grant.state) ? ('not-stuck' as const) : ('already' as const),
    grant,
    settlement: null,
  }
}

/** Withdraws a settlement: commits, acknowledges, then answers. */
export async function withdraw(
  edge: Edge,
  {
    user,
    value,
    message,
    answer,
    ack,
    until,
  }: Press & Due & { message: object | null; ack: () => Promise<void> },
): Promise<void> {
  const who = await edge.people.who(user, ROLES_WITHIN)
  const settlementId = readGrantId(value ?? '')
  const outcome = await edge.grants.withdrawSettlement({ by: { person: who.person }, settlementId, until })
  await ack()
  const became = settleMessage(edge, outcome, who.reader)
  if (message) await answer(became)
  else await showStuck(edge, who, { answer, above: became.blocks, replace: true })
}

interface Submission extends Due {
  user: User
  view: FormView
  ack: AckFn<ViewResponseAction>
}

/** Takes an operator's findings: commits, then acknowledges with the result. */
export async function submitSettle(edge: Edge, { user, view, ack, until }: Submission): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const { settle, notice } = reader.words
  const filled = filledSettle(view)
  if (!filled) return ack({ response_action: 'update', view: noticeView(reader, [section(notice.gone)]) })
  const wrong = (field: string, text: string) => ack({ response_action: 'errors', errors: { [field]: text } })
  const { grantId, verdict, evidence, attempts } = filled
  if (!verdict) return wrong(fields.verdict, settle.verdictMissing)
  if (verdict.kind === 'issued' && verdict.couponId === '')
    return wrong(fields.couponId, settle.couponIdMissing)
  const outcome = await edge.grants.proposeSettlement({
    by: { person },
    grantId,
    verdict,
    evidence,
    order: `settle/${grantId}/${view.id}`,
    until,
    ...(attempts !== undefined && { attempts }),
  })
  // Keeps what was typed in the form, to be submitted again.
  if (outcome.kind === 'busy') return wrong(fields.evidence, settle.busy)
  if (outcome.kind === 'refused') {
    const field = fieldOf(outcome.refusal, filled)
    if (field) return wrong(field, refusalText(outcome.refusal, reader.words, reader.dates))
  }
  const { blocks } = settleMessage(edge, outcome, reader)
  return ack({ response_action: 'update', view: noticeView(reader, blocks) })
}

function fieldOf({ code }: Refusal, { couponField }: Filled): string | null {
  if (code === 'evidence-missing' || code === 'evidence-too-long') return fields.evidence
  if (code === 'coupon-id-malformed' || code === 'coupon-taken') return fields[couponField]
  return null
}

/** Takes a second person's word: commits, then acknowledges with the result. */
export async function submitConfirm(edge: Edge, { user, view, ack, until }: Submission): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const settlementId = readGrantId(view.private_metadata)
  const outcome = await edge.grants.confirmSettlement({ by: { person }, settlementId, until })
  const { blocks } = settleMessage(edge, outcome, reader)
  await ack({ response_action: 'update', view: noticeView(reader, blocks) })
}

type Outcome =
  | ProposeOutcome
  | ConfirmOutcome
  | WithdrawOutcome
  | Exclude<CandidatesOutcome, { kind: 'candidates' }>
  | Exclude<SettlementOutcome, { kind: 'settlement' }>

/** The result of settling a grant, whatever it is, for the person who pressed. */
function settleMessage({ grants }: Edge, outcome: Outcome, reader: Reader): Message {
  const { settle, pausing } = reader.words
  if (outcome.kind === 'refused' && outcome.refusal.code === 'own-grant') return message(settle.ownGrant)
  if (isNotDone(outcome)) return explain(outcome, { policy: grants.policy(), reader, says: pausing })
  switch (outcome.kind) {
    case 'proposed': {
      const { alerts } = grants.policy()
      const where = alerts === null ? [] : [section(settle.askedInAlerts(`<#${alerts}>`))]
      return message(settle.proposed, ...saidBlocks(outcome.settlement, reader), ...where)
    }
    case 'waits':
      return message(settle.waits, ...saidBlocks(outcome.settlement, reader))
    case 'repeated':
      return message(settle.repeated, ...(outcome.settlement ? saidBlocks(outcome.settlement, reader) : []))
    case 'sent-since':
      return message(settle.sentSince)
    case 'lapsed':
      return message(settle.lapsed(actorText(outcome.settlement.proposedBy, reader.words)))
    case 'settled':
      return message(settle.settled)
    case 'withdrawn':
      return message(settle.withdrawn)
    case 'already':
      return message(alreadyText(outcome, reader))
    case 'not-stuck':
      return message(settle.notStuck)
    case 'under-way':
      return message(settle.underWay)
  }
}

/** Who ended it, if people did; of a grant that has ended, the state that its card shows. */
function alreadyText(
  { grant, settlement }: { grant: Grant; settlement: Settlement | null },
  reader: Reader,
): string {
  const { words, dates } = reader
  const ended = settlement?.ended
  // Why the app withdrew it isn't recorded: the grant has ended or was sent again, or the proposer operates no more.
  if (ended?.by === 'app' && isOpen(grant.state)) return words.settle.withdrawnByApp
  if (!ended || ended.by === 'app')
    return words.settle.already(approvalTitle(grant, { decisions: [] }, reader))
  const says = ended.outcome === 'confirmed' ? words.settle.alreadyConfirmed : words.settle.alreadyWithdrawn
  return says(actorText(ended.by, words), dates.slack(ended.at))
}
