import type { Block, View } from '../slack/index.ts'
import { type FieldWords, fieldLines, valueText } from './fields.ts'
import { type Onlooker, readable } from './mrkdwn.ts'
import { richTextLines } from './rich-text.ts'
import { padded, widthOf, wrapped } from './width.ts'

/** How a block of Slack looks as plain lines. */
export interface Drawing {
  onlooker: Onlooker
  /** Columns. */
  width: number
  /** Of a view: what its inputs hold and what is wrong with them. */
  view?: Pick<View, 'state' | 'errors'>
  words: FieldWords
  /** Lets a line stand out, where the terminal can. */
  strong: (text: string) => string
}

/** Lines of a message's or a view's blocks. */
export function blockLines(blocks: readonly Block[], drawing: Drawing): string[] {
  const labels = blocks.filter(({ type }) => type === 'input').map(({ label }) => widthOf(plainText(label)))
  const labelWidth = Math.min(30, Math.max(0, ...labels) + 2)
  return blocks.flatMap((block, index) => {
    const before = blocks[index - 1]
    // Inputs stand apart from what is said about them.
    const isApart = before && (before.type === 'input') !== (block.type === 'input')
    return [...(isApart ? [''] : []), ...oneBlock(block, labelWidth, drawing)]
  })
}

function oneBlock(block: Block, labelWidth: number, drawing: Drawing): string[] {
  const { onlooker, width, strong } = drawing
  const inline = (value: unknown) => textOf(value, onlooker)
  switch (block.type) {
    case 'header':
      return wrapped(inline(block.text), width).map(strong)
    case 'section':
      return sectionLines(block, drawing)
    case 'context':
      return contextLines(elementsOf(block).map(inline), width)
    case 'actions':
      return wrapped(elementsOf(block).map(elementText).join('  '), width)
    case 'input':
      return fieldLines(block, { labelWidth, ...drawing })
    case 'rich_text':
      return richTextLines(block, onlooker, width)
    case 'divider':
      return ['─'.repeat(Math.min(width, 20))]
    case 'image':
      return wrapped(`(${plainText(block.title) || String(block.alt_text ?? 'image')})`, width)
    default:
      // Better than nothing: the app has begun to use a block that is not drawn yet.
      return [`(${block.type})`]
  }
}

function sectionLines(block: Block, { onlooker, width }: Drawing): string[] {
  const text = block.text === undefined ? [] : wrapped(textOf(block.text, onlooker), width)
  const fields = (Array.isArray(block.fields) ? block.fields : []).map((field) => textOf(field, onlooker))
  const accessory = block.accessory as Block | undefined
  return [...text, ...fieldsInColumns(fields, width), ...(accessory ? [elementText(accessory)] : [])]
}

/** Two in a row, as Slack lays them out. */
function fieldsInColumns(fields: string[], width: number): string[] {
  const column = Math.floor((width - 2) / 2)
  const lines: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const left = wrapped(fields[index] ?? '', column)
    const right = wrapped(fields[index + 1] ?? '', column)
    for (let row = 0; row < Math.max(left.length, right.length); row++)
      lines.push(`${padded(left[row] ?? '', column)}  ${right[row] ?? ''}`.trimEnd())
  }
  return lines
}

/** Side by side where they fit, so that no id is torn apart. */
function contextLines(texts: string[], width: number): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const joined = lines.length > 0 ? `${lines.at(-1)} · ${text}` : text
    if (lines.length > 0 && widthOf(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(text)
  }
  return lines.flatMap((line) => wrapped(line, width))
}

/** A button as `[Give coupon]`, a select as `[what is chosen ▾]`. */
function elementText(element: Block): string {
  if (element.type === 'button') return `[${plainText(element.text)}]`
  return `[${valueText(element, undefined)} ▾]`
}

function textOf(value: unknown, onlooker: Onlooker): string {
  const { type, text } = Object(value) as { type?: unknown; text?: unknown }
  if (type === 'mrkdwn') return readable(String(text), onlooker)
  return type === 'image' ? `(${String((value as Block).alt_text)})` : plainText(value)
}

function plainText(value: unknown): string {
  return String((Object(value) as { text?: unknown }).text ?? '')
}

function elementsOf(block: Block): Block[] {
  return Array.isArray(block.elements) ? (block.elements as Block[]) : []
}
