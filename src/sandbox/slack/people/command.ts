import { refusedBlocks } from '../blocks/check.ts'
import type { Ack, Deliver } from '../deliver/deliver.ts'
import { dmChannel } from '../messages.ts'
import { commandPayload } from '../payloads.ts'
import type { Block, CommandResult, WorkspacePerson } from '../types.ts'
import type { World } from '../world.ts'
import { asEscaped } from './escaped.ts'

/** Runs a slash command as a person, and shows them what the app's acknowledgement carries. */
export async function runCommand(
  { world, deliver, person }: { world: World; deliver: Deliver; person: WorkspacePerson },
  command: string,
  text: string,
  at: { channel?: string } = {},
): Promise<CommandResult> {
  const declared = world.manifest.commands.get(command)
  const isOfThisTeam = person.teamId === undefined || person.teamId === world.workspace.team.id
  if (!declared || !isOfThisTeam) return { ok: false, error: 'invalid_command' }
  const channel = whereTyped(world, person, at.channel)
  const payload = commandPayload(world, {
    person,
    channel,
    command,
    text: declared.shouldEscape ? asEscaped(text, world) : text,
    responseUrl: world.origin + world.responseUrls.create({ channel, userId: person.id }),
    triggerId: world.triggers.create({ userId: person.id }),
  })
  const isTwice = world.faults.take(['command_twice']) !== undefined
  const acks = await Promise.all(
    (isTwice ? [payload, payload] : [payload]).map((one) =>
      deliver({ kind: 'command', name: command, payload: one }),
    ),
  )
  if (acks[0]?.ok) world.tips.sent(person.id, text)
  const results = acks.map((ack) => shown(world, person, channel, ack))
  return results[0] as CommandResult
}

function whereTyped(world: World, person: WorkspacePerson, asked: string | undefined): string {
  const own = dmChannel(person.id)
  if (asked === undefined)
    return world.workspace.channels.find((one) => one.members.includes(person.id))?.id ?? own
  if (asked === own || world.channelById(asked)?.members.includes(person.id)) return asked
  throw new Error(`${person.id} is not in ${asked} and can't type there.`)
}

function shown(world: World, person: WorkspacePerson, channel: string, ack: Ack): CommandResult {
  if (!ack.ok) return { ok: false, error: ack.error, why: ack.why }
  const { text, blocks, response_type } = Object(ack.payload) as Record<string, unknown>
  const hasBlocks = blocks !== undefined && blocks !== null
  if ((typeof text !== 'string' || text === '') && !hasBlocks) return { ok: true }
  const wrong = hasBlocks ? refusedBlocks(blocks) : null
  if (wrong) return { ok: false, error: 'invalid_app_response', why: wrong.messages.join('; ') }
  const isPublic = response_type === 'in_channel'
  const message = world.messages.postAsBot({
    channel,
    text: typeof text === 'string' ? text : '',
    blocks: hasBlocks ? (blocks as Block[]) : undefined,
    ...(isPublic ? {} : { onlyFor: person.id }),
  })
  return {
    ok: true,
    text: message.text,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    response_type: isPublic ? 'in_channel' : 'ephemeral',
  }
}
