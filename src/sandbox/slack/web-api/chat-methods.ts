import { checkBlocks } from '../blocks/check.ts'
import type { Block, Message } from '../types.ts'
import type { World } from '../world.ts'
import { ApiError, type Arguments, withMessages } from './arguments.ts'
import { type Conversation, conversation, messageOutput, openDm } from './conversation-methods.ts'
import type { Answer, Method } from './method.ts'
import { TIER } from './rates.ts'

const MOST_TEXT = 40_000

/** chat.* */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': {
    scope: 'chat:write',
    // About one a second for each channel, a short burst allowed.
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
        ...(metadata ? { metadata } : {}),
      })
      return {
        channel: place.id,
        ts: message.ts,
        message: messageOutput(message, true),
        ...warningOf(content),
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
      const content = contentOf(args)
      const metadata = metadataOf(args)
      world.messages.rewrite(message, content)
      if (metadata) message.metadata = metadata
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

/** The conversation named by `channel`: an id, a name, or a person, whose DM is meant. */
function writable(args: Arguments, world: World): Conversation {
  const given = args.text('channel')
  const byName = world.workspace.channels.find((channel) => channel.name === given.replace(/^#/, ''))
  const place = world.personById(given) ? openDm(world, given) : conversation(world, byName?.id ?? given)
  if (place.kind === 'dm') {
    if (!world.declared.hasMessagesTab) throw new ApiError('messages_tab_disabled')
    openDm(world, place.userId)
    return place
  }
  if (place.channel.isArchived) throw new ApiError('is_archived')
  if (!place.isMember && !world.declared.botScopes.includes('chat:write.public'))
    throw new ApiError('not_in_channel')
  return place
}

function contentOf(args: Arguments): { text: string; blocks: Block[] | undefined } {
  const text = args.optionalText('text') ?? ''
  const blocks = args.json('blocks', 'invalid_blocks_format')
  if (text === '' && (blocks === undefined || (Array.isArray(blocks) && blocks.length === 0)))
    throw new ApiError('no_text')
  if (text.length > MOST_TEXT) throw new ApiError('msg_too_long')
  if (blocks === undefined) return { text, blocks: undefined }
  const problems = checkBlocks(blocks, 'message')
  if (problems.length > 0) throw withMessages('invalid_blocks', problems)
  return { text, blocks: blocks as Block[] }
}

function warningOf({ text }: { text: string }): Answer {
  if (text !== '') return {}
  return {
    warning: 'missing_text_in_message',
    response_metadata: { warnings: ['missing_text_in_message'] },
  }
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
  // An ephemeral message is in no history: Slack does not find it.
  if (!message || message.onlyFor !== undefined) throw new ApiError('message_not_found')
  if (place.kind === 'channel' && place.channel.isArchived) throw new ApiError('is_archived')
  if (message.bot_id !== world.workspace.app.botId) throw new ApiError(notOwn)
  return message
}
