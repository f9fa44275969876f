import type { ModalView } from '@slack/types'
import { z } from 'zod'
import type { Grant } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { fitView } from '../fit.ts'
import { actions, fields, views } from '../ids.ts'
import type { FormView } from '../payloads.ts'
import type { Reader } from '../reader.ts'
import { plain, section } from '../text.ts'

const MAX_WHY = 3000

/** Asks for the reason of a rejection or of a cancelling. The grant's id travels with it and is looked up again. */
export function whyView(kind: 'reject' | 'cancel', grant: Grant, reader: Reader): ModalView {
  const { words, name } = reader
  const { approval } = words
  const view: ModalView = {
    type: 'modal',
    callback_id: views[kind],
    private_metadata: grant.id,
    title: plain(kind === 'reject' ? approval.rejectTitle : approval.cancelModalTitle, 24),
    submit: plain(kind === 'reject' ? approval.rejectSubmit : approval.cancelSubmit, 24),
    close: plain(words.close, 24),
    blocks: [
      section(
        approval.about(`<@${grant.requester}>`, name(grant.stockName), `\`${shortOpenid(grant.openid)}\``),
      ),
      {
        type: 'input',
        block_id: fields.why,
        label: plain(approval.whyLabel, 150),
        hint: plain(approval.whyHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.whyInput,
          multiline: true,
          max_length: MAX_WHY,
        },
      },
    ],
  }
  return fitView(view, words)
}

const filled = z.string().trim().min(1).max(MAX_WHY)

/** What was written; null where there is nothing but blanks. */
export function whyOf(view: FormView): string | null {
  const read = filled.safeParse(view.state.values[fields.why]?.[actions.whyInput]?.value)
  return read.success ? read.data : null
}
