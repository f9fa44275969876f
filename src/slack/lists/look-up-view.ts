import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { openidProblemOf } from '../../domain/ask.ts'
import { cleanOpenid } from '../../domain/wechatpay-ids.ts'
import { modal } from '../blocks/buttons-and-views.ts'
import { refusalBlocks, refusalText } from '../blocks/explain.ts'
import type { Reader } from '../blocks/reader.ts'
import { context, plain } from '../blocks/text.ts'
import { type Answer, openWhenReady, type Ready } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { FormView, User } from '../edge/payloads.ts'
import { actions, fields, views } from '../ids.ts'
import { showCouponList } from './coupons.ts'

/** ms; nobody looks at a loading view for longer. */
const SLOW = 8000
/** Leaves room for text pasted around an openid. */
const MAX_OPENID_INPUT = 200

/** Opens the form "Look up coupons", or says why this person can't look anything up. */
export async function openLookUp(
  edge: Edge,
  opening: { user: User; triggerId: string; answer: Answer },
): Promise<void> {
  await openWhenReady(edge, {
    ...opening,
    ready: prepare(edge, opening.user),
    loading: ({ lookUp }) => lookUp,
    late: ({ notice }) => notice.late,
  })
}

async function prepare({ grants, people }: Edge, user: User): Promise<Ready> {
  const { person, reader } = await people.who(user, SLOW)
  const { mayLookUp } = await grants.abilities(person)
  return mayLookUp
    ? { reader, instead: refusalBlocks([mayLookUp], grants.policy(), reader) }
    : { view: lookUpView(reader) }
}

/** The form "Look up coupons". */
export function lookUpView(reader: Reader): ModalView {
  const { lookUp, form, cancel } = reader.words
  return modal(reader, {
    id: views.lookUp,
    title: lookUp.title,
    submit: lookUp.submit,
    close: cancel,
    blocks: [
      {
        type: 'input',
        block_id: fields.openid,
        label: plain(form.openid, 150),
        hint: plain(form.openidHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.openidToLookUp,
          max_length: MAX_OPENID_INPUT,
          placeholder: plain(form.openidPlaceholder, 150),
          focus_on_load: true,
        },
      },
      context(lookUp.says),
    ],
  })
}

/** Takes the form: shows a mistake at its field, or sends the coupons in a direct message. */
export async function lookUpSubmitted(
  edge: Edge,
  sent: { user: User; view: FormView; ack: AckFn<ViewResponseAction>; answer: Answer },
): Promise<void> {
  const { user, view, ack, answer } = sent
  const openid = cleanOpenid(view.state.values[fields.openid]?.[actions.openidToLookUp]?.value ?? '')
  const problem = openidProblemOf(edge.grants.policy(), openid)
  if (problem) {
    const { words, dates } = edge.people.readerOf(user.id)
    const text = refusalText({ code: 'openid-malformed', problem }, words, dates)
    return ack({ response_action: 'errors', errors: { [fields.openid]: text } })
  }
  // Looking up takes longer than Slack waits.
  await ack()
  await showCouponList(edge, { user, value: { openid, stock: null, page: 1 }, answer, replace: false })
}
