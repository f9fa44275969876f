import { didYouMean } from '../../domain/did-you-mean.ts'
import { commands } from '../ids.ts'
import { after, asTyped, loosely, MAX_TYPED, markApart, wordsOf } from '../typed-text.ts'
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

/** Longer than any command with what people put around it. */
const FIRST_WORDS = 200

/** Whether what was typed changes something at once, without a form. @param text as it came from Slack */
export function isOrder(text: string): boolean {
  return orders.includes(parseSubcommand(asTyped(text.slice(0, MAX_TYPED))).name)
}

/** Reads the first word after the command; nothing at all asks for help. */
export function parseSubcommand(typed: string): Parsed {
  const text = unfenced(typed)
  const [first] = wordsOf(text.slice(0, FIRST_WORDS))
  if (!first) return { name: 'help', rest: '' }
  const word = loosely(first.text)
  const name = spelled.get(word)
  if (name) return { name, rest: after(text, [first], 1) }
  const apart = markApart(text)
  if (apart !== text) {
    const parsed = parseSubcommand(apart)
    if (parsed.name !== null) return parsed
  }
  return { name: null, typed: first.text, meant: didYouMean(word, spelled.keys()) }
}

/** Without the command itself and the marks of code, as it is copied from this app's own messages. */
function unfenced(typed: string): string {
  const text = typed.trim()
  const open = /^`{1,3}/.exec(text)?.[0] ?? ''
  const isFenced = open !== '' && text.endsWith(open) && !text.slice(open.length, -open.length).includes('`')
  const inside = isFenced ? text.slice(open.length, -open.length).trim() : text
  const [first] = wordsOf(inside.slice(0, FIRST_WORDS))
  return first && loosely(first.text) === commands.coupon ? after(inside, [first], 1) : inside
}
