import type { Ack, Deliver } from '../deliver/deliver.ts'
import { entered, idsOf, optionsOf, type Placed, placedElements, stateOf } from '../inputs.ts'
import { dmChannel } from '../messages.ts'
import { messageActionPayload, viewActionPayload } from '../payloads.ts'
import type { Block, Confirm, Message, PressResult, PressTarget, View, WorkspacePerson } from '../types.ts'
import type { World } from '../world.ts'

type Actor = { world: World; deliver: Deliver; person: WorkspacePerson }
type Found = { placed: Placed; view: View } | { placed: Placed; message: Message }

/**
 * Presses a button, or chooses in a select, where this person sees it, and accepts a confirm dialog.
 *
 * @throws Error if this person sees no such button, or the manifest has interactivity off.
 */
export async function press(actor: Actor, target: PressTarget): Promise<PressResult> {
  const found = find(actor, target)
  const isTwice = actor.world.faults.take(['click_twice']) !== undefined
  const clicks = isTwice ? [found, found] : [found]
  const acks = await Promise.all(clicks.map((one) => sendAction(actor, one, target.value ?? null)))
  const ack = acks[0] as Ack
  const confirm = confirmOf(found.placed.element)
  return {
    ...(ack.ok ? { ok: true } : { ok: false, error: ack.error, why: ack.why }),
    ...(confirm ? { confirm } : {}),
  }
}

function find({ world, person }: Actor, target: PressTarget): Found {
  const among = (blocks: Block[]) => {
    const meant = placedElements(blocks).filter(
      ({ element }) =>
        element.action_id === target.actionId &&
        (target.value === undefined || mayGive(element, target.value)),
    )
    // If the message was redrawn meanwhile, its blocks have other ids, unless the app chose them.
    return meant.find(({ block }) => block.block_id === target.blockId) ?? meant[0]
  }
  if (target.messageTs === undefined && target.channel === undefined)
    for (const view of [world.views.stack(person.id).at(-1), world.views.home(person.id)]) {
      const placed = among(view?.blocks ?? [])
      if (placed && view) return { placed, view }
    }
  for (const message of visible(world, person, target)) {
    const placed = among(message.blocks ?? [])
    if (placed) return { placed, message }
  }
  throw new Error(`${person.id} sees nothing to press for ${JSON.stringify(target)}.`)
}

/** Among several elements with one `action_id`, as in a list, the value tells which one is meant. */
function mayGive(element: Block, value: string): boolean {
  if (element.type === 'button') return element.value === value
  return element.type !== 'overflow' || optionsOf(element).some((option) => option.value === value)
}

/** Messages in which this person may press something, newest first. */
function visible(world: World, person: WorkspacePerson, { channel, messageTs }: PressTarget): Message[] {
  const own = [
    dmChannel(person.id),
    ...world.workspace.channels.filter((one) => one.members.includes(person.id)).map((one) => one.id),
  ]
  return own
    .filter((id) => channel === undefined || id === channel)
    .flatMap((id) => world.messages.seenBy(id, person.id))
    .filter((message) => messageTs === undefined || message.ts === messageTs)
    .sort((a, b) => Number(b.ts) - Number(a.ts))
}

/** Sends the block_actions of one element; `fill` uses it too, for elements that dispatch. */
export function sendAction(
  { world, deliver, person }: Actor,
  found: Found,
  value: string | string[] | null,
): Promise<Ack> {
  if (!world.manifest.hasInteractivity)
    throw new Error('The manifest has interactivity off: nothing can be pressed.')
  const { block, element } = found.placed
  const { blockId, actionId } = idsOf(block, element)
  const action = actionOf(world, block, element, value)
  if ('view' in found) {
    const { view } = found
    if (view.state.values[blockId]?.[actionId]) view.state.values[blockId][actionId] = chosen(element, value)
    const triggerId = world.triggers.create({
      userId: person.id,
      ...(view.type === 'modal' ? { viewId: view.id } : {}),
    })
    const payload = viewActionPayload(world, { person, view, action, triggerId })
    return deliver({ kind: 'interaction', name: 'block_actions', payload })
  }
  const { message } = found
  const state = stateOf(message.blocks ?? [])
  if (state[blockId]?.[actionId]) state[blockId][actionId] = chosen(element, value)
  const payload = messageActionPayload(world, {
    person,
    message,
    action,
    state,
    responseUrl:
      world.origin +
      world.responseUrls.create({ channel: message.channel, userId: person.id, source: message }),
    triggerId: world.triggers.create({ userId: person.id }),
  })
  return deliver({ kind: 'interaction', name: 'block_actions', payload })
}

const CARRIED = [
  'text',
  'value',
  'style',
  'url',
  'confirm',
  'placeholder',
  'initial_option',
  'initial_options',
  'min_query_length',
]

function actionOf(
  world: World,
  block: Block,
  element: Block,
  value: string | string[] | null,
): Record<string, unknown> {
  const { blockId, actionId } = idsOf(block, element)
  const carried = Object.fromEntries(
    CARRIED.filter((key) => element[key] !== undefined).map((key) => [key, element[key]]),
  )
  const choice = element.type === 'button' ? {} : chosen(element, value)
  const ts = world.messages.nextTs()
  return { ...carried, type: element.type, action_id: actionId, block_id: blockId, ...choice, action_ts: ts }
}

/** The chosen state. An overflow menu keeps no state, but a choice in it is made the same way. */
function chosen(element: Block, value: string | string[] | null) {
  if (element.type !== 'overflow') return entered(element, value)
  return { ...entered({ ...element, type: 'static_select' }, value), type: 'overflow' }
}

function confirmOf(element: Block): Confirm | undefined {
  if (typeof element.confirm !== 'object' || element.confirm === null) return undefined
  const given = element.confirm as Record<string, { text?: string } | string | undefined>
  const word = (key: string, otherwise = '') => {
    const value = given[key]
    return typeof value === 'object' ? (value.text ?? otherwise) : otherwise
  }
  return {
    title: word('title'),
    text: word('text'),
    confirm: word('confirm', 'Yes'),
    deny: word('deny', 'Cancel'),
    ...(typeof given.style === 'string' ? { style: given.style } : {}),
  }
}
