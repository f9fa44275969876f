import type { Block, InputState, SelectOption, View } from '../slack/index.ts'
import { padded, wrapped } from './width.ts'

/** What Slack itself writes beside an input, in the onlooker's language. */
export interface FieldWords {
  optional: string
  /** Before the example that Slack shows in grey in an empty field. */
  forExample: string
}

interface Field {
  /** Columns up to the value. */
  labelWidth: number
  width: number
  view?: Pick<View, 'state' | 'errors'>
  words: FieldWords
}

/** Lines of an input: its label, what it holds, and below its error or hint. */
export function fieldLines(block: Block, { labelWidth, width, view, words }: Field): string[] {
  const element = block.element as Block
  const blockId = String(block.block_id)
  const state = view?.state.values[blockId]?.[String(element.action_id)]
  const error = view?.errors[blockId]
  const parts = [fieldText(element, state, words), ...(block.optional === true ? [words.optional] : [])]
  const [first = '', ...more] = wrapped(parts.join(' '), width - labelWidth)
  const below = error === undefined ? textOf(block.hint) : `! ${error}`
  return [
    padded(textOf(block.label), labelWidth) + first,
    ...more.map((line) => ' '.repeat(labelWidth) + line),
    ...(below === '' ? [] : wrapped(below, width - 2).map((line) => `  ${line}`)),
  ]
}

/** A field as `[ typed ]`, an empty one with its example after it; a select as `[ chosen ▾ ]`. */
function fieldText(element: Block, state: InputState | undefined, { forExample }: FieldWords): string {
  if (element.type.includes('select')) return `[ ${valueText(element, state)} ▾ ]`
  const value = heldText(state)
  const example = textOf(element.placeholder)
  return value !== '' || example === '' ? `[ ${value} ]` : `[  ] ${forExample} ${example}`
}

/** What an input holds in words, else what it says by itself. */
export function valueText(element: Block, state: InputState | undefined): string {
  const initial = state ? undefined : (element.initial_option as SelectOption | undefined)
  return heldText(state) || textOf(initial?.text) || textOf(element.placeholder)
}

function heldText(state: InputState | undefined): string {
  const { type: _, ...values } = state ?? { type: '' }
  return Object.values(values)
    .flat()
    .map((value) => {
      if (value === null || value === undefined) return ''
      return typeof value === 'object' && 'text' in value ? textOf(value.text) : String(value)
    })
    .filter((text) => text !== '')
    .join(', ')
}

function textOf(value: unknown): string {
  return String((Object(value) as { text?: unknown }).text ?? '')
}
