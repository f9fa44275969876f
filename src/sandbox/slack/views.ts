import { asStored, textAsStored } from './blocks/stored.ts'
import type { Changes } from './changes.ts'
import { newId, newSecret } from './ids.ts'
import { stateOf } from './inputs.ts'
import type { Block, PlainText, View, Workspace } from './types.ts'

/** A view as the app sends it, already checked. */
export type ViewArgument = {
  type: 'modal' | 'home'
  blocks: Block[]
  title?: PlainText
  submit?: PlainText
  close?: PlainText
  callback_id?: string
  private_metadata?: string
  external_id?: string
  clear_on_close?: boolean
  notify_on_close?: boolean
  submit_disabled?: boolean
}

export const MOST_VIEWS = 3
export type Views = ReturnType<typeof createViews>

/** Keeps each person's stack of modals and their Home tab. */
export function createViews({
  workspace,
  now,
  changes,
}: {
  workspace: Workspace
  now: () => number
  changes: Changes
}) {
  const stacks = new Map<string, View[]>()
  const homes = new Map<string, View>()
  // Across all people: ids and external_ids are unique among all open views.
  const allOpen = () => [...[...stacks.values()].flat(), ...homes.values()]

  function build(
    given: ViewArgument,
    place: { id: string; root: string; previous: string | null; before?: View },
  ): View {
    const blocks = asStored(given.blocks)
    return {
      id: place.id,
      type: given.type,
      callback_id: given.callback_id ?? '',
      hash: `${Math.floor(now() / 1000)}.${newSecret(4)}`,
      team_id: workspace.team.id,
      app_id: workspace.app.id,
      app_installed_team_id: workspace.team.id,
      bot_id: workspace.app.botId,
      external_id: given.external_id ?? '',
      title: textAsStored(given.title ?? { type: 'plain_text', text: 'View Title' }),
      submit: textAsStored(given.submit ?? null),
      close: textAsStored(given.close ?? null),
      blocks,
      private_metadata: given.private_metadata ?? '',
      root_view_id: place.root,
      previous_view_id: place.previous,
      clear_on_close: given.clear_on_close ?? false,
      notify_on_close: given.notify_on_close ?? false,
      submit_disabled: given.submit_disabled ?? false,
      state: { values: stateOf(blocks, place.before?.state.values) },
      errors: {},
    }
  }

  function stack(userId: string): View[] {
    return stacks.get(userId) ?? []
  }

  /** Opens a modal, and drops the modals that were open before. */
  function open(userId: string, given: ViewArgument): View {
    const id = newId('V')
    const view = build(given, { id, root: id, previous: null })
    stacks.set(userId, [view])
    changes.announce()
    return view
  }

  /** @returns undefined if the stack is full. */
  function push(userId: string, given: ViewArgument): View | undefined {
    const below = stack(userId)
    const top = below.at(-1)
    if (!top || below.length >= MOST_VIEWS) return undefined
    const view = build(given, { id: newId('V'), root: top.root_view_id, previous: top.id })
    stacks.set(userId, [...below, view])
    changes.announce()
    return view
  }

  /**
   * Replaces the content of an open view: its id stays, its hash changes, and what was typed under the same ids stays.
   */
  function update(view: View, given: ViewArgument): View {
    const { id, root_view_id: root, previous_view_id: previous } = view
    // Change the same object: it is in a stack, and a submission in progress may wait for it.
    Object.assign(view, build(given, { id, root, previous, before: view }))
    changes.announce()
    return view
  }

  function publish(userId: string, given: ViewArgument): View {
    const shown = homes.get(userId)
    if (shown) return update(shown, given)
    const id = newId('V')
    const view = build(given, { id, root: id, previous: null })
    homes.set(userId, view)
    changes.announce()
    return view
  }

  /** Closes the top view, or the whole stack. */
  function take(userId: string, which: 'top' | 'all'): void {
    stacks.set(userId, which === 'all' ? [] : stack(userId).slice(0, -1))
    changes.announce()
  }

  return {
    open,
    push,
    update,
    publish,
    take,
    stack,
    home: (userId: string) => homes.get(userId),
    find: (key: { id: string } | { external_id: string }) =>
      allOpen().find((view) => ('id' in key ? view.id === key.id : view.external_id === key.external_id)),
  }
}

/** A view as Slack writes it in payloads and answers: without what only the person sees. */
export function viewOutput(view: View): Omit<View, 'errors'> {
  const { errors: _seenByThePersonOnly, ...output } = structuredClone(view)
  return output
}
