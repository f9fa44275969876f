import type { Refusal } from '../../domain/ask.ts'
import type { Policy } from '../../domain/policy.ts'
import { cut, inOneLine } from '../../domain/text.ts'
import type { NotDone } from '../../grants/index.ts'
import { type Dates, mentions, type Reader } from './reader.ts'
import { type Message, message, safe, section, typed, upTo } from './text.ts'
import type { Words } from './words/en/index.ts'

/** Whether nothing was done, or the app isn't sure; `explain` says which. */
export function isNotDone<O extends { kind: string }>(outcome: O): outcome is Extract<O, NotDone> {
  return ['refused', 'gone', 'busy', 'not-sure'].includes(outcome.kind)
}

/**
 * Says why nothing was done, or that the app isn't sure.
 * @param with.says what helps here if the ledger can't be reached: where to look, what to press again
 */
export function explain(
  outcome: NotDone,
  { policy, reader, says }: { policy: Policy; reader: Reader; says: { busy: string; notSure: string } },
): Message {
  switch (outcome.kind) {
    case 'refused':
      return refusalBlocks([outcome.refusal], policy, reader)
    case 'gone':
      return message(reader.words.notice.gone)
    case 'busy':
      return message(says.busy)
    case 'not-sure':
      return message(says.notSure)
  }
}

/** Refusals that may need a change of the set-up or the policy: the answer names the people who can make it. */
const operatorsHelp: readonly Refusal['code'][] = [
  'roles-unknown',
  'approvers-unknown',
  'earlier-approvers-unknown',
  'no-approvers',
  'channel-unusable',
  'stock-left',
  'limit-reached',
]

/** Why something was refused and whom to ask, for a message or a view. */
export function refusalBlocks(
  refusals: readonly Refusal[],
  policy: Policy,
  { words, dates }: Reader,
): Message {
  const texts = upTo(10, [...new Set(refusals.map((refusal) => refusalText(refusal, words, dates)))], words)
  const people = mentions(policy.roles.operator, words)
  const aboutRoles = refusals.some(({ code }) => code === 'role-missing')
  const forOperators = !aboutRoles && refusals.some(({ code }) => operatorsHelp.includes(code))
  return {
    // Slack reads this as mrkdwn, in which a typed text could become a mention.
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

/** Why something was refused; plain text, as it may hold what a person typed. */
export function refusalText(refusal: Refusal, words: Words, dates: Dates): string {
  const says = words.refusal
  switch (refusal.code) {
    case 'not-a-member':
      return says.standing(refusal.standing)
    case 'no-decider':
      return words.away.noDecider(refusal.who, refusal.id)
    case 'own-stand-in':
      return words.away.ownStandIn
    case 'absence-time':
      return words.away.time(refusal.days)
    case 'roles-unknown':
      return says.rolesUnknown
    case 'cut-off':
      return says.cutOff
    case 'role-missing':
      return says.roleMissing(refusal.role)
    case 'openid-malformed':
      switch (refusal.problem.kind) {
        case 'empty':
          return says.openidEmpty
        case 'union':
          return says.openidUnion
        case 'length':
          return says.openidLength(refusal.problem.length)
        case 'start':
          return says.openidStart(visible(refusal.problem.character))
        case 'pattern':
          return says.openidPattern
        case 'too-long':
          return says.openidTooLong(refusal.problem.length)
        case 'character':
          return says.openidCharacter(visible(refusal.problem.character), refusal.problem.position)
      }
      break
    case 'stock-unknown':
      return says.stockUnknown(inOneLine(refusal.stock, 60))
    case 'reason-unknown':
      return says.reasonUnknown(inOneLine(refusal.reason, 60))
    case 'note-missing':
      return says.noteMissing
    case 'note-too-long':
      return says.noteTooLong(refusal.length, refusal.max)
    case 'ticket-missing':
      return says.ticketMissing
    case 'ticket-malformed':
      return says.ticketMalformed(refusal.example && cut(refusal.example, 100))
    case 'limit-reached':
      return says.limit(
        refusal.limit,
        refusal.measure,
        refusal.used,
        refusal.max,
        refusal.adding,
        refusal.days,
      )
    case 'not-correctable':
      return says.notCorrectable
    case 'own-grant':
      return says.ownGrant
    case 'stock-left':
      return says.stockLeft(refusal.stock.slice(0, 60))
    case 'why-missing':
      return says.whyMissing
    case 'no-approvers':
      return says.noApprovers(refusal.needed, refusal.reachable)
    case 'approvers-unknown':
      return says.approversUnknown
    case 'earlier-approvers-unknown':
      return says.earlierApproversUnknown
    case 'proposer-unknown':
      return says.proposerUnknown
    case 'channel-unusable':
      return says.channel(refusal.why)
    case 'erased':
      return words.erasure.gone
    case 'own-erasure':
      return words.erasure.own
    case 'asker-unknown':
      return words.erasure.askerUnknown
    case 'own-settlement':
      return says.ownSettlement
    case 'evidence-missing':
      return says.evidenceMissing
    case 'evidence-too-long':
      return says.evidenceTooLong(refusal.length, refusal.max)
    case 'coupon-id-malformed':
      return says.couponIdMalformed
    case 'coupon-taken':
      return says.couponTaken
    case 'lookups-reached':
      return says.lookups(refusal.max, dates.words(refusal.againAt))
  }
  return refusal satisfies never
}

/** Names an invisible character by its number. */
function visible(character: string): string {
  if (character === ' ' || !/[\p{C}\p{Z}\p{M}]/u.test(character)) return character
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
