import type { Deliver } from '../deliver/deliver.ts'
import type { Events } from '../deliver/events.ts'
import { dmChannel } from '../messages.ts'
import type { Message, Person } from '../types.ts'
import { unreadOf } from '../unread.ts'
import { viewOutput } from '../views.ts'
import type { World } from '../world.ts'
import { runCommand } from './command.ts'
import { asEscaped } from './escaped.ts'
import { dismiss, fill, submit, suggest } from './modal.ts'
import { press } from './press.ts'
import { chooseShortcut } from './shortcut.ts'

/**
 * A person of the workspace, to act as.
 *
 * @throws Error for somebody who is not in the workspace file, is deactivated, or is a bot.
 */
export function createPerson(
  { world, deliver, events }: { world: World; deliver: Deliver; events: Events },
  id: string,
): Person {
  const person = world.personById(id)
  if (!person) throw new Error(`There is nobody with the id ${id} in the workspace.`)
  const actor = { world, deliver, person }

  /** A person may be deactivated while a test still holds them. */
  function present() {
    if (person?.isDeleted || person?.isBot) throw new Error(`${id} can't do anything here.`)
    return actor
  }

  function messages(channelId: string): Message[] {
    const channel = world.channelById(channelId)
    const isHidden = channel?.isPrivate && !channel.members.includes(id)
    const isOthersDm = !channel && channelId !== dmChannel(id)
    return isHidden || isOthersDm ? [] : structuredClone(world.messages.seenBy(channelId, id))
  }

  async function say(typed: string, channelId = dmChannel(id), threadTs?: string): Promise<void> {
    present()
    const channel = world.channelById(channelId)
    if (channelId !== dmChannel(id) && !channel?.members.includes(id))
      throw new Error(`${id} is not in ${channelId}.`)
    if (!channel && world.manifest.isMessagesTabReadOnly)
      throw new Error('The manifest lets nobody write to the app: messages_tab_read_only_enabled.')
    if (channel?.isArchived) throw new Error(`${channelId} is archived.`)
    const parent = threadTs === undefined ? undefined : world.messages.find(channelId, threadTs)
    if (threadTs !== undefined && (!parent || parent.onlyFor !== undefined))
      throw new Error(`There is no message ${threadTs} in ${channelId}.`)
    const thread = parent ? { thread_ts: parent.thread_ts ?? parent.ts } : {}
    const text = asEscaped(typed, world)
    const { ts } = world.messages.post({ channel: channelId, user: id, text, ...thread })
    const [kind, subscription] = !channel
      ? ['im', 'message.im']
      : channel.isPrivate
        ? ['group', 'message.groups']
        : ['channel', 'message.channels']
    const isHeard = !channel || channel.members.includes(world.workspace.app.botUserId)
    const event = {
      type: 'message',
      channel: channelId,
      user: id,
      text,
      ts,
      ...thread,
      event_ts: ts,
      channel_type: kind,
    }
    if (isHeard) await events.send(event, subscription)
  }

  async function openHome() {
    present()
    if (!world.manifest.hasHomeTab) throw new Error('The manifest declares no Home tab.')
    const shown = world.views.home(id)
    await events.send({
      type: 'app_home_opened',
      user: id,
      channel: dmChannel(id),
      tab: 'home',
      event_ts: String(world.now() / 1000),
      ...(shown ? { view: viewOutput(shown) } : {}),
    })
    return structuredClone(world.views.home(id))
  }

  return {
    id,
    command: async (command, text, at) => runCommand(present(), command, text, at),
    shortcut: async (callbackId, on) => chooseShortcut(present(), callbackId, on),
    view: () => structuredClone(world.views.stack(id).at(-1)),
    views: () => structuredClone(world.views.stack(id)),
    fill: (values) => fill(present(), values),
    press: async (target) => press(present(), target),
    suggest: async (actionId, query) => suggest(present(), actionId, query),
    submit: async () => submit(present()),
    close: async () => dismiss(present(), 'x'),
    cancel: async () => dismiss(present(), 'cancel'),
    messages,
    dm: () => messages(dmChannel(id)),
    say,
    openHome,
    home: () => structuredClone(world.views.home(id)),
    read: (channelId, ts, threadTs) => world.readMarks.mark(id, channelId, ts, threadTs),
    unread: () => unreadOf(world, person),
  }
}
