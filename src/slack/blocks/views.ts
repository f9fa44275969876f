import type { AnyBlock, ModalView } from '@slack/types'
import { views } from '../ids.ts'
import type { Reader } from './reader.ts'
import { fitView, plain, section } from './text.ts'

/** A view as Slack takes it, however long what it shows is. */
export function modal(
  { words }: Reader,
  view: {
    /** Its `callback_id`. */
    id: string
    title: string
    /** The label of the button that submits it; left out: there is nothing to submit. */
    submit?: string
    /** Default: "Close". */
    close?: string
    /** What Slack keeps for us and sends back with it. */
    carries?: string
    /** Whether its close button ends the whole stack of views. */
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

/** A view that tells something and has nothing to submit; its close button ends the whole form. */
export function noticeView(reader: Reader, blocks: AnyBlock[]): ModalView {
  return modal(reader, { id: views.notice, title: reader.words.notice.title, endsAll: true, blocks })
}

/** Shown until what shall be there is known. */
export function loadingView(reader: Reader, says: { title: string; loading: string }): ModalView {
  const { title, loading } = says
  return modal(reader, {
    id: views.loading,
    title,
    close: reader.words.cancel,
    blocks: [section(loading)],
  })
}
