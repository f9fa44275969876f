import { randomBytes } from 'node:crypto'
import type { AckFn, SlackViewMiddlewareArgs, ViewResponseAction, ViewSubmitAction } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Customers } from '../../customers/index.ts'
import { type Grants, isLedgerBusy } from '../../grants/index.ts'
import { noticeView } from '../blocks/buttons-and-views.ts'
import { section } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'
import { type Answer, createAnswer, type TablesTaken } from './answer.ts'
import { deadTokenCode, slackCode } from './errors.ts'
import {
  buttonPayload,
  commandPayload,
  inputPayload,
  messageShortcutPayload,
  senderOf,
  shortcutPayload,
  submissionPayload,
  type User,
} from './payloads.ts'
import type { People } from './people.ts'

/** What every handler works with. */
export interface Edge {
  /** The client for interactions. */
  client: WebClient
  /** Sends an answer to a `response_url`. @throws when Slack refuses it */
  post: (url: string, body: object) => Promise<void>
  /** Uploads a file's content to the address that Slack gave. @throws when Slack refuses it */
  upload: (url: string, text: string) => Promise<void>
  grants: Grants
  customers: Customers
  people: People
  /** The address of a message; null if Slack gives none in time. */
  permalink: (place: { channel: string; ts: string }) => Promise<string | null>
  logger: Logger
  /** Epoch ms. */
  now: () => number
  /** Multiplies the time that a person may wait, for a busy machine; default: 1. */
  patience?: number
  /** Called for every acknowledgement; `ms` since the request arrived. */
  acknowledged?: (kind: Acknowledged, ms: number) => void
}

/** What Slack hands over and waits for; a `decision` is a button that changes something. */
export type Acknowledged = 'command' | 'shortcut' | 'button' | 'decision' | 'input' | 'submission'

/** The part of Bolt's arguments that handlers use. */
interface Incoming {
  body: unknown
  ack: (response?: never) => Promise<void>
}

type Reading<S extends z.ZodType> = (input: z.infer<S> & { answer: Answer }) => Promise<void>
type Committing<S extends z.ZodType> = (
  input: z.infer<S> & { answer: Answer; ack: () => Promise<void> } & Due,
) => Promise<void>

type Submitting = (
  input: z.infer<typeof submissionPayload> & { ack: AckFn<ViewResponseAction>; answer: Answer } & Due,
) => Promise<void>

/** ms within which the app acknowledges. Slack waits 3 s; the rest is for the network, both ways. */
const ACKNOWLEDGED_WITHIN = 2700

/**
 * The deadline of the acknowledgement, by `performance.now()`; everything that the app waits for before it shares this
 * time.
 */
export interface Due {
  until: number
}

/**
 * The text for a failure after which the change may have been recorded; operators find the log line by its number.
 */
export type Unsure = (words: Words) => (id: string) => string

/** A typed order, without its first word. */
export interface TypedOrder {
  user: User
  text: string
  /** The same for the same order, however often it arrives. */
  triggerId: string
  answer: Answer
  ack: () => Promise<void>
  /** As in `Due`. */
  until: number
}

/**
 * Wraps handlers: parses what comes in, acknowledges it at the right time and answers it. A failure is logged with a
 * number and reported honestly: what only reads or opens a form changed nothing; after anything else the app isn't
 * sure.
 */
export function createHandlers(edge: Edge) {
  const { logger, people, patience = 1 } = edge

  const due = (): Due => ({ until: performance.now() + ACKNOWLEDGED_WITHIN * patience })
  const report = (error: unknown, what: string): string => {
    const id = randomBytes(4).toString('hex')
    logger.error({ err: error, errorId: id }, `${what} failed; the person was told this number`)
    return id
  }
  const timed = <A extends unknown[]>(kind: Acknowledged, ack: (...response: A) => Promise<void>) => {
    const came = performance.now()
    return async (...response: A) => {
      await ack(...response)
      edge.acknowledged?.(kind, performance.now() - came)
    }
  }
  const tables: TablesTaken = { form: 'data_table', charts: true }
  const wordsFor = (body: unknown) => people.readerOf(senderOf(body).user).words
  const answerTo = (body: unknown) => createAnswer(edge, senderOf(body), () => wordsFor(body), tables)

  /** For what changes nothing: acknowledges first, then opens a form or reads what was asked for. */
  const answered =
    <S extends z.ZodType>(kind: 'command' | 'shortcut' | 'button', schema: S, handler: Reading<S>) =>
    async ({ body, ack }: Incoming): Promise<void> => {
      const answer = answerTo(body)
      const acknowledge = timed(kind, ack)
      try {
        await acknowledge()
        await handler({ ...(schema.parse(body) as object), answer } as Parameters<Reading<S>>[0])
      } catch (error) {
        if (isLedgerBusy(error)) {
          logger.warn({ err: error }, `a ${kind} could not be answered, as the ledger could not be read`)
          return answer({ text: wordsFor(body).notice.busy })
        }
        const id = report(error, `a ${kind}`)
        const { notice, refusal } = wordsFor(body)
        await answer({ text: deadTokenCode(error) ? refusal.cutOff : notice.failed(id) })
      }
    }

  /**
   * For what changes something: the handler acknowledges once the change is on disk, so that whatever Slack counts as
   * done is done.
   * @param unsure the text for a failure after which the change may have been recorded
   */
  const committed =
    <S extends z.ZodType>(kind: 'command' | 'decision', schema: S, unsure: Unsure, handler: Committing<S>) =>
    async ({ body, ack }: Incoming): Promise<void> => {
      const { until } = due()
      const answer = answerTo(body)
      let acknowledged = false
      const acknowledge = timed(kind, ack)
      const once = async () => {
        acknowledged = true
        try {
          await acknowledge()
        } catch (error) {
          // Slack has already shown a failure, so the person needs the real result all the more.
          logger.warn({ err: error }, `a ${kind} was acknowledged too late, and is answered all the same`)
        }
      }
      try {
        const input = { ...(schema.parse(body) as object), answer, ack: once, until }
        await handler(input as Parameters<Committing<S>>[0])
      } catch (error) {
        const id = report(error, `a ${kind}`)
        if (!acknowledged) await once()
        await answer({ text: unsure(wordsFor(body))(id) })
      }
    }

  return {
    command: (handler: Reading<typeof commandPayload>) => answered('command', commandPayload, handler),

    shortcut: (handler: Reading<typeof shortcutPayload>) => answered('shortcut', shortcutPayload, handler),

    /** In the menu of a message. */
    messageShortcut: (handler: Reading<typeof messageShortcutPayload>) =>
      answered('shortcut', messageShortcutPayload, handler),

    button: (handler: Reading<typeof buttonPayload>) => answered('button', buttonPayload, handler),

    /** A button that changes something. */
    decision: (handler: Committing<typeof buttonPayload>) =>
      committed('decision', buttonPayload, ({ decided }) => decided.unsure, handler),

    /**
     * A command that changes something.
     * @param unsure the text for a failure after which the change may have been recorded
     */
    order: (handler: Committing<typeof commandPayload>, unsure: Unsure) =>
      committed('command', commandPayload, unsure, handler),

    /** A change of an input in the form. The preview only informs, so a failure is only logged. */
    input:
      (handler: (input: z.infer<typeof inputPayload>) => Promise<void>) =>
      async ({ body, ack }: Incoming): Promise<void> => {
        const acknowledge = timed('input', ack)
        try {
          await acknowledge()
          await handler(inputPayload.parse(body))
        } catch (error) {
          logger.warn({ err: error }, 'the preview of a form was not drawn: submitting it decides anyway')
        }
      },

    submission: (handler: Submitting) => submitted(false, handler),

    /** The submission of a view that only asks: it changes nothing, and a failure says so. */
    question: (handler: Submitting) => submitted(true, handler),
  }

  /** @param isReading whether it changes nothing */
  function submitted(isReading: boolean, handler: Submitting) {
    return async ({ body, ack }: SlackViewMiddlewareArgs<ViewSubmitAction>): Promise<void> => {
      const { until } = due()
      let acknowledged = false
      const acknowledge = timed('submission', ack as AckFn<ViewResponseAction>)
      const once: AckFn<ViewResponseAction> = async (response) => {
        acknowledged = true
        await acknowledge(response)
      }
      try {
        await handler({ ...submissionPayload.parse(body), ack: once, answer: answerTo(body), until })
      } catch (error) {
        if (isReading) return tellUnanswered(error, body, acknowledged ? null : once)
        if (acknowledged) {
          logger.warn(
            { err: error },
            'a form was not redrawn after its submission: the message tells it anyway',
          )
          return
        }
        const id = report(error, 'a submission')
        const reader = people.readerOf(senderOf(body).user)
        const view = noticeView(reader, [section(reader.words.notice.unsure(id))])
        await once({ response_action: 'update', view }).catch((lost: unknown) =>
          logger.error({ err: lost, errorId: id }, 'a submission was not acknowledged'),
        )
      }
    }
  }

  /**
   * Reports that a view's question could not be answered.
   * @param ack null: already acknowledged; the view may show that it is loading
   */
  async function tellUnanswered(
    error: unknown,
    body: ViewSubmitAction,
    ack: AckFn<ViewResponseAction> | null,
  ): Promise<void> {
    const reader = people.readerOf(senderOf(body).user)
    const { notice, refusal } = reader.words
    const text = isLedgerBusy(error)
      ? notice.busy
      : deadTokenCode(error)
        ? refusal.cutOff
        : notice.failed(report(error, 'a submission'))
    const view = noticeView(reader, [section(text)])
    const told = ack
      ? ack({ response_action: 'update', view })
      : edge.client.views.update({ view_id: body.view.id, view })
    await told.catch((lost: unknown) => {
      if (slackCode(lost) !== 'not_found') logger.warn({ err: lost }, 'a view could not say that it failed')
      // The view closed when it was acknowledged, and its answer was to come in a message.
      return answerTo(body)({ text })
    })
  }
}
