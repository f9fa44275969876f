import type { ActionsBlock, AnyBlock, Button, ModalView, Overflow } from '@slack/types'
import type { Decision, Grant } from '../../domain/grant.ts'
import type { Hold } from '../../domain/hold.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import { actions, type Choice, choices, views } from '../ids.ts'
import { approvedSoFar } from './grant-parts.ts'
import type { Reader } from './reader.ts'
import { fitView, plain, section } from './text.ts'

/** @param value of the buttons: the grant's id, and in a list also its page */
export function decideButtons(
  { grant, decisions }: { grant: Grant; decisions: readonly Decision[] },
  value: string,
  { words, amount }: Reader,
): Button[] {
  const { approval } = words
  const [number, needed] = [approvedSoFar(decisions) + 1, grant.approvalsNeeded]
  const says =
    number < needed
      ? approval.confirmCounts(number, needed)
      : approval.confirmGives(amount(grant.quota), shortOpenid(grant.openid))
  return [
    {
      ...button(actions.approve, words.approval.approve, value, 'primary'),
      confirm: {
        title: plain(words.approval.confirmTitle, 100),
        text: plain(says, 300),
        confirm: plain(words.approval.confirmYes, 30),
        deny: plain(words.approval.confirmNo, 30),
      },
    },
    button(actions.reject, words.approval.reject, value),
  ]
}

/** Lets requesters cancel their own grant. */
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

/** Ends exactly this pause. @param stock its name for people; null: the pause of everything */
export function resumeButton({ id }: Pick<Hold, 'id'>, stock: string | null, reader: Reader): Button {
  const { pausing } = reader.words
  return {
    ...button(actions.resumeIssuing, pausing.resume, writeHold(id)),
    confirm: {
      title: plain(pausing.resumeTitle, 100),
      text: plain(pausing.resumeText(stock), 300),
      confirm: plain(pausing.resumeYes, 30),
      deny: plain(pausing.resumeNo, 30),
    },
  }
}

/**
 * Pauses what this fault stops, until somebody resumes; does nothing once the fault is over.
 * @param stock a key; null: everything
 */
export function pauseButton({ id }: Pick<Hold, 'id'>, stock: string | null, reader: Reader): Button {
  const { pausing } = reader.words
  return {
    ...button(actions.pauseIssuing, pausing.pause, writeHold(id), 'danger'),
    confirm: {
      title: plain(pausing.pauseTitle, 100),
      text: plain(pausing.pauseText(stock), 300),
      confirm: plain(pausing.pauseYes, 30),
      deny: plain(pausing.pauseNo, 30),
      style: 'danger',
    },
  }
}

function writeHold(id: string): string {
  return `hold:${id}`
}

/**
 * The id of the hold that a button was drawn for; if this version did not write the value, an empty text, which
 * matches no hold.
 */
export function readHold(value: string | undefined): string {
  return /^hold:([0-9A-Za-z-]{1,64})$/.exec(value ?? '')?.[1] ?? ''
}

/** Opens the form that settles a grant or confirms its settlement. */
export function settleButton(grantId: string, text: string): Button {
  return button(actions.settle, text, grantId)
}

/** Opens a settlement, to be confirmed. */
export function confirmButton(grantId: string, settlementId: string, { words: { stuck } }: Reader): Button {
  return button(actions.settle, stuck.confirm, `${grantId}|${settlementId}`)
}

/** Withdraws a settlement, once the person confirms it. */
export function withdrawButton(settlementId: string, { words: { stuck } }: Reader): Button {
  return {
    ...button(actions.withdraw, stuck.withdraw, settlementId),
    confirm: {
      title: plain(stuck.withdrawTitle, 100),
      text: plain(stuck.withdrawText, 300),
      confirm: plain(stuck.withdrawYes, 30),
      deny: plain(stuck.withdrawNo, 30),
    },
  }
}

/**
 * The rarely needed actions of a grant, behind three dots. Slack takes 75 characters in a value, too few to carry a
 * list, so nothing in the menu changes what a list shows.
 */
export function moreMenu(grantId: string, offered: readonly Choice[], { words }: Reader): Overflow {
  return {
    type: 'overflow',
    action_id: actions.more,
    options: offered.map((choice) => ({
      text: plain(words.more[choice], 75),
      value: `${choice}|${grantId}`,
    })),
  }
}

/**
 * The same for the rows of a table, which has no room for menus: one menu below it, with every row under each choice.
 * Empty if there are no rows.
 */
export function moreOf(
  rows: readonly { grantId: string; label: string }[],
  offered: readonly Choice[],
  label: string,
  { words }: Reader,
): ActionsBlock[] {
  if (rows.length === 0) return []
  const groups = offered.map((choice) => ({
    label: plain(words.more[choice], 75),
    options: rows.map(({ grantId, label: text }) => ({
      text: plain(text, 75),
      value: `${choice}|${grantId}`,
    })),
  }))
  return [
    {
      type: 'actions',
      elements: [
        {
          type: 'static_select',
          action_id: actions.more,
          placeholder: plain(label, 150),
          option_groups: groups,
        },
      ],
    },
  ]
}

/** The choice made in a menu, and for which grant; null if this app did not write it. */
export function readChoice(value: string | undefined): { choice: Choice; of: string } | null {
  const [, kind, of = ''] = /^([a-z]+)\|(.*)$/s.exec(value ?? '') ?? []
  const choice = choices.find((one) => one === kind)
  return choice ? { choice, of } : null
}

/** A row of buttons and menus. */
export function buttonRow(...elements: (Button | Overflow)[]): ActionsBlock {
  return { type: 'actions', elements }
}

/** A button whose `value` comes back with the click. */
export function button(actionId: string, text: string, value: string, style?: 'primary' | 'danger'): Button {
  return { type: 'button', action_id: actionId, text: plain(text, 75), value, ...(style ? { style } : {}) }
}

/** A view that Slack accepts, however long its content. */
export function modal(
  { words }: Reader,
  view: {
    /** The view's `callback_id`. */
    id: string
    title: string
    /** The label of the submit button; default: nothing to submit. */
    submit?: string
    /** Default: "Close". */
    close?: string
    /** What Slack keeps with the view and sends back. */
    carries?: string
    /** Whether its close button closes the whole stack of views. */
    endsAll?: boolean
    blocks: AnyBlock[]
  },
): ModalView {
  const { id, title, submit, close = words.close, carries, endsAll = false, blocks } = view
  return fitView(
    {
      type: 'modal',
      callback_id: id,
      ...(carries === undefined ? {} : { private_metadata: carries }),
      title: plain(title, 24),
      ...(submit === undefined ? {} : { submit: plain(submit, 24) }),
      close: plain(close, 24),
      ...(endsAll ? { clear_on_close: true } : {}),
      blocks,
    },
    words,
  )
}

/** A view that shows a text and has nothing to submit; its close button closes the whole form. */
export function noticeView(reader: Reader, blocks: AnyBlock[]): ModalView {
  return modal(reader, { id: views.notice, title: reader.words.notice.title, endsAll: true, blocks })
}

/** Shown until the real content is ready. */
export function loadingView(reader: Reader, says: { title: string; loading: string }): ModalView {
  const { title, loading } = says
  return modal(reader, {
    id: views.loading,
    title,
    close: reader.words.cancel,
    blocks: [section(loading)],
  })
}
