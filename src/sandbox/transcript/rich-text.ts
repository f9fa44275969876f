import type { Block } from '../slack/index.ts'
import type { Onlooker } from './mrkdwn.ts'
import { readable } from './mrkdwn.ts'
import { wrapped } from './width.ts'

/** Lines of a `rich_text` block. */
export function richTextLines(block: Block, onlooker: Onlooker, width: number): string[] {
  return partsOf(block).flatMap((part) => {
    switch (part.type) {
      case 'rich_text_preformatted':
        return barred('▏ ', textOf(part, onlooker), width)
      case 'rich_text_quote':
        return barred('> ', textOf(part, onlooker), width)
      case 'rich_text_list':
        return partsOf(part).flatMap((item, index) => {
          const mark = part.style === 'ordered' ? `${index + 1}. ` : '• '
          return wrapped(textOf(item, onlooker), width - mark.length).map(
            (line, row) => (row === 0 ? mark : ' '.repeat(mark.length)) + line,
          )
        })
      default:
        return wrapped(textOf(part, onlooker), width)
    }
  })
}

function barred(bar: string, text: string, width: number): string[] {
  return wrapped(text, width - bar.length).map((line) => bar + line)
}

function textOf(part: Block, onlooker: Onlooker): string {
  return partsOf(part)
    .map((piece) => {
      switch (piece.type) {
        case 'user':
          return readable(`<@${piece.user_id}>`, onlooker)
        case 'channel':
          return readable(`<#${piece.channel_id}>`, onlooker)
        case 'usergroup':
          return readable(`<!subteam^${piece.usergroup_id}>`, onlooker)
        case 'date':
          return readable(`<!date^${piece.timestamp}^${piece.format}|${piece.fallback ?? ''}>`, onlooker)
        case 'link':
          return String(piece.text ?? piece.url)
        case 'emoji':
          return `:${piece.name}:`
        default:
          return String(piece.text ?? `(${piece.type})`)
      }
    })
    .join('')
}

function partsOf(block: Block): Block[] {
  return Array.isArray(block.elements) ? (block.elements as Block[]) : []
}
