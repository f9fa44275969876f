import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App, ReceiverEvent } from '@slack/bolt'
import { z } from 'zod'
import { noticeView } from '../blocks/buttons-and-views.ts'
import type { Reader } from '../blocks/reader.ts'
import { section } from '../blocks/text.ts'
import { createAnswer } from './answer.ts'
import type { Edge } from './handlers.ts'
import { senderOf } from './payloads.ts'

const text = z.string().optional().catch(undefined)
/** What an answer needs to know of a request; anything that Slack omitted or sent in an odd form is left out. */
const incoming = z.looseObject({
  type: text,
  command: text,
  callback_id: text,
  event: z.looseObject({}).optional().catch(undefined),
  actions: z
    .tuple([z.looseObject({ type: text, action_id: text })], z.unknown())
    .optional()
    .catch(undefined),
  view: z.looseObject({ type: text, callback_id: text }).optional().catch(undefined),
  trigger_id: text,
})
type Incoming = z.infer<typeof incoming>

/** Types for which Bolt finds listeners, besides commands, events and anything with actions. */
const KINDS = [
  'block_suggestion',
  'dialog_submission',
  'message_action',
  'shortcut',
  'view_closed',
  'view_submission',
]
/** Inputs that people type in: opening a view at every letter would be worse than no answer. */
const TYPED = ['plain_text_input', 'rich_text_input', 'email_text_input', 'url_text_input', 'number_input']

/**
 * The only entrance for what Slack sends, over either transport. Never rejects: a failure is logged once. What no
 * handler acknowledges, such as a button of another version, is acknowledged here, with a text for the person who
 * clicked.
 */
export function createReceive(deps: {
  app: Pick<App, 'processEvent'>
  edge: Edge
}): (event: ReceiverEvent) => Promise<void> {
  const { app, edge } = deps
  const { client, people, logger } = edge

  return async (event) => {
    const read = incoming.safeParse(event.body)
    const body: Incoming = read.success ? read.data : {}
    let isAcknowledged = false
    const ack = (answer?: unknown) => {
      isAcknowledged = true
      return event.ack(answer)
    }
    let errorId: string | null = null
    const isKnown =
      body.event || body.command !== undefined || body.actions || KINDS.includes(body.type ?? '')
    if (isKnown) {
      try {
        await app.processEvent({ ...event, ack })
      } catch (error) {
        errorId = randomBytes(4).toString('hex')
        logger.error({ err: error, errorId }, 'what Slack sent could not be processed')
      }
    } else {
      logger.warn({ type: nameOf(body.type) }, 'Slack sent what this app does not know: nothing is done')
    }
    if (isAcknowledged) return
    if (errorId === null && isKnown && body.type !== 'view_closed')
      logger.warn({ type: nameOf(body.type), what: whatOf(body) }, 'nothing in this version takes what came')
    const reader = people.readerOf(senderOf(body).user)
    const { unknown, failed } = reader.words.notice
    await acknowledge(body, reader, errorId === null ? unknown : failed(errorId), event.ack).catch(
      (error: unknown) => logger.warn({ err: error }, 'a person got no answer: Slack did not take it'),
    )
  }

  async function acknowledge(
    body: Incoming,
    reader: Reader,
    text: string,
    ack: ReceiverEvent['ack'],
  ): Promise<void> {
    if (body.event) return ack()
    if (body.command !== undefined) return ack({ response_type: 'ephemeral', text })
    if (body.type === 'block_suggestion') return ack({ options: [] })
    const view = noticeView(reader, [section(text)])
    if (body.type === 'view_submission') return ack({ response_action: 'update', view })
    await ack()
    if (body.type === 'view_closed' || TYPED.includes(body.actions?.[0].type ?? '')) return
    const { trigger_id } = body
    const sender = senderOf(body)
    if (sender.responseUrl === null && trigger_id) {
      const opening = { trigger_id, view }
      const opened = body.view?.type === 'modal' ? client.views.push(opening) : client.views.open(opening)
      if (await opened.then(() => true).catch(() => false)) return
    }
    await createAnswer(edge, sender, () => reader.words)({ text })
  }
}

/** The name of the button, view, shortcut or command. */
function whatOf({ command, callback_id, view, actions }: Incoming): string | undefined {
  return nameOf(command ?? callback_id ?? view?.callback_id ?? actions?.[0].action_id)
}

/** A name given by Slack; a text of any other form could hold anything, so it is dropped. */
function nameOf(type: string | undefined): string | undefined {
  return /^[\w./:-]{1,60}$/.test(type ?? '') ? type : undefined
}

interface InFlight {
  during(work: () => Promise<void>): Promise<void>
  count(): number
  /** Waits at most this many ms until no work is under way. @returns whether that happened */
  ended(deadlineMs: number): Promise<boolean>
}

/** Counts what Slack has handed over and is not finished, since Bolt's own `stop` does not wait for it. */
export function createInFlight(): InFlight {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    async during(work) {
      count += 1
      try {
        await work()
      } finally {
        count -= 1
        if (count === 0) {
          for (const tell of waiting) tell()
          waiting = []
        }
      }
    },
    count: () => count,
    async ended(deadlineMs) {
      if (count === 0) return true
      const none = new Promise<true>((resolve) => {
        waiting.push(() => resolve(true))
      })
      return Promise.race([none, sleep(deadlineMs, false, { ref: false })])
    },
  }
}
