import type { AnyBlock, ModalView } from '@slack/types'
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

/** No text of a block is longer. */
const MOST_OF_ONE = 3000
/** Of less than this only that there is something is told. */
const SHORTEST = 25

/** A message as Slack takes it, whatever people, the policy and WeChat Pay say. */
export function fitMessage<M extends { text?: string; blocks?: AnyBlock[] }>(message: M, words: Words): M {
  const { text, blocks } = message
  return {
    ...message,
    ...(text && { text: fitText(text) }),
    ...(blocks && { blocks: fitBlocks(blocks, MESSAGE, words) }),
  }
}

/** A message's text, which stands for its blocks where they can't be shown. */
export function fitText(text: string, most = MOST_FALLBACK): string {
  return text.length <= most ? text : `${wholePrefix(text, most - 2)}…`
}

/** The same for a view. */
export function fitView(view: ModalView, words: Words): ModalView {
  return { ...view, blocks: fitBlocks(view.blocks, VIEW, words) as ModalView['blocks'] }
}

function fitBlocks(blocks: AnyBlock[], limits: Limits, words: Words): AnyBlock[] {
  const fitted = structuredClone(fewBlocks(blocks, limits.blocks, words))
  const all = textsIn(fitted)
  const isOver = () =>
    all.reduce((sum, { type, text }) => sum + limits.measure(text, type === 'mrkdwn'), 0) > limits.text
  if (!isOver()) return fitted
  const wholes = textsIn(fitted.filter(isTextOnly)).map((part) => ({ part, whole: { ...part } }))
  const cutTo = (most: number) => {
    for (const { part, whole } of wholes) {
      const begun = whole.text.length > most ? beginning(whole, most, words) : whole.text
      // With what is said of the rest it could be longer than it was.
      part.text = begun.length < whole.text.length ? begun : whole.text
    }
  }
  let [fits, tooMuch] = [0, MOST_OF_ONE]
  while (tooMuch - fits > 1) {
    const most = Math.floor((fits + tooMuch) / 2)
    cutTo(most)
    if (isOver()) tooMuch = most
    else fits = most
  }
  cutTo(fits)
  return fitted
}

/** What gives way stands last, before the end of the message. No button does. */
function fewBlocks(blocks: AnyBlock[], most: number, words: Words): AnyBlock[] {
  const left = blocks.length - most
  if (left <= 0) return blocks
  const cut = blocks
    .slice(1, -1)
    .filter(isTextOnly)
    .slice(-left - 1)
  const more = context(words.cut.more(cut.length))
  return blocks.flatMap((block) => (block === cut[0] ? more : cut.includes(block) ? [] : block))
}

function isTextOnly(block: AnyBlock): boolean {
  return ['section', 'context', 'rich_text'].includes(block.type) && !('accessory' in block)
}

interface Part {
  type: string
  text: string
}

/** Every text in it, however deep. */
function textsIn(node: unknown): Part[] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'text' in node && typeof node.text === 'string' ? [node as Part] : []
  return [...own, ...Object.values(node).flatMap(textsIn)]
}

function escapedLength(text: string): number {
  return text.length + 4 * (text.match(/&/g)?.length ?? 0) + 3 * (text.match(/[<>]/g)?.length ?? 0)
}

/** What is said of the rest comes on top: whole lines where it has several, else as much of the text. */
function beginning({ type, text }: Part, length: number, words: Words): string {
  if (length < SHORTEST) return '…'
  const end = text.lastIndexOf('\n', length)
  if (end > length / 2) {
    const lines = text.slice(end + 1).split('\n').length
    return `${text.slice(0, end)}\n${words.cut.lines(lines)}`
  }
  const begun = type === 'mrkdwn' ? wholePrefix(text, length) : cut(text.slice(0, length), length)
  return begun + words.cut.characters([...text].length - [...begun].length)
}
