import type { Absence } from '../../domain/absence.ts'
import type { Refusal } from '../../domain/ask.ts'
import { calendarDay, leavesWindow, momentOn, weekdayOf } from '../../domain/limit.ts'
import { decidesSome, groupsOf, mayNot, type Person } from '../../domain/permissions.ts'
import { type Policy, roles } from '../../domain/policy.ts'
import { explain, isNotDone } from '../blocks/explain.ts'
import type { Reader } from '../blocks/reader.ts'
import { literal, type Message, message } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge, TypedOrder } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import { joined, loosely, wordsOf } from '../edge/typed-command.ts'

/**
 * Slack waits 3 s for the acknowledgement, which comes after a commit. The questions to Slack share the rest of that
 * time: who types, whom a name means, and who that person is. The app looks for other people only if the person who
 * types may name them.
 */
const LEFT_FOR_LEDGER = 1800
const ROLES_WITHIN = 500
const OTHERS_WITHIN = 150

/** ms; `away` alone changes nothing, so the command is already acknowledged. */
const STATUS_WITHIN = 5000
/** The person who is away and the stand-in. */
const MOST_NAMED = 2

/** The text after `away`: the end, and the people named, as typed and in their order. */
export interface TypedAway {
  /** Epoch ms; null: no time that could be read. */
  until: number | null
  people: string[]
  /** The first part that was not understood. */
  unclear: string | null
}

const HOUR = 3_600_000
const units: Record<string, number> = {
  h: HOUR,
  hour: HOUR,
  hours: HOUR,
  小时: HOUR,
  d: 24 * HOUR,
  day: 24 * HOUR,
  days: 24 * HOUR,
  天: 24 * HOUR,
  w: 168 * HOUR,
  week: 168 * HOUR,
  weeks: 168 * HOUR,
  周: 168 * HOUR,
}
/** The weekdays from Sunday on, each by its English name, an abbreviation, or its Chinese name. */
const weekdays = [
  /^(?:sun(?:day)?|(?:周|星期|礼拜)[日天])$/,
  /^(?:mon(?:day)?|(?:周|星期|礼拜)一)$/,
  /^(?:tue(?:s|sday)?|(?:周|星期|礼拜)二)$/,
  /^(?:wed(?:nesday)?|(?:周|星期|礼拜)三)$/,
  /^(?:thu(?:r|rs|rsday)?|(?:周|星期|礼拜)四)$/,
  /^(?:fri(?:day)?|(?:周|星期|礼拜)五)$/,
  /^(?:sat(?:urday)?|(?:周|星期|礼拜)六)$/,
]
const between = new Set(['until', 'till', 'to', 'for', 'by', '到', '至', '由', '代理人'])

/**
 * Reads `[@person] <until> [@stand-in]`. The end is a day (all of it; a weekday means the next one after today), a day
 * with a time, or a duration (`8h`, `3d`, 2周).
 * @param timeZone of the days and times
 */
export function parseAway(text: string, now: number, timeZone: string): TypedAway {
  const read: TypedAway = { until: null, people: [], unclear: null }
  const words = wordsOf(text).map((word) => word.text)
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (/^@.|^<@.|^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(word)) {
      read.people.push(word)
      continue
    }
    const plain = loosely(word)
    if (between.has(plain) || plain === '') continue
    const [, count = '', unit = ''] = /^(\d{1,3})(\D*)$/.exec(plain) ?? []
    const apart = unit === '' && count !== '' ? units[loosely(words[at + 1] ?? '')] : undefined
    const length = units[unit] ?? apart
    const day = dayOf(plain, now, timeZone)
    if (read.until === null && count !== '' && length !== undefined) {
      read.until = now + Number(count) * length
      if (apart !== undefined) at += 1
    } else if (read.until === null && day !== null) {
      const time = /^([01]?\d|2[0-3])[:：]([0-5]\d)$/.exec((words[at + 1] ?? '').normalize('NFKC'))
      if (time) at += 1
      const [hours, minutes] = time ? [Number(time[1]), Number(time[2])] : [23, 59]
      read.until = momentOn(day, { hours, minutes }, timeZone)
    } else read.unclear ??= word
  }
  return read
}

/** A day as `calendarDay` writes it; a day without a year is the next such day. */
function dayOf(word: string, now: number, timeZone: string): number | null {
  const today = calendarDay(now, timeZone)
  if (['today', '今天'].includes(word)) return today
  if (['tomorrow', '明天'].includes(word)) return calendarDay(leavesWindow(today, 1, timeZone), timeZone)
  const weekday = weekdays.findIndex((names) => names.test(word))
  if (weekday !== -1) {
    const ahead = (weekday - weekdayOf(today) + 7) % 7 || 7
    return calendarDay(leavesWindow(today, ahead, timeZone), timeZone)
  }
  const [, year, month, day] = /^(?:(20\d\d)[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(word) ?? []
  if (!month || !day || Number(month) > 12 || Number(month) < 1) return null
  const of = (full: number) => full * 10_000 + Number(month) * 100 + Number(day)
  const full = year ? Number(year) : Math.floor(today / 10_000)
  const chosen = year || of(full) >= today ? of(full) : of(full + 1)
  // There is no 31 November.
  const isReal = calendarDay(leavesWindow(chosen, 0, timeZone), timeZone) === chosen
  return isReal && Number(day) >= 1 ? chosen : null
}

/** Answers `away` alone: whether this person is away, and how to set it. */
export async function awayAsked(
  { grants, people }: Edge,
  { user, answer }: { user: User; answer: Answer },
): Promise<void> {
  const { person, reader } = await people.who(user, STATUS_WITHIN)
  await answer(statusMessage(await grants.absence(person), reader))
}

/** Answers `away [@person] <until> [@stand-in]`: commits, acknowledges, then answers. */
export async function awayTyped(edge: Edge, typed: TypedOrder): Promise<void> {
  const { user, text, triggerId, answer, ack, until } = typed
  const { grants, people, now } = edge
  const policy = grants.policy()
  const till = until - LEFT_FOR_LEDGER
  const { person: by, reader, timeZone } = await people.who(user, ROLES_WITHIN)
  const read = parseAway(text, now(), timeZone)
  const isUnclear = read.until === null || read.unclear !== null || read.people.length > MOST_NAMED
  const { away } = reader.words
  const tell = async (message: Message) => {
    await ack()
    await answer(message)
  }
  if (isUnclear || read.until === null)
    return tell(message(away.usage(read.unclear === null ? null : literal(read.unclear, 60))))
  const refusal = read.people.length > 0 ? mayNotName(policy, by) : null
  if (refusal) return tell(explain({ kind: 'refused', refusal }, { policy, reader, says: orderSays(reader) }))
  const all = await Promise.all(read.people.map((one) => findPerson(edge, one, { policy, till })))
  const named: Person[] = []
  for (const [at, one] of read.people.entries()) {
    const found = all[at]
    if (!found) return tell(message(away.untold(literal(one, 60))))
    if (found.length !== 1 || !found[0]) return tell(message(away.unknown(literal(one, 60), found.length)))
    named.push(found[0])
  }
  // With two names, the first person is away; a single name is the stand-in.
  const [person, standIn] = named.length === 2 ? [named[0] ?? by, named[1]] : [by, named[0]]
  const outcome = await grants.setAway({
    by,
    person,
    absence: { until: read.until, standIn: standIn ?? null },
    order: triggerId,
    until,
  })
  await ack()
  if (isNotDone(outcome)) return answer(explain(outcome, { policy, reader, says: orderSays(reader) }))
  const absence = 'absence' in outcome ? outcome.absence : null
  await answer(statusMessage(absence, reader, by.id))
  if (outcome.kind === 'away') await tellOthers(edge, outcome.absence, by.id)
}

/** Answers `back [@person]`. */
export async function backTyped(edge: Edge, typed: TypedOrder): Promise<void> {
  const { user, text, triggerId, answer, ack, until } = typed
  const { grants, people } = edge
  const policy = grants.policy()
  const [first, ...more] = wordsOf(text)
  const till = until - LEFT_FOR_LEDGER
  const { person: by, reader } = await people.who(user, ROLES_WITHIN)
  const { away } = reader.words
  const refusal = first ? mayNotName(policy, by) : null
  if (refusal) {
    await ack()
    return answer(explain({ kind: 'refused', refusal }, { policy, reader, says: orderSays(reader) }))
  }
  if (more.length > 0) {
    await ack()
    return answer(message(reader.words.notice.oneAtATime(literal(joined(more), 60))))
  }
  const named = first && (await findPerson(edge, first.text, { policy, till }))
  const found = first ? named : [by]
  const [person] = found ?? []
  if (found?.length !== 1 || !person) {
    const typedName = literal(first?.text ?? '', 60)
    await ack()
    return answer(message(found ? away.unknown(typedName, found.length) : away.untold(typedName)))
  }
  const outcome = await grants.setAway({ by, person, absence: null, order: triggerId, until })
  await ack()
  if (isNotDone(outcome)) return answer(explain(outcome, { policy, reader, says: orderSays(reader) }))
  const isNew = outcome.kind === 'back' && outcome.isNew
  await answer(message(isNew ? away.back(`<@${person.id}>`) : away.notAway(`<@${person.id}>`)))
}

/** Why this person may name nobody here; null: they may. Deciders name a stand-in, operators name other people. */
function mayNotName(policy: Policy, by: Person): Refusal | null {
  if (decidesSome(policy, by)) return null
  const refusal = mayNot(policy, by, ['operator'])
  return refusal?.code === 'role-missing' ? { code: 'no-decider', who: 'you', id: by.id } : refusal
}

const orderSays = ({ words }: Reader) => ({ busy: words.notice.busy, notSure: words.away.notSure })

/** Finds a person by id, address, or name among those in the policy; null: Slack did not tell in time. */
async function findPerson(
  edge: Edge,
  typed: string,
  { policy, till }: { policy: Policy; till: number },
): Promise<Person[] | null> {
  const within = Math.max(0, till - performance.now() - OTHERS_WITHIN)
  const id = /^<?@?([UW][0-9A-Z]{5,})(?:\|[^>]*)?>?$/.exec(typed)?.[1]
  const members = [...new Set([...roles.flatMap((role) => policy.roles[role]), ...groupsOf(policy)])]
  const ids = id ? [id] : await edge.people.findNamed(typed.replace(/^@/, ''), members, within)
  if (!ids) return null
  const all = await Promise.all(ids.map((one) => edge.people.who({ id: one, team: null }, OTHERS_WITHIN)))
  return all.map(({ person }) => person)
}

function statusMessage(absence: Absence | null, { words, dates }: Reader, reads?: string): Message {
  const { away } = words
  if (!absence) return message(`${away.none}${words.gap}${away.usage(null)}`)
  const { person, until, standIn } = absence
  const who = person === reads || reads === undefined ? null : `<@${person}>`
  const when = dates.slack(until)
  return message(standIn ? away.withStandIn(who, when, `<@${standIn}>`) : away.alone(who, when))
}

/**
 * Tells the stand-in, and the person whom an operator has set as away. If that fails, `away` and each card still show
 * it.
 */
async function tellOthers({ client, people, logger }: Edge, absence: Absence, by: string): Promise<void> {
  const { person, standIn, until } = absence
  for (const to of new Set([person, standIn])) {
    if (to === null || to === by) continue
    const { words, dates } = people.readerOf(to)
    const when = dates.slack(until)
    const text =
      to === standIn
        ? words.away.youStandIn(`<@${person}>`, when)
        : words.away.setFor(`<@${by}>`, when, standIn === null ? null : `<@${standIn}>`)
    await client.chat.postMessage({ channel: to, text }).catch((error: unknown) => {
      logger.warn({ err: error, person: to }, 'somebody was not told of an absence')
    })
  }
}
