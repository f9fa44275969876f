import { expect, test } from 'vitest'
import type { Block } from '../../../src/sandbox/slack/index.ts'
import { localErrors } from '../../../src/sandbox/slack/input-errors.ts'
import { stateOf } from '../../../src/sandbox/slack/inputs.ts'

/** What Slack says at an input that holds this text. */
function saidOf(element: Partial<Block>, text: string | null, { locale = 'en-US', optional = false } = {}) {
  const blocks: Block[] = [
    {
      type: 'input',
      block_id: 'b',
      optional,
      element: { type: 'plain_text_input', action_id: 'a', ...element },
    },
  ]
  const values = stateOf(blocks)
  Object.assign(values.b?.a ?? {}, { value: text })
  return localErrors(blocks, values, locale).b
}

test('asks for what is required, in the language of the person', () => {
  expect(saidOf({}, null)).toBe('Please complete this required field.')
  expect(saidOf({}, '', { locale: 'zh-CN' })).toBe('请填写此必填字段。')
  expect(saidOf({}, null, { optional: true })).toBeUndefined()
  expect(saidOf({}, 'x')).toBeUndefined()
})

test.each([
  [{ min_length: 3 }, 'ab', 'Enter at least 3 characters.', '请至少输入 3 个字符。'],
  [{ max_length: 3 }, 'abcd', 'Enter at most 3 characters.', '最多可输入 3 个字符。'],
  [{ type: 'email_text_input' }, 'nobody', 'Enter a valid email address.', '请输入有效的电子邮件地址。'],
  [{ type: 'url_text_input' }, 'nowhere', 'Enter a valid URL.', '请输入有效的网址。'],
  [{ type: 'number_input', is_decimal_allowed: false }, '1.5', 'Enter a number.', '请输入数字。'],
  [{ type: 'number_input', min_value: '2' }, '1', 'Enter 2 or more.', '请输入不小于 2 的数字。'],
  [{ type: 'number_input', max_value: '2' }, '3', 'Enter 2 or less.', '请输入不大于 2 的数字。'],
])('refuses by %j the text %j', (element, text, english, chinese) => {
  expect(saidOf(element, text)).toBe(english)
  expect(saidOf(element, text, { locale: 'zh-CN' })).toBe(chinese)
})
