import type { ModalView } from '@slack/types'
import { z } from 'zod'
import type { Ask } from '../../domain/ask.ts'
import type { Grant } from '../../domain/grant.ts'
import { isOpen } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { fitView } from '../fit.ts'
import { views } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { plain, section } from '../text.ts'

/** What the first form held: the second view has no inputs, so Slack keeps it for us, and it is checked again. */
const carried = z.strictObject({
  openid: z.string().max(200),
  stock: z.string().max(200),
  reason: z.string().max(200),
  note: z.string().max(500).nullable(),
  ticket: z.string().max(100).nullable(),
  /** The grant that is shown, of which the person then knows. Left out by an earlier version: asked anew. */
  previous: z.string().max(64).nullable().default(null),
})

/** The second view: the same user has one in flight or got one lately. */
export function anotherView(ask: Ask, previous: Grant, reader: Reader): ModalView {
  const { words, dates, name } = reader
  const who = `<@${previous.requester}>`
  const when = dates.slack(previous.createdAt)
  const view: ModalView = {
    type: 'modal',
    callback_id: views.another,
    private_metadata: JSON.stringify({ ...ask, previous: previous.id } satisfies z.infer<typeof carried>),
    title: plain(words.another.title, 24),
    submit: plain(words.another.give, 24),
    close: plain(words.cancel, 24),
    blocks: [
      section(isOpen(previous.state) ? words.another.inFlight(who, when) : words.another.given(who, when)),
      section(words.another.question(`\`${shortOpenid(ask.openid)}\``, name(previous.stockName))),
    ],
  }
  return fitView(view, words)
}

/** The ask that a second view carries and the grant that it showed, or null where it is not one that this app wrote. */
export function carriedAsk(privateMetadata: string): { ask: Ask; previous: string | null } | null {
  try {
    const { previous, ...ask } = carried.parse(JSON.parse(privateMetadata))
    return { ask, previous }
  } catch {
    return null
  }
}
