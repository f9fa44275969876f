import type { AnyBlock } from '@slack/types'
import type { FindOutcome } from '../../customers/index.ts'
import { fitsTicket } from '../../domain/ask.ts'
import { type FindKind, maskedNumber } from '../../domain/customer.ts'
import type { Person } from '../../domain/permissions.ts'
import { cut } from '../../domain/text.ts'
import { bare } from '../../domain/wechatpay-ids.ts'
import { button, buttonRow } from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { kindName } from '../blocks/grant-facts.ts'
import type { Reader } from '../blocks/reader.ts'
import { header, type Message, message, safe, section } from '../blocks/text.ts'
import { wordsOf as catalogue } from '../blocks/words/index.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import { after, find, loosely, wordApart, wordsOf } from '../edge/typed-command.ts'
import { actions } from '../ids.ts'
import { readAsking, type TypedBeside, writeAsking, writeFound } from './found-value.ts'
import {
  aroundMatches,
  kindsText,
  lookedForText,
  malformedText,
  matchText,
  privacyContext,
} from './matches.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000
const MAX_NUMBER = 200

/** Answers `find [kind] <number>`, and a number typed where an openid belongs. */
export async function findTyped(
  edge: Edge,
  {
    user,
    text,
    beside = null,
    answer,
  }: { user: User; text: string; beside?: TypedBeside | null; answer: Answer },
): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const refusal = edge.customers.mayNotFind(person)
  if (refusal) return answer(refusalBlocks([refusal], edge.grants.policy(), reader))
  const kinds = edge.customers.kinds()
  if (kinds.length === 0) return answer({ text: reader.words.find.none })
  const { named, number } = readFind(text, kinds)
  if (named && bare(number) === '')
    return answer({ text: reader.words.find.numberMissing(kindsText(named, reader)) })
  if (number === '') return answer({ text: reader.words.find.missing(kindsText(kinds, reader)) })
  const alike = edge.customers.recognise(number).map(({ key }) => key)
  const inForm = named?.filter(({ key }) => alike.includes(key)) ?? []
  const fit = named && named.length > 1 && inForm.length > 0 ? inForm : named
  if (fit && fit.length > 1) {
    const may = { give: false, lookUp: false, read: false }
    return answer(findMessage({ kind: 'which', fit }, { number, beside, may, edge, reader }))
  }
  const kind = fit?.[0]?.key ?? null
  await answerFound(edge, { person, reader, kind, number, beside, answer, replace: false })
}

/** Answers the button that chooses a kind for a number that fits several. */
export async function findAs(
  edge: Edge,
  { user, value, answer }: { user: User; value: string | undefined; answer: Answer },
): Promise<void> {
  const asked = readAsking(value)
  if (!asked) throw new Error('a button carries a number that this app did not write')
  const who = await edge.people.who(user, ROLES_WITHIN)
  await answerFound(edge, { ...who, ...asked, answer, replace: true })
}

/**
 * The number that begins a text typed in place of an openid, and the rest; null: no number that finds users. A number
 * that fits the policy's ticket pattern counts as a ticket.
 */
export function numberInPlaceOfOpenid(edge: Edge, text: string): { number: string; rest: string } | null {
  const words = wordsOf(text)
  const policy = edge.grants.policy()
  const isNumber = (one: string) =>
    edge.customers.recognise(one).length > 0 && !(policy.ticket?.pattern && fitsTicket(policy, one))
  if (words.length > 1 && isNumber(text.trim())) return { number: text.trim(), rest: '' }
  const [first] = words
  return first && isNumber(first.text) ? { number: first.text, rest: after(text, words, 1) } : null
}

/**
 * Reads `[kind] <number>`: the kind by its key, its name or a word of its name, with or without a mark after it.
 * @returns `named`: the kinds that may be meant; null: none was named
 */
export function readFind(
  text: string,
  kinds: readonly FindKind[],
): { named: FindKind[] | null; number: string } {
  const apart = wordApart(text.replace(/[:：=＝#＃]/, '$& '))
  const words = wordsOf(apart)
  const entries = kinds.map(({ key, name }) => ({
    key,
    name: name ?? { en: payName('en', key), 'zh-CN': payName('zh-CN', key) },
  }))
  const exact = find(words, entries)
  const short = loosely(words[0]?.text ?? '')
  const keys = exact
    ? [exact.value]
    : entries.filter(({ name }) => isNamedShort(short, [name.en, name['zh-CN']])).map(({ key }) => key)
  if (keys.length === 0) return { named: null, number: cut(text.trim(), MAX_NUMBER) }
  const number = cut(after(apart, words, exact?.length ?? 1), MAX_NUMBER)
  return { named: kinds.filter(({ key }) => keys.includes(key)), number }
}

/** Whether a word is part of a kind's name, such as `手机` or `user`. */
function isNamedShort(word: string, names: readonly string[]): boolean {
  const isHan = /^\p{Script=Han}{2,}$/u.test(word)
  return names.map(loosely).some((name) => (isHan ? name.includes(word) : name.split(' ').includes(word)))
}

function payName(language: 'en' | 'zh-CN', key: string): string {
  return (catalogue(language).find.kinds as Record<string, string>)[key] ?? key
}

async function answerFound(
  edge: Edge,
  asked: {
    person: Person
    reader: Reader
    kind: string | null
    number: string
    beside: TypedBeside | null
    answer: Answer
    replace: boolean
  },
): Promise<void> {
  const { person, reader, kind, number, beside, answer, replace } = asked
  const outcome = await edge.customers.find({ person, kind, value: number })
  const { mayRequest, mayLookUp, readsHistory } = await edge.grants.abilities(person)
  const may = { give: mayRequest === null, lookUp: mayLookUp === null, read: readsHistory }
  await answer({ ...findMessage(outcome, { number, beside, may, edge, reader }), replace })
}

/** The result of a look-up, as a message that only this person sees. */
export function findMessage(
  outcome: FindOutcome,
  options: {
    number: string
    beside: TypedBeside | null
    may: { give: boolean; lookUp: boolean; read: boolean }
    edge: Pick<Edge, 'grants' | 'customers'>
    reader: Reader
  },
): Message {
  const { number, beside, may, edge, reader } = options
  const { words } = reader
  switch (outcome.kind) {
    case 'refused':
      return refusalBlocks([outcome.refusal], edge.grants.policy(), reader)
    case 'busy':
      return message(words.notice.busy)
    case 'malformed':
      return message(safe(malformedText(outcome.of, reader), 400))
    case 'which':
      if (outcome.fit.length === 0)
        return message(words.find.unknown(kindsText(edge.customers.kinds(), reader)))
      return message(
        words.find.which,
        buttonRow(
          ...outcome.fit.map((kind, index) =>
            button(
              `${actions.findAs}${index}`,
              kindName(kind, reader),
              writeAsking({ kind: kind.key, number, beside }),
            ),
          ),
        ),
      )
    case 'found': {
      const [first] = outcome.matches
      const title = first
        ? words.find.found(outcome.matches.length, lookedForText(first.foundBy, reader))
        : words.find.foundNone(maskedNumber(number))
      const { above, below } = aroundMatches(outcome, reader)
      const rows = outcome.matches.flatMap((match): AnyBlock[] => {
        const buttons = [
          ...(may.give
            ? [button(actions.useFound, words.find.use, writeFound(match, beside), 'primary' as const)]
            : []),
          ...(may.lookUp ? [button(actions.lookUpFound, words.find.lookUp, match.openid)] : []),
          ...(may.read ? [button(actions.recordsFound, words.find.records, match.openid)] : []),
        ]
        return [section(matchText(match, reader)), ...(buttons.length > 0 ? [buttonRow(...buttons)] : [])]
      })
      return { text: title, blocks: [header(title), ...above, ...rows, ...below, privacyContext(reader)] }
    }
  }
}
