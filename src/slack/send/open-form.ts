import type { ModalView } from '@slack/types'
import type { Person } from '../../domain/policy.ts'
import type { Preview } from '../../grants/index.ts'
import type { Edge, User } from '../edge.ts'
import { createReader, type Reader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { slackCode } from '../slack-errors.ts'
import { typed } from '../text.ts'
import { within } from '../within.ts'
import { wordsOf } from '../words/index.ts'
import { askOf } from './filled-form.ts'
import { formView } from './form-view.ts'
import { loadingView, noticeView } from './notice-view.ts'
import type { TypedAsk } from './typed-ask.ts'

/** A trigger lives 3 s: what is not known after one is waited for in a loading view. */
const QUICK = 1000
/** Longer than this nobody looks at a loading view. */
const SLOW = 8000

type Ready = { reader: Reader; form: ModalView; refusal: null } | { reader: Reader; refusal: Refused }
type Refused = ReturnType<typeof refusalBlocks>

/** Opens the form "Give a coupon" filled in, or says why this person can't have it. */
export async function openForm(
  edge: Edge,
  opening: { user: User; triggerId: string; filled: TypedAsk; respond: Respond },
): Promise<void> {
  const { client, grants, logger } = edge
  const { triggerId, respond } = opening
  const ready = prepare(edge, opening.user, opening.filled)
  // It is waited for below or its failure is told there; meanwhile it must not count as unhandled.
  ready.catch(() => {})
  const known = await within(ready, QUICK)
  try {
    if (known?.refusal) return await respond({ text: known.refusal.text, blocks: known.refusal.blocks })
    if (known) {
      await client.views.open({ trigger_id: triggerId, view: known.form })
      return
    }
    const reader = createReader(edge.people.languageOf(opening.user.id), grants.policy())
    const opened = await client.views.open({ trigger_id: triggerId, view: loadingView(reader) })
    await fillIn(edge, opened.view ?? {}, ready, opening.user)
  } catch (error) {
    const code = slackCode(error)
    // The same command came twice, and the other one has opened the form.
    if (code === 'exchanged_trigger_id') return
    if (code !== 'expired_trigger_id' && code !== 'trigger_expired') throw error
    logger.warn({ person: opening.user.id }, 'a form could not be opened within 3 s of the command')
    await respond({ text: wordsOf(edge.people.languageOf(opening.user.id)).notice.late })
  }
}

async function fillIn(
  { client, grants, people, logger }: Edge,
  { id, hash }: { id?: string; hash?: string },
  ready: Promise<Ready>,
  user: User,
): Promise<void> {
  if (!id) throw new Error('Slack did not tell which view it opened')
  const view = await ready.then(
    (known) => (known.refusal ? noticeView(known.reader, known.refusal.blocks) : known.form),
    (error: unknown) => {
      logger.error({ err: error }, 'a form could not be prepared: the person was asked to try again')
      const reader = createReader(people.languageOf(user.id), grants.policy())
      return noticeView(reader, [typed(reader.words.notice.busy)])
    },
  )
  try {
    await client.views.update({ view_id: id, ...(hash ? { hash } : {}), view })
  } catch (error) {
    if (slackCode(error) !== 'not_found') throw error
  }
}

async function prepare(edge: Edge, user: User, typedAsk: TypedAsk): Promise<Ready> {
  const { grants, people } = edge
  const { person, language } = await people.who(user, SLOW)
  const policy = grants.policy()
  const reader = createReader(language, policy)
  const abilities = await grants.abilities(person)
  if (abilities.mayRequest) return { reader, refusal: refusalBlocks([abilities.mayRequest], policy, reader) }
  const only = (keys: string[]) => (keys.length === 1 ? (keys[0] ?? null) : null)
  const filled = {
    ...typedAsk,
    stock: typedAsk.stock ?? only(abilities.stocks.map(({ stock }) => stock.key)),
    reason: typedAsk.reason ?? only(policy.reasons.map(({ key }) => key)),
  }
  const preview = await previewOf(edge, person, filled)
  return { reader, form: formView({ reader, policy, abilities, filled, preview }), refusal: null }
}

/**
 * What would become of the form as it is filled in; null while something that decides is missing.
 * It only informs: a failure is logged, and the submission decides anyway.
 */
export async function previewOf(
  { grants, logger }: Edge,
  person: Person,
  filled: TypedAsk,
): Promise<Preview | null> {
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
    return null
  }
}
