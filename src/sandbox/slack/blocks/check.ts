import type { Block } from '../types.ts'

export type Surface = 'message' | 'modal' | 'home'

/** What Slack would refuse in these blocks, each with a pointer to the place; empty when they pass. */
export function checkBlocks(blocks: unknown, _surface: Surface, at = '/blocks'): string[] {
  if (!Array.isArray(blocks)) return [`[ERROR] must be an array [json-pointer:${at}]`]
  return blocks.flatMap((block, index) =>
    typeof block === 'object' && block !== null && typeof (block as Block).type === 'string'
      ? []
      : [`[ERROR] missing required field: type [json-pointer:${at}/${index}]`],
  )
}
