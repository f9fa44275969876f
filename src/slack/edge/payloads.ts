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
 * The parts of Slack's payloads that the listeners read, checked on arrival. Slack may omit what is empty or send
 * null, except for `trigger_id`, by which the app recognises an order that arrives twice.
 */
/** The person who acts, according to Slack. */
export interface User {
  id: string
  team: string | null
}

const sender = z.object({
  user: z.object({ id: z.string() }).optional().catch(undefined),
  user_id: z.string().optional().catch(undefined),
  response_url: z.url().optional().catch(undefined),
})

/** Who sent something and where the answer goes, read from even an otherwise invalid payload; `user` may be empty. */
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
    /** If so, the text isn't read. */
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

/** A shortcut from anywhere in Slack: without a channel and a `response_url`. */
export const shortcutPayload = z
  .object({ ...acting.shape, trigger_id: z.string().min(1) })
  .transform((body) => ({ user: userOf(body), triggerId: body.trigger_id }))

/** A shortcut in a message's menu. Only the message's place is certain. */
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
/** The message whose menu was used; its text is as its author wrote it. */
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
    // A Home has no title, and nothing typed in it.
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
    /** The view in which it was pressed, if not in a message. */
    view: view === 'home' ? null : (view ?? null),
    /** For the message in which it was pressed. */
    responseUrl: body.response_url ?? null,
    ...chosen(body.actions[0]),
    /** When it was pressed, by Slack's clock, in s. */
    at: body.actions[0].action_ts ?? null,
    /** Whether it was pressed on the person's Home. */
    isHome: view === 'home',
    /** Null for a message that only this person sees. */
    message:
      container?.message_ts && container.channel_id && !container.is_ephemeral
        ? { channel: container.channel_id, ts: container.message_ts, says: message?.metadata ?? null }
        : null,
  }))

/** The value of a button or of the chosen menu option, and which option that is. */
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

/** A changed input of the form. */
export const inputPayload = z
  .object({
    ...acting.shape,
    view,
    actions: z.tuple([z.object({ action_ts: z.coerce.number(), block_id: z.string() })]).rest(z.unknown()),
  })
  .transform((body) => {
    const [{ action_ts: at, block_id: block }] = body.actions
    return { user: userOf(body), view: body.view, at, block }
  })

/** The app's Home was opened. `view`: what was published there before. */
export const homeEvent = z
  .object({
    user: id,
    tab: z.string().nullish(),
    view: z.object({ hash: z.string().nullish() }).nullish(),
  })
  .transform(({ user, tab, view }) => ({
    user: { id: user, team: null } satisfies User,
    /** Whether the person opened its Home tab, not its messages. */
    isHome: tab === 'home',
    hash: view?.hash ?? null,
  }))

export const groupEvent = z.union([
  z.object({ subteam_id: id }).transform((event) => event.subteam_id),
  z.object({ subteam: z.object({ id }) }).transform((event) => event.subteam.id),
])

/** A grant's id as it comes back from Slack; if it can't be one, an empty text, which matches no grant. */
export function readGrantId(text: string): string {
  return /^[0-9A-Za-z-]{1,64}$/.test(text) ? text : ''
}

/** A message in which a person has pressed a button. */
export interface PressedMessage {
  channel: string
  ts: string
  /** The metadata that the app gave it, if Slack sends it. */
  says: { event_type: string; event_payload: Record<string, unknown> } | null
}

/**
 * If a message with live buttons isn't its grant's card, it becomes the card when the card has no other place.
 * Otherwise it is a copy and is deleted, since nothing would keep it true. The click counts either way.
 * @param message null: seen only by the person who pressed
 */
export async function tidyCard(edge: Edge, grantId: string, message: PressedMessage | null): Promise<void> {
  if (!message) return
  const { says } = message
  if (says && says.event_type !== cardMetadata) return
  const said = says?.event_payload.card_id
  const card = { grantId, cardId: typeof said === 'string' ? said : null }
  await tidy(edge, message, { grantId }, (place) => edge.grants.recogniseCard(card, place))
}

/** The same for a message that tells operators of a hold. */
export async function tidyAlert(edge: Edge, holdId: string, message: PressedMessage | null): Promise<void> {
  if (message) await tidy(edge, message, { holdId }, (place) => edge.grants.recogniseAlert(holdId, place))
}

/** By now the click has taken effect and been answered, so a failure here must not make it fail. */
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

/**
 * The grant of a card, for its requester alone: nobody else may use the openid behind it.
 * @returns null: the person was told why not
 */
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
