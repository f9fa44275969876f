import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { AnyBlock } from '@slack/types'
import { MAX_NOTE, openidProblemOf } from '../../domain/ask.ts'
import type { FoundBy } from '../../domain/customer.ts'
import { canBeCancelled } from '../../domain/grant.ts'
import type { Policy } from '../../domain/policy.ts'
import { cut } from '../../domain/text.ts'
import { cleanOpenid } from '../../domain/wechatpay-ids.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import type { Reader } from '../blocks/reader.ts'
import { type Answer, becomeWhenReady, openWhenReady, type Ready } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { type GivenMessage, ownGrant, type User } from '../edge/payloads.ts'
import {
  after,
  find,
  findAmount,
  findTicket,
  joined,
  unknownStock,
  type Word,
  withoutLabel,
  wordsOf,
} from '../edge/typed-command.ts'
import { type FormContent, formView } from './form.ts'
import { addressOf, filledFromMessage, fromMessageBlock, readMessage } from './from-message.ts'
import { previewOf, receivedOf } from './preview.ts'

/** ms; nobody looks at a loading view for longer. */
const SLOW = 8000

/** Fills the form once it is known that the person may have it. `above`: says where the content came from. */
type Filling = (policy: Policy, reader: Reader) => FormContent | Promise<Filled>
interface Filled extends FormContent {
  above: AnyBlock[]
}

/** Opens the form "Give a coupon" filled in, or says why this person can't have it. */
export async function openForm(
  edge: Edge,
  opening: { user: User; triggerId: string; filled: Filling; answer: Answer; instead?: string },
): Promise<void> {
  const { user, triggerId, filled, answer, instead = null } = opening
  await openWhenReady(edge, {
    user,
    triggerId,
    answer,
    ready: prepare(edge, user, filled, instead),
    loading: ({ form }) => form,
    late: ({ notice }) => notice.late,
  })
}

/** Turns the view that found a user into the form, filled in with that user. */
export async function becomeForm(
  edge: Edge,
  use: {
    user: User
    viewId: string
    found: { openid: string; foundBy: FoundBy }
    ack: AckFn<ViewResponseAction>
  },
): Promise<void> {
  const { user, viewId, found, ack } = use
  const { openid, foundBy } = found
  const filled = () => ({ openid, stock: null, reason: null, ticket: null, note: null, foundBy })
  await becomeWhenReady(edge, {
    user,
    viewId,
    ack,
    ready: prepare(edge, user, filled, null),
    loading: ({ form }) => form,
  })
}

/** "Give another" or "Ask again" on the requester's own card: opens the form filled in like that grant. */
export async function giveAnother(edge: Edge, press: GrantPress): Promise<void> {
  const grant = await ownGrant(edge, press)
  if (!grant) return
  const { openid, stock, reason, ticket, state, foundBy } = grant
  // A repeated ask keeps its note; another coupon has its own story.
  const note = state === 'issued' ? null : grant.note
  await openForm(edge, { ...press, filled: () => ({ openid, stock, reason, ticket, note, foundBy }) })
}

/**
 * "Change…" on the card of a waiting grant: opens the form filled in from that grant. Submitting it replaces the
 * grant; until then nothing changes, so closing the form loses nothing.
 */
export async function changeGrant(edge: Edge, press: GrantPress & { from: string | null }): Promise<void> {
  const grant = await ownGrant(edge, press)
  if (!grant) return
  if (!canBeCancelled(grant.state)) {
    const { words } = edge.people.readerOf(press.user.id)
    return press.answer({ text: words.refusal.notCorrectable })
  }
  const { id: instead, openid, stock, reason, ticket, note, foundBy, source } = grant
  const { from } = press
  const filled = () => ({ openid, stock, reason, ticket, note, foundBy, source, from })
  await openForm(edge, { ...press, instead, filled })
}

interface GrantPress {
  user: User
  grantId: string
  triggerId: string
  answer: Answer
}

/** "Give a coupon for this" in a message's menu: opens the form filled in from that message. */
export async function giveForMessage(
  edge: Edge,
  chosen: { user: User; triggerId: string; message: GivenMessage; answer: Answer },
): Promise<void> {
  const { message } = chosen
  await openForm(edge, {
    ...chosen,
    async filled(policy, reader) {
      const source = await addressOf(edge, message)
      const read = readMessage(message.says, policy, (text) => edge.customers.recognise(text).length > 0)
      return { ...filledFromMessage(read, source), above: [fromMessageBlock(read, source, reader)] }
    },
  })
}

async function prepare(edge: Edge, user: User, fill: Filling, instead: string | null): Promise<Ready> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, SLOW)
  const policy = grants.policy()
  const abilities = await grants.abilities(person)
  if (abilities.mayRequest) return { reader, instead: refusalBlocks([abilities.mayRequest], policy, reader) }
  const { above = [], ...typedAsk }: Partial<Filled> & FormContent = await fill(policy, reader)
  const only = (keys: string[]) => (keys.length === 1 ? (keys[0] ?? null) : null)
  const filled = {
    ...typedAsk,
    // A text that wasn't understood may name another coupon, so the only coupon isn't chosen for it.
    stock:
      typedAsk.stock ??
      (saysMore(typedAsk, policy) ? null : only(abilities.stocks.map(({ stock }) => stock.key))),
    reason: typedAsk.reason ?? only(policy.reasons.map(({ key }) => key)),
  }
  const [preview, received] = await Promise.all([
    previewOf(edge, person, filled, instead),
    receivedOf(edge, person, filled.openid, instead),
  ])
  return {
    view: formView({
      finds: edge.customers.kinds().length > 0,
      reader,
      policy,
      abilities,
      filled,
      preview,
      received,
      instead,
      above,
    }),
  }
}

const saysMore = ({ openid, note }: FormContent, policy: Policy) =>
  note !== null || (openid !== null && openidProblemOf(policy, openid) !== null)

/**
 * Reads `[openid] [stock] [reason] [ticket] [note…]`, in any order before the note. Any part may be left out. Stock
 * and reason go by key or name, a stock also by its amount, and a ticket by the policy's pattern or address. The rest
 * is the note, as typed. An unknown coupon goes to the note, and what follows it is still read.
 */
export function parseTypedAsk(typed: string, policy: Policy): FormContent {
  const { text, isLabelled, before } = withoutLabel(typed, policy)
  const words = wordsOf(text)
  const found: Record<Part, string | null> = { openid: null, stock: null, reason: null, ticket: null }
  let taken = 0
  const isOpenid = (word: string) => openidProblemOf(policy, cleanOpenid(word)) === null
  // Once a number could belong to the note, it does.
  const isNoteYet = () => found.reason !== null && found.openid !== null
  const finders: Record<Part, (rest: Word[]) => { value: string; length: number } | null> = {
    openid: ([first]) =>
      first && isOpenid(first.text) ? { value: cleanOpenid(first.text), length: 1 } : null,
    stock: (rest) => find(rest, policy.stocks) ?? (isNoteYet() ? null : findAmount(rest, policy)),
    reason: (rest) => find(rest, policy.reasons),
    ticket: (rest) => findTicket(rest, policy),
  }
  const takeNext = (): boolean => {
    for (const part of parts) {
      const next = found[part] === null ? finders[part](words.slice(taken)) : null
      if (next === null) continue
      found[part] = next.value
      taken += next.length
      return true
    }
    return false
  }
  if (isLabelled && words[0]) {
    found.openid = cleanOpenid(`openid:${words[0].text}`)
    taken = 1
  }
  let isPart = takeNext()
  // A first word that fits nothing else is taken for an openid, so that the form says what is wrong with it.
  if (!isPart && taken === 0 && words[0]) {
    found.openid = cleanOpenid(words[0].text)
    taken = 1
    isPart = true
  }
  while (isPart) isPart = takeNext()
  const known = taken
  const unknown = found.stock === null && found.openid !== null ? unknownStock(words.slice(taken), policy) : 0
  if (unknown > 0) {
    taken += unknown
    // No other coupon takes its place.
    found.stock = ''
    isPart = takeNext()
    if (!isPart) taken = known
    while (isPart) isPart = takeNext()
  }
  const unread = taken > known ? joined(words.slice(known, known + unknown)) : ''
  const note = cut([before, unread, after(text, words, taken)].filter(Boolean).join(' '), MAX_NOTE)
  return { ...found, openid: found.openid || null, stock: found.stock || null, note: note || null }
}

const parts = ['openid', 'stock', 'reason', 'ticket'] as const
type Part = (typeof parts)[number]
