import type { AnyBlock, KnownBlock, ModalView } from '@slack/types'
import { context, cut, wholePrefix } from './text.ts'
import type { Words } from './words/index.ts'

/**
 * The last step of every message and view: what Slack would refuse as too long is cut, saying how much more there is.
 * No button, input or title is lost: the longest texts give way first, all of them to the same length.
 */

interface Limits {
  blocks: number
  /** What all texts together may be, by `measure`. */
  text: number
  measure: (text: string, isMarked: boolean) => number
}

/**
 * Slack refuses a message of more than about 12,000 characters (`msg_blocks_too_long`, measured in the field) and counts
 * its blocks a little too: the rest is for those.
 */
const MESSAGE: Limits = {
  blocks: 50,
  text: 10_000,
  measure: (text, isMarked) => (isMarked ? text.length : escapedLength(text)),
}
/** A view may be of 250 kB, its ids and the JSON around its texts included. */
const VIEW: Limits = {
  blocks: 100,
  text: 220_000,
  measure: (text) => Buffer.byteLength(JSON.stringify(text)),
}
/** `chat.update` takes no longer text beside the blocks. */
const MOST_FALLBACK = 3900

/** A message as Slack takes it, whatever people, the policy and WeChat Pay say. */
export function fitMessage<M extends { blocks: AnyBlock[]; text?: string }>(message: M, words: Words): M {
  const { text } = message
  return {
    ...message,
    ...(text === undefined ? {} : { text: fitText(text) }),
    blocks: fitBlocks(message.blocks, MESSAGE, words),
  }
}

/** A message's text, which stands for its blocks where they can't be shown. */
export function fitText(text: string): string {
  return text.length <= MOST_FALLBACK ? text : `${wholePrefix(text, MOST_FALLBACK - 1)}…`
}

/** The same for a view. */
export function fitView(view: ModalView, words: Words): ModalView {
  return { ...view, blocks: fitBlocks(view.blocks, VIEW, words) as ModalView['blocks'] }
}

function fitBlocks(blocks: AnyBlock[], limits: Limits, words: Words): AnyBlock[] {
  const few = fewBlocks(blocks, limits.blocks, words)
  const over = textOf(few, limits) - limits.text
  if (over <= 0) return few
  const copy = structuredClone(few)
  const parts = partsOf(copy).map((part) => ({ part, size: sizeOf(part, limits) }))
  const room = parts.reduce((sum, { size }) => sum + size, 0) - over
  const most = evenMost(
    parts.map(({ size }) => size),
    room,
  )
  for (const { part, size } of parts) if (size > most) part.text = shortened(part, most, limits, words)
  return copy
}

/** The end of a message is where its last buttons are: what stands before it gives way. */
function fewBlocks(blocks: AnyBlock[], most: number, words: Words): AnyBlock[] {
  const left = blocks.length - most
  if (left <= 0) return blocks
  return [...blocks.slice(0, most - 2), context(words.cut.more(left + 1)), ...blocks.slice(-1)]
}

interface Part {
  type: string
  text: string
}

/** The texts that may be cut: not those of titles, buttons, options and labels, which are short and carry the meaning. */
function partsOf(blocks: AnyBlock[]): Part[] {
  return (blocks as KnownBlock[]).flatMap((block): Part[] => {
    if (block.type === 'section')
      return [block.text, ...(block.fields ?? [])].filter((text) => text !== undefined)
    if (block.type === 'context') return block.elements.filter((element) => 'text' in element)
    return block.type === 'rich_text' ? piecesOf(block.elements) : []
  })
}

/** The texts of rich text, however deep. */
function piecesOf(nodes: readonly object[]): Part[] {
  return nodes.flatMap((node) => [
    ...('text' in node && typeof node.text === 'string' ? [node as Part] : []),
    ...('elements' in node ? piecesOf(node.elements as object[]) : []),
  ])
}

function sizeOf({ type, text }: Part, { measure }: Limits): number {
  return measure(text, type === 'mrkdwn')
}

/** Of every text in it, however deep. */
function textOf(node: unknown, limits: Limits): number {
  if (typeof node !== 'object' || node === null) return 0
  const { text, type } = node as Partial<Part>
  const own = typeof text === 'string' ? sizeOf({ text, type: String(type) }, limits) : 0
  return Object.values(node).reduce((sum: number, value) => sum + textOf(value, limits), own)
}

function escapedLength(text: string): number {
  return text.length + 4 * (text.match(/&/g)?.length ?? 0) + 3 * (text.match(/[<>]/g)?.length ?? 0)
}

/** The most that each may be, so that all together have room: short ones keep what they have. */
function evenMost(sizes: number[], room: number): number {
  let left = Math.max(0, room)
  const sorted = sizes.toSorted((a, b) => a - b)
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index))
    if (size > share) return share
    left -= size
  }
  return Number.POSITIVE_INFINITY
}

/** The longest beginning that is short enough with what is said of the rest. */
function shortened(part: Part, most: number, limits: Limits, words: Words): string {
  let [fits, tooLong] = [0, part.text.length]
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2)
    const text = beginning(part, middle, words)
    if (sizeOf({ ...part, text }, limits) <= most) fits = middle
    else tooLong = middle
  }
  const text = beginning(part, fits, words)
  return sizeOf({ ...part, text }, limits) <= most ? text : '…'
}

/** Whole lines where it has several, else as much of the text as that. */
function beginning({ type, text }: Part, length: number, words: Words): string {
  const end = text.lastIndexOf('\n', length)
  if (end > length / 2) {
    const lines = text.slice(end + 1).split('\n').length
    return `${text.slice(0, end)}\n${words.cut.lines(lines)}`
  }
  const begun = type === 'mrkdwn' ? wholePrefix(text, length) : cut(text.slice(0, length), length)
  return begun + words.cut.characters([...text].length - [...begun].length)
}
