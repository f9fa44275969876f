import type { Grant } from '../domain/grant.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { NewEvent } from './events.ts'
import { withNotAsked } from './not-asked.ts'
import type { NewCard, NewGrant } from './records.ts'
import { pointedAt, toGrant } from './rows.ts'
import { tellBlockers } from './same-user.ts'
import { noteSubject } from './subjects.ts'
import { noteText } from './texts.ts'
import { addEvents, type Tx } from './trail.ts'
import { changeUsage } from './usage.ts'

/** Writes a new grant, the begin of its trail, and the cards that shall show it. */
export async function recordGrant(tx: Tx, grant: NewGrant, cards: NewCard[]): Promise<Grant> {
  const now = tx.now()
  const id = tx.randomId()
  const approved = grant.state === 'approved'
  const events: NewEvent[] = [{ grantId: id, kind: 'requested', actor: grant.requester }]
  if (grant.approvedByRule !== null)
    events.push({
      grantId: id,
      kind: 'approved-by-rule',
      actor: 'policy',
      data: { rule: grant.approvedByRule },
    })
  const subject = await noteSubject(tx, { openid: grant.openid, appid: grant.appid })
  const note = await noteText(tx, grant.note)
  const row = await tx.db
    .insertInto('grants')
    .values({
      id,
      // 26 letters and digits, where WeChat Pay allows 32.
      send_request_no: id,
      submission: grant.submission,
      subject,
      appid: grant.appid,
      mchid: grant.mchid,
      stock_id: grant.stockId,
      stock: grant.stock,
      stock_ref: stockRefOf(grant),
      stock_name: JSON.stringify(grant.stockName),
      quota: grant.quota,
      day: grant.day,
      requester: grant.requester,
      reason: grant.reason,
      reason_name: JSON.stringify(grant.reasonName),
      note_text: note,
      ticket: grant.ticket,
      state: grant.state,
      created_at: now,
      state_at: now,
      expires_at: grant.expiresAt,
      policy_hash: grant.policyHash,
      approvals_needed: grant.approvalsNeeded,
      approval_channel: grant.approvalChannel,
      approved_by_rule: grant.approvedByRule,
      approval_reason: grant.approvalReason && JSON.stringify(grant.approvalReason),
      issue_by: grant.issueBy,
      remind_at: grant.remindAt,
      lane: 1,
      version: events.length,
      due_at: approved ? tx.clock : null,
    })
    .returningAll()
    .returning(pointedAt)
    .executeTakeFirstOrThrow()
  await changeUsage(tx, row, 1)
  await addEvents(tx, events)
  if (cards.length > 0)
    await tx.db
      .insertInto('cards')
      .values(
        cards.map(({ kind, recipient, language, place }) => ({
          id: tx.randomId(),
          grant_id: id,
          kind,
          recipient,
          language,
          place: place && JSON.stringify(place),
          due_at: tx.clock,
          lags_since: tx.clock,
        })),
      )
      .execute()
  if (approved) return tellBlockers(tx, row)
  const [recorded = toGrant(row)] = await withNotAsked(tx.db, [toGrant(row)])
  return recorded
}
