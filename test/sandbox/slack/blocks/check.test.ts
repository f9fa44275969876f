import { expect, test } from 'vitest'
import { checkBlocks } from '../../../../src/sandbox/slack/blocks/check.ts'
import { checkView } from '../../../../src/sandbox/slack/blocks/check-view.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const option = (value: string, text = value) => ({ text: plain(text), value })
const button = (more: object = {}) => ({ type: 'button', action_id: 'go', text: plain('Go'), ...more })
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const section = (more: object = { text: mrkdwn('Hello') }) => ({ type: 'section', ...more })
const select = (more: object = {}) => ({
  type: 'static_select',
  action_id: 's',
  options: [option('a')],
  ...more,
})
const input = (element: object, more: object = {}) => ({
  type: 'input',
  label: plain('Label'),
  element,
  ...more,
})
const typed = { type: 'plain_text_input', action_id: 't' }
const row = (length: number) => Array.from({ length }, () => ({ type: 'raw_text', text: 'x' }))
const chart = (more: object = {}, series: object[] = [points('Coupons')]) => ({
  type: 'data_visualization',
  title: 'By day',
  chart: { type: 'bar', series, axis_config: { categories: ['01', '02'] } },
  ...more,
})
const points = (name: string, labels = ['01', '02']) => ({
  name,
  data: labels.map((label, value) => ({ label, value })),
})
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

const passing: Record<string, object[]> = {
  'a section with text': [section()],
  'a section with fields': [section({ fields: [mrkdwn('*To*\nA'), plain('B')] })],
  'a section with an accessory': [
    section({ text: mrkdwn('x'), accessory: button({ style: 'danger', value: '1' }) }),
  ],
  'a section with an image': [
    section({
      text: mrkdwn('x'),
      accessory: { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'A' },
    }),
  ],
  'a header, a divider and a context': [
    { type: 'header', text: plain('Title') },
    { type: 'divider' },
    {
      type: 'context',
      elements: [mrkdwn('small'), { type: 'image', slack_file: { id: 'F0FILE' }, alt_text: 'A' }],
    },
  ],
  'buttons with a confirm dialog': [
    actions(
      button({
        confirm: {
          title: plain('Sure?'),
          text: mrkdwn('*Really*'),
          confirm: plain('Yes'),
          deny: plain('No'),
          style: 'danger',
        },
      }),
    ),
  ],
  'every select': [
    actions(
      select(),
      { type: 'users_select', action_id: 'u', initial_user: 'U1' },
      { type: 'conversations_select', action_id: 'c', filter: { include: ['public'] } },
      { type: 'channels_select', action_id: 'ch' },
      { type: 'external_select', action_id: 'e', min_query_length: 1 },
      { type: 'overflow', action_id: 'o', options: [{ ...option('a'), url: 'https://example.com' }] },
      { type: 'datepicker', action_id: 'd', initial_date: '2026-11-24' },
      { type: 'timepicker', action_id: 'ti' },
      { type: 'datetimepicker', action_id: 'dt' },
    ),
  ],
  'option groups with an initial option': [
    input(
      select({
        options: undefined,
        option_groups: [{ label: plain('G'), options: [option('a'), option('b')] }],
        initial_option: option('b'),
      }),
    ),
  ],
  'checkboxes with mrkdwn and radio buttons': [
    input({
      type: 'checkboxes',
      action_id: 'c',
      options: [{ text: mrkdwn('*a*'), value: 'a', description: plain('d') }],
    }),
    input({ type: 'radio_buttons', action_id: 'r', options: [option('a')], initial_option: option('a') }),
  ],
  'inputs with limits and hints': [
    input(
      { ...typed, multiline: true, min_length: 1, max_length: 10, placeholder: plain('…') },
      { hint: plain('h'), optional: true },
    ),
    input({ type: 'number_input', action_id: 'n', is_decimal_allowed: false, min_value: '1' }),
    input({ type: 'email_text_input', action_id: 'e' }),
    input({ type: 'url_text_input', action_id: 'u' }),
  ],
  'rich text': [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'a', style: { bold: true } },
            { type: 'user', user_id: 'U1' },
          ],
        },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'copy me' }] },
        {
          type: 'rich_text_list',
          style: 'bullet',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url: 'https://example.com' }] }],
        },
      ],
    },
  ],
  'a table': [{ type: 'table', rows: [row(2), row(2)], column_settings: [{ align: 'right' }] }],
  'an image block': [
    { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'A', title: plain('T') },
  ],
  'an option value of 150 characters': [actions(select({ options: [option('x'.repeat(150), 'x')] }))],
  'a data table of 201 rows beside another': [
    { type: 'data_table', caption: 'All', rows: times(201, () => row(20)), page_size: 100 },
    { type: 'data_table', caption: 'Few', rows: times(2, () => row(1)) },
  ],
  'two charts, of bars and as a pie': [
    chart({}, [points('Coupons'), points('Requests')]),
    chart({ chart: { type: 'pie', segments: [{ label: 'used', value: 3 }] } }),
  ],
  'a table of more text than a message may have elsewhere': [
    section(),
    { type: 'table', rows: [[{ type: 'raw_text', text: 'x'.repeat(20_000) }]] },
  ],
  '12,000 characters in four sections': times(4, () => section({ text: mrkdwn('x'.repeat(3000)) })),
  '9,597 characters in fifty blocks': times(50, (n) =>
    section({ text: mrkdwn('x'.repeat(n < 47 ? 192 : 191)) }),
  ),
  'fifty blocks': times(50, () => section()),
  '3000 characters of Chinese': [section({ text: mrkdwn('券'.repeat(3000)) })],
}

for (const [what, blocks] of Object.entries(passing))
  test(`takes ${what}`, () => {
    expect(checkBlocks(blocks, 'message')).toEqual([])
  })

const refused: [string, unknown, string][] = [
  ['blocks that are no list', { type: 'section' }, '/blocks]'],
  ['a block without a type', [{ text: mrkdwn('x') }], '/blocks/0]'],
  ['an unknown block', [{ type: 'sectoin', text: mrkdwn('x') }], '/blocks/0/type]'],
  ['an unknown field', [section({ text: mrkdwn('x'), colour: 'red' })], 'no such field: colour'],
  ['an empty section', [section({})], 'text or fields'],
  ['an empty text', [section({ text: mrkdwn('') })], '/blocks/0/text/text]'],
  ['a text of 3001 characters', [section({ text: mrkdwn('x'.repeat(3001)) })], '/blocks/0/text/text]'],
  ['eleven fields', [section({ fields: times(11, () => plain('x')) })], '/blocks/0/fields]'],
  [
    'a field of 2001 characters',
    [section({ fields: [plain('x'.repeat(2001))] })],
    '/blocks/0/fields/0/text]',
  ],
  ['no fields at all', [section({ fields: [] })], '/blocks/0/fields]'],
  ['a text of unknown type', [section({ text: { type: 'markdown', text: 'x' } })], '/blocks/0/text/type]'],
  ['a bare text', [section({ text: 'x' })], '/blocks/0/text]'],
  ['a header of 151 characters', [{ type: 'header', text: plain('x'.repeat(151)) }], '/blocks/0/text/text]'],
  ['a header in mrkdwn', [{ type: 'header', text: mrkdwn('x') }], '/blocks/0/text/type]'],
  [
    'eleven context elements',
    [{ type: 'context', elements: times(11, () => mrkdwn('x')) }],
    '/blocks/0/elements]',
  ],
  ['a button in a context', [{ type: 'context', elements: [button()] }], '/blocks/0/elements/0/type]'],
  ['26 buttons', [actions(...times(26, (n) => button({ action_id: `b${n}` })))], '/blocks/0/elements]'],
  ['no buttons', [actions()], '/blocks/0/elements]'],
  [
    'a button text of 76 characters',
    [actions(button({ text: plain('x'.repeat(76)) }))],
    '/elements/0/text/text]',
  ],
  ['a button text in mrkdwn', [actions(button({ text: mrkdwn('x') }))], '/elements/0/text/type]'],
  ['a button value of 2001 characters', [actions(button({ value: 'x'.repeat(2001) }))], '/elements/0/value]'],
  ['an unknown button style', [actions(button({ style: 'warning' }))], '/elements/0/style]'],
  [
    'a confirm title of 101 characters',
    [actions(button({ confirm: { text: plain('x'), title: plain('x'.repeat(101)) } }))],
    '/confirm/title/text]',
  ],
  [
    'a confirm text of 301 characters',
    [actions(button({ confirm: { text: plain('x'.repeat(301)) } }))],
    '/confirm/text/text]',
  ],
  [
    'an action_id of 256 characters',
    [actions(button({ action_id: 'x'.repeat(256) }))],
    '/elements/0/action_id]',
  ],
  ['the same action_id twice in a block', [actions(button(), button())], 'action_id go already exists'],
  [
    'the same block_id twice',
    [section({ text: mrkdwn('x'), block_id: 'b' }), { type: 'divider', block_id: 'b' }],
    '/blocks/1/block_id]',
  ],
  ['a select without options', [actions(select({ options: undefined }))], 'options'],
  ['a select with no option', [actions(select({ options: [] }))], '/elements/0/options]'],
  ['101 options', [actions(select({ options: times(101, (n) => option(`o${n}`)) }))], '/elements/0/options]'],
  [
    'an option text of 76 characters',
    [actions(select({ options: [option('a', 'x'.repeat(76))] }))],
    '/options/0/text/text]',
  ],
  [
    'an option value of 151 characters',
    [actions(select({ options: [option('x'.repeat(151), 'x')] }))],
    '/options/0/value]',
  ],
  [
    'an option without a value',
    [actions(select({ options: [{ text: plain('x') }] }))],
    'missing required field: value',
  ],
  [
    'an initial option that is not there',
    [actions(select({ initial_option: option('b') }))],
    'not among the options',
  ],
  [
    'eleven radio buttons',
    [input({ type: 'radio_buttons', action_id: 'r', options: times(11, (n) => option(`o${n}`)) })],
    '/element/options]',
  ],
  [
    'six overflow options',
    [actions({ type: 'overflow', action_id: 'o', options: times(6, (n) => option(`o${n}`)) })],
    '/options]',
  ],
  ['an input without a label', [{ type: 'input', element: typed }], 'missing required field: label'],
  ['an input without an element', [{ type: 'input', label: plain('x') }], 'missing required field: element'],
  ['a button as an input', [input(button())], '/element/type]'],
  ['a text input outside an input block', [actions(typed)], '/elements/0/type]'],
  [
    'a placeholder of 151 characters',
    [input({ ...typed, placeholder: plain('x'.repeat(151)) })],
    '/placeholder/text]',
  ],
  ['a min_length above max_length', [input({ ...typed, min_length: 5, max_length: 4 })], 'min_length'],
  ['a min_length of 3001', [input({ ...typed, min_length: 3001 })], '/element/min_length]'],
  ['a max_length of 3001', [input({ ...typed, max_length: 3001 })], '/element/max_length]'],
  [
    'two elements with the focus',
    [input({ ...typed, focus_on_load: true }), input({ ...typed, focus_on_load: true })],
    'focus_on_load',
  ],
  ['an image without alt_text', [{ type: 'image', image_url: 'https://example.com/a.png' }], 'alt_text'],
  ['a table row of 21 cells', [{ type: 'table', rows: [row(21)] }], '/rows/0]'],
  ['101 table rows', [{ type: 'table', rows: times(101, () => row(1)) }], '/rows]'],
  [
    'two tables',
    [
      { type: 'table', rows: [row(1)] },
      { type: 'table', rows: [row(1)] },
    ],
    'only one table',
  ],
  [
    'empty text in a line of rich text',
    [
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }],
      },
    ],
    '/blocks/0/elements/0/elements/0/text]',
  ],
  ['three charts', [chart(), chart(), chart()], 'no more than 2 data_visualization blocks'],
  ['a chart with a long title', [chart({ title: 'x'.repeat(51) })], '/blocks/0/title]'],
  ['a chart of a kind that is not there', [chart({ chart: { type: 'radar' } })], '/blocks/0/chart/type]'],
  [
    'a chart of 21 bars',
    [chart({}, [points('Coupons', times(21, String))])],
    'no more than 20 items allowed [json-pointer:/blocks/0/chart/series/0/data]',
  ],
  [
    'a chart whose labels are not its categories',
    [chart({}, [points('Coupons', ['02', '01'])])],
    'labels must match the categories',
  ],
  ['a chart with a name twice', [chart({}, [points('A'), points('A')])], 'series names must be unique'],
  [
    'a data table of 202 rows',
    [{ type: 'data_table', caption: 'x', rows: times(202, () => row(1)) }],
    '/blocks/0/rows]',
  ],
  [
    'a data table whose rows differ in length',
    [{ type: 'data_table', caption: 'x', rows: [row(2), row(1)] }],
    '/blocks/0/rows]',
  ],
  [
    'a data table of 101 rows a page',
    [{ type: 'data_table', caption: 'x', rows: times(2, () => row(1)), page_size: 101 }],
    '/blocks/0/page_size]',
  ],
  [
    'a data table without a column',
    [{ type: 'data_table', caption: 'x', rows: [[], []] }],
    '/blocks/0/rows/0]',
  ],
  [
    'a data table with rich text in its header',
    [
      {
        type: 'data_table',
        caption: 'x',
        rows: [[{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [] }] }], row(1)],
      },
    ],
    '/blocks/0/rows/0/0/type]',
  ],
  [
    'a data table without a word of caption',
    [{ type: 'data_table', caption: '', rows: times(2, () => row(1)) }],
    '/blocks/0/caption]',
  ],
  [
    'a data table whose rows are named by a column that is not there',
    [{ type: 'data_table', caption: 'x', rows: times(2, () => row(2)), row_header_column_index: 2 }],
    '/blocks/0/row_header_column_index]',
  ],
  [
    'an empty cell',
    [{ type: 'table', rows: [[{ type: 'raw_text', text: '' }]] }],
    '/blocks/0/rows/0/0/text]',
  ],
  [
    'a number without its text',
    [{ type: 'table', rows: [[{ type: 'raw_number', value: 1 }]] }],
    'missing required field: text',
  ],
  [
    'tables of 20,001 characters',
    [
      { type: 'data_table', caption: 'x', rows: [row(1), [{ type: 'raw_text', text: 'x'.repeat(10_000) }]] },
      { type: 'table', rows: [[{ type: 'raw_text', text: 'x'.repeat(10_000) }]] },
    ],
    'tables must be less than 20001 characters',
  ],
  [
    '12,001 characters over all blocks',
    [...times(4, () => section({ text: mrkdwn('x'.repeat(3000)) })), section({ text: plain('x') })],
    'msg blocks too long',
  ],
  [
    '12,001 characters as Slack escapes them',
    [section({ text: mrkdwn('x'.repeat(2001)) }), section({ text: plain('&'.repeat(2000)) })],
    'msg blocks too long',
  ],
  [
    'as many characters of rich text',
    [
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x'.repeat(12_001) }] }],
      },
    ],
    'msg blocks too long',
  ],
  [
    '11,341 characters in 45 blocks, since blocks weigh something too',
    times(45, () => section({ text: mrkdwn('x'.repeat(252)) })),
    'msg blocks too long',
  ],
  ['51 blocks', times(51, () => section()), 'no more than 50'],
  ['a field that is null', [section({ text: mrkdwn('x'), accessory: null })], '/accessory]'],
]

for (const [what, blocks, told] of refused)
  test(`refuses ${what}, with a pointer to it`, () => {
    expect(checkBlocks(blocks, 'message').join('\n')).toContain(told)
  })

const modal = { type: 'modal', title: plain('T'), submit: plain('Go'), blocks: [input(typed)] }

test('takes a modal with inputs, and a Home tab of 100 blocks', () => {
  expect(checkView(modal, 'modal')).toEqual([])
  expect(checkView({ type: 'home', blocks: times(100, () => section()) }, 'home')).toEqual([])
})

test('takes a view without blocks, a Home tab with a submit label, and in views as much text as there is room for', () => {
  expect(checkView({ ...modal, blocks: [] }, 'modal')).toEqual([])
  expect(checkView({ type: 'home', blocks: [] }, 'home')).toEqual([])
  expect(checkView({ type: 'home', submit: plain('Go'), blocks: [input(typed)] }, 'home')).toEqual([])
  const long = times(50, () => section({ text: mrkdwn('x'.repeat(3000)) }))
  expect(checkView({ ...modal, blocks: long }, 'modal')).toEqual([])
})

const refusedViews: [string, object, string][] = [
  ['no title', { title: undefined }, 'missing required field: title'],
  ['a title of 25 characters', { title: plain('x'.repeat(25)) }, '/view/title/text]'],
  ['a title in mrkdwn', { title: mrkdwn('T') }, '/view/title]'],
  ['a submit label of 25 characters', { submit: plain('x'.repeat(25)) }, '/view/submit/text]'],
  ['inputs and no submit label', { submit: undefined }, '/view/submit]'],
  ['private_metadata of 3001 characters', { private_metadata: 'x'.repeat(3001) }, '/view/private_metadata]'],
  ['private_metadata that is no text', { private_metadata: { id: 1 } }, '/view/private_metadata]'],
  ['a callback_id of 256 characters', { callback_id: 'x'.repeat(256) }, '/view/callback_id]'],
  ['an unknown field', { callbackId: 'x' }, '/view/callbackId]'],
  ['101 blocks', { blocks: times(101, () => section()) }, 'no more than 100'],
  ['a table', { blocks: [{ type: 'table', rows: [row(1)] }] }, '/view/blocks/0/type]'],
]

for (const [what, change, told] of refusedViews)
  test(`refuses a modal with ${what}`, () => {
    expect(checkView({ ...modal, ...change }, 'modal').join('\n')).toContain(told)
  })
