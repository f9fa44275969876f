import { dmChannel } from '../messages.ts'
import type { Message, SandboxState, Tip, Unread, View, WorkspacePerson } from '../types.ts'
import { unreadOf } from '../unread.ts'
import type { World } from '../world.ts'

/** The whole state; with a viewer, what that person sees of it. */
export function stateOfWorld(world: World, viewer?: WorkspacePerson): SandboxState {
  const { workspace, manifest, messages, views, readMarks, clock } = world
  const people = viewer ? [viewer] : workspace.people
  const channels = workspace.channels.filter((channel) => !viewer || channel.members.includes(viewer.id))
  const isOutsider =
    viewer?.guest !== undefined || (viewer?.teamId ?? workspace.team.id) !== workspace.team.id
  const otherChannels = isOutsider
    ? []
    : workspace.channels.filter((channel) => !channel.isPrivate && !channels.includes(channel))
  const ids = [...channels.map(({ id }) => id), ...people.map(({ id }) => dmChannel(id))]
  const shown = (id: string) => (viewer ? messages.seenBy(id, viewer.id) : messages.all(id))
  return {
    run: world.run,
    now: clock.now(),
    ahead: clock.ahead(),
    team: workspace.team,
    app: {
      id: workspace.app.id,
      botUserId: workspace.app.botUserId,
      name: manifest.name,
      commands: [...manifest.commands].map(([command, { description, usageHint }]) => ({
        command,
        description,
        usageHint,
      })),
      shortcuts: manifest.shortcuts,
      hasHomeTab: manifest.hasHomeTab,
      hasMessagesTab: manifest.hasMessagesTab,
      isMessagesTabReadOnly: manifest.isMessagesTabReadOnly,
    },
    people: workspace.people.map((person) => ({ ...person, dm: dmChannel(person.id) })),
    groups: workspace.groups,
    channels,
    otherChannels: otherChannels.map(({ id, name }) => ({ id, name })),
    messages: byId<Message[]>(ids, shown, (list) => list.length > 0),
    views: byId<View[]>(idsOf(people), views.stack, (stack) => stack.length > 0),
    homes: byId<View>(idsOf(people), views.home),
    readMarks: byId<Record<string, string>>(
      idsOf(people),
      readMarks.of,
      (marks) => Object.keys(marks).length > 0,
    ),
    unread: byId<Unread>(
      idsOf(people),
      (id) => unreadOf(world, people.find((person) => person.id === id) as WorkspacePerson),
      (places) => Object.keys(places).length > 0,
    ),
    tips: byId<Tip>(idsOf(people), world.tips.of),
    playedTo: world.playedTo,
  }
}

function idsOf(people: WorkspacePerson[]): string[] {
  return people.map(({ id }) => id)
}

/** Maps ids to what exists of them. */
function byId<T>(ids: string[], find: (id: string) => T | undefined, isThere = (_: T) => true) {
  const found: Record<string, T> = {}
  for (const id of ids) {
    const value = find(id)
    if (value !== undefined && isThere(value)) found[id] = value
  }
  return found
}
