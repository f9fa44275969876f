import { dmChannel } from '../messages.ts'
import type { Message, WorkspaceChannel } from '../types.ts'
import type { World } from '../world.ts'
import { ApiError, type Arguments } from './arguments.ts'
import { type Answer, type Method, needScope, page, TIER } from './method.ts'

/** A place for messages: a channel of the workspace, or a person's DM with the app. */
export type Conversation =
  | { kind: 'channel'; id: string; channel: WorkspaceChannel; isMember: boolean }
  | { kind: 'dm'; id: string; userId: string }

/** Finds a conversation. @throws ApiError channel_not_found, also for a private channel that the bot is not in. */
export function conversation(world: World, id: string): Conversation {
  const channel = world.channelById(id)
  if (channel) {
    const isMember = channel.members.includes(world.workspace.app.botUserId)
    if (channel.isPrivate && !isMember) throw new ApiError('channel_not_found')
    return { kind: 'channel', id, channel, isMember }
  }
  const person = world.workspace.people.find((one) => dmChannel(one.id) === id)
  if (person) return { kind: 'dm', id, userId: person.id }
  throw new ApiError('channel_not_found')
}

/** `channels:read`, `groups:history`, `im:read`…, depending on the kind of conversation. */
function scopeFor(place: Conversation, what: 'read' | 'history'): string {
  if (place.kind === 'dm') return `im:${what}`
  return place.channel.isPrivate ? `groups:${what}` : `channels:${what}`
}

function readable(args: Arguments, world: World, what: 'read' | 'history'): Conversation {
  const place = conversation(world, args.text('channel'))
  needScope(world, scopeFor(place, what))
  if (what === 'history' && place.kind === 'channel' && !place.isMember) throw new ApiError('not_in_channel')
  return place
}

/** conversations.* */
export const conversationMethods: Record<string, Method> = {
  'conversations.list': {
    perMinute: TIER.two,
    run(args, world) {
      const types = args.list('types')
      const asked = types.length > 0 ? types : ['public_channel']
      if (asked.includes('public_channel')) needScope(world, 'channels:read')
      if (asked.includes('private_channel')) needScope(world, 'groups:read')
      const botId = world.workspace.app.botUserId
      const channels = world.workspace.channels.filter(
        (channel) =>
          asked.includes(channel.isPrivate ? 'private_channel' : 'public_channel') &&
          (!channel.isPrivate || channel.members.includes(botId)) &&
          !(channel.isArchived && args.flag('exclude_archived')),
      )
      const { items, response_metadata } = page(args, channels)
      return { channels: items.map((channel) => channelOutput(channel, world)), response_metadata }
    },
  },
  'conversations.info': {
    perMinute: TIER.three,
    run(args, world) {
      const place = readable(args, world, 'read')
      const counted =
        place.kind === 'channel' && args.flag('include_num_members')
          ? { num_members: place.channel.members.length }
          : {}
      return { channel: { ...conversationOutput(place, world), ...counted } }
    },
  },
  'conversations.members': {
    perMinute: TIER.four,
    run(args, world) {
      const place = readable(args, world, 'read')
      const all = place.kind === 'dm' ? [place.userId, world.workspace.app.botUserId] : place.channel.members
      const { items, response_metadata } = page(args, all)
      return { members: items, response_metadata }
    },
  },
  'conversations.open': {
    scope: 'im:write',
    perMinute: TIER.three,
    run(args, world) {
      const given = args.optionalText('channel')
      if (given !== undefined)
        return { no_op: true, already_open: true, channel: { id: conversation(world, given).id } }
      const users = args.list('users')
      if (users.length === 0) throw new ApiError('users_list_not_supplied')
      if (users.length > 1) needScope(world, 'mpim:write')
      const place = openDm(world, String(users[0]))
      return { channel: args.flag('return_im') ? conversationOutput(place, world) : { id: place.id } }
    },
  },
  'conversations.history': {
    perMinute: TIER.three,
    run(args, world) {
      const place = readable(args, world, 'history')
      const roots = world.messages
        .lasting(place.id)
        .filter(({ ts, thread_ts = ts, subtype }) => thread_ts === ts || subtype === 'thread_broadcast')
      return listed(args, roots.toReversed())
    },
  },
  'conversations.replies': {
    perMinute: TIER.three,
    run(args, world) {
      const place = readable(args, world, 'history')
      const ts = args.text('ts')
      const thread = world.messages.lasting(place.id).filter((one) => one.ts === ts || one.thread_ts === ts)
      if (!thread.some((message) => message.ts === ts)) throw new ApiError('thread_not_found')
      return listed(args, thread)
    },
  },
}

/** Finds the DM with a person. @throws ApiError if there can be none. */
export function openDm(world: World, userId: string): Conversation {
  const person = world.personById(userId)
  if (!person) throw new ApiError('user_not_found')
  if (person.isDeleted) throw new ApiError('user_disabled')
  if (person.isBot) throw new ApiError('cannot_dm_bot')
  if (person.teamId !== undefined && person.teamId !== world.workspace.team.id)
    throw new ApiError('user_not_visible')
  return { kind: 'dm', id: dmChannel(userId), userId }
}

function listed(args: Arguments, messages: Message[]): Answer {
  const oldest = Number(args.optionalText('oldest') ?? 0)
  const latest = Number(args.optionalText('latest') ?? Number.POSITIVE_INFINITY)
  const isInclusive = args.flag('inclusive')
  const within = messages.filter(({ ts }) => {
    const at = Number(ts)
    return isInclusive ? at >= oldest && at <= latest : at > oldest && at < latest
  })
  const { items, response_metadata } = page(args, within, 999)
  const withMetadata = args.flag('include_all_metadata')
  return {
    messages: items.map((message) => messageOutput(message, withMetadata)),
    has_more: response_metadata.next_cursor !== '',
    pin_count: 0,
    response_metadata,
  }
}

/** A message as the Web API and payloads show it. @param withPayload false: of its metadata, only the type */
export function messageOutput(message: Message, withPayload: boolean): Answer {
  const { channel: _implied, onlyFor, mentioned, metadata, ...output } = structuredClone(message)
  if (!metadata) return output
  return { ...output, metadata: withPayload ? metadata : { event_type: metadata.event_type } }
}

function conversationOutput(place: Conversation, world: World): Answer {
  if (place.kind === 'channel') return channelOutput(place.channel, world)
  return {
    id: place.id,
    is_im: true,
    is_archived: false,
    is_open: true,
    user: place.userId,
    context_team_id: world.workspace.team.id,
  }
}

function channelOutput(channel: WorkspaceChannel, world: World): Answer {
  const isPrivate = channel.isPrivate ?? false
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: isPrivate,
    is_archived: channel.isArchived ?? false,
    is_general: false,
    is_shared: channel.isExternal ?? false,
    is_ext_shared: channel.isExternal ?? false,
    is_org_shared: false,
    is_pending_ext_shared: false,
    is_member: channel.members.includes(world.workspace.app.botUserId),
    ...(channel.isReadOnly ? { is_read_only: true } : {}),
    context_team_id: world.workspace.team.id,
    created: 1_700_000_000,
  }
}
