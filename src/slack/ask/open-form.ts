import { fitsTicket, MAX_NOTE } from '../../domain/ask.ts'
import type { Policy } from '../../domain/policy.ts'
import { cut } from '../../domain/text.ts'
import { bare, cleanOpenid } from '../../domain/wechatpay-ids.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { type Answer, openWhenReady, type Ready } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { ownGrant, type User } from '../edge/payloads.ts'
import { after, find, withoutLabel, wordsOf } from '../edge/typed-command.ts'
import { type FormContent, formView } from './form.ts'
import { previewOf } from './preview.ts'

/** Longer than this nobody looks at a loading view. */
const SLOW = 8000

/** What fills the form, read once it is known that the person may have it. */
type Filling = (policy: Policy) => FormContent

/** Opens the form "Give a coupon" filled in, or says why this person can't have it. */
export async function openForm(
  edge: Edge,
  opening: { user: User; triggerId: string; filled: Filling; answer: Answer },
): Promise<void> {
  const { user, triggerId, filled, answer } = opening
  await openWhenReady(edge, {
    user,
    triggerId,
    answer,
    ready: prepare(edge, user, filled),
    loading: ({ form }) => form,
    late: ({ notice }) => notice.late,
  })
}

/** "Give another" on a card of that requester's: the form, filled in as that grant. */
export async function giveAnother(
  edge: Edge,
  press: { user: User; grantId: string; triggerId: string; answer: Answer },
): Promise<void> {
  const grant = await ownGrant(edge, press)
  if (!grant) return
  const { openid, stock, reason, ticket } = grant
  await openForm(edge, { ...press, filled: () => ({ openid, stock, reason, ticket, note: null }) })
}

async function prepare(edge: Edge, user: User, fill: Filling): Promise<Ready> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, SLOW)
  const policy = grants.policy()
  const abilities = await grants.abilities(person)
  if (abilities.mayRequest) return { reader, instead: refusalBlocks([abilities.mayRequest], policy, reader) }
  const typedAsk = fill(policy)
  const only = (keys: string[]) => (keys.length === 1 ? (keys[0] ?? null) : null)
  const filled = {
    ...typedAsk,
    stock: typedAsk.stock ?? only(abilities.stocks.map(({ stock }) => stock.key)),
    reason: typedAsk.reason ?? only(policy.reasons.map(({ key }) => key)),
  }
  const preview = await previewOf(edge, person, filled)
  return { view: formView({ reader, policy, abilities, filled, preview }) }
}

/**
 * Reads `[openid] [stock] [reason] [ticket] [note…]`. Any part may be left out; stock and reason go by key or name,
 * a ticket is what fits the policy's pattern, and the rest is the note, as it was typed.
 */
export function parseTypedAsk(typed: string, policy: Policy): FormContent {
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
