import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { AnyBlock, ModalView } from '@slack/types'
import { type Grant, isOpen } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { cleanOrNull, cut } from '../../domain/people-text.ts'
import type { CancelOutcome, DecideOutcome, WaitsOutcome } from '../../grants/index.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { approvalLines, endedBlocks } from '../blocks/grant.ts'
import { approvalTitle } from '../blocks/grant-cards.ts'
import { createReader, type Reader } from '../blocks/reader.ts'
import { context, fitView, plain, section } from '../blocks/text.ts'
import { noticeView } from '../blocks/views.ts'
import type { Respond } from '../edge/answer.ts'
import { slackCode } from '../edge/errors.ts'
import type { Edge, User } from '../edge/handlers.ts'
import type { FormView } from '../edge/payloads.ts'
import { actions, fields, views } from '../ids.ts'
import { type FoundValue, readGrantId, showFound } from '../lists/grants.ts'
import { trailView } from './trail.ts'

/** A press of a button about one grant. */
export interface Pressed {
  user: User
  grantId: string
  /** The list pressed in, which is drawn anew; null: a card. */
  list: FoundValue | null
  triggerId: string
  respond: Respond
}

/** Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700

/** Approves: committed, then acknowledged, then answered. */
export async function approve(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const { grantId } = pressed
  const outcome = await edge.grants.decide({ person, grantId, decision: 'approve', reason: null })
  await ack()
  await tell(edge, pressed, toldOf(edge, outcome, reader))
}

/** The requester's own way back. */
export async function cancelOwn(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.cancel({ person, grantId: pressed.grantId, reason: null })
  await ack()
  await tell(edge, pressed, toldOf(edge, outcome, reader, 'cancel'))
}

/** Asks for the reason, unless it is plain already that nothing can come of it. */
export async function askWhy(edge: Edge, kind: 'reject' | 'cancel', pressed: Pressed): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const { grantId, respond } = pressed
  const outcome = await edge.grants.waits({ person, grantId, for: kind })
  if (outcome.kind === 'waits')
    await open(edge, pressed, whyView(kind, outcome.grant, reader), reader.words.decided.late)
  else await respond(toldOf(edge, outcome, reader, kind))
}

/** All that happened to a grant, in a view. */
export async function showHistory(edge: Edge, pressed: Pressed): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.trail({ person, grantId: pressed.grantId })
  if (outcome.kind === 'gone') return pressed.respond(toldOf(edge, outcome, reader))
  if (outcome.kind === 'refused') return pressed.respond(toldOf(edge, outcome, reader))
  await open(edge, pressed, trailView(outcome.entries, reader), reader.words.decided.late)
}

/** The whole openid, to the one person who may see it. */
export async function showOpenid(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.showOpenid({ person, grantId: pressed.grantId })
  await ack()
  await pressed.respond(
    outcome.kind === 'shown'
      ? { text: reader.words.decided.openid(outcome.openid) }
      : toldOf(edge, outcome, reader),
  )
}

/** In a list the answer stands above the list, drawn anew. */
async function tell(edge: Edge, { user, list, respond }: Pressed, told: Told): Promise<void> {
  if (list) await showFound(edge, { user, list, respond, replace: true, told: told.blocks })
  else await respond(told)
}

async function acting(edge: Edge, user: User) {
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  return { person, reader: createReader(language, edge.grants.policy()) }
}

async function open(
  { client }: Edge,
  { triggerId, respond }: Pressed,
  view: ReturnType<typeof whyView>,
  late: string,
): Promise<void> {
  try {
    await client.views.open({ trigger_id: triggerId, view })
  } catch (error) {
    if (!['expired_trigger_id', 'trigger_expired'].includes(slackCode(error) ?? '')) throw error
    await respond({ text: late })
  }
}

/** Takes a rejection, or an approver's cancelling, with its reason: committed, then acknowledged with what became of it. */
export async function submitWhy(
  edge: Edge,
  kind: 'reject' | 'cancel',
  { user, view, ack }: { user: User; view: FormView; ack: AckFn<ViewResponseAction> },
): Promise<void> {
  const { grants, people } = edge
  const { person, language } = await people.who(user, ROLES_WITHIN)
  const reader = createReader(language, grants.policy())
  const reason = whyOf(view)
  if (reason === null)
    return ack({ response_action: 'errors', errors: { [fields.why]: reader.words.refusal.whyMissing } })
  const input = { person, grantId: readGrantId(view.private_metadata), reason }
  const outcome =
    kind === 'reject' ? await grants.decide({ ...input, decision: 'reject' }) : await grants.cancel(input)
  await ack({ response_action: 'update', view: toldView(toldOf(edge, outcome, reader, kind), reader) })
}

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

const MAX_WHY = 3000

/** Asks for the reason of a rejection or of a cancelling. The grant's id travels with it and is looked up again. */
export function whyView(kind: 'reject' | 'cancel', grant: Grant, reader: Reader): ModalView {
  const { words, name } = reader
  const { approval } = words
  const view: ModalView = {
    type: 'modal',
    callback_id: views[kind],
    private_metadata: grant.id,
    title: plain(kind === 'reject' ? approval.rejectTitle : approval.cancelModalTitle, 24),
    submit: plain(kind === 'reject' ? approval.rejectSubmit : approval.cancelSubmit, 24),
    close: plain(words.close, 24),
    blocks: [
      section(
        approval.about(`<@${grant.requester}>`, name(grant.stockName), `\`${shortOpenid(grant.openid)}\``),
      ),
      {
        type: 'input',
        block_id: fields.why,
        label: plain(approval.whyLabel, 150),
        hint: plain(approval.whyHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.whyInput,
          multiline: true,
          max_length: MAX_WHY,
        },
      },
    ],
  }
  return fitView(view, words)
}

/** What was written; null where there is nothing but blanks. Slack counts characters in its own way, so more may come. */
export function whyOf(view: FormView): string | null {
  const why = cleanOrNull(view.state.values[fields.why]?.[actions.whyInput]?.value ?? null)
  return why === null ? null : cut(why, MAX_WHY)
}
