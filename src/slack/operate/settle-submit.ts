import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { Refusal } from '../../domain/refusal.ts'
import type { Edge, User } from '../edge.ts'
import { readGrantId } from '../found/found-value.ts'
import { fields } from '../ids.ts'
import type { FormView } from '../payloads.ts'
import { noticeView } from '../send/notice-view.ts'
import { section } from '../text.ts'
import { refusalText } from '../words/index.ts'
import { acting, CHANGING } from './acting.ts'
import { type Filled, filledSettle } from './settle-value.ts'
import { toldSettlement } from './told-settlement.ts'

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
