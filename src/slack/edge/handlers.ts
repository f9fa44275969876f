import { randomBytes } from 'node:crypto'
import type {
  AckFn,
  RespondFn,
  SlackViewMiddlewareArgs,
  ViewResponseAction,
  ViewSubmitAction,
} from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { type Grants, isLedgerBusy } from '../../grants/index.ts'
import { createReader } from '../blocks/reader.ts'
import { section } from '../blocks/text.ts'
import { noticeView } from '../blocks/views.ts'
import type { Words } from '../blocks/words/index.ts'
import { createRespond, type Respond } from './answer.ts'
import { deadTokenCode } from './errors.ts'
import { buttonPayload, commandPayload, inputPayload, submissionPayload } from './payloads.ts'
import type { People } from './people.ts'

/** What a listener can meet of Bolt. */
interface Incoming {
  body: unknown
  ack: (answer?: never) => Promise<void>
  respond: RespondFn
}

type Input<S extends z.ZodType> = z.infer<S>
type Committing<S extends z.ZodType> = (
  input: Input<S> & { respond: Respond; ack: () => Promise<void> },
) => Promise<void>

/**
 * Wraps listeners: what comes in is checked, and whatever fails is logged with a number and told to the person,
 * truly: what only reads or opens a form changed nothing, of everything else it is not sure.
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

  /** Acknowledged first, as it changes nothing: a form is only opened, what was asked only read. */
  const answered =
    <S extends z.ZodType>(
      kind: 'command' | 'button',
      schema: S,
      listener: (input: Input<S> & { respond: Respond }) => Promise<void>,
    ) =>
    async ({ body, ack, respond: boltRespond }: Incoming): Promise<void> => {
      const respond = createRespond(boltRespond, logger, () => readerFor(body).words)
      const acknowledge = timed(kind, ack)
      try {
        await acknowledge()
        await listener({ ...(schema.parse(body) as Input<S> & object), respond } as Input<S> & {
          respond: Respond
        })
      } catch (error) {
        if (isLedgerBusy(error)) {
          logger.warn({ err: error }, `a ${kind} could not be answered, as the ledger could not be read`)
          return respond({ text: readerFor(body).words.notice.busy })
        }
        const id = report(error, `a ${kind}`)
        const { notice, refusal } = readerFor(body).words
        await respond({ text: deadTokenCode(error) ? refusal.cutOff : notice.failed(id) })
      }
    }

  /**
   * What changes something: the listener acknowledges once that is on disk, so that what Slack takes for done is done.
   * @param unsure the words where it failed and may have been recorded
   */
  const committed =
    <S extends z.ZodType>(
      kind: 'command' | 'decision',
      schema: S,
      unsure: (words: Words) => (id: string) => string,
      listener: Committing<S>,
    ) =>
    async ({ body, ack, respond: boltRespond }: Incoming): Promise<void> => {
      const respond = createRespond(boltRespond, logger, () => readerFor(body).words)
      let acknowledged = false
      const acknowledge = timed(kind, ack)
      const once = async () => {
        acknowledged = true
        try {
          await acknowledge()
        } catch (error) {
          // Slack has shown a failure by now: what really became of it is told all the more.
          logger.warn({ err: error }, `a ${kind} was acknowledged too late, and is answered all the same`)
        }
      }
      try {
        await listener({ ...(schema.parse(body) as Input<S> & object), respond, ack: once } as Parameters<
          Committing<S>
        >[0])
      } catch (error) {
        const id = report(error, `a ${kind}`)
        if (!acknowledged) await once()
        await respond({ text: unsure(readerFor(body).words)(id) })
      }
    }

  return {
    command: (listener: (input: z.infer<typeof commandPayload> & { respond: Respond }) => Promise<void>) =>
      answered('command', commandPayload, listener),

    button: (listener: (input: z.infer<typeof buttonPayload> & { respond: Respond }) => Promise<void>) =>
      answered('button', buttonPayload, listener),

    /** A button that changes something. */
    decision: (listener: Committing<typeof buttonPayload>) =>
      committed('decision', buttonPayload, ({ decided }) => decided.unsure, listener),

    /** A command that pauses or resumes. */
    order: (listener: Committing<typeof commandPayload>) =>
      committed('command', commandPayload, ({ pausing }) => pausing.unsure, listener),

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

/** What every listener works with. */
export interface Edge {
  /** The client for interactions. */
  client: WebClient
  grants: Grants
  people: People
  logger: Logger
  /** Epoch ms. */
  now: () => number
  /** Told of every acknowledgement; ms since what is acknowledged came. */
  acknowledged?: (kind: Acknowledged, ms: number) => void
}

/** What Slack hands over and waits for; a decision is a button that changes something. */
export type Acknowledged = 'command' | 'button' | 'decision' | 'input' | 'submission'

/** Who Slack says acts. */
export interface User {
  id: string
  team: string | null
}
