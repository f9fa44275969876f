import { idsOf, KINDS, placedElements } from './inputs.ts'
import type { Block, InputState, StateValues } from './types.ts'

const en = {
  required: 'Please complete this required field.',
  atLeast: (count: number) => `Enter at least ${count} characters.`,
  atMost: (count: number) => `Enter at most ${count} characters.`,
  email: 'Enter a valid email address.',
  url: 'Enter a valid URL.',
  number: 'Enter a number.',
  orMore: (least: string) => `Enter ${least} or more.`,
  orLess: (most: string) => `Enter ${most} or less.`,
}
type Words = typeof en
const zhCN: Words = {
  required: '请填写此必填字段。',
  atLeast: (count) => `请至少输入 ${count} 个字符。`,
  atMost: (count) => `最多可输入 ${count} 个字符。`,
  email: '请输入有效的电子邮件地址。',
  url: '请输入有效的网址。',
  number: '请输入数字。',
  orMore: (least) => `请输入不小于 ${least} 的数字。`,
  orLess: (most) => `请输入不大于 ${most} 的数字。`,
}

/**
 * Slack's own errors about the inputs before it submits a modal, in the person's
 * language, by block_id; empty if there are none.
 */
export function localErrors(blocks: Block[], values: StateValues, locale = 'en-US'): Record<string, string> {
  const words = /^zh/i.test(locale) ? zhCN : en
  const errors: Record<string, string> = {}
  for (const { block, element, isInput, isOptional } of placedElements(blocks)) {
    if (!isInput) continue
    const { blockId, actionId } = idsOf(block, element)
    const state = values[blockId]?.[actionId]
    if (!state) continue
    const problem = isEmpty(state)
      ? isOptional
        ? undefined
        : words.required
      : wrongText(element, state, words)
    if (problem) errors[blockId] = problem
  }
  return errors
}

function isEmpty(state: InputState): boolean {
  const value = state[KINDS[state.type]?.key ?? 'value']
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

function wrongText(element: Block, state: InputState, words: Words): string | undefined {
  const text = state.value
  if (typeof text !== 'string') return undefined
  const { min_length, max_length } = element
  const most = typeof max_length === 'number' ? max_length : 3000
  if (typeof min_length === 'number' && text.length < min_length) return words.atLeast(min_length)
  if (text.length > most) return words.atMost(most)
  if (element.type === 'email_text_input' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) return words.email
  if (element.type === 'url_text_input' && !URL.canParse(text)) return words.url
  if (element.type === 'number_input') return wrongNumber(element, text, words)
  return undefined
}

function wrongNumber(element: Block, text: string, words: Words): string | undefined {
  const allowed = element.is_decimal_allowed === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/
  if (!allowed.test(text)) return words.number
  if (element.min_value !== undefined && Number(text) < Number(element.min_value))
    return words.orMore(String(element.min_value))
  if (element.max_value !== undefined && Number(text) > Number(element.max_value))
    return words.orLess(String(element.max_value))
  return undefined
}
