import { dmChannel } from './messages.ts'
import type { Message, Unread, WorkspacePerson } from './types.ts'
import type { World } from './world.ts'

/**
 * What a person has not read, as Slack marks it in the list of channels.
 *
 * Another person's new message marks its channel or DM; the number beside it counts mentions, and every
 * message of a DM. A reply marks only its thread, and only for people who take part in it, unless it was also
 * sent to the channel. Editing a message marks nothing, whatever it now says. A message that only one person
 * sees is in no history, so it can't be unread.
 * https://slack.com/help/articles/201355156-Configure-your-Slack-notifications
 *
 * @returns by channel, and by `channel/ts` of a thread's first message; without those that are read
 */
export function unreadOf(world: World, person: WorkspacePerson): Unread {
  const dm = dmChannel(person.id)
  const marks = world.readMarks.of(person.id)
  const isReached = ({ mentioned = [] }: Message) => mentioned.some((id) => reaches(id, person, world))
  const unread: Unread = {}
  function add(place: string, message: Message, isCounted: boolean): void {
    if (Number(message.ts) <= Number(marks[place] ?? 0) || message.user === person.id) return
    const { messages = 0, mentions = 0 } = unread[place] ?? {}
    unread[place] = { messages: messages + 1, mentions: mentions + (isCounted ? 1 : 0) }
  }
  const own = world.workspace.channels
    .filter(({ members }) => members.includes(person.id))
    .map(({ id }) => id)
  for (const channel of [...own, dm]) {
    /** The threads that the person takes part in so far. */
    const followed = new Set<string>()
    for (const message of world.messages.lasting(channel)) {
      const thread = message.thread_ts ?? message.ts
      const isReply = thread !== message.ts
      if (channel === dm || message.user === person.id || isReached(message)) followed.add(thread)
      if (!isReply || message.subtype === 'thread_broadcast')
        add(channel, message, channel === dm || isReached(message))
      else if (followed.has(thread))
        add(`${channel}/${thread}`, message, channel === dm || isReached(message))
    }
  }
  return unread
}

function reaches(id: string, person: WorkspacePerson, { workspace }: World): boolean {
  if (id === person.id || id === 'channel' || id === 'here' || id === 'everyone') return true
  return workspace.groups.some((group) => group.id === id && group.users.includes(person.id))
}
