import { z } from 'zod'
import type { Grant } from '../../domain/grant.ts'
import type { Recognised } from '../../grants/index.ts'
import { readChoice } from '../blocks/buttons-and-views.ts'
import { cardMetadata } from '../ids.ts'
import type { Answer } from './answer.ts'
import { slackCode } from './errors.ts'
import type { Edge } from './handlers.ts'
import { asTyped, MAX_TYPED } from './typed-command.ts'

/**
 * What the listeners read of Slack's payloads, checked when it comes in. What is empty there, Slack may leave out or send
 * as null. Never `trigger_id`: by it an order that comes twice is known.
 */
/** Who Slack says acts. */
export interface User {
  id: string
  team: string | null
}

const sender = z.object({
  user: z.object({ id: z.string() }).optional().catch(undefined),
  user_id: z.string().optional().catch(undefined),
  response_url: z.url().optional().catch(undefined),
})

/** Who sent something and where the answer goes, as far as that can be read, whatever the rest of it is; `user` may be empty. */
export function senderOf(body: unknown): { user: string; responseUrl: string | null } {
  const { user, user_id, response_url } = sender.safeParse(body).data ?? {}
  return { user: user?.id ?? user_id ?? '', responseUrl: response_url ?? null }
}

const id = z.string().min(1).max(100)

export const commandPayload = z
  .object({
    user_id: id,
    team_id: id.nullish(),
    text: z.string().nullish(),
    trigger_id: z.string().min(1),
  })
  .transform((body) => ({
    user: { id: body.user_id, team: body.team_id ?? null } satisfies User,
    text: asTyped((body.text ?? '').slice(0, MAX_TYPED)),
    /** Then it is not read. */
    isTooLong: (body.text ?? '').length > MAX_TYPED,
    triggerId: body.trigger_id,
  }))

const acting = z.object({
  user: z.object({ id, team_id: id.nullish() }),
  team: z.object({ id }).nullish(),
})

const userOf = (body: z.infer<typeof acting>): User => ({
  id: body.user.id,
  team: body.user.team_id ?? body.team?.id ?? null,
})

/** A shortcut from anywhere in Slack: of no channel, and without a `response_url`. */
export const shortcutPayload = z
  .object({ ...acting.shape, trigger_id: z.string().min(1) })
  .transform((body) => ({ user: userOf(body), triggerId: body.trigger_id }))

/** A shortcut in a message's menu. Of the message only its place is certain. */
export const messageShortcutPayload = z
  .object({
    ...acting.shape,
    trigger_id: z.string().min(1),
    channel: z.object({ id }),
    message_ts: id.optional(),
    message: z.looseObject({ ts: id.optional() }),
  })
  .transform((body) => ({
    user: userOf(body),
    triggerId: body.trigger_id,
    message: {
      channel: body.channel.id,
      ts: body.message_ts ?? body.message.ts ?? '',
      says: { text: body.message.text, blocks: body.message.blocks, attachments: body.message.attachments },
    },
  }))
/** A message from whose menu something was chosen; what it says is as whoever posted it wrote it. */
export type GivenMessage = z.infer<typeof messageShortcutPayload>['message']

const option = z.object({ value: z.string() }).nullish()

const state = z
  .object({
    values: z
      .record(
        z.string(),
        z.record(z.string(), z.object({ value: z.string().nullish(), selected_option: option })),
      )
      .nullish()
      .transform((values) => values ?? {}),
  })
  .nullish()
  .transform((state) => state ?? { values: {} })

const view = z.object({
  id,
  root_view_id: id.nullish(),
  hash: z
    .string()
    .nullish()
    .transform((hash) => hash ?? undefined),
  private_metadata: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  submit: z.object({ text: z.string() }).nullish(),
  title: z.looseObject({ type: z.literal('plain_text'), text: z.string() }),
  close: z.looseObject({ type: z.literal('plain_text'), text: z.string() }).nullish(),
  blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })),
  state,
})

export type FormView = z.infer<typeof view>

export const submissionPayload = z
  .object({ ...acting.shape, view })
  .transform((body) => ({ user: userOf(body), view: body.view }))

/** A button or a menu in a message. */
export const buttonPayload = z
  .object({
    ...acting.shape,
    trigger_id: z.string().min(1),
    // A Home has no title, and nothing in it that is typed.
    view: z
      .union([z.object({ type: z.literal('home') }).transform(() => 'home' as const), view])
      .optional()
      .catch(undefined),
    actions: z
      .tuple([
        z.object({
          value: z.string().nullish(),
          selected_option: option,
          action_ts: z.coerce.number().optional().catch(undefined),
        }),
      ])
      .rest(z.unknown()),
    response_url: z.url().optional().catch(undefined),
    container: z
      .looseObject({
        message_ts: z.string().nullish(),
        channel_id: z.string().nullish(),
        is_ephemeral: z.boolean().nullish(),
      })
      .nullish(),
    message: z
      .looseObject({
        metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }),
      })
      .optional()
      .catch(undefined),
  })
  .transform(({ container, message, view, ...body }) => ({
    user: userOf(body),
    triggerId: body.trigger_id,
    /** In which it was pressed, where not in a message. */
    view: view === 'home' ? null : (view ?? null),
    /** Of the message in which it was pressed. */
    responseUrl: body.response_url ?? null,
    ...chosen(body.actions[0]),
    /** When it was pressed, by Slack's clock, s. */
    at: body.actions[0].action_ts ?? null,
    /** Pressed on the person's Home. */
    isHome: view === 'home',
    /** Null for what only this person sees. */
    message:
      container?.message_ts && container.channel_id && !container.is_ephemeral
        ? { channel: container.channel_id, ts: container.message_ts, says: message?.metadata ?? null }
        : null,
  }))

/** What a button carries, or the chosen option of a menu, and which option that is. */
function chosen({
  value,
  selected_option,
}: {
  value?: string | null | undefined
  selected_option?: { value: string } | null | undefined
}) {
  const read = selected_option ? readChoice(selected_option.value) : null
  return { value: read ? read.of : (value ?? undefined), choice: read?.choice ?? null }
}

/** An input of the form that was changed. */
export const inputPayload = z
  .object({
    ...acting.shape,
    view,
    actions: z.tuple([z.object({ action_ts: z.coerce.number() })]).rest(z.unknown()),
  })
  .transform((body) => ({ user: userOf(body), view: body.view, at: body.actions[0].action_ts }))

/** The app's Home was opened. `view`: what was published there before. */
export const homeEvent = z
  .object({
    user: id,
    tab: z.string().nullish(),
    view: z.object({ hash: z.string().nullish() }).nullish(),
  })
  .transform(({ user, tab, view }) => ({
    user: { id: user, team: null } satisfies User,
    /** Not its messages. */
    isHome: tab === 'home',
    hash: view?.hash ?? null,
  }))

export const groupEvent = z.union([
  z.object({ subteam_id: id }).transform((event) => event.subteam_id),
  z.object({ subteam: z.object({ id }) }).transform((event) => event.subteam.id),
])

/** A grant's id as it comes back from Slack; empty, which is no grant's, where it can't be one. */
export function readGrantId(text: string): string {
  return /^[0-9A-Za-z-]{1,64}$/.test(text) ? text : ''
}

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
  const isOwn = grant?.requester === user.id
  if (isOwn && grant.openid !== '') return grant
  const { reader } = await edge.people.who(user, LANGUAGE_WITHIN)
  const { notice, erasure } = reader.words
  await answer({ text: isOwn ? erasure.gone : grant ? notice.notYours : notice.gone })
  return null
}
