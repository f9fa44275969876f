import type { AnyBlock, KnownBlock, SectionBlock } from '@slack/types'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/check.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import {
  context,
  fitMessage,
  fitText,
  fitView,
  header,
  linesThatFit,
  section,
  sections,
  typed,
} from '../../../src/slack/blocks/text.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../../src/slack/blocks/words/zh-cn/index.ts'

const button = (value: string) => ({
  type: 'button' as const,
  action_id: `go-${value}`,
  text: { type: 'plain_text' as const, text: value },
  value,
})
const row = (value: string): AnyBlock => ({ type: 'actions', elements: [button(value)] })
const textOf = (block: AnyBlock | undefined) => (block as SectionBlock).text?.text ?? ''

test('leaves what fits as it is', () => {
  const blocks = [header('Title'), section('x'.repeat(3000)), row('1'), context('small')]
  expect(fitMessage({ text: 'Title', blocks }, en)).toEqual({ text: 'Title', blocks })
})

test('cuts the longest texts to the same length, says how much more there is, and keeps short ones and buttons', () => {
  const blocks = [
    header('Title'),
    typed('a'.repeat(3000)),
    section('short'),
    ...[1, 2, 3, 4].map((n) => section(`${n}`.repeat(2900))),
    row('1'),
  ]
  for (const words of [en, zhCN]) {
    const fitted = fitMessage({ blocks }, words).blocks
    expect(checkBlocks(fitted, 'message')).toEqual([])
    expect(fitted.map(({ type }) => type)).toEqual(blocks.map(({ type }) => type))
    expect(textOf(fitted[2])).toBe('short')
    const long = [1, 3, 4, 5, 6].map((at) => textOf(fitted[at]))
    expect(
      Math.max(...long.map(({ length }) => length)) - Math.min(...long.map(({ length }) => length)),
    ).toBeLessThanOrEqual(1)
    const shown = long[0]?.replace(/[^a].*$/u, '').length ?? 0
    expect(shown).toBeGreaterThan(1900)
    expect(long[0]).toBe('a'.repeat(shown) + words.cut.characters(3000 - shown))
  }
  expect(textOf(blocks[1])).toHaveLength(3000)
})

test('cuts between lines where there are several, and counts them', () => {
  const lines = Array.from({ length: 30 }, (_, n) => `${n}: ${'x'.repeat(90)}`)
  const blocks = Array.from({ length: 5 }, () => section(lines.join('\n')))
  const text = textOf(fitMessage({ blocks }, en).blocks[0]).split('\n')
  expect(text.slice(0, -1)).toEqual(lines.slice(0, text.length - 1))
  expect(text.at(-1)).toBe(`…and ${30 - (text.length - 1)} more lines`)
})

test('cuts no mention, date, entity, code or character in two', () => {
  const unit = fc.constantFrom('<@U0LEAD1>', '<!date^1^{date}|x y>', '&amp;', '`code` ', '😀', 'text ', '券')
  const long = fc.array(unit, { minLength: 400, maxLength: 400 }).map((units) => units.join(''))
  fc.assert(
    fc.property(fc.array(long, { minLength: 8, maxLength: 8 }), (texts) => {
      const blocks = texts.map((text) => ({
        type: 'section' as const,
        text: { type: 'mrkdwn' as const, text },
      }))
      for (const block of fitMessage({ blocks }, en).blocks) {
        const text = textOf(block).replaceAll(/<[^<>]*>|&(?:amp|lt|gt);/g, '')
        expect(text).not.toMatch(/[<>&]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
        expect(text.split('`').length % 2).toBe(1)
      }
    }),
    { numRuns: 20, endOnFailure: true },
  )
})

const anyText = fc.oneof(
  fc.constantFrom(1, 75, 2000, 3000).map((length) => '券'.repeat(length)),
  fc.constantFrom('&', '<', '`', '\n', 'x\n', '😀', 'a b ').map((unit) => unit.repeat(3000).slice(0, 3000)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500, size: 'max' }),
)
const anyBlock: fc.Arbitrary<KnownBlock> = fc.oneof(
  anyText.map((text) => typed(text)),
  anyText.map((text) => section(text.replaceAll(/[&<>]/g, 'x'))),
  fc
    .array(anyText, { minLength: 1, maxLength: 12 })
    .map((texts) => context(...texts.map((text) => text || ' '))),
  fc.array(anyText, { minLength: 1, maxLength: 10 }).map((texts) => ({
    type: 'section' as const,
    fields: texts.map((text) => ({ type: 'plain_text' as const, text: text.slice(0, 2000) })),
  })),
  fc.constant(row('1') as KnownBlock),
)

test('whatever it is made of, a message and a view are what Slack takes, and no button is lost', () => {
  fc.assert(
    fc.property(
      fc.array(anyBlock, { minLength: 1, maxLength: 50, size: 'max' }),
      fc.constantFrom(en, zhCN),
      (blocks, words) => {
        const fitted = fitMessage({ text: 'x'.repeat(9000), blocks }, words)
        expect(checkBlocks(fitted.blocks, 'message')).toEqual([])
        expect(fitted.blocks.map(({ type }) => type)).toEqual(blocks.map(({ type }) => type))
        expect(fitted.text.length).toBeLessThanOrEqual(4000)
        const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'T' } }
        const shown = fitView({ ...view, blocks: [...blocks, ...blocks] }, words)
        expect(checkView(shown, 'modal')).toEqual([])
        expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThan(250_000)
      },
    ),
    { numRuns: 30, endOnFailure: true },
  )
})

test('of too many blocks it shows the first and the last, and how many more there are', () => {
  const blocks = Array.from({ length: 70 }, (_, n) => section(`${n}`))
  const fitted = fitMessage({ blocks }, en).blocks
  expect(fitted).toHaveLength(50)
  expect(fitted.slice(0, 48)).toEqual(blocks.slice(0, 48))
  expect(fitted.slice(48)).toEqual([context('…and 21 more'), section('69')])
})

test('of too many blocks it keeps every button, and the texts that stand first', () => {
  const blocks = Array.from({ length: 30 }, (_, n) => [
    { ...section(`${n}`), ...(n % 2 === 0 ? {} : { accessory: button(`${n}`) }) },
    ...(n % 2 === 0 ? [row(`${n}`)] : [context(`${n}`)]),
  ]).flat()
  const fitted = fitMessage({ blocks }, en).blocks
  const buttons = (all: AnyBlock[]) => all.filter((block) => block.type === 'actions' || 'accessory' in block)
  expect(fitted).toHaveLength(50)
  expect(buttons(fitted)).toEqual(buttons(blocks))
  expect(fitted.slice(0, 30)).toEqual(blocks.slice(0, 30))
  expect(fitted).toContainEqual(context('…and 11 more'))
  expect(fitted.at(-1)).toEqual(blocks.at(-1))
})

test('shortens the text that stands for a message, whole mentions kept', () => {
  expect(fitText('short')).toBe('short')
  const text = fitText('<@U0LEAD1> '.repeat(500))
  expect(text.length).toBeLessThanOrEqual(3900)
  expect(text).toMatch(/^(<@U0LEAD1> )+…$/)
})

test('a list of lines ends where the room ends, with how many more there are', () => {
  const lines = Array.from({ length: 60 }, (_, n) => `policy.yaml:${n}:1 ${'x'.repeat(180)}`)
  const { shown, rest } = linesThatFit(lines, en.cut.more)
  expect(shown).toEqual(lines.slice(0, shown.length))
  expect(shown.length).toBeGreaterThan(35)
  expect(rest).toEqual([context(`…and ${60 - shown.length} more`)])
  expect(linesThatFit(lines.slice(0, 5), en.cut.more)).toEqual({ shown: lines.slice(0, 5), rest: [] })
  expect(checkBlocks([...sections(shown, typed), ...rest], 'message')).toEqual([])
})
