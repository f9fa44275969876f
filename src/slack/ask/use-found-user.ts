import { setTimeout as sleep } from 'node:timers/promises'
import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import type { FoundBy } from '../../domain/customer.ts'
import { noticeView } from '../blocks/buttons-and-views.ts'
import { section } from '../blocks/text.ts'
import { slackCode } from '../edge/errors.ts'
import type { Due, Edge } from '../edge/handlers.ts'
import type { FormView, User } from '../edge/payloads.ts'
import { filledForm, formView, insteadIn, nextOpenidBlock } from './form.ts'
import { previewOf, receivedOf } from './preview.ts'

/** ms; Slack waits 3 s for the acknowledgement, which brings the form back into view. */
const PREVIEW_WITHIN = 1200
const ROLES_WITHIN = 1000

const text = z.string().nullable()
const held = z.object({
  stock: text,
  reason: text,
  ticket: text,
  note: text,
  instead: text,
  source: text.default(null),
  from: text.default(null),
  openidBlock: z.string(),
})

/** What the form holds, for the view above it to give back; without the openid, which that view is to find. */
export function heldByForm(view: FormView): object {
  const { stock, reason, ticket, note, source = null, from = null } = filledForm(view)
  const instead = insteadIn(view)
  const openidBlock = nextOpenidBlock(view)
  return { stock, reason, ticket, note, instead, source, from, openidBlock } satisfies z.infer<typeof held>
}

/**
 * Fills the form below with the found user, then acknowledges: Slack closes the upper view, and the person sees the
 * form again. Nobody can change the form while a view covers it, and a preview that is still being drawn has an older
 * hash.
 */
export async function useFoundUser(
  edge: Edge,
  use: Use & Due & { ack: AckFn<ViewResponseAction> },
): Promise<void> {
  const filling = fill(edge, use)
  const late = sleep(Math.max(0, use.until - performance.now()), 'late' as const, { ref: false })
  const instead = await Promise.race([filling, late])
  if (instead && instead !== 'late') return use.ack({ response_action: 'update', view: instead })
  await use.ack()
  // The person already sees the form; it is filled in once Slack or the ledger has answered.
  await filling
}

interface Use {
  user: User
  /** The form's id. */
  viewId: string
  form: unknown
  found: { openid: string; foundBy: FoundBy }
}

/** @returns what to show in the upper view; null: the form is filled in */
async function fill(edge: Edge, use: Use): Promise<ModalView | null> {
  const { client, grants, people } = edge
  const { instead, openidBlock, ...beside } = held.parse(use.form)
  const { person, reader } = await people.who(use.user, ROLES_WITHIN)
  const filled = { ...beside, openid: use.found.openid, foundBy: use.found.foundBy }
  const [preview, received] = await Promise.race([
    Promise.all([previewOf(edge, person, filled, instead), receivedOf(edge, person, filled.openid, instead)]),
    sleep(PREVIEW_WITHIN, [null, null] as const, { ref: false }),
  ])
  const abilities = await grants.abilities(person)
  const view = formView({
    reader,
    policy: grants.policy(),
    abilities,
    filled,
    preview,
    received,
    instead,
    openidBlock,
    finds: edge.customers.kinds().length > 0,
  })
  try {
    await client.views.update({ view_id: use.viewId, view })
  } catch (error) {
    if (slackCode(error) !== 'not_found') throw error
    const { find } = reader.words
    return noticeView(reader, [section(find.tooLate)])
  }
  return null
}
