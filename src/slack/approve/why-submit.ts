import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { Edge, User } from '../edge.ts'
import { readGrantId } from '../found/found-value.ts'
import { fields } from '../ids.ts'
import type { FormView } from '../payloads.ts'
import { createReader } from '../reader.ts'
import { toldOf, toldView } from './told.ts'
import { whyOf } from './why-view.ts'

const ROLES_WITHIN = 700

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
