import type { AnyBlock } from '@slack/types'
import type { CustomerMatch, FindOutcome, NotFound } from '../../customers/index.ts'
import type { FindKind, FoundBy } from '../../domain/customer.ts'
import { cut } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import { kindName } from '../blocks/grant-facts.ts'
import type { Reader } from '../blocks/reader.ts'
import { context, safe, section, unformatted } from '../blocks/text.ts'
import { byCode } from '../blocks/words/index.ts'

/** The users found, in words: the same in a message and in a view. */

export type Found = Extract<FindOutcome, { kind: 'found' }>

/** The details by which a person recognises a user, for mrkdwn. */
export function matchText(match: CustomerMatch, reader: Reader): string {
  const { words, money, dates } = reader
  const { foundBy, state, label, hint } = match
  const paid =
    state === null
      ? null
      : words.find.paid(
          foundBy.amount === null ? null : money(foundBy.amount),
          foundBy.at === null ? null : dates.slack(foundBy.at),
        )
  const first = [
    ...(label === null ? [] : [unformatted(label, 80)]),
    ...(hint === null ? [] : [unformatted(hint, 120)]),
    ...(paid === null ? [] : [paid]),
    ...(state === 'refunded' ? [words.find.refunded] : []),
  ]
  return [...(first.length > 0 ? [first.join(' · ')] : []), openidText(match, reader)].join('\n')
}

function openidText({ openid }: CustomerMatch, { words }: Reader): string {
  return words.find.openid(`\`${shortOpenid(openid)}\``)
}

/** Slack takes 75 characters for an option. */
const MOST_LABEL = 72
const LEAST_LABEL = 12

/** The same details in one line of plain text, for an option. */
export function matchLabel(match: CustomerMatch, reader: Reader): string {
  const { words, money, dates } = reader
  const { foundBy, state, label } = match
  const rest = [
    ...(foundBy.amount === null ? [] : [money(foundBy.amount)]),
    ...(foundBy.at === null ? [] : [dates.words(foundBy.at)]),
    ...(state === 'refunded' ? [words.find.refunded] : []),
    shortOpenid(match.openid),
  ].join(' · ')
  // What tells two users apart comes last and is never cut.
  return label === null ? rest : `${cut(label, Math.max(LEAST_LABEL, MOST_LABEL - rest.length))} · ${rest}`
}

/** The texts above and below the matches. */
export function aroundMatches(
  { matches, more, problems }: Found,
  reader: Reader,
): { above: AnyBlock[]; below: AnyBlock[] } {
  const { find } = reader.words
  const several = matches.length > 1 ? [find.several] : []
  const ofOrder = matches.some(({ state }) => state !== null) ? [find.confirm] : []
  return {
    above:
      matches.length > 0 && several.length + ofOrder.length > 0
        ? [section([...several, ...ofOrder].join(' '))]
        : [],
    below: [...new Set(problems.map((problem) => notFoundText(problem, reader)))]
      .map((text) => section(text))
      .concat(more ? [section(find.more)] : []),
  }
}

/** Why no user was found, for mrkdwn. */
export function notFoundText(problem: NotFound, reader: Reader): string {
  const { noAnswer: says } = reader.words.find
  switch (problem.code) {
    case 'nothing':
      return says.nothing(
        safe(kindName(problem.of, reader), 60),
        problem.mchid === null ? null : safe(problem.mchid),
      )
    case 'unpaid':
      return says.unpaid(byCode<string>(says.states, problem.state) ?? safe(problem.state, 40))
    case 'other-appid':
      return says.otherAppid(safe(problem.appid, 40))
    case 'other-merchant':
      return says.otherMerchant(safe(problem.mchid, 40))
    case 'no-payer':
      return says.noPayer
    case 'no-order':
      return says.noOrder
    case 'wechatpay':
      return byCode<string>(says.wechatpay, problem.failure) ?? says.wechatpayOther(safe(problem.failure, 60))
    case 'endpoint':
      return says.endpoint[problem.fault]
  }
}

/** The kinds of numbers as a list in a sentence, for mrkdwn. */
export function kindsText(kinds: readonly FindKind[], reader: Reader): string {
  return kinds.map((kind) => safe(kindName(kind, reader), 60)).join(reader.words.separator)
}

/** Says that a number can't be of this kind, and what such a number looks like. */
export function malformedText(of: FindKind, reader: Reader): string {
  const { malformed, kindHints } = reader.words.find
  return malformed(kindName(of, reader), byCode<string>(kindHints, of.key) ?? null)
}

/** The number that was looked up, masked, with its kind; for plain text. */
export function lookedForText(by: Pick<FoundBy, 'kind' | 'name' | 'number'>, reader: Reader): string {
  return `${kindName({ key: by.kind, name: by.name }, reader)} ${by.number}`
}

/** The privacy note below a choice. */
export function privacyContext({ words }: Reader): AnyBlock {
  return context(words.find.privacy)
}
