import type { AnyBlock } from '@slack/types'
import type { Policy, Refusal } from '../domain/policy.ts'
import { mentions, type Reader } from './reader.ts'
import { section, typed } from './text.ts'
import { refusalText } from './words/index.ts'

/** Why something is not done and whom to ask, for a message or a view. */
export function refusalBlocks(
  refusals: readonly Refusal[],
  policy: Policy,
  { words, dates }: Reader,
): { text: string; blocks: AnyBlock[] } {
  const texts = [...new Set(refusals.map((refusal) => refusalText(refusal, words, dates)))].slice(0, 10)
  const people = mentions(policy.roles.operator, words)
  const aboutRoles = refusals.some(({ code }) => code === 'role-missing')
  return {
    text: texts.join(' '),
    blocks: [
      ...texts.map((text) => typed(text)),
      ...(people && aboutRoles ? [section(words.refusal.ask(people))] : []),
    ],
  }
}
