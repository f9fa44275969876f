import { fitsTicket, MAX_NOTE } from '../../domain/ask.ts'
import {
  afterLabel,
  bare,
  cleanOpenid,
  isOfUnion,
  isOpenidLabel,
  openidProblem,
} from '../../domain/openid.ts'
import type { Person } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Preview } from '../../grants/index.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { createReader } from '../blocks/reader.ts'
import { cut } from '../blocks/text.ts'
import type { Respond } from '../edge/answer.ts'
import type { Edge, User } from '../edge/handlers.ts'
import { openWhenReady, type Ready } from '../edge/open-view.ts'
import { after, find, joined, loosely, wordsOf } from '../edge/typed-command.ts'
import { askOf, formView } from './form.ts'

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

/** What was typed after `send`, as far as it was understood: it fills the form and decides nothing. */
export interface TypedAsk {
  openid: string | null
  /** Keys. */
  stock: string | null
  reason: string | null
  ticket: string | null
  note: string | null
}

/**
 * Reads `[openid] [stock] [reason] [ticket] [note…]`. Any part may be left out; stock and reason go by key or name,
 * a ticket is what fits the policy's pattern, and the rest is the note, as it was typed.
 */
export function parseTypedAsk(typed: string, policy: Policy): TypedAsk {
  const { text, isLabelled } = withoutLabel(typed, policy)
  const words = wordsOf(text)
  let taken = 0
  const take = <T>(found: { value: T; length: number } | null): T | null => {
    taken += found?.length ?? 0
    return found?.value ?? null
  }
  const stockAt = () => find(words.slice(taken), policy.stocks)
  const reasonAt = () => find(words.slice(taken), policy.reasons)
  const ticketAt = () => {
    if (!policy.ticket?.pattern) return null
    const word = words[taken]?.text ?? ''
    const value = [word, bare(word.slice(0, 200).normalize('NFKC'))].find(
      (one) => one !== '' && fitsTicket(policy, one),
    )
    return value === undefined ? null : { value, length: 1 }
  }
  const first = words[0]?.text
  const leadsWithOpenid = first !== undefined && (isLabelled || !(stockAt() ?? reasonAt() ?? ticketAt()))
  const openid = leadsWithOpenid
    ? take({ value: cleanOpenid(isLabelled ? `openid:${first}` : first), length: 1 })
    : null
  const stock = take(stockAt())
  const reason = take(reasonAt())
  const ticket = take(ticketAt())
  const note = cut(after(text, words, taken), MAX_NOTE)
  return { openid: openid || null, stock, reason, ticket, note: note || null }
}

/** Reads `<openid> [stock]` after `list`; a stock that is not known is kept as typed, to be told of. */
export function parseTypedLookup(typed: string, policy: Policy): { openid: string; stock: string | null } {
  const { text, isLabelled } = withoutLabel(typed, policy)
  const [first, ...rest] = wordsOf(text)
  const stock = find(rest, policy.stocks)?.value ?? (cut(joined(rest), 200) || null)
  return { openid: cleanOpenid(`${isLabelled ? 'openid:' : ''}${first?.text ?? ''}`), stock }
}

/** Words that are copied along before an openid: `- `, `1. `, `用户 openid: `. */
const MOST_BEFORE = 3

/** `openid: o…`, as it is copied from other screens. */
function withoutLabel(text: string, policy: Policy): { text: string; isLabelled: boolean } {
  const rest = afterLabel(text)
  if (rest !== null) return { text: rest, isLabelled: true }
  const words = wordsOf(text.slice(0, 200))
  const at = words
    .slice(0, MOST_BEFORE + 1)
    .findIndex((word) => openidProblem(cleanOpenid(word.text)) === null)
  const isKnown = find(words, policy.stocks) ?? find(words, policy.reasons)
  if (at > 0 && !isKnown && !isOfUnion(joined(words.slice(0, at))))
    return { text: after(text, words, at), isLabelled: false }
  const [first, second] = words
  if (!first || !second || !isOpenidLabel(loosely(first.text))) return { text, isLabelled: false }
  return { text: after(text, [first], 1), isLabelled: true }
}
