import type { Grant } from '../../domain/grant.ts'
import type { Recognised } from '../../grants/index.ts'
import { cardMetadata } from '../ids.ts'
import type { Answer } from './answer.ts'
import { slackCode } from './errors.ts'
import type { Edge } from './handlers.ts'
import type { User } from './payloads.ts'

/** A message in which somebody has pressed. */
export interface PressedMessage {
  channel: string
  ts: string
  /** What the app wrote into its metadata, where Slack tells. */
  says: { event_type: string; event_payload: Record<string, unknown> } | null
}

/**
 * A message with live buttons that is not the card of its grant becomes it, where that has no other place; a copy of one
 * that stands elsewhere is taken away, since nobody would keep it true. The click counts either way.
 * @param message null: seen only by whoever pressed
 */
export async function tidyCard(edge: Edge, grantId: string, message: PressedMessage | null): Promise<void> {
  if (!message) return
  const { says } = message
  if (says && says.event_type !== cardMetadata) return
  const said = says?.event_payload.card_id
  const card = { grantId, cardId: typeof said === 'string' ? said : null }
  await tidy(edge, message, { grantId }, (place) => edge.grants.recogniseCard(card, place))
}

/** The same for a message that tells the operators of a hold. */
export async function tidyAlert(edge: Edge, holdId: string, message: PressedMessage | null): Promise<void> {
  if (message) await tidy(edge, message, { holdId }, (place) => edge.grants.recogniseAlert(holdId, place))
}

/** What the click did is done and told by then, so that nothing here fails it. */
async function tidy(
  edge: Edge,
  message: PressedMessage,
  of: object,
  recognise: (place: { channel: string; ts: string }) => Promise<Recognised>,
): Promise<void> {
  try {
    const { channel, ts } = message
    if ((await recognise({ channel, ts })) === 'stray') await takeAway(edge, message, of)
  } catch (error) {
    edge.logger.warn({ err: error, ...of }, 'whether a pressed message is a stray copy could not be told')
  }
}

async function takeAway(
  { client, logger }: Edge,
  { channel, ts }: PressedMessage,
  of: object,
): Promise<void> {
  logger.warn(of, 'a stray copy of a message was pressed: taking it away')
  await client.chat.delete({ channel, ts }).catch((error: unknown) => {
    if (slackCode(error) !== 'message_not_found')
      logger.warn({ err: error, ...of }, 'a stray copy of a message could not be taken away')
  })
}

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
