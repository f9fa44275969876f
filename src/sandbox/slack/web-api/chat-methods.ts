import { refusedBlocks } from '../blocks/check.ts'
import type { Block, Message } from '../types.ts'
import type { World } from '../world.ts'
import { ApiError, type Arguments, withMessages } from './arguments.ts'
import { type Conversation, conversation, messageOutput, openDm } from './conversation-methods.ts'
import type { Answer, Method } from './method.ts'
import { TIER } from './method.ts'

/** A longer text is cut: https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages */
const MOST_TEXT = 40_000
/** https://docs.slack.dev/reference/methods/chat.update#errors */
const MOST_UPDATED_TEXT = 4000

/** chat.* */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': {
    scope: 'chat:write',
    // About one a second per channel, with short bursts.
    perMinute: 60,
    burst: 4,
    rateKey: (args) => args.optionalText('channel') ?? '',
    run(args, world) {
      const place = writable(args, world)
      const content = contentOf(args)
      const threadTs = threadOf(args, world, place)
      const metadata = metadataOf(args)
      const message = world.messages.postAsBot({
        channel: place.id,
        ...content,
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        ...(threadTs !== undefined && args.flag('reply_broadcast')
          ? { subtype: 'thread_broadcast' as const }
          : {}),
        ...(metadata ? { metadata } : {}),
      })
      return {
        channel: place.id,
        ts: message.ts,
        message: messageOutput(message, true),
        ...warningOf(args, content),
      }
    },
  },
  'chat.postEphemeral': {
    scope: 'chat:write',
    perMinute: TIER.four,
    run(args, world) {
      const place = writable(args, world)
      const userId = args.text('user')
      const members = place.kind === 'dm' ? [place.userId] : place.channel.members
      if (!members.includes(userId)) throw new ApiError('user_not_in_channel')
      const message = world.messages.postAsBot({ channel: place.id, ...contentOf(args), onlyFor: userId })
      return { message_ts: message.ts }
    },
  },
  'chat.update': {
    scope: 'chat:write',
    perMinute: TIER.three,
    run(args, world) {
      const message = ownMessage(args, world, 'cant_update_message')
      // If neither text nor blocks are given, the content stays; so does the metadata if none is given.
      if (args.has('text') || args.has('blocks'))
        world.messages.rewrite(message, updatedContent(args, message))
      const metadata = updatedMetadata(args)
      if (metadata === null) delete message.metadata
      else if (metadata) message.metadata = metadata
      return {
        channel: message.channel,
        ts: message.ts,
        text: message.text,
        message: messageOutput(message, true),
      }
    },
  },
  'chat.delete': {
    scope: 'chat:write',
    perMinute: TIER.three,
    run(args, world) {
      const message = ownMessage(args, world, 'cant_delete_message')
      world.messages.remove(message)
      return { channel: message.channel, ts: message.ts }
    },
  },
  'chat.getPermalink': {
    perMinute: TIER.hundreds,
    run(args, world) {
      const place = conversation(world, args.text('channel'))
      // Slack tells the app nothing about a channel that it is not in.
      if (place.kind === 'channel' && !place.channel.members.includes(world.workspace.app.botUserId))
        throw new ApiError('channel_not_found')
      const ts = args.text('message_ts')
      const message = world.messages.find(place.id, ts)
      if (!message || message.onlyFor !== undefined) throw new ApiError('message_not_found')
      const { domain } = world.workspace.team
      return {
        channel: place.id,
        permalink: `https://${domain}.slack.com/archives/${place.id}/p${ts.replace('.', '')}`,
      }
    },
  },
}

/** The conversation that an argument names: by id, by name, or by a person's id, for their DM. */
export function writable(args: Arguments, world: World, name = 'channel'): Conversation {
  const given = args.text(name)
  const byName = world.workspace.channels.find((channel) => channel.name === given.replace(/^#/, ''))
  const place = world.personById(given) ? openDm(world, given) : conversation(world, byName?.id ?? given)
  if (place.kind === 'dm') {
    if (!world.manifest.hasMessagesTab) throw new ApiError('messages_tab_disabled')
    openDm(world, place.userId)
    return place
  }
  if (place.channel.isArchived) throw new ApiError('is_archived')
  if (place.channel.isReadOnly) throw new ApiError('restricted_action_read_only_channel')
  if (!place.isMember && !world.installation.scopes.includes('chat:write.public'))
    throw new ApiError('not_in_channel')
  return place
}

/** The new content of a message. Without a text it keeps its own, if only its blocks are removed. */
function updatedContent(args: Arguments, message: Message): { text: string; blocks: Block[] | undefined } {
  const text = args.optionalText('text') ?? ''
  if (text.length > MOST_UPDATED_TEXT) throw new ApiError('msg_too_long')
  const blocks = args.json('blocks', 'invalid_blocks_format')
  const isEmptied = !args.has('text') && Array.isArray(blocks) && blocks.length === 0
  return isEmptied && message.text !== '' ? { text: message.text, blocks: undefined } : contentOf(args)
}

/** Null for `{}`, which removes the metadata; undefined if it stays. */
function updatedMetadata(args: Arguments): Message['metadata'] | null {
  const given = args.json('metadata', 'invalid_metadata_format')
  const isEmpty = typeof given === 'object' && given !== null && Object.keys(given).length === 0
  return isEmpty ? null : metadataOf(args)
}

function contentOf(args: Arguments): { text: string; blocks: Block[] | undefined } {
  const text = (args.optionalText('text') ?? '').slice(0, MOST_TEXT)
  const blocks = args.json('blocks', 'invalid_blocks_format')
  if (text === '' && (blocks === undefined || (Array.isArray(blocks) && blocks.length === 0)))
    throw new ApiError('no_text')
  if (blocks === undefined) return { text, blocks: undefined }
  const wrong = refusedBlocks(blocks)
  if (wrong) throw withMessages(wrong.error, wrong.messages)
  return { text, blocks: blocks as Block[] }
}

function warningOf(args: Arguments, { text }: { text: string }): Answer {
  const isCut = (args.optionalText('text') ?? '').length > text.length
  if (text !== '' && !isCut) return {}
  const warning = isCut ? 'message_truncated' : 'missing_text_in_message'
  return { warning, response_metadata: { warnings: [warning] } }
}

function threadOf(args: Arguments, world: World, place: Conversation): string | undefined {
  const ts = args.optionalText('thread_ts')
  if (ts === undefined) return undefined
  const parent = world.messages.find(place.id, ts)
  if (!parent || parent.onlyFor !== undefined) throw new ApiError('thread_not_found')
  return parent.thread_ts ?? ts
}

function metadataOf(args: Arguments): Message['metadata'] {
  const metadata = args.json('metadata', 'invalid_metadata_format')
  if (metadata === undefined) return undefined
  const { event_type, event_payload } = Object(metadata) as Record<string, unknown>
  if (typeof event_type !== 'string' || !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(event_type))
    throw new ApiError('invalid_metadata_format')
  if (typeof event_payload !== 'object' || event_payload === null || Array.isArray(event_payload))
    throw new ApiError('invalid_metadata_format')
  if (JSON.stringify(metadata).length > 16_000) throw new ApiError('metadata_too_large')
  return { event_type, event_payload: { ...event_payload } }
}

function ownMessage(args: Arguments, world: World, notOwn: string): Message {
  const place = conversation(world, args.text('channel'))
  const message = world.messages.find(place.id, args.text('ts'))
  // Slack finds no ephemeral message, because it is in no history.
  if (!message || message.onlyFor !== undefined) throw new ApiError('message_not_found')
  if (place.kind === 'channel' && place.channel.isArchived) throw new ApiError('is_archived')
  if (message.bot_id !== world.workspace.app.botId) throw new ApiError(notOwn)
  return message
}
