import { newId } from '../ids.ts'
import type { Block } from '../types.ts'

/** A copy of the blocks as Slack stores and returns them: with the ids and defaults that the app left out. */
export function asStored(blocks: Block[]): Block[] {
  const copy = structuredClone(blocks)
  for (const block of copy) addIds(block)
  addDefaults(copy)
  return copy
}

/** A text object as Slack returns it. */
export function textAsStored<T>(text: T): T {
  const copy = structuredClone(text)
  addDefaults(copy)
  return copy
}

function addIds(block: Block): void {
  if (typeof block.block_id !== 'string' || block.block_id === '') block.block_id = newId('b', 5)
  const elements = [block.element, block.accessory, ...(Array.isArray(block.elements) ? block.elements : [])]
  for (const element of elements) {
    if (typeof element !== 'object' || element === null || !needsActionId(element as Block)) continue
    const { action_id } = element as Block
    if (typeof action_id !== 'string' || action_id === '') (element as Block).action_id = newId('a', 5)
  }
}

const NOT_INTERACTIVE = new Set(['image', 'mrkdwn', 'plain_text', 'workflow_button'])

function needsActionId({ type }: Block): boolean {
  if (type === 'rich_text_input') return true
  return !NOT_INTERACTIVE.has(type) && !type.startsWith('rich_text_')
}

/** Taken from Slack's own payloads. */
const DEFAULTS: Record<string, Record<string, unknown>> = {
  plain_text: { emoji: true },
  mrkdwn: { verbatim: false },
  input: { optional: false, dispatch_action: false },
  plain_text_input: { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } },
  rich_text_list: { indent: 0, border: 0 },
  rich_text_preformatted: { border: 0 },
}

function addDefaults(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const own = node as Record<string, unknown>
  const defaults = Array.isArray(node) ? undefined : DEFAULTS[String(own.type)]
  for (const [field, value] of Object.entries(defaults ?? {})) own[field] ??= structuredClone(value)
  for (const value of Object.values(own)) addDefaults(value)
}
