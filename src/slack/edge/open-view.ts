import { randomBytes, randomUUID } from 'node:crypto'
import type { AnyBlock, ModalView } from '@slack/types'
import type { ViewsOpenResponse } from '@slack/web-api'
import { isLedgerBusy } from '../../grants/index.ts'
import { createReader, type Reader } from '../blocks/reader.ts'
import { section, typed } from '../blocks/text.ts'
import { loadingView, noticeView } from '../blocks/views.ts'
import { type Words, wordsOf } from '../blocks/words/index.ts'
import type { Respond } from './answer.ts'
import { slackCode } from './errors.ts'
import type { Edge, User } from './handlers.ts'
import { within } from './within.ts'

/** A trigger lives 3 s: what is not known after one is waited for in a loading view. */
const QUICK = 1000

/** What is shown: a view, or why there is none. */
export type Ready =
  | { reader: Reader; view: ModalView; told: null }
  | { reader: Reader; told: { text: string; blocks: AnyBlock[] } }

/** Opens a view once it is made; where that takes long, a loading view that becomes it. */
export async function openWhenReady(
  edge: Edge,
  opening: {
    user: User
    triggerId: string
    respond: Respond
    ready: Promise<Ready>
    loading: (words: Words) => { title: string; loading: string }
    /** What is answered where the trigger was over before anything could be opened. */
    late: (words: Words) => string
  },
): Promise<void> {
  const { client, grants, logger } = edge
  const { user, triggerId, respond, ready } = opening
  // It is waited for below or its failure is told there; meanwhile it must not count as unhandled.
  ready.catch(() => {})
  const known = await within(ready, QUICK)
  try {
    if (known?.told) return await respond({ text: known.told.text, blocks: known.told.blocks })
    if (known) {
      await client.views.open({ trigger_id: triggerId, view: known.view })
      return
    }
    const reader = createReader(edge.people.languageOf(user.id), grants.policy())
    const view = { ...loadingView(reader, opening.loading(reader.words)), external_id: randomUUID() }
    const place = await client.views.open({ trigger_id: triggerId, view }).then(placeOf, (error) => {
      // It may be ours: its answer was lost, and the repeat met a trigger that had served.
      if (slackCode(error) === 'exchanged_trigger_id') return { external_id: view.external_id }
      throw error
    })
    await fillIn(edge, place, ready, user)
  } catch (error) {
    const code = slackCode(error)
    // The same command came twice, and the other one has opened the form.
    if (code === 'exchanged_trigger_id') return
    if (code !== 'expired_trigger_id' && code !== 'trigger_expired') throw error
    logger.warn({ person: user.id }, 'a view could not be opened within 3 s')
    await respond({ text: opening.late(wordsOf(edge.people.languageOf(user.id))) })
  }
}

/** Where an open view is, by Slack's name for it or by ours. */
type Place = { view_id: string; hash?: string } | { external_id: string }

function placeOf({ view: { id, hash } = {} }: ViewsOpenResponse): Place {
  if (!id) throw new Error('Slack did not tell which view it opened')
  return { view_id: id, ...(hash ? { hash } : {}) }
}

async function fillIn(
  { client, grants, people, logger }: Edge,
  place: Place,
  ready: Promise<Ready>,
  user: User,
): Promise<void> {
  const view = await ready.then(
    (known) => (known.told ? noticeView(known.reader, known.told.blocks) : known.view),
    (error: unknown) => {
      const reader = createReader(people.languageOf(user.id), grants.policy())
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
  try {
    await client.views.update({ ...place, view })
  } catch (error) {
    // Closed meanwhile, or another's; or changed by the same call, whose answer was lost.
    if (!['not_found', 'hash_conflict'].includes(slackCode(error) ?? '')) throw error
  }
}
