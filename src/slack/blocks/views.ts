import type { AnyBlock, ModalView } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import { views } from '../ids.ts'
import { type BesideGrant, showGrant } from './grant.ts'
import type { Reader } from './reader.ts'
import { fitView, plain, section } from './text.ts'

/** A view that tells something and has nothing to submit; its close button ends the whole form. */
export function noticeView(reader: Reader, blocks: AnyBlock[]): ModalView {
  const view: ModalView = {
    type: 'modal',
    callback_id: views.notice,
    title: plain(reader.words.notice.title, 24),
    close: plain(reader.words.close, 24),
    clear_on_close: true,
    blocks,
  }
  return fitView(view, reader.words)
}

/** Shown until what shall be there is known. */
export function loadingView(reader: Reader, says: { title: string; loading: string }): ModalView {
  return {
    type: 'modal',
    callback_id: views.loading,
    title: plain(says.title, 24),
    close: plain(reader.words.cancel, 24),
    blocks: [section(says.loading)],
  }
}

/** What a submission becomes: the grant as it is, for as long as the view is open. */
export function recordedView(
  grant: Grant,
  reader: Reader,
  beside: BesideGrant & { note?: string | null } = {},
): ModalView {
  const { note } = beside
  const view: ModalView = {
    type: 'modal',
    callback_id: views.recorded,
    title: plain(reader.words.card.recordedTitle, 24),
    close: plain(reader.words.close, 24),
    clear_on_close: true,
    blocks: [...(note ? [section(note)] : []), ...showGrant(grant, reader, beside).blocks],
  }
  return fitView(view, reader.words)
}
