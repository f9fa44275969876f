import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { AnyBlock, ModalView } from '@slack/types'
import type { ViewsOpenResponse } from '@slack/web-api'
import { isLedgerBusy } from '../../grants/index.ts'
import { loadingView, noticeView } from '../blocks/buttons-and-views.ts'
import { hasChart, withoutCharts } from '../blocks/chart.ts'
import type { Reader } from '../blocks/reader.ts'
import { hasTable, type TableForm, tableForms, withTablesAs } from '../blocks/table.ts'
import { fitMessage, type Message, section, typed } from '../blocks/text.ts'
import type { Words } from '../blocks/words/index.ts'
import { isContentRefused, slackCode } from './errors.ts'
import type { Edge } from './handlers.ts'
import type { User } from './payloads.ts'

/**
 * Answers only the person who acted. Never throws: a failure is logged.
 * `replace`: the answer replaces the message whose button was pressed, if there is one.
 */
export type Answer = (message: { text: string; blocks?: AnyBlock[]; replace?: boolean }) => Promise<void>

const PAUSE = 500

/**
 * How this workspace takes tables, as far as is known: the first form that Slack has not refused; and whether it takes
 * charts.
 */
export interface TablesTaken {
  form: TableForm
  charts: boolean
}

/**
 * Answers through the `response_url` of the request, or in a direct message if Slack gives none. A response_url works
 * five times, and an answer that comes twice does less harm than none, so it is tried twice; the client itself repeats
 * a direct message. If Slack refuses a chart or table, a plainer one is tried.
 * @param words the reader's, asked for once there is something to say
 */
export function createAnswer(
  { client, post, logger }: Pick<Edge, 'client' | 'post' | 'logger'>,
  to: { responseUrl: string | null; user: string },
  words: () => Words,
  tables: TablesTaken = { form: 'data_table', charts: true },
): Answer {
  const { responseUrl, user } = to
  // A payload that can't be read may not name its sender: then nobody can be answered.
  if (responseUrl === null && user === '') return async () => {}
  async function send(message: { text: string; blocks?: AnyBlock[] }, replace: boolean): Promise<void> {
    if (responseUrl === null) {
      // The sender is unknown.
      if (user === '') return
      await client.chat.postMessage({ channel: user, ...message })
      return
    }
    const body = { response_type: 'ephemeral', replace_original: replace, ...message }
    try {
      await post(responseUrl, body)
    } catch (error) {
      if (isContentRefused(error)) throw error
      logger.debug({ err: error }, 'an answer was not taken, trying once more')
      await sleep(PAUSE)
      await post(responseUrl, body)
    }
  }
  /** @param forms of tables, tried in this order */
  async function sendAs(
    forms: readonly TableForm[],
    { text, blocks }: { text: string; blocks?: AnyBlock[] },
    replace: boolean,
  ): Promise<void> {
    const [form = 'lines', ...plainer] = forms
    const drawn = blocks && withTablesAs(form, blocks)
    try {
      await send(fitMessage({ text, ...(drawn && { blocks: drawn }) }, words()), replace)
      if (blocks && hasTable(blocks)) tables.form = form
    } catch (error) {
      // Charts aren't in every plan and place yet, whatever tables Slack takes.
      if (blocks && hasChart(blocks) && isContentRefused(error)) {
        await sendAs(forms, { text, blocks: withoutCharts(blocks, words()) }, replace)
        tables.charts = false
        return
      }
      if (!blocks || !hasTable(blocks) || !isContentRefused(error) || plainer.length === 0) throw error
      await sendAs(plainer, { text, blocks }, replace)
    }
  }
  return async ({ text, blocks, replace = false }) => {
    try {
      const forms = tableForms.slice(tableForms.indexOf(tables.form))
      const drawn = blocks && !tables.charts ? withoutCharts(blocks, words()) : blocks
      await sendAs(forms, { text, ...(drawn && { blocks: drawn }) }, replace)
    } catch (error) {
      logger.error({ err: error }, 'a person got no answer: Slack did not take it')
    }
  }
}

/** ms; a trigger lives 3 s, so what takes longer than this is waited for in a loading view. */
const QUICK = 1000

interface Opening {
  user: User
  triggerId: string
  answer: Answer
  /** The answer if the trigger expired before anything could be opened. */
  late: (words: Words) => string
}

/** What to show: a view, or why there is none. */
export type Ready = { view: ModalView } | { reader: Reader; instead: Message }

/** Opens a view. */
export function openView(edge: Edge, opening: Opening, view: ModalView): Promise<void> {
  const { client } = edge
  return inTime(edge, opening, () => client.views.open({ trigger_id: opening.triggerId, view }))
}

/** Opens a view over the one that is open. */
export function pushView(edge: Edge, opening: Opening, view: ModalView): Promise<void> {
  const { client } = edge
  return inTime(edge, opening, () => client.views.push({ trigger_id: opening.triggerId, view }))
}

/** Opens a view once it is ready; if that takes long, opens a loading view that becomes it. */
export async function openWhenReady(
  edge: Edge,
  opening: Opening & {
    ready: Promise<Ready>
    loading: (words: Words) => { title: string; loading: string }
  },
): Promise<void> {
  const { client, people } = edge
  const { user, triggerId, answer, ready } = opening
  // It is awaited below, and its failure is reported there; until then it must not count as unhandled.
  ready.catch(() => {})
  const known = await Promise.race([ready, sleep(QUICK, null, { ref: false })])
  if (known) return 'view' in known ? openView(edge, opening, known.view) : answer(known.instead)
  await inTime(edge, opening, async () => {
    const reader = people.readerOf(user.id)
    const view = { ...loadingView(reader, opening.loading(reader.words)), external_id: randomUUID() }
    const place = await client.views.open({ trigger_id: triggerId, view }).then(placeOf, (error) => {
      // It may be this call's own view: its answer was lost, and the repeat met a used trigger.
      if (slackCode(error) === 'exchanged_trigger_id') return { external_id: view.external_id }
      throw error
    })
    await fillIn(edge, place, shownOf(edge, ready, user))
  })
}

/** ms after which Slack has put an acknowledged view in its place. */
export const SETTLED_AFTER = 400

/** Turns a submitted view into another one once that is ready; if that takes long, shows a loading view meanwhile. */
export async function becomeWhenReady(
  edge: Edge,
  change: {
    user: User
    viewId: string
    ready: Promise<Ready>
    loading: (words: Words) => { title: string; loading: string }
    ack: AckFn<ViewResponseAction>
  },
): Promise<void> {
  const { user, viewId, ready, ack } = change
  const shown = shownOf(edge, ready, user)
  const view = await Promise.race([shown, sleep(QUICK, null, { ref: false })])
  if (view) return ack({ response_action: 'update', view })
  const reader = edge.people.readerOf(user.id)
  await ack({ response_action: 'update', view: loadingView(reader, change.loading(reader.words)) })
  await sleep(SETTLED_AFTER)
  await fillIn(edge, { view_id: viewId }, shown)
}

/** Opens something while the trigger lives, or tells the person that it was too late. */
async function inTime(
  { people, logger }: Edge,
  { user, answer, late }: Opening,
  open: () => Promise<unknown>,
): Promise<void> {
  try {
    await open()
  } catch (error) {
    const code = slackCode(error)
    // The same request came twice, and the other one opened the view.
    if (code === 'exchanged_trigger_id') return
    if (code !== 'expired_trigger_id' && code !== 'trigger_expired') throw error
    logger.warn({ person: user.id }, 'a view could not be opened within 3 s')
    await answer({ text: late(people.readerOf(user.id).words) })
  }
}

/** An open view, by Slack's id or by the app's. */
type Place = { view_id: string; hash?: string } | { external_id: string }

function placeOf({ view: { id, hash } = {} }: ViewsOpenResponse): Place {
  if (!id) throw new Error('Slack did not tell which view it opened')
  return { view_id: id, ...(hash ? { hash } : {}) }
}

/** What replaces a loading view, whether the work succeeded or failed. */
function shownOf({ people, logger }: Edge, ready: Promise<Ready>, user: User): Promise<ModalView> {
  return ready.then(
    (known) => ('view' in known ? known.view : noticeView(known.reader, known.instead.blocks)),
    (error: unknown) => {
      const reader = people.readerOf(user.id)
      const { notice } = reader.words
      if (isLedgerBusy(error)) {
        logger.warn({ err: error }, 'a view could not be prepared, as the ledger could not be read')
        return noticeView(reader, [typed(notice.busy)])
      }
      const errorId = randomBytes(4).toString('hex')
      logger.error({ err: error, errorId }, 'a view could not be prepared; the person was told this number')
      return noticeView(reader, [section(notice.failed(errorId))])
    },
  )
}

async function fillIn({ client }: Edge, place: Place, shown: Promise<ModalView>): Promise<void> {
  const view = await shown
  try {
    await client.views.update({ ...place, view })
  } catch (error) {
    // The view was closed, or another request opened it; or this call already changed it and its answer was lost.
    if (!['not_found', 'hash_conflict'].includes(slackCode(error) ?? '')) throw error
  }
}
