import type { AnyBlock } from '@slack/types'
import type { Policy } from '../domain/policy.ts'
import type { Refusal } from '../domain/refusal.ts'
import { mentions, type Reader } from './reader.ts'
import { safe, section, typed, upTo } from './text.ts'
import { refusalText } from './words/index.ts'

/** What only a change of the set-up, or of the policy, may help: who can change it is named. */
const operatorsHelp: readonly Refusal['code'][] = [
  'roles-unknown',
  'approvers-unknown',
  'earlier-approvers-unknown',
  'no-approvers',
  'channel-unusable',
  'stock-left',
  'limit-reached',
]

/** Why something is not done and whom to ask, for a message or a view. */
export function refusalBlocks(
  refusals: readonly Refusal[],
  policy: Policy,
  { words, dates }: Reader,
): { text: string; blocks: AnyBlock[] } {
  const texts = upTo(10, [...new Set(refusals.map((refusal) => refusalText(refusal, words, dates)))], words)
  const people = mentions(policy.roles.operator, words)
  const aboutRoles = refusals.some(({ code }) => code === 'role-missing')
  const forOperators = !aboutRoles && refusals.some(({ code }) => operatorsHelp.includes(code))
  return {
    // Slack reads it as mrkdwn, where what a person typed could become a mention.
    text: safe(texts.join(words.gap), 3000),
    blocks: [
      ...texts.map((text) => typed(text)),
      ...(aboutRoles ? [section(people ? words.refusal.ask(people) : words.refusal.askSomebody)] : []),
      ...(forOperators
        ? [section(people ? words.refusal.operators(people) : words.refusal.noOperators)]
        : []),
    ],
  }
}
