import type { Grant } from '../../domain/grant.ts'
import type { Answer } from './answer.ts'
import type { Edge } from './handlers.ts'
import type { User } from './payloads.ts'

const LANGUAGE_WITHIN = 1000

/** The grant of a card, for its requester alone: the openid behind it is nobody else's to use. @returns null: it was told why not */
export async function ownGrant(
  edge: Edge,
  { user, grantId, answer }: { user: User; grantId: string; answer: Answer },
): Promise<Grant | null> {
  const grant = grantId === '' ? null : await edge.grants.grant(grantId)
  if (grant?.requester === user.id) return grant
  const { reader } = await edge.people.who(user, LANGUAGE_WITHIN)
  const { notice } = reader.words
  await answer({ text: grant ? notice.notYours : notice.gone })
  return null
}
