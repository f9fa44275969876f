import { checkView } from '../blocks/check-view.ts'
import type { Trigger } from '../triggers.ts'
import type { View } from '../types.ts'
import { MOST_VIEWS, type ViewArgument, viewOutput } from '../views.ts'
import type { World } from '../world.ts'
import { ApiError, type Arguments, withMessages } from './arguments.ts'
import type { Method } from './method.ts'
import { TIER } from './method.ts'

/** views.* */
export const viewMethods: Record<string, Method> = {
  'views.open': {
    perMinute: TIER.four,
    run(args, world) {
      const { id, trigger } = triggerOf(args, world)
      const given = viewOf(args, world, 'modal')
      world.triggers.exchange(id)
      return { view: viewOutput(world.views.open(trigger.userId, given)) }
    },
  },
  'views.push': {
    perMinute: TIER.four,
    run(args, world) {
      const { id, trigger } = triggerOf(args, world)
      const given = viewOf(args, world, 'modal')
      const stack = world.views.stack(trigger.userId)
      // Only a press inside an open modal can put another one on top of it.
      if (trigger.viewId === undefined || stack.length === 0) throw new ApiError('invalid_trigger_id')
      if (stack.length >= MOST_VIEWS) throw new ApiError('push_limit_reached')
      world.triggers.exchange(id)
      const view = world.views.push(trigger.userId, given)
      if (!view) throw new ApiError('push_limit_reached')
      return { view: viewOutput(view) }
    },
  },
  'views.update': {
    perMinute: TIER.four,
    run(args, world) {
      const id = args.optionalText('view_id')
      const externalId = args.optionalText('external_id')
      if (id === undefined && externalId === undefined)
        throw withMessages('invalid_arguments', ['[ERROR] missing required field: view_id'])
      const view = world.views.find(id === undefined ? { external_id: String(externalId) } : { id })
      if (!view) throw new ApiError('not_found')
      const hash = args.optionalText('hash')
      if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict')
      const given = viewOf(args, world, view.type, view)
      return { view: viewOutput(world.views.update(view, given)) }
    },
  },
  'views.publish': {
    perMinute: TIER.four,
    run(args, world) {
      if (!world.manifest.hasHomeTab) throw new ApiError('not_enabled')
      const userId = args.text('user_id')
      if (!world.personById(userId))
        throw withMessages('invalid_arguments', ['[ERROR] invalid user_id [json-pointer:/user_id]'])
      const hash = args.optionalText('hash')
      const shown = world.views.home(userId)
      if (hash !== undefined && shown && hash !== shown.hash) throw new ApiError('hash_conflict')
      return { view: viewOutput(world.views.publish(userId, viewOf(args, world, 'home', shown))) }
    },
  },
}

function triggerOf(args: Arguments, world: World): { id: string; trigger: Trigger } {
  const id = args.optionalText('trigger_id') ?? args.text('interactivity_pointer')
  const found = world.triggers.check(id)
  if ('error' in found) throw new ApiError(found.error)
  return { id, trigger: found.trigger }
}

function viewOf(args: Arguments, world: World, type: View['type'], replaced?: View): ViewArgument {
  const given = args.json('view')
  if (given === undefined) throw withMessages('invalid_arguments', ['[ERROR] missing required field: view'])
  return checkedView(given, world, type, replaced)
}

/**
 * Checks a view from a call or an acknowledgement.
 *
 * @throws ApiError invalid_arguments, view_too_large or duplicate_external_id.
 */
export function checkedView(given: unknown, world: World, type: View['type'], replaced?: View): ViewArgument {
  const problems = checkView(given, type)
  if (problems.length > 0) throw withMessages('invalid_arguments', problems)
  if (Buffer.byteLength(JSON.stringify(given)) > 250_000) throw new ApiError('view_too_large')
  const view = given as ViewArgument
  const same = view.external_id ? world.views.find({ external_id: view.external_id }) : undefined
  if (same && same !== replaced) throw new ApiError('duplicate_external_id')
  return view
}
