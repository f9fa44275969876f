import { mayNot } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Told } from '../approve/told.ts'
import { readHold } from '../cards/buttons.ts'
import type { Edge, User } from '../edge.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { type PressedMessage, tidyAlert } from '../stray.ts'
import { type Acting, acting, CHANGING } from './acting.ts'
import { pausedBlocks, resumedBlocks, unclearBlocks } from './pause-blocks.ts'
import { tellStuck } from './stuck.ts'
import { parseTypedPause, parseTypedResume } from './typed-pause.ts'

interface Typed {
  user: User
  text: string
  /** The same order has the same one, however often it arrives. */
  triggerId: string
  respond: Respond
  ack: () => Promise<void>
}

/** Answers `pause [stock] [reason…]` without a form, as it is for emergencies: committed, then acknowledged, then answered. */
export async function pauseTyped(edge: Edge, typed: Typed): Promise<void> {
  const { text, triggerId, respond, ack } = typed
  const operator = await asOperator(edge, typed)
  if (!operator) return
  const { by, reader, policy } = operator
  const { stock, reason, unclear } = parseTypedPause(text, policy)
  if (unclear) {
    await ack()
    return respond(unclearBlocks({ ...unclear, reason }, { policy, reader }))
  }
  const outcome = await edge.grants.pause({ by, stock, reason, order: triggerId })
  await ack()
  await respond(pausedBlocks(outcome, { stock, policy, reader }))
}

/** Answers `resume [stock]`: committed, then acknowledged, then answered. */
export async function resumeTyped(edge: Edge, typed: Typed): Promise<void> {
  const { text, triggerId, respond, ack } = typed
  const operator = await asOperator(edge, typed)
  if (!operator) return
  const { by, reader, policy } = operator
  const stock = parseTypedResume(text, policy)
  const outcome = await edge.grants.resume({ by, stock, order: triggerId })
  await ack()
  await respond(resumedBlocks(outcome, { stock, policy, reader }))
}

/** Who orders; null: it may not be, which is told before anything is read of what was typed. */
async function asOperator(
  edge: Edge,
  { user, respond, ack }: Typed,
): Promise<(Acting & { policy: Policy }) | null> {
  const who = await acting(edge, user, CHANGING)
  const policy = edge.grants.policy()
  const refusal = mayNot(policy, who.by.person, ['operator'])
  if (!refusal) return { ...who, policy }
  await ack()
  await respond(refusalBlocks([refusal], policy, who.reader))
  return null
}

/** A press of a button that pauses or resumes. */
export interface PausePress {
  user: User
  value: string | undefined
  triggerId: string
  /** Null for a message that only this person sees. */
  message: PressedMessage | null
  respond: Respond
  ack: () => Promise<void>
}

/** Pauses: committed, then acknowledged, then answered. */
export async function pausePressed(edge: Edge, press: PausePress): Promise<void> {
  const who = await acting(edge, press.user, CHANGING)
  const { by, reader } = who
  const fault = holdOf(press)
  const outcome = await edge.grants.pause({ by, stock: null, reason: null, order: press.triggerId, fault })
  await press.ack()
  const policy = edge.grants.policy()
  await answer(edge, press, who, pausedBlocks(outcome, { stock: null, policy, reader }))
  await tidyAlert(edge, fault, press.message)
}

/** Resumes: committed, then acknowledged, then answered. */
export async function resumePressed(edge: Edge, press: PausePress): Promise<void> {
  const who = await acting(edge, press.user, CHANGING)
  const { by, reader } = who
  const pause = holdOf(press)
  const outcome = await edge.grants.resume({ by, stock: null, pause })
  await press.ack()
  const policy = edge.grants.policy()
  await answer(edge, press, who, resumedBlocks(outcome, { stock: null, policy, reader }))
  await tidyAlert(edge, pause, press.message)
}

function holdOf({ value }: PausePress): string {
  const hold = readHold(value)
  if (hold === undefined) throw new Error('a button carries a pause that this app did not write')
  return hold
}

/** What only this person sees is replaced by what is stuck now, so that no button stays that does nothing. */
async function answer(edge: Edge, { message, respond }: PausePress, who: Acting, told: Told): Promise<void> {
  if (message) await respond(told)
  else await tellStuck(edge, who, { respond, told: told.blocks, replace: true })
}
