import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { InputBlock, ModalView } from '@slack/types'
import { type Grant, isOpen } from '../../domain/grant.ts'
import type { Policy } from '../../domain/policy.ts'
import { cleanOrNull, cut } from '../../domain/text.ts'
import type { CancelOutcome, DecideOutcome, WaitsOutcome } from '../../grants/index.ts'
import { modal, noticeView } from '../blocks/buttons-and-views.ts'
import { explain, isNotDone } from '../blocks/explain.ts'
import { approvalLines, approvalTitle, endedBlocks, idsMessage, whichBlock } from '../blocks/grant-parts.ts'
import { type Reader, userCode } from '../blocks/reader.ts'
import { context, type Message, message, plain, section } from '../blocks/text.ts'
import { type Answer, openView } from '../edge/answer.ts'
import type { Due, Edge } from '../edge/handlers.ts'
import { type FormView, readGrantId, type User } from '../edge/payloads.ts'
import { actions, fields, views } from '../ids.ts'
import { trailView } from './trail.ts'

/** A click on a button of one grant. */
interface GrantPress {
  user: User
  grantId: string
  triggerId: string
  answer: Answer
  /** Where the form was opened, carried along by the form. */
  from?: string | null
  /** The deadline for acknowledging a change, by `performance.now()`. */
  until?: number
}

/** ms; Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700
const MAX_WHY = 3000

/** Approves: commits, then acknowledges. @returns the result */
export async function approve(edge: Edge, press: GrantPress, ack: () => Promise<void>): Promise<Message> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const { grantId, until } = press
  const outcome = await edge.grants.decide({ person, grantId, decision: 'approve', reason: null, until })
  await ack()
  return outcomeMessage(edge, outcome, reader)
}

/** Cancels the requester's own grant. @returns the result */
export async function cancelOwn(edge: Edge, press: GrantPress, ack: () => Promise<void>): Promise<Message> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const { grantId, until } = press
  const outcome = await edge.grants.cancel({ person, grantId, reason: null, until })
  await ack()
  return outcomeMessage(edge, outcome, reader, 'cancel')
}

/** Asks for the reason, unless it is already clear that the grant can't be rejected or cancelled. */
export async function askWhy(edge: Edge, kind: 'reject' | 'cancel', press: GrantPress): Promise<void> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const outcome = await edge.grants.waits({ person, grantId: press.grantId, for: kind })
  if (outcome.kind !== 'waits') return press.answer(outcomeMessage(edge, outcome, reader, kind))
  const { rejections } = edge.grants.policy()
  await open(edge, press, whyView(kind, outcome.grant, reader, rejections, press.from))
}

/** Shows everything that happened to a grant, in a view. */
export async function showHistory(edge: Edge, press: GrantPress): Promise<void> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const outcome = await edge.grants.trail({ person, grantId: press.grantId })
  if (outcome.kind !== 'trail') return press.answer(outcomeMessage(edge, outcome, reader))
  await open(edge, press, trailView(outcome.entries, reader, outcome.grant))
}

function open(edge: Edge, press: GrantPress, view: ModalView): Promise<void> {
  return openView(edge, { ...press, late: ({ decided }) => decided.late }, view)
}

/** Shows the ids that WeChat Pay's support asks for, to copy. */
export async function showIds(edge: Edge, press: GrantPress): Promise<void> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const outcome = await edge.grants.ids({ person, grantId: press.grantId })
  await press.answer(
    outcome.kind === 'ids' ? idsMessage(outcome.grant, reader) : outcomeMessage(edge, outcome, reader),
  )
}

/** Shows the whole openid to the one person who may see it. */
export async function showOpenid(edge: Edge, press: GrantPress, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await edge.people.who(press.user, ROLES_WITHIN)
  const { grantId, until } = press
  const outcome = await edge.grants.showOpenid({ person, grantId, until })
  await ack()
  await press.answer(
    outcome.kind === 'shown'
      ? { text: reader.words.decided.openid(outcome.openid) }
      : outcomeMessage(edge, outcome, reader),
  )
}

/**
 * Takes a rejection, or an approver's cancellation, with its reason: commits, then acknowledges with the result.
 * @returns false: nothing was tried, because the reason is missing
 */
export async function submitWhy(
  edge: Edge,
  kind: 'reject' | 'cancel',
  { user, view, ack, until }: { user: User; view: FormView; ack: AckFn<ViewResponseAction> } & Due,
): Promise<boolean> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const reason = whyOf(view)
  const canned = cannedOf(view)
  if (reason === null && canned === null) {
    await ack({ response_action: 'errors', errors: { [fields.why]: reader.words.refusal.whyMissing } })
    return false
  }
  const [grantId = ''] = view.private_metadata.split('\n')
  const input = { person, grantId: readGrantId(grantId), reason, until }
  const outcome =
    kind === 'reject'
      ? await grants.decide({ ...input, decision: 'reject', canned })
      : await grants.cancel(input)
  const { blocks } = outcomeMessage(edge, outcome, reader, kind)
  await ack({ response_action: 'update', view: noticeView(reader, blocks) })
  return true
}

/** The result of a decision or a cancellation, whatever it is. */
export function outcomeMessage(
  { grants }: Pick<Edge, 'grants'>,
  outcome: DecideOutcome | CancelOutcome | Exclude<WaitsOutcome, { kind: 'waits' }>,
  reader: Reader,
  wanted: 'approve' | 'reject' | 'cancel' = 'approve',
): Message {
  const { decided, separator, gap, space } = reader.words
  if (isNotDone(outcome)) return explain(outcome, { policy: grants.policy(), reader, says: decided })
  switch (outcome.kind) {
    case 'approved': {
      const { quota, hold } = outcome.grant
      const what = decided.what(reader.amount(quota), userCode(outcome.grant, reader))
      return message(hold ? decided.approvedHeld(what) : decided.approved(what))
    }
    case 'rejected':
    case 'cancelled':
      return message(decided[outcome.kind])
    case 'counted': {
      const counts = decided.counted(outcome.have, outcome.grant.approvalsNeeded)
      const who = outcome.lapsed.map((id) => `<@${id}>`).join(separator)
      return message(who === '' ? counts : counts + gap + decided.lapsed(who))
    }
    case 'repeated':
      if (outcome.by !== undefined) {
        const { have, grant, by } = outcome
        return message(reader.words.away.repeatedBy(`<@${by}>`, have, grant.approvalsNeeded))
      }
      return message(decided.repeated(outcome.have, outcome.grant.approvalsNeeded))
    case 'already': {
      const { grant, decisions } = outcome
      const already = wanted === 'cancel' ? decided.alreadyNoCancel : decided.already
      const title = approvalTitle(grant, { decisions }, reader)
      const who = approvalLines(grant, decisions, reader)
      return {
        text: `${already}${space}${title}`,
        blocks: [
          section(`${already}${space}*${title}*`),
          ...(isOpen(grant.state) ? [] : endedBlocks(grant, reader)),
          ...(who.length > 0 ? [context(...who)] : []),
        ],
      }
    }
  }
}

/**
 * Asks for the reason of a rejection or a cancellation. Carries the grant's id, which is looked up again.
 * @param rejections reasons of the policy to choose from
 * @param from where the form was opened, carried along
 */
export function whyView(
  kind: 'reject' | 'cancel',
  grant: Grant,
  reader: Reader,
  rejections: Policy['rejections'] = [],
  from: string | null = null,
): ModalView {
  const { approval } = reader.words
  const offered = kind === 'reject' ? rejections : []
  return modal(reader, {
    id: views[kind],
    carries: from === null ? grant.id : `${grant.id}\n${from}`,
    title: kind === 'reject' ? approval.rejectTitle : approval.cancelModalTitle,
    submit: kind === 'reject' ? approval.rejectSubmit : approval.cancelSubmit,
    blocks: [
      whichBlock(grant, reader),
      ...(offered.length > 0 ? [cannedInput(offered, reader)] : []),
      {
        type: 'input',
        block_id: fields.why,
        optional: offered.length > 0,
        label: plain(offered.length > 0 ? approval.cannedNote : approval.whyLabel, 150),
        hint: plain(approval.whyHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.whyInput,
          multiline: true,
          max_length: MAX_WHY,
        },
      },
    ],
  })
}

/** None of the policy's reasons: no short name contains this sign. */
const OTHER = '|other'

function cannedInput(rejections: Policy['rejections'], { words, plainName }: Reader): InputBlock {
  const option = (text: string, value: string) => ({ text: plain(text, 75), value })
  return {
    type: 'input',
    block_id: fields.canned,
    // A written reason is enough.
    optional: true,
    label: plain(words.approval.canned, 150),
    element: {
      type: 'radio_buttons',
      action_id: actions.cannedRadio,
      options: [
        ...rejections.map(({ key, name }) => option(plainName(name), key)),
        option(words.approval.cannedOther, OTHER),
      ],
    },
  }
}

/** The chosen reason of the policy; null: none. */
function cannedOf(view: FormView): string | null {
  const chosen = view.state.values[fields.canned]?.[actions.cannedRadio]?.selected_option?.value
  return chosen === undefined || chosen === OTHER ? null : chosen
}

/**
 * The written reason, cut to its limit; null if it is blank. Slack counts characters in its own way, so a longer text
 * may arrive.
 */
function whyOf(view: FormView): string | null {
  const why = cleanOrNull(view.state.values[fields.why]?.[actions.whyInput]?.value ?? null)
  return why === null ? null : cut(why, MAX_WHY)
}
