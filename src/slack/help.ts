import type { AnyBlock } from '@slack/types'
import type { FindKind } from '../domain/customer.ts'
import { mayNot } from '../domain/permissions.ts'
import { type Policy, roles } from '../domain/policy.ts'
import type { Abilities } from '../grants/index.ts'
import { refusalBlocks } from './blocks/explain.ts'
import { kindName } from './blocks/grant-facts.ts'
import { couponsLeft, listed, mentions, type Reader } from './blocks/reader.ts'
import { context, header, type Message, safe, section, typed } from './blocks/text.ts'
import type { Answer } from './edge/answer.ts'
import type { Edge } from './edge/handlers.ts'
import type { User } from './edge/payloads.ts'
import { MAX_TYPED, type Parsed } from './edge/typed-command.ts'
import { commands } from './ids.ts'

const MAX_LEFT = 10

/** Lists what this person may do here, with examples to copy; after a typing slip, the command probably meant. */
export function helpMessage(options: {
  asked: Parsed
  abilities: Abilities
  policy: Policy
  /** The kinds of number by which this person may find users. */
  finds?: readonly FindKind[]
  reader: Reader
}): Message {
  const { asked, abilities, policy, finds = [], reader } = options
  const { words } = reader
  const slip = slipText(asked, reader)
  return {
    text: slip === null ? words.help.title : safe(slip),
    blocks: [
      ...(slip ? [typed(slip)] : []),
      header(words.help.title),
      ...(abilities.mayRequest === null ? giving(abilities, policy, reader) : []),
      ...(abilities.mayLookUp === null ? looking(abilities, policy, reader) : []),
      ...(finds.length > 0 ? finding(finds, reader) : []),
      ...records(abilities, reader),
      ...operating(abilities, policy, reader),
      ...refusals(abilities, policy, reader),
      ...(abilities.mayRequest === null ? [section(approversText(policy, reader))] : []),
    ],
  }
}

function slipText(asked: Parsed, { words }: Reader): string | null {
  if (asked.name !== null) return null
  const word = asked.typed.slice(0, 40)
  return asked.meant ? words.help.typo(word, asked.meant) : words.help.unknown(word)
}

const openidExample = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const code = (text: string) => `\`${text.replaceAll('`', '')}\``

function giving(abilities: Abilities, policy: Policy, { words, name }: Reader): AnyBlock[] {
  const send = `${commands.coupon} ${words.subcommands.send}`
  const stock = abilities.stocks[0]?.stock.key ?? words.help.example.stock
  const reason = policy.reasons[0]?.key ?? words.help.example.reason
  const left = abilities.stocks.flatMap(({ stock: { name: named, quota }, left }) => {
    const count = couponsLeft(left, quota)
    return count === null ? [] : [words.help.leftOne(name(named), count)]
  })
  // A limit of the policy counts all stocks together.
  const days = abilities.stocks.find((entry) => entry.left)?.left?.days
  return [
    section(`${words.help.send}\n${code(send)}`),
    section(
      `${words.help.sendFilled}\n${code(`${send} ${openidExample} ${safe(stock, 60)} ${safe(reason, 60)} ${words.help.example.note}`)}`,
    ),
    ...(left.length > 0 ? [context(words.help.left(listed(left, MAX_LEFT, words), days))] : []),
    ...requesterLimit(abilities, words),
  ]
}

function requesterLimit({ requesterLimit: own }: Abilities, words: Reader['words']): AnyBlock[] {
  if (!own) return []
  const lines = (['count', 'quota'] as const).flatMap((measure) => {
    const max = own.limit[measure]
    return max === null ? [] : [words.help.requester(measure, own.used[measure], max, own.limit.days)]
  })
  return lines.length > 0 ? [context(...lines)] : []
}

function looking({ lookupsLeft }: Abilities, { limits: { lookups } }: Policy, { words }: Reader): AnyBlock[] {
  return [
    section(`${words.help.list}\n${code(`${commands.coupon} ${words.subcommands.list} ${openidExample}`)}`),
    ...(lookupsLeft === null || !lookups
      ? []
      : [context(words.left.lookups(lookupsLeft, lookups.perPerson, lookups.per / 60_000))]),
  ]
}

function finding(kinds: readonly FindKind[], reader: Reader): AnyBlock[] {
  const { help, subcommands } = reader.words
  const named = kinds.map((kind) => safe(kindName(kind, reader), 60)).join(reader.words.separator)
  return [section(`${help.find(named)}\n${code(`${commands.coupon} ${subcommands.find} 4200…`)}`)]
}

/** This person's lists, one a line: what waits, what they asked for, what was given. */
function records(abilities: Abilities, { words }: Reader): AnyBlock[] {
  const { subcommands, help } = words
  const line = (says: string, typed: string) => `${says} ${code(`${commands.coupon} ${typed}`)}`
  const lines = [
    ...(abilities.decides ? [line(help.pending, subcommands.pending)] : []),
    ...(abilities.decides ? [line(words.away.help, `${subcommands.away} 3d @…`)] : []),
    ...(abilities.mayRequest === null ? [line(help.mine, subcommands.mine)] : []),
    ...(abilities.mayRequest === null || abilities.mayLookUp === null
      ? [line(help.budget, subcommands.left)]
      : []),
    ...(abilities.roles.includes('auditor')
      ? [
          line(words.report.help, subcommands.report),
          line(words.erasure.help, `${subcommands.erase} ${openidExample}`),
        ]
      : []),
    ...(abilities.readsHistory ? [line(help.history, `${subcommands.history} ${openidExample}`)] : []),
  ]
  return lines.length > 0 ? [section(lines.join('\n'))] : []
}

/** For operators: how to see what is stuck, and how to pause issuing. */
function operating({ roles }: Abilities, { stocks }: Policy, { words }: Reader): AnyBlock[] {
  if (!roles.includes('operator')) return []
  const { subcommands, operatorHelp: says } = words
  const typed = (...parts: string[]) => code([commands.coupon, ...parts].join(' '))
  const stock = safe(stocks[0]?.key ?? words.help.example.stock, 60)
  return [
    section(
      [
        `${says.stuck} ${typed(subcommands.stuck)}`,
        `${says.pause} ${typed(subcommands.pause)} ${typed(subcommands.pause, stock, says.reason)}`,
        `${says.resume} ${typed(subcommands.resume)} ${typed(subcommands.resume, stock)}`,
        `${says.doctor} ${typed(subcommands.doctor)}`,
      ].join('\n'),
    ),
  ]
}

/** Why this person can't do something, each reason once, and whom to ask. */
function refusals(abilities: Abilities, policy: Policy, reader: Reader): AnyBlock[] {
  const found = [abilities.mayRequest, abilities.mayLookUp].filter((refusal) => refusal !== null)
  if (found.length === 0) return []
  return [
    ...(found.every(({ code }) => code === 'role-missing') && found.length === 2
      ? [section(reader.words.help.mayNothing)]
      : []),
    ...refusalBlocks(found, policy, reader).blocks,
  ]
}

function approversText(policy: Policy, { words }: Reader): string {
  const people = mentions(policy.roles.approver, words)
  return people ? words.help.approvers(people, `<#${policy.approval.channel}>`) : words.help.noApprovers
}

const ROLES_WITHIN = 5000

/** Tells this person what they can do here. */
export async function help(
  { grants, customers, people }: Edge,
  { user, asked, answer }: { user: User; asked: Parsed; answer: Answer },
): Promise<void> {
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const policy = grants.policy()
  const finds = customers.mayNotFind(person) ? [] : customers.kinds()
  await answer(helpMessage({ asked, abilities: await grants.abilities(person), policy, finds, reader }))
}

/** Tells a person who may do something here that the command is too long. */
export async function tooLong(edge: Edge, { user, answer }: { user: User; answer: Answer }): Promise<void> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const policy = grants.policy()
  const refusal = mayNot(policy, person, roles)
  await answer(
    refusal ? refusalBlocks([refusal], policy, reader) : { text: reader.words.notice.tooLong(MAX_TYPED) },
  )
}
