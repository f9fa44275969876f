import type { Person } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Preview } from '../../grants/index.ts'
import type { Edge, User } from '../edge.ts'
import { openWhenReady, type Ready } from '../open-view.ts'
import { createReader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { askOf } from './filled-form.ts'
import { formView } from './form-view.ts'
import type { TypedAsk } from './typed-ask.ts'

/** Longer than this nobody looks at a loading view. */
const SLOW = 8000

/** What fills the form, read once it is known that the person may have it. */
type Filling = (policy: Policy) => TypedAsk

/** Opens the form "Give a coupon" filled in, or says why this person can't have it. */
export async function openForm(
  edge: Edge,
  opening: { user: User; triggerId: string; filled: Filling; respond: Respond },
): Promise<void> {
  const { user, triggerId, filled, respond } = opening
  await openWhenReady(edge, {
    user,
    triggerId,
    respond,
    ready: prepare(edge, user, filled),
    loading: ({ form }) => form,
    late: ({ notice }) => notice.late,
  })
}

async function prepare(edge: Edge, user: User, fill: Filling): Promise<Ready> {
  const { grants, people } = edge
  const { person, language } = await people.who(user, SLOW)
  const policy = grants.policy()
  const reader = createReader(language, policy)
  const abilities = await grants.abilities(person)
  if (abilities.mayRequest) return { reader, told: refusalBlocks([abilities.mayRequest], policy, reader) }
  const typedAsk = fill(policy)
  const only = (keys: string[]) => (keys.length === 1 ? (keys[0] ?? null) : null)
  const filled = {
    ...typedAsk,
    stock: typedAsk.stock ?? only(abilities.stocks.map(({ stock }) => stock.key)),
    reason: typedAsk.reason ?? only(policy.reasons.map(({ key }) => key)),
  }
  const preview = await previewOf(edge, person, filled)
  return { reader, view: formView({ reader, policy, abilities, filled, preview }), told: null }
}

/**
 * What would become of the form as it is filled in; null while something that decides is missing.
 * It only informs: a failure is logged, and the submission decides anyway.
 */
export async function previewOf(
  { grants, logger }: Edge,
  person: Person,
  filled: TypedAsk,
): Promise<Preview | 'failed' | null> {
  if (!filled.openid || !filled.stock || !filled.reason) return null
  try {
    // A note plays no part in what is decided here, and is often written last; of an optional ticket we are not told
    // when it is corrected.
    const ticket = grants.policy().ticket?.required ? filled.ticket : null
    const preview = await grants.preview(person, { ...askOf(filled), ticket, note: filled.note ?? '…' })
    if (preview.kind !== 'refused') return preview
    const problems = preview.problems.filter(({ refusal }) => refusal.code !== 'ticket-missing')
    return problems.length > 0 ? { kind: 'refused', problems } : null
  } catch (error) {
    logger.warn({ err: error }, 'no preview of an ask: the form is shown without')
    return 'failed'
  }
}
