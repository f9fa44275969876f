import { expect, test } from 'vitest'
import type { Block, View } from '../../../src/sandbox/slack/index.ts'
import { blockLines, type Drawing } from '../../../src/sandbox/transcript/blocks.ts'
import { readerAt } from './reader.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const button = (text: string) => ({ type: 'button', action_id: text, text: plain(text) })

function drawn(blocks: Block[], options: Partial<Drawing> = {}): string[] {
  return blockLines(blocks, {
    reader: readerAt('U0AGENT1', '2026-11-25T10:00:00Z'),
    width: 40,
    words: { optional: '(optional)', forExample: 'e.g.' },
    strong: (text) => `**${text}**`,
    ...options,
  })
}

test('draws a header, text, fields in two columns, and buttons', () => {
  expect(
    drawn([
      { type: 'header', text: plain('Coupon issued') },
      { type: 'section', text: mrkdwn('*Fee-free*, by <@U0AGENT1>'), accessory: button('More') },
      { type: 'section', fields: [mrkdwn('*To* x'), mrkdwn('*Coupon* ¥10'), mrkdwn('*Left* 3')] },
      { type: 'divider' },
      { type: 'actions', elements: [button('Look up'), button('Give another')] },
    ]),
  ).toEqual([
    '**Coupon issued**',
    'Fee-free, by @ada',
    '[More]',
    'To x                 Coupon ¥10',
    'Left 3',
    '────────────────────',
    '[Look up]  [Give another]',
  ])
})

test('takes no marks off plain text', () => {
  expect(drawn([{ type: 'section', text: plain('*as typed* <@U0AGENT1>') }])).toEqual([
    '*as typed* <@U0AGENT1>',
  ])
})

test('puts parts of a context side by side where they fit', () => {
  const id = '0123456789012345678901234567890123456789'
  expect(drawn([{ type: 'context', elements: [mrkdwn('one'), mrkdwn('two'), mrkdwn(`\`${id}\``)] }])).toEqual(
    ['one · two', id],
  )
})

const openid: Block = {
  type: 'input',
  block_id: 'openid',
  label: plain('openid'),
  hint: plain('28 characters'),
  element: { type: 'plain_text_input', action_id: 'o', placeholder: plain('oUpF') },
}
const option = { text: plain('¥10'), value: 'ten' }
const coupon: Block = {
  type: 'input',
  block_id: 'coupon',
  label: plain('Coupon kind'),
  element: { type: 'static_select', action_id: 'c', placeholder: plain('Choose one'), options: [option] },
}
const note: Block = {
  type: 'input',
  block_id: 'note',
  optional: true,
  label: plain('Note'),
  element: { type: 'plain_text_input', action_id: 'n' },
}
const nothing: View['state']['values'] = {
  openid: { o: { type: 'plain_text_input', value: null } },
  coupon: { c: { type: 'static_select', selected_option: null } },
  note: { n: { type: 'plain_text_input', value: null } },
}

test('draws empty inputs with what Slack shows in them, apart from the rest', () => {
  const said = { type: 'context', elements: [mrkdwn('Fill it in.')] }
  expect(drawn([said, openid, coupon, note], { view: { state: { values: nothing }, errors: {} } })).toEqual([
    'Fill it in.',
    '',
    'openid       [  ] e.g. oUpF',
    '  28 characters',
    'Coupon kind  [ Choose one ▾ ]',
    'Note         [  ] (optional)',
  ])
})

test('draws what inputs hold, and an error in place of a hint', () => {
  const values = {
    ...nothing,
    openid: { o: { type: 'plain_text_input', value: 'o x' } },
    coupon: { c: { type: 'static_select', selected_option: option } },
  } as View['state']['values']
  const errors = { openid: 'This has a space.' }
  expect(drawn([openid, coupon], { view: { state: { values }, errors } })).toEqual([
    'openid       [ o x ]',
    '  ! This has a space.',
    'Coupon kind  [ ¥10 ▾ ]',
  ])
})

test('draws rich text: what is to be copied behind a bar, lists, mentions', () => {
  const text = (value: string) => ({ type: 'text', text: value })
  const part = (kind: string, ...elements: object[]) => ({ type: kind, elements })
  const item = (value: string) => part('rich_text_section', text(value))
  expect(
    drawn([
      part(
        'rich_text',
        part('rich_text_section', text('For '), { type: 'user', user_id: 'U0AGENT1' }),
        part('rich_text_preformatted', text('We have added a coupon to your account.')),
        part('rich_text_list', item('one'), item('two')),
      ),
    ]),
  ).toEqual(['For @ada', '▏ We have added a coupon to your', '▏ account.', '• one', '• two'])
})

test('names a block that it can not draw', () => {
  expect(drawn([{ type: 'video' }])).toEqual(['(video)'])
})

test('draws a menu with what is in it, and a table in columns that fit, numbers to the right', () => {
  const text = (value: string) => ({ type: 'raw_text', text: value })
  const option = (value: string) => ({ text: plain(value), value })
  const fen = (value: number) => ({ type: 'raw_number', value, text: `¥${value / 100}` })
  expect(
    drawn([
      {
        type: 'actions',
        elements: [button('Go'), { type: 'overflow', options: [option('History'), option('Ids')] }],
      },
      {
        type: 'data_table',
        caption: 'Coupons',
        rows: [
          [text('User'), text('状态'), text('Left')],
          [text('oUpF…jWeS6o'), text('可使用，尚未使用过的提现免费券'), fen(1000)],
          [
            { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [text('oUpF…0JnCxQ')] }] },
            text('已过期'),
            fen(50),
          ],
        ],
      },
    ]),
  ).toEqual([
    '[Go]  [⋯ History, Ids]',
    '**Coupons**',
    '**User         状态                   Left**',
    'oUpF…jWeS6o  可使用，尚未使用过的    ¥10',
    '             提现免费券',
    'oUpF…0JnCxQ  已过期                 ¥0.5',
  ])
})

test('draws a chart as bars, with what each is called and says', () => {
  const points = (name: string, ...values: number[]) => ({
    name,
    data: values.map((value, index) => ({ label: `0${index + 1}`, value })),
  })
  const axis_config = { categories: ['01', '02', '03'] }
  const bars = { type: 'bar', series: [points('Coupons', 0, 24, 1)], axis_config }
  expect(drawn([{ type: 'data_visualization', title: 'By day', chart: bars }])).toEqual([
    '**By day**',
    '01  0',
    `02 24 ${'█'.repeat(24)}`,
    '03  1 █',
  ])
  const two = { ...bars, type: 'line', series: [points('a', 1), points('b', 2)] }
  expect(drawn([{ type: 'data_visualization', title: 'Two', chart: two }])).toEqual([
    '**Two**',
    `01 a 1 ${'█'.repeat(12)}`,
    `01 b 2 ${'█'.repeat(24)}`,
  ])
})
