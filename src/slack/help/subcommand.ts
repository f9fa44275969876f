import { nearest } from '../../domain/nearest.ts'
import { unescaped } from '../text.ts'
import { en } from '../words/en.ts'
import { zhCN } from '../words/zh-cn.ts'

const names = ['send', 'list', 'pending', 'mine', 'history', 'stuck', 'pause', 'resume', 'help'] as const
export type Subcommand = (typeof names)[number]
const spelled = new Map<string, Subcommand>(
  [en, zhCN].flatMap(({ subcommands }) => names.map((name) => [subcommands[name], name] as const)),
)

export type Parsed =
  | { name: Subcommand; rest: string }
  /** Not understood; `meant`: the word that it may be a slip of. */
  | { name: null; typed: string; meant: string | null }

const orders: readonly Parsed['name'][] = ['pause', 'resume']

/** Whether what was typed changes something at once, without a form. */
export function isOrder(text: string): boolean {
  return orders.includes(parseSubcommand(text).name)
}

/** Reads the first word after the command; nothing at all asks for help. */
export function parseSubcommand(text: string): Parsed {
  const [, typed = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  if (typed === '') return { name: 'help', rest: '' }
  const word = typed.toLowerCase()
  const name = spelled.get(word)
  if (name) return { name, rest: rest.trim() }
  return { name: null, typed: unescaped(typed), meant: nearest(word, spelled.keys()) }
}
