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

/** Of a section; of what an earlier version drew there, nothing. */
const words = z
  .object({ text: z.object({ text: z.string() }) })
  .transform(({ text }) => text.text)
  .catch('')

interface Form {
  /** When the newest change was made that we have heard of, by Slack's clock. */
  newest: number
  /** How often it was submitted. */
  submissions: number
  /** What it held when it was submitted, while nothing else was filled in since. */
  submitted: string | null
  /** Hashes over which we have drawn: a person who typed before seeing that sends one of them. */
  overdrawn: Set<string | undefined>
  /** The hash of what we drew last. Any other that comes is another process's, and newer. */
  drawn: string | undefined
  tail: Promise<void>
  /** Settles once Slack has what was drawn last. */
  onItsWay: Promise<void>
}

/**
 * Keeps the form's preview line and submit label true while it is filled in. Changes of one view are handled one after
 * the other; those that a newer one overtook are skipped. Only Slack knows which is newer: over several connections
 * they arrive in any order.
 */
export function createPreviews(edge: Edge): {
  /** @param at when it was changed, by Slack's clock */
  changed(user: User, view: FormView, at: number): Promise<void>
  /**
   * Leaves out what was changed before a submission: drawn after its answer, it would wipe errors from their fields.
   *
   * @returns settles once what is on its way to Slack has got there
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
    changed(user, view, at) {
      const form = formOf(view.id)
      // A change that its submission overtook.
      if (form.submitted === contentOf(view)) return Promise.resolve()
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
      form.submitted = contentOf(view)
      return form.onItsWay
    },
  }
}

function contentOf(view: FormView): string {
  return JSON.stringify(filledForm(view))
}

/** @param hash over which it is drawn @returns null: all of it is there already */
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
  // Slack takes 100 views a minute: what is there already is not drawn again.
  // How the user was found is told only of that very openid.
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
    // Drawn from what Slack sent, so that only the preview changes.
    blocks: kept.flatMap((block) => {
      if (block.block_id === blocks.warning) return []
      if (block.block_id === openidBlockOf(view)) return [block, ...warning]
      return [block.block_id === blocks.preview ? line : block]
    }),
  } as ModalView
}

/** @returns the view's new hash, or null where nothing was drawn */
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
    // Closed, submitted, or drawn by another process meanwhile: the submission decides anyway.
    if (['not_found', 'hash_conflict'].includes(slackCode(error) ?? '')) return null
    throw error
  }
}

/** Slack adds to what it sends back, so only the words are compared. */
function isSame(view: FormView, id: string, drawn: readonly SectionBlock[]): boolean {
  const shown = view.blocks.filter(({ block_id }) => block_id === id).map((block) => words.parse(block))
  return JSON.stringify(shown) === JSON.stringify(drawn.map(({ text }) => text?.text ?? ''))
}

/**
 * What would happen to the form as it is filled in; null while a field that matters is missing. It only informs: a
 * failure is logged, and the submission decides anyway.
 */
export async function previewOf(
  { grants, logger }: Edge,
  person: Person,
  filled: FormContent,
  instead: string | null,
): Promise<Preview | 'failed' | null> {
  if (!filled.openid || !filled.stock || !filled.reason) return null
  try {
    // A note plays no part in what is decided here, and is often written last; of an optional ticket we are not told
    // when it is corrected.
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

/** What the form warns of; like the preview it only informs. */
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
