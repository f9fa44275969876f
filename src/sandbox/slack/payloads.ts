import type { Block, Message, StateValues, View, WorkspacePerson } from './types.ts'
import { viewOutput } from './views.ts'
import { messageOutput } from './web-api/conversation-methods.ts'
import type { World } from './world.ts'

/** Slack's old verification token, in every payload; only the signature counts. */
const TOKEN = 'sandbox-verification-token'

function base(world: World) {
  const { team, app } = world.workspace
  return {
    token: TOKEN,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: app.id,
  }
}

function userOf(person: WorkspacePerson, world: World) {
  return {
    id: person.id,
    username: person.name,
    name: person.name,
    team_id: person.teamId ?? world.workspace.team.id,
  }
}

/** The name of a conversation in payloads. */
export function channelName(channelId: string, world: World): string {
  const channel = world.channelById(channelId)
  if (!channel) return 'directmessage'
  return channel.isPrivate ? 'privategroup' : channel.name
}

/** Every value is text, because over HTTP a command is a form. */
export function commandPayload(
  world: World,
  given: {
    person: WorkspacePerson
    channel: string
    command: string
    text: string
    responseUrl: string
    triggerId: string
  },
) {
  const { team, app } = world.workspace
  return {
    token: TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: given.channel,
    channel_name: channelName(given.channel, world),
    user_id: given.person.id,
    user_name: given.person.name,
    command: given.command,
    text: given.text,
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: given.responseUrl,
    trigger_id: given.triggerId,
  }
}

/** A shortcut chosen from anywhere: it has no channel and no response_url. */
export function shortcutPayload(
  world: World,
  given: { person: WorkspacePerson; callbackId: string; triggerId: string },
) {
  return {
    type: 'shortcut' as const,
    user: userOf(given.person, world),
    ...base(world),
    callback_id: given.callbackId,
    trigger_id: given.triggerId,
    action_ts: world.messages.nextTs(),
  }
}

/** A shortcut chosen in a message's menu. */
export function messageShortcutPayload(
  world: World,
  given: {
    person: WorkspacePerson
    message: Message
    callbackId: string
    responseUrl: string
    triggerId: string
  },
) {
  const { message } = given
  return {
    type: 'message_action' as const,
    user: userOf(given.person, world),
    ...base(world),
    callback_id: given.callbackId,
    trigger_id: given.triggerId,
    action_ts: world.messages.nextTs(),
    message_ts: message.ts,
    channel: { id: message.channel, name: channelName(message.channel, world) },
    message: { ...messageOutput(message, true), type: 'message' as const, ts: message.ts },
    response_url: given.responseUrl,
  }
}

/** A press in a message. An ephemeral message is identified only by its container. */
export function messageActionPayload(
  world: World,
  given: {
    person: WorkspacePerson
    message: Message
    action: Record<string, unknown>
    state: StateValues
    responseUrl: string
    triggerId: string
  },
) {
  const { message } = given
  const isEphemeral = message.onlyFor !== undefined
  return {
    type: 'block_actions' as const,
    user: userOf(given.person, world),
    ...base(world),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: isEphemeral,
      ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
    },
    trigger_id: given.triggerId,
    channel: { id: message.channel, name: channelName(message.channel, world) },
    ...(isEphemeral
      ? {}
      : { message: { ...messageOutput(message, true), type: 'message' as const, ts: message.ts } }),
    state: { values: structuredClone(given.state) },
    response_url: given.responseUrl,
    actions: [given.action],
  }
}

/** A press in a modal or the Home tab; it has no response_url. */
export function viewActionPayload(
  world: World,
  given: { person: WorkspacePerson; view: View; action: Record<string, unknown>; triggerId: string },
) {
  return {
    type: 'block_actions' as const,
    user: userOf(given.person, world),
    ...base(world),
    container: { type: 'view', view_id: given.view.id },
    trigger_id: given.triggerId,
    view: viewOutput(given.view),
    actions: [given.action],
  }
}

/** The submission of a modal. */
export function submissionPayload(
  world: World,
  given: { person: WorkspacePerson; view: View; triggerId: string },
) {
  return {
    type: 'view_submission' as const,
    user: userOf(given.person, world),
    ...base(world),
    trigger_id: given.triggerId,
    view: viewOutput(given.view),
    response_urls: [],
  }
}

/** The closing of a modal whose app asked to be told. */
export function closedPayload(
  world: World,
  given: { person: WorkspacePerson; view: View; isCleared: boolean },
) {
  return {
    type: 'view_closed' as const,
    user: userOf(given.person, world),
    ...base(world),
    view: viewOutput(given.view),
    is_cleared: given.isCleared,
  }
}

/** What a person types into an external select. */
export function suggestionPayload(
  world: World,
  given: { person: WorkspacePerson; view: View; block: Block; element: Block; query: string },
) {
  return {
    type: 'block_suggestion' as const,
    user: userOf(given.person, world),
    ...base(world),
    container: { type: 'view', view_id: given.view.id },
    view: viewOutput(given.view),
    block_id: String(given.block.block_id),
    action_id: String(given.element.action_id),
    value: given.query,
  }
}

/** The envelope of an event. */
export function eventPayload<E extends { type: string }>(world: World, given: { event: E; eventId: string }) {
  const { team, app } = world.workspace
  return {
    token: TOKEN,
    team_id: team.id,
    api_app_id: app.id,
    event: given.event,
    type: 'event_callback' as const,
    event_id: given.eventId,
    event_time: Math.floor(world.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${given.eventId}`,
  }
}
