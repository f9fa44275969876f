import type { Block, InputState, SelectOption, StateValues } from './types.ts'

/** An interactive element and its block. */
export type Placed = { block: Block; element: Block; isInput: boolean; isOptional: boolean }

/** Every interactive element of input, section and actions blocks, in order. */
export function placedElements(blocks: Block[]): Placed[] {
  const placed: Placed[] = []
  for (const block of blocks) {
    if (block.type === 'input' && isBlock(block.element))
      placed.push({ block, element: block.element, isInput: true, isOptional: block.optional === true })
    else if (block.type === 'section' && isBlock(block.accessory))
      placed.push({ block, element: block.accessory, isInput: false, isOptional: true })
    else if (block.type === 'actions' && Array.isArray(block.elements))
      for (const element of block.elements.filter(isBlock))
        placed.push({ block, element, isInput: false, isOptional: true })
  }
  return placed
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && typeof (value as Block).type === 'string'
}

type Kind = { key: keyof InputState; initial: string; many: boolean }
const OPTION: Kind = { key: 'selected_option', initial: 'initial_option', many: false }
const OPTIONS: Kind = { key: 'selected_options', initial: 'initial_options', many: true }
const TEXT: Kind = { key: 'value', initial: 'initial_value', many: false }

/** Where each kind of element keeps its value in the state; elements without a value, such as buttons, are missing. */
export const KINDS: Record<string, Kind> = {
  plain_text_input: TEXT,
  email_text_input: TEXT,
  url_text_input: TEXT,
  number_input: TEXT,
  static_select: OPTION,
  external_select: OPTION,
  radio_buttons: OPTION,
  multi_static_select: OPTIONS,
  multi_external_select: OPTIONS,
  checkboxes: OPTIONS,
  users_select: { key: 'selected_user', initial: 'initial_user', many: false },
  multi_users_select: { key: 'selected_users', initial: 'initial_users', many: true },
  channels_select: { key: 'selected_channel', initial: 'initial_channel', many: false },
  multi_channels_select: { key: 'selected_channels', initial: 'initial_channels', many: true },
  conversations_select: { key: 'selected_conversation', initial: 'initial_conversation', many: false },
  multi_conversations_select: { key: 'selected_conversations', initial: 'initial_conversations', many: true },
  datepicker: { key: 'selected_date', initial: 'initial_date', many: false },
  timepicker: { key: 'selected_time', initial: 'initial_time', many: false },
  datetimepicker: { key: 'selected_date_time', initial: 'initial_date_time', many: false },
  rich_text_input: { key: 'rich_text_value', initial: 'initial_value', many: false },
  file_input: { key: 'files', initial: '', many: true },
}

/** The state of all inputs when they are first shown; keeps what was typed before under the same ids. */
export function stateOf(blocks: Block[], before: StateValues = {}): StateValues {
  const values: StateValues = {}
  for (const { block, element } of placedElements(blocks)) {
    const kind = KINDS[element.type]
    if (!kind) continue
    const { blockId, actionId } = idsOf(block, element)
    const kept = before[blockId]?.[actionId]
    values[blockId] ??= {}
    values[blockId][actionId] = kept?.type === element.type ? kept : initial(element, kind)
  }
  return values
}

export function idsOf(block: Block, element: Block): { blockId: string; actionId: string } {
  return { blockId: String(block.block_id), actionId: String(element.action_id) }
}

function initial(element: Block, kind: Kind): InputState {
  const given = kind.initial === '' ? undefined : element[kind.initial]
  const value = given ?? (kind.many ? [] : null)
  // Slack has no null here: an empty rich text input has no value at all.
  if (kind.key === 'rich_text_value' && value === null) return { type: element.type }
  return { type: element.type, [kind.key]: structuredClone(value) }
}

/**
 * The state of an element after a person typed or chose something.
 *
 * @param given text, an option's value, an id or a date; a list for an element that takes several; null for nothing.
 * @throws Error for what no person could do: a missing option, a list in a single field.
 */
export function entered(element: Block, given: string | string[] | null): InputState {
  const kind = KINDS[element.type]
  if (!kind || kind.key === 'files' || kind.key === 'rich_text_value')
    throw new Error(`Nothing can be typed or chosen in a ${element.type}.`)
  const list = given === null || given === '' ? [] : Array.isArray(given) ? given : [given]
  if (!kind.many && list.length > 1) throw new Error(`${String(element.action_id)} takes one value only.`)
  const single = list[0] ?? null
  switch (kind.key) {
    case 'selected_option':
      return { type: element.type, selected_option: single === null ? null : optionOf(element, single) }
    case 'selected_options':
      return { type: element.type, selected_options: list.map((value) => optionOf(element, value)) }
    case 'selected_date_time':
      return { type: element.type, selected_date_time: single === null ? null : Number(single) }
    default:
      return { type: element.type, [kind.key]: kind.many ? list : single }
  }
}

/** All options of a select, including those in groups. */
export function optionsOf(element: Block): SelectOption[] {
  const own = Array.isArray(element.options) ? (element.options as SelectOption[]) : []
  const groups = Array.isArray(element.option_groups) ? (element.option_groups as Block[]) : []
  return [
    ...own,
    ...groups.flatMap((group) => (Array.isArray(group.options) ? (group.options as SelectOption[]) : [])),
  ]
}

function optionOf(element: Block, value: string): SelectOption {
  const options = optionsOf(element)
  const found = options.find((option) => option.value === value)
  if (found) return structuredClone(found)
  const known = options.map((option) => option.value).join(', ')
  throw new Error(`${String(element.action_id)} has no option "${value}". It has: ${known}.`)
}
