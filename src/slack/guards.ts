import { randomBytes } from 'node:crypto'
import type {
  AckFn,
  RespondFn,
  SlackViewMiddlewareArgs,
  ViewResponseAction,
  ViewSubmitAction,
} from '@slack/bolt'
import type { z } from 'zod'
import type { Acknowledged, Edge } from './edge.ts'
import { buttonPayload, commandPayload, inputPayload, submissionPayload } from './payloads.ts'
import { createReader } from './reader.ts'
import { createRespond, type Respond } from './respond.ts'
import { noticeView } from './send/notice-view.ts'
import { section } from './text.ts'

/** What a listener can meet of Bolt. */
interface Incoming {
  body: unknown
  ack: (answer?: never) => Promise<void>
  respond: RespondFn
}

type Input<S extends z.ZodType> = z.infer<S>

/**
 * Wraps listeners: what comes in is checked, and whatever fails is logged with a number and told to the person,
 * truly: only a submission can have changed something.
 */
export function createGuards(edge: Edge) {
  const { logger, grants, people } = edge

  const report = (error: unknown, what: string): string => {
    const id = randomBytes(4).toString('hex')
    logger.error({ err: error, errorId: id }, `${what} failed; the person was told this number`)
    return id
  }
  const timed = <A extends unknown[]>(kind: Acknowledged, ack: (...answer: A) => Promise<void>) => {
    const came = performance.now()
    return async (...answer: A) => {
      await ack(...answer)
      edge.acknowledged?.(kind, performance.now() - came)
    }
  }
  const readerFor = (body: unknown) => {
    const acting = body as { user?: { id?: unknown }; user_id?: unknown } | null
    const language = people.languageOf(String(acting?.user?.id ?? acting?.user_id))
    return createReader(language, grants.policy())
  }

  /** Acknowledged first, as nothing is changed before a form is submitted. */
  const answered =
    <S extends z.ZodType>(
      kind: 'command' | 'button',
      schema: S,
      listener: (input: Input<S> & { respond: Respond }) => Promise<void>,
    ) =>
    async ({ body, ack, respond: boltRespond }: Incoming): Promise<void> => {
      const respond = createRespond(boltRespond, logger)
      const acknowledge = timed(kind, ack)
      try {
        await acknowledge()
        await listener({ ...(schema.parse(body) as Input<S> & object), respond } as Input<S> & {
          respond: Respond
        })
      } catch (error) {
        const id = report(error, `a ${kind}`)
        await respond({ text: readerFor(body).words.notice.failed(id) })
      }
    }

  return {
    command: (listener: (input: z.infer<typeof commandPayload> & { respond: Respond }) => Promise<void>) =>
      answered('command', commandPayload, listener),

    button: (listener: (input: z.infer<typeof buttonPayload> & { respond: Respond }) => Promise<void>) =>
      answered('button', buttonPayload, listener),

    /**
     * A button that changes something: the listener acknowledges once that is on disk, so that a click which Slack
     * takes for done is done.
     */
    decision:
      (
        listener: (
          input: z.infer<typeof buttonPayload> & { respond: Respond; ack: () => Promise<void> },
        ) => Promise<void>,
      ) =>
      async ({ body, ack, respond: boltRespond }: Incoming): Promise<void> => {
        const respond = createRespond(boltRespond, logger)
        let acknowledged = false
        const acknowledge = timed('decision', ack)
        const once = async () => {
          acknowledged = true
          try {
            await acknowledge()
          } catch (error) {
            // Slack has shown a failure by now: what really became of the click is told all the more.
            logger.warn({ err: error }, 'a click was acknowledged too late, and is answered all the same')
          }
        }
        try {
          await listener({ ...buttonPayload.parse(body), respond, ack: once })
        } catch (error) {
          const id = report(error, 'a decision')
          if (!acknowledged) await once()
          await respond({ text: readerFor(body).words.decided.unsure(id) })
        }
      },

    /** Of the form: it only informs, so a failure is only logged. */
    input:
      (listener: (input: z.infer<typeof inputPayload>) => Promise<void>) =>
      async ({ body, ack }: Pick<Incoming, 'body' | 'ack'>): Promise<void> => {
        const acknowledge = timed('input', ack)
        try {
          await acknowledge()
          await listener(inputPayload.parse(body))
        } catch (error) {
          logger.warn({ err: error }, 'the preview of a form was not drawn: submitting it decides anyway')
        }
      },

    submission:
      (
        listener: (
          input: z.infer<typeof submissionPayload> & { ack: AckFn<ViewResponseAction> },
        ) => Promise<void>,
      ) =>
      async ({ body, ack }: SlackViewMiddlewareArgs<ViewSubmitAction>): Promise<void> => {
        let acknowledged = false
        const acknowledge = timed('submission', ack as AckFn<ViewResponseAction>)
        const once: AckFn<ViewResponseAction> = async (answer) => {
          acknowledged = true
          await acknowledge(answer)
        }
        try {
          await listener({ ...submissionPayload.parse(body), ack: once })
        } catch (error) {
          if (acknowledged) {
            logger.warn(
              { err: error },
              'a form was not redrawn after its submission: the message tells it anyway',
            )
            return
          }
          const id = report(error, 'a submission')
          const reader = readerFor(body)
          const view = noticeView(reader, [section(reader.words.notice.unsure(id))])
          await once({ response_action: 'update', view }).catch((lost: unknown) =>
            logger.error({ err: lost, errorId: id }, 'a submission was not acknowledged'),
          )
        }
      },
  }
}
