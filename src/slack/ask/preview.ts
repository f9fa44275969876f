import type { ModalView, SectionBlock } from '@slack/types'
import { z } from 'zod'
import type { Person } from '../../domain/permissions.ts'
import type { Preview, Received } from '../../grants/index.ts'
import { plain } from '../blocks/text.ts'
import { slackCode } from '../edge/errors.ts'
import type { Edge } from '../edge/handlers.ts'
import type { FormView, User } from '../edge/payloads.ts'
import { blocks, views } from '../ids.ts'
import {
  askOf,
  type FormContent,
  filledForm,
  insteadIn,
  openidBlockOf,
  previewBlock,
  submitLabel,
  warningBlocks,
} from './form.ts'

const ROLES_WITHIN = 1500

const MAX_VIEWS = 1000

/** The text of a section; empty for a block that an earlier version drew there. */
const words = z
  .object({ text: z.object({ text: z.string() }) })
  .transform(({ text }) => text.text)
  .catch('')

interface Form {
  /** When the newest known change was made, by Slack's clock. */
  newest: number
  /** How often the form was submitted. */
  submissions: number
  /** What the form held when it was submitted, as long as nothing else was filled in since. */
  submitted: FormView['state']['values'] | null
  /** Hashes that were drawn over: a person who typed before seeing the result sends one of them. */
  overdrawn: Set<string | undefined>
  /** The hash of the latest draw. Any other hash is from another process, and newer. */
  drawn: string | undefined
  tail: Promise<void>
  /** Settles once Slack has received the latest draw. */
  onItsWay: Promise<void>
}

/**
 * Keeps the form's preview line and submit label true while a person fills it in. Changes of one view are handled one
 * after the other, and those overtaken by a newer one are skipped. Only Slack knows which is newer: over several
 * connections, they arrive in any order.
 */
export function createPreviews(edge: Edge): {
  /**
   * @param change.at when it was changed, by Slack's clock
   * @param change.block `block_id` of the changed input
   */
  changed(change: { user: User; view: FormView; at: number; block: string }): Promise<void>
  /**
   * Drops changes made before a submission: drawn after its answer, they would wipe errors from their fields.
   *
   * @returns settles once Slack has received what was on its way
   */
  submitted(view: FormView): Promise<void>
} {
  const open = new Map<string, Form>()

  function formOf(id: string): Form {
    const known = open.get(id)
    if (known) return known
    if (open.size >= MAX_VIEWS) open.clear()
    const form = {
      newest: 0,
      submissions: 0,
      submitted: null,
      overdrawn: new Set<string | undefined>(),
      drawn: undefined,
      tail: Promise.resolve(),
      onItsWay: Promise.resolve(),
    }
    open.set(id, form)
    return form
  }

  return {
    changed({ user, view, at, block }) {
      const form = formOf(view.id)
      // The submission held this change already, even if it arrived first and other fields were filled in between.
      if (form.submitted && isSameInput(form.submitted[block], view.state.values[block]))
        return Promise.resolve()
      form.submitted = null
      form.newest = Math.max(form.newest, at)
      const { submissions } = form
      const isOvertaken = () => at < form.newest || submissions !== form.submissions
      const step = form.tail.then(async () => {
        if (isOvertaken()) return
        const hash = form.overdrawn.has(view.hash) ? form.drawn : view.hash
        const content = await drawnAnew(edge, user, view, hash)
        if (content === null || isOvertaken()) return
        const sent = send(edge, view.id, hash, content)
        form.onItsWay = sent.then(
          () => {},
          () => {},
        )
        const drawn = await sent
        if (drawn === null) return
        form.overdrawn.add(hash)
        form.drawn = drawn
      })
      form.tail = step.catch(() => {})
      return step
    },
    submitted(view) {
      const form = formOf(view.id)
      form.submissions += 1
      form.submitted = view.state.values
      return form.onItsWay
    },
  }
}

function isSameInput(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** @param hash of the view to draw over @returns null: everything is already shown */
async function drawnAnew(
  edge: Edge,
  user: User,
  view: FormView,
  hash: string | undefined,
): Promise<ModalView | null> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const filled = filledForm(view)
  const instead = insteadIn(view)
  const [preview, received] = await Promise.all([
    previewOf(edge, person, filled, instead),
    receivedOf(edge, person, filled.openid, instead),
  ])
  const line = previewBlock(preview, reader)
  const warning = warningBlocks(received, filled.openid, reader, grants.policy())
  const label = submitLabel(preview, reader)
  const isShown = isSame(view, blocks.preview, [line]) && isSame(view, blocks.warning, warning)
  // Slack takes 100 views a minute, so nothing is drawn twice.
  // How the user was found is shown only for the same openid.
  const kept = view.blocks.filter(({ block_id }) => block_id !== blocks.foundBy || filled.foundBy)
  const isAllThere = kept.length === view.blocks.length && view.submit?.text === label
  if (hash === view.hash && isAllThere && isShown) return null
  return {
    type: 'modal',
    callback_id: views.give,
    ...(view.private_metadata ? { private_metadata: view.private_metadata } : {}),
    title: view.title,
    submit: plain(label, 24),
    ...(view.close ? { close: view.close } : {}),
    // Built from what Slack sent, so that only the preview changes.
    blocks: kept.flatMap((block) => {
      if (block.block_id === blocks.warning) return []
      if (block.block_id === openidBlockOf(view)) return [block, ...warning]
      return [block.block_id === blocks.preview ? line : block]
    }),
  } as ModalView
}

/** @returns the view's new hash, or null if nothing was drawn */
async function send(
  { client }: Edge,
  viewId: string,
  hash: string | undefined,
  view: ModalView,
): Promise<string | null> {
  try {
    const { view: now } = await client.views.update({ view_id: viewId, ...(hash ? { hash } : {}), view })
    return now?.hash ?? null
  } catch (error) {
    // The view was closed, submitted, or drawn by another process: the submission decides anyway.
    if (['not_found', 'hash_conflict'].includes(slackCode(error) ?? '')) return null
    throw error
  }
}

/** Slack adds to what it sends back, so only the texts are compared. */
function isSame(view: FormView, id: string, drawn: readonly SectionBlock[]): boolean {
  const shown = view.blocks.filter(({ block_id }) => block_id === id).map((block) => words.parse(block))
  return JSON.stringify(shown) === JSON.stringify(drawn.map(({ text }) => text?.text ?? ''))
}

/**
 * What would happen to the form as filled in; null while a required field is missing. It only informs: a failure is
 * logged, and the submission decides anyway.
 */
export async function previewOf(
  { grants, logger }: Edge,
  person: Person,
  filled: FormContent,
  instead: string | null,
): Promise<Preview | 'failed' | null> {
  if (!filled.openid || !filled.stock || !filled.reason) return null
  try {
    // A note plays no part in this decision and is often written last. For an optional ticket, Slack doesn't report
    // corrections.
    const ticket = grants.policy().ticket?.required ? filled.ticket : null
    const ask = { ...askOf(filled), ticket, note: filled.note ?? '…' }
    const preview = await grants.preview(person, ask, instead)
    if (preview.kind !== 'refused') return preview
    const problems = preview.problems.filter(({ refusal }) => refusal.code !== 'ticket-missing')
    return problems.length > 0 ? { kind: 'refused', problems } : null
  } catch (error) {
    logger.warn({ err: error }, 'no preview of an ask: the form is shown without')
    return 'failed'
  }
}

/** What the form warns of; like the preview, it only informs. */
export async function receivedOf(
  { grants, logger }: Edge,
  person: Person,
  openid: string | null,
  instead: string | null,
): Promise<Received | null> {
  if (!openid) return null
  try {
    return await grants.receivedLately({ person, openid, instead })
  } catch (error) {
    logger.warn({ err: error }, 'what a user has got could not be read: the form is shown without')
    return null
  }
}
