import type { Deliver } from '../deliver/deliver.ts'
import { dmChannel } from '../messages.ts'
import { messageShortcutPayload, shortcutPayload } from '../payloads.ts'
import type { ShortcutResult, WorkspacePerson } from '../types.ts'
import type { World } from '../world.ts'

/**
 * Chooses a shortcut that the manifest declares.
 *
 * @param on the message whose menu offers it; undefined: a shortcut from anywhere
 * @throws Error if this person has no such shortcut, or does not see the message
 */
export async function chooseShortcut(
  { world, deliver, person }: { world: World; deliver: Deliver; person: WorkspacePerson },
  callbackId: string,
  on?: { channel: string; messageTs: string },
): Promise<ShortcutResult> {
  const type = on ? 'message' : 'global'
  const declared = world.manifest.shortcuts.some((one) => one.callbackId === callbackId && one.type === type)
  const isOfThisTeam = person.teamId === undefined || person.teamId === world.workspace.team.id
  if (!declared || !isOfThisTeam) throw new Error(`${person.id} has no ${type} shortcut ${callbackId}.`)
  if (!world.manifest.hasInteractivity)
    throw new Error('The manifest has interactivity off: no shortcut reaches the app.')
  const triggerId = world.triggers.create({ userId: person.id })
  const payload = on
    ? messageShortcutPayload(world, {
        person,
        message: seen(world, person, on),
        callbackId,
        responseUrl: world.origin + world.responseUrls.create({ channel: on.channel, userId: person.id }),
        triggerId,
      })
    : shortcutPayload(world, { person, callbackId, triggerId })
  const ack = await deliver({ kind: 'interaction', name: payload.type, payload })
  return ack.ok ? { ok: true } : { ok: false, error: ack.error, why: ack.why }
}

/** The message. Slack offers no menu for a message that only this person sees. */
function seen(world: World, person: WorkspacePerson, on: { channel: string; messageTs: string }) {
  const isThere =
    on.channel === dmChannel(person.id) || world.channelById(on.channel)?.members.includes(person.id)
  const message = isThere ? world.messages.find(on.channel, on.messageTs) : undefined
  if (!message || message.onlyFor !== undefined)
    throw new Error(`${person.id} sees no message ${on.messageTs} in ${on.channel}.`)
  return message
}
