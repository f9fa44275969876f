import type { Block } from '../types.ts'

/** A message's text over all its blocks. Slack names no number: https://github.com/slackapi/bolt-js/issues/2509 */
const MOST_TEXT = 12_000
/**
 * Blocks weigh something themselves: 11,341 characters were refused in 45 blocks, 9,597 taken in 50, 13,297 taken in one.
 * Measured in the field: https://github.com/slackapi/bolt-js/issues/2867
 */
const MOST_WEIGHT = 13_200
const BLOCK_WEIGHT = 50
/** They have limits of their own. */
const TABLES = new Set(['table', 'data_table'])

/** Whether Slack refuses these blocks of one message with `msg_blocks_too_long`. */
export function isTooLong(blocks: Block[]): boolean {
  const text = blocks
    .filter(({ type }) => !TABLES.has(type))
    .reduce((sum, block) => sum + textLength(block), 0)
  return text > MOST_TEXT || text + blocks.length * BLOCK_WEIGHT > MOST_WEIGHT
}

/** Characters of every text in it, however deep, as Slack keeps them: with `&`, `<` and `>` as entities. */
export function textLength(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0
  if (Array.isArray(node)) return node.reduce((sum: number, item) => sum + textLength(item), 0)
  const { type, text } = node as Block
  const own = typeof text === 'string' ? (type === 'mrkdwn' ? text.length : escapedLength(text)) : 0
  return Object.values(node).reduce((sum, value) => sum + textLength(value), own)
}

function escapedLength(text: string): number {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').length
}
