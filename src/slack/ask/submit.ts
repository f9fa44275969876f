import { setTimeout as sleep } from 'node:timers/promises'
import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import type { Ask } from '../../domain/ask.ts'
import type { FoundBy } from '../../domain/customer.ts'
import { type Grant, isOpen } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { Problem } from '../../grants/index.ts'
import { modal, noticeView } from '../blocks/buttons-and-views.ts'
import { refusalBlocks, refusalText } from '../blocks/explain.ts'
import { recordedView } from '../blocks/grant-cards.ts'
import type { Reader } from '../blocks/reader.ts'
import { section, typed } from '../blocks/text.ts'
import { retryAfterMs, slackCode } from '../edge/errors.ts'
import type { Due, Edge } from '../edge/handlers.ts'
import type { FormView, User } from '../edge/payloads.ts'
import { views } from '../ids.ts'
import { askOf, filledForm, foundByCarried, insteadIn, openidBlockOf, openidFieldOf } from './form.ts'

/** ms; Slack waits 3 s for the acknowledgement. If nothing is decided by then, the answer is "not sure". */
const ANSWER_WITHIN = 2500
const ROLES_WITHIN = 1000
/** ms after which Slack has put the acknowledged view in its place. */
const SETTLED_AFTER = 400
const MAX_LOOKS = 5
/** ms; nobody looks at the view for longer, and the message tells the result. */
const LONGEST_PAUSE = 10_000

type Reply =
  | { kind: 'update' | 'push'; view: ModalView; recorded?: { grant: Grant; reader: Reader } }
  /** By block_id. `view`: the same for when it is too late to show errors at fields. */
  | { kind: 'errors'; errors: Record<string, string>; view: ModalView }

export interface Submission extends Due {
  user: User
  view: FormView
  /** The view that was submitted: the form, or "Another one?". */
  from: 'form' | 'another'
  /** Settles once no earlier change is still being drawn in the form. */
  drawn: Promise<void> | null
  ack: AckFn<ViewResponseAction>
}

/**
 * Takes a submitted form: records the ask, then acknowledges with the result.
 * @param submission.redraw redraws the list that the form was opened from, once something was recorded
 */
export async function submitForm(
  edge: Edge,
  submission: Submission & { redraw: (from: string) => Promise<void> },
): Promise<void> {
  const { logger } = edge
  const { view, ack, drawn, until } = submission
  const work = decide(edge, submission)
  const reply = await Promise.race([work, sleep(ANSWER_WITHIN, null, { ref: false })])
  if (reply) {
    if (reply.kind === 'errors' && drawn)
      await Promise.race([drawn, sleep(Math.max(0, until - performance.now()), null, { ref: false })])
    await ack(acknowledgement(reply))
    await redrawFrom(reply, submission)
    await repairView(edge, view.id, reply)
    return
  }
  logger.warn(
    { view: view.id },
    'a submission took too long: told as not sure, and told again once it is decided',
  )
  const reader = edge.people.readerOf(submission.user.id)
  await ack(
    acknowledgement({ kind: 'update', view: noticeView(reader, [typed(reader.words.notice.notSure)]) }),
  )
  const decided = await work
  await sleep(SETTLED_AFTER)
  await updateView(edge, view.id, decided.view)
  await redrawFrom(decided, submission)
  await repairView(edge, view.id, decided)
}

async function redrawFrom(
  reply: Reply,
  { view, from, redraw }: Parameters<typeof submitForm>[1],
): Promise<void> {
  if (reply.kind === 'errors' || !reply.recorded) return
  const list = from === 'form' ? filledForm(view).from : carriedAsk(view.private_metadata)?.from
  if (list) await redraw(list)
}

async function decide(edge: Edge, { user, view, from }: Submission): Promise<Reply> {
  const { grants, people } = edge
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const { words, language } = reader
  const notice = (text: string): Reply => ({ kind: 'update', view: noticeView(reader, [section(text)]) })

  const asked = from === 'form' ? { ...askedIn(view), previous: null } : carriedAsk(view.private_metadata)
  if (!asked) return notice(words.notice.broken)
  const { ask, previous, instead, foundBy } = asked
  const outcome = await grants.request({
    person,
    ask,
    submission: view.root_view_id ?? view.id,
    another: previous,
    instead,
    language,
    viewId: view.id,
    foundBy,
  })
  switch (outcome.kind) {
    case 'recorded': {
      const note = outcome.repeated ? words.card.repeated : null
      return {
        kind: 'update',
        view: recordedView(outcome.grant, reader, { note }),
        recorded: { grant: outcome.grant, reader },
      }
    }
    case 'another':
      // Slack stacks three views at most, so a new question replaces the one before.
      return {
        kind: from === 'form' ? 'push' : 'update',
        view: anotherView(ask, outcome.previous, reader, asked),
      }
    case 'refused':
      return refused(outcome.problems, view, reader, edge)
    case 'busy': {
      const told = noticeView(reader, [typed(words.form.busy)])
      if (from === 'another') return { kind: 'update', view: told }
      return { kind: 'errors', errors: { [openidBlockOf(view)]: words.form.busy }, view: told }
    }
    case 'not-sure':
      return notice(words.notice.notSure)
  }
}

/** Shows the problems at their fields if all of them have one, else in a view of their own. */
function refused(problems: Problem[], view: FormView, reader: Reader, { grants, customers }: Edge): Reply {
  const shown = refusalBlocks(
    problems.map(({ refusal }) => refusal),
    grants.policy(),
    reader,
  )
  const told = noticeView(reader, [...shown.blocks, typed(reader.words.refusal.nothingRecorded)])
  const present = new Set(view.blocks.map(({ block_id }) => block_id))
  const errors: Record<string, string> = {}
  for (const problem of problems) {
    const field = blockOf(problem, view)
    if (!field || !present.has(field)) return { kind: 'update', view: told }
    const isNumber =
      problem.refusal.code === 'openid-malformed' && customers.recognise(openidFieldOf(view)).length > 0
    const text = isNumber
      ? reader.words.find.pressFind
      : refusalText(problem.refusal, reader.words, reader.dates)
    errors[field] = errors[field] ? errors[field] + reader.words.gap + text : text
  }
  return problems.length > 0 ? { kind: 'errors', errors, view: told } : { kind: 'update', view: told }
}

function blockOf(problem: Problem, view: FormView): string | null {
  const field = fieldOf(problem)
  return field === 'openid' ? openidBlockOf(view) : field
}

/** A limit is shown where the person can choose something else. */
function fieldOf({ field, refusal }: Problem): keyof Ask | null {
  if (field) return field
  if (refusal.code !== 'limit-reached') return null
  return refusal.limit === 'user' ? 'openid' : 'stock'
}

function acknowledgement(reply: Reply): ViewResponseAction {
  if (reply.kind === 'errors') return { response_action: 'errors', errors: reply.errors }
  return { response_action: reply.kind, view: reply.view }
}

/**
 * The outcome of a grant may be drawn before Slack has processed the acknowledgement, which then hides it behind
 * "Issuing now…". So the view is checked until nothing new comes for a while: if one draw crossed a newer one, the
 * next check repairs it.
 */
async function repairView(edge: Edge, viewId: string, reply: Reply): Promise<void> {
  if (reply.kind === 'errors' || !reply.recorded) return
  let { grant: shown } = reply.recorded
  let pause = SETTLED_AFTER
  for (let looks = 0; looks < MAX_LOOKS && isOpen(shown.state); looks++) {
    await sleep(pause)
    const grant = await edge.grants.grant(shown.id)
    if (!grant || grant.version === shown.version) return
    try {
      await updateView(edge, viewId, recordedView(grant, reply.recorded.reader))
      shown = grant
      pause = SETTLED_AFTER
    } catch (error) {
      edge.logger.warn({ err: error, grantId: grant.id }, 'a view was not drawn, trying again')
      pause = Math.min(LONGEST_PAUSE, retryAfterMs(error) ?? SETTLED_AFTER)
    }
  }
}

async function updateView({ client }: Edge, viewId: string, view: ModalView): Promise<void> {
  try {
    await client.views.update({ view_id: viewId, view })
  } catch (error) {
    if (slackCode(error) !== 'not_found') throw error
  }
}

/** What the first form held. The second view has no inputs, so Slack keeps this with it, and it is checked again. */
const carried = z.strictObject({
  openid: z.string().max(200),
  stock: z.string().max(200),
  reason: z.string().max(200),
  note: z.string().max(500).nullable(),
  ticket: z.string().max(100).nullable(),
  source: z.url().max(500).exactOptional(),
  /**
   * The grant that the view shows, so the person knows of it. A view of an earlier version lacks it and asks again.
   */
  previous: z.string().max(64).nullable().default(null),
  /** The grant to be corrected. */
  instead: z.string().max(64).nullable().default(null),
  foundBy: foundByCarried.nullable().default(null),
  from: z.string().nullable().default(null),
})

/** The second view: the same user has a coupon in flight, or got one lately. */
export function anotherView(
  ask: Ask,
  previous: Grant,
  reader: Reader,
  { instead = null, foundBy = null, from = null }: Pick<Partial<Asked>, 'instead' | 'foundBy' | 'from'> = {},
): ModalView {
  const { words, dates, name } = reader
  const who = `<@${previous.requester}>`
  const when = dates.slack(previous.createdAt)
  return modal(reader, {
    id: views.another,
    carries: JSON.stringify({
      ...ask,
      previous: previous.id,
      instead,
      foundBy,
      from,
    } satisfies z.infer<typeof carried>),
    title: words.another.title,
    submit: words.another.give,
    close: words.cancel,
    blocks: [
      section(isOpen(previous.state) ? words.another.inFlight(who, when) : words.another.given(who, when)),
      section(words.another.question(`\`${shortOpenid(ask.openid)}\``, name(previous.stockName))),
    ],
  })
}

/**
 * What a form asks for, how its user was found, which grant it replaces, which one the person knows of, and which list
 * it came from.
 */
interface Asked {
  ask: Ask
  previous: string | null
  instead: string | null
  foundBy: FoundBy | null
  from: string | null
}

function askedIn(view: FormView): Omit<Asked, 'previous'> {
  const filled = filledForm(view)
  const { foundBy = null, from = null } = filled
  return { ask: askOf(filled), foundBy, instead: insteadIn(view), from }
}

/** Reads what a second view carries; null if this app did not write it. */
export function carriedAsk(privateMetadata: string): Asked | null {
  try {
    const { previous, instead, foundBy, from, ...ask } = carried.parse(JSON.parse(privateMetadata))
    return { ask, previous, instead, foundBy, from }
  } catch {
    return null
  }
}
