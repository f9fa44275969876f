import type { Button } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { actions } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { plain } from '../text.ts'

/** @param value what the buttons carry: the grant's id, and in a list its page */
export function decideButtons(grant: Grant, value: string, { words, money }: Reader): Button[] {
  return [
    {
      ...button(actions.approve, words.approval.approve, value, 'primary'),
      confirm: {
        title: plain(words.approval.confirmTitle, 100),
        text: plain(words.approval.confirmText(money(grant.quota), shortOpenid(grant.openid)), 300),
        confirm: plain(words.approval.confirmYes, 30),
        deny: plain(words.approval.confirmNo, 30),
      },
    },
    button(actions.reject, words.approval.reject, value),
  ]
}

/** The requester's way back. */
export function cancelOwnButton(value: string, { words }: Reader): Button {
  return {
    ...button(actions.cancelOwn, words.approval.cancelOwn, value),
    confirm: {
      title: plain(words.approval.cancelTitle, 100),
      text: plain(words.approval.cancelText, 300),
      confirm: plain(words.approval.cancelYes, 30),
      deny: plain(words.approval.cancelNo, 30),
    },
  }
}

export function button(actionId: string, text: string, value: string, style?: 'primary' | 'danger'): Button {
  return { type: 'button', action_id: actionId, text: plain(text, 75), value, ...(style ? { style } : {}) }
}
