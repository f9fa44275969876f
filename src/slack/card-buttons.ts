import type { Grant } from '../domain/grant.ts'
import { openForm } from './ask/open-form.ts'
import { wordsOf } from './blocks/words/index.ts'
import type { Respond } from './edge/answer.ts'
import type { Edge, User } from './edge/handlers.ts'
import { listPage } from './lists/coupons.ts'

interface Pressed {
  user: User
  /** The grant's id. */
  value: string | undefined
  triggerId: string
  respond: Respond
}

const LANGUAGE_WITHIN = 1000

/** "Give another" on a card: the form, filled in as that grant. */
export async function giveAnother(edge: Edge, pressed: Pressed): Promise<void> {
  const grant = await ownGrant(edge, pressed)
  if (!grant) return
  const { openid, stock, reason, ticket } = grant
  await openForm(edge, { ...pressed, filled: () => ({ openid, stock, reason, ticket, note: null }) })
}

/** "Look up this user" on a card. */
export async function lookUpUser(edge: Edge, pressed: Pressed): Promise<void> {
  const grant = await ownGrant(edge, pressed)
  if (!grant) return
  const value = { openid: grant.openid, stock: null, page: 1 }
  await listPage(edge, { ...pressed, value, replace: false })
}

/** A card is the requester's; the openid behind it is nobody else's to use. */
async function ownGrant(edge: Edge, { user, value, respond }: Pressed): Promise<Grant | null> {
  const grant = value ? await edge.grants.grant(value) : null
  if (grant?.requester === user.id) return grant
  const { language } = await edge.people.who(user, LANGUAGE_WITHIN)
  const { notice } = wordsOf(language)
  await respond({ text: grant ? notice.notYours : notice.gone })
  return null
}
