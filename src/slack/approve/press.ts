import type { Edge, User } from '../edge.ts'
import { showFound } from '../found/found.ts'
import type { FoundValue } from '../found/found-value.ts'
import { createReader } from '../reader.ts'
import type { Respond } from '../respond.ts'
import { slackCode } from '../slack-errors.ts'
import { type Told, toldOf } from './told.ts'
import { trailView } from './trail-view.ts'
import { whyView } from './why-view.ts'

/** A press of a button about one grant. */
export interface Pressed {
  user: User
  grantId: string
  /** The list pressed in, which is drawn anew; null: a card. */
  list: FoundValue | null
  triggerId: string
  respond: Respond
}

/** Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700

/** Approves: committed, then acknowledged, then answered. */
export async function approve(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const { grantId } = pressed
  const outcome = await edge.grants.decide({ person, grantId, decision: 'approve', reason: null })
  await ack()
  await tell(edge, pressed, toldOf(edge, outcome, reader))
}

/** The requester's own way back. */
export async function cancelOwn(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.cancel({ person, grantId: pressed.grantId, reason: null })
  await ack()
  await tell(edge, pressed, toldOf(edge, outcome, reader, 'cancel'))
}

/** Asks for the reason, unless it is plain already that nothing can come of it. */
export async function askWhy(edge: Edge, kind: 'reject' | 'cancel', pressed: Pressed): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const { grantId, respond } = pressed
  const outcome = await edge.grants.waits({ person, grantId, for: kind })
  if (outcome.kind === 'waits')
    await open(edge, pressed, whyView(kind, outcome.grant, reader), reader.words.decided.late)
  else await respond(toldOf(edge, outcome, reader, kind))
}

/** All that happened to a grant, in a view. */
export async function showHistory(edge: Edge, pressed: Pressed): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.trail({ person, grantId: pressed.grantId })
  if (outcome.kind === 'gone') return pressed.respond(toldOf(edge, outcome, reader))
  if (outcome.kind === 'refused') return pressed.respond(toldOf(edge, outcome, reader))
  await open(edge, pressed, trailView(outcome.entries, reader), reader.words.decided.late)
}

/** The whole openid, to the one person who may see it. */
export async function showOpenid(edge: Edge, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const { person, reader } = await acting(edge, pressed.user)
  const outcome = await edge.grants.showOpenid({ person, grantId: pressed.grantId })
  await ack()
  await pressed.respond(
    outcome.kind === 'shown'
      ? { text: reader.words.decided.openid(outcome.openid) }
      : toldOf(edge, outcome, reader),
  )
}

/** In a list the answer stands above the list, drawn anew. */
async function tell(edge: Edge, { user, list, respond }: Pressed, told: Told): Promise<void> {
  if (list) await showFound(edge, { user, list, respond, replace: true, told: told.blocks })
  else await respond(told)
}

async function acting(edge: Edge, user: User) {
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  return { person, reader: createReader(language, edge.grants.policy()) }
}

async function open(
  { client }: Edge,
  { triggerId, respond }: Pressed,
  view: ReturnType<typeof whyView>,
  late: string,
): Promise<void> {
  try {
    await client.views.open({ trigger_id: triggerId, view })
  } catch (error) {
    if (!['expired_trigger_id', 'trigger_expired'].includes(slackCode(error) ?? '')) throw error
    await respond({ text: late })
  }
}
