import type { Ack, Deliver } from '../deliver/deliver.ts'
import { localErrors } from '../input-errors.ts'
import { entered, idsOf, type Placed, placedElements } from '../inputs.ts'
import { closedPayload, submissionPayload, suggestionPayload } from '../payloads.ts'
import type { Block, SelectOption, SubmitResult, View, WorkspacePerson } from '../types.ts'
import { MOST_VIEWS } from '../views.ts'
import { ApiError } from '../web-api/arguments.ts'
import { checkedView } from '../web-api/view-methods.ts'
import type { World } from '../world.ts'
import { sendAction } from './press.ts'

type Actor = { world: World; deliver: Deliver; person: WorkspacePerson }
type Typed = Record<string, string | string[] | null>

/** The view on top. @throws Error if no modal is open. */
function topView({ world, person }: Actor): View {
  const top = world.views.stack(person.id).at(-1)
  if (!top) throw new Error(`${person.id} has no modal open.`)
  return top
}

function inputNamed(view: View, name: string): Placed {
  const all = placedElements(view.blocks)
  const found =
    all.find(({ element }) => element.action_id === name) ??
    all.find(({ block }) => block.block_id === name) ??
    // For blocks that share an action_id.
    all.find(({ block, element }) => `${block.block_id}/${element.action_id}` === name)
  if (found) return found
  const known = all.map(({ element }) => String(element.action_id)).join(', ')
  throw new Error(`The modal has no input "${name}". It has: ${known}.`)
}

/** Types into the inputs of the top view; inputs that dispatch notify the app at once. */
export function fill(actor: Actor, values: Typed): void {
  const view = topView(actor)
  for (const [name, value] of Object.entries(values)) {
    const placed = inputNamed(view, name)
    const { block, element, isInput } = placed
    const { blockId, actionId } = idsOf(block, element)
    const state = entered(element, value)
    view.state.values[blockId] = { ...view.state.values[blockId], [actionId]: state }
    delete view.errors[blockId]
    if (!isInput || dispatches(block, element)) void sendAction(actor, { placed, view }, value)
  }
  actor.world.changes.announce()
}

/**
 * Outside an input block every choice is an action. Inside one it is only if the app
 * asked for it; for typing, on each character.
 */
function dispatches(block: Block, element: Block): boolean {
  if (block.dispatch_action !== true) return false
  if (!TYPED.has(element.type)) return true
  const { trigger_actions_on: on } = Object(element.dispatch_action_config) as Block
  return Array.isArray(on) && on.includes('on_character_entered')
}

const TYPED = new Set([
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'rich_text_input',
])

/** Types into an external select; the options that the app answers can then be chosen. */
export async function suggest(actor: Actor, actionId: string, query: string): Promise<SelectOption[]> {
  const view = topView(actor)
  const { block, element } = inputNamed(view, actionId)
  const least = typeof element.min_query_length === 'number' ? element.min_query_length : 3
  if (query.length < least) return []
  const payload = suggestionPayload(actor.world, { person: actor.person, view, block, element, query })
  const ack = await actor.deliver({ kind: 'options', name: 'block_suggestion', payload })
  if (!ack.ok) return []
  const { options, option_groups } = Object(ack.payload) as Block
  element.options = options ?? []
  element.option_groups = option_groups ?? []
  return (element.options as SelectOption[]).map((option) => ({ ...option }))
}

/**
 * Presses the submit button: runs Slack's own checks, sends the submission, and changes the modal as the app answers.
 */
export async function submit(actor: Actor): Promise<SubmitResult> {
  const { world, deliver, person } = actor
  const view = topView(actor)
  if (!view.submit) throw new Error('The modal has no submit button.')
  const local = localErrors(view.blocks, view.state.values, person.locale)
  view.errors = local
  world.changes.announce()
  if (Object.keys(local).length > 0) return { kind: 'errors', errors: local, local: true }
  const send = () => {
    const triggerId = world.triggers.create({ userId: person.id, viewId: view.id })
    const payload = submissionPayload(world, { person, view, triggerId })
    return deliver({ kind: 'interaction', name: 'view_submission', payload })
  }
  const isTwice = world.faults.take(['submit_twice']) !== undefined
  const [first, second] = isTwice ? [send(), send()] : [send()]
  const result = settle(actor, view, await (first as Promise<Ack>))
  if (result.kind !== 'errors' && result.kind !== 'failed') world.tips.sent(person.id, view.state.values)
  // The second answer finds the modal as the first left it, or gone; the person sees one result.
  await second
  return result
}

function settle({ world, person }: Actor, view: View, ack: Ack): SubmitResult {
  if (!ack.ok) return { kind: 'failed', error: ack.error, why: ack.why }
  const given = Object(ack.payload) as Record<string, unknown>
  const stack = world.views.stack(person.id)
  // The person closed it meanwhile, or it was replaced: there is nothing to change.
  if (!stack.includes(view)) return { kind: 'closed' }
  try {
    switch (given.response_action) {
      case undefined:
        world.views.take(person.id, 'top')
        return { kind: 'closed' }
      case 'clear':
        world.views.take(person.id, 'all')
        return { kind: 'cleared' }
      case 'update':
        world.views.update(view, checkedView(given.view, world, 'modal', view))
        return { kind: 'updated' }
      case 'push':
        if (stack.length >= MOST_VIEWS) throw new ApiError('push_limit_reached')
        world.views.push(person.id, checkedView(given.view, world, 'modal'))
        return { kind: 'pushed' }
      case 'errors':
        view.errors = fieldErrors(view, given.errors)
        world.changes.announce()
        return { kind: 'errors', errors: { ...view.errors }, local: false }
      default:
        throw new ApiError('invalid_response_action')
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const why = [error.code, JSON.stringify(error.extra)].join(' ')
    return { kind: 'failed', error: 'invalid_app_response', why }
  }
}

/** Slack shows errors only at input blocks; it calls any other answer broken. */
function fieldErrors(view: View, errors: unknown): Record<string, string> {
  const entries = Object.entries(Object(errors) as Record<string, unknown>)
  const inputs = new Set(view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id))
  const isRight =
    entries.length > 0 &&
    entries.every(([block, text]) => inputs.has(block) && typeof text === 'string' && text !== '')
  if (!isRight) throw new ApiError('invalid_errors', { errors })
  return Object.fromEntries(entries) as Record<string, string>
}

/** Closes the top view by its close button, or the whole stack by the X, and notifies an app that asked for it. */
export async function dismiss({ world, deliver, person }: Actor, how: 'cancel' | 'x'): Promise<void> {
  const top = topView({ world, deliver, person })
  const stack = world.views.stack(person.id)
  const isAll = how === 'x' || top.clear_on_close
  const told = how === 'x' ? (stack[0] as View) : top
  const payload = closedPayload(world, { person, view: told, isCleared: how === 'x' })
  world.views.take(person.id, isAll ? 'all' : 'top')
  if (told.notify_on_close) await deliver({ kind: 'interaction', name: 'view_closed', payload })
}
