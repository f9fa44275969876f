import type { ModalView } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { cleanOrNull, cut } from '../../domain/people-text.ts'
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

/** What was written; null where there is nothing but blanks. Slack counts characters in its own way, so more may come. */
export function whyOf(view: FormView): string | null {
  const why = cleanOrNull(view.state.values[fields.why]?.[actions.whyInput]?.value ?? null)
  return why === null ? null : cut(why, MAX_WHY)
}
