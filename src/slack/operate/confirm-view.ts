import type { ModalView } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import type { Settlement } from '../../domain/settlement.ts'
import { numbersBlock } from '../cards/grant-blocks.ts'
import { aboutBlocks, saidBlocks } from '../cards/settlement-blocks.ts'
import { fitView } from '../fit.ts'
import { views } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { context, plain, section } from '../text.ts'

/**
 * Asks a second person whether a grant ended as somebody says. The settlement's id travels with it.
 * @param over what the button was drawn for, where that is another one
 */
export function confirmView(
  grant: Grant,
  settlement: Settlement,
  reader: Reader,
  over: Settlement | null = null,
): ModalView {
  const { words } = reader
  const { settle } = words
  const view: ModalView = {
    type: 'modal',
    callback_id: views.confirm,
    private_metadata: settlement.id,
    title: plain(settle.confirmTitle, 24),
    submit: plain(settle.confirmSubmit, 24),
    close: plain(words.close, 24),
    blocks: [
      ...(over ? [section(settle.another), { type: 'divider' } as const] : []),
      ...aboutBlocks(grant, reader),
      { type: 'divider' },
      ...saidBlocks(settlement, reader),
      { type: 'divider' },
      section(settlement.verdict.kind === 'issued' ? settle.confirmIssued : settle.confirmNotIssued),
      section(settle.confirmAsk),
      context(settle.confirmElse),
      numbersBlock(grant),
    ],
  }
  return fitView(view, words)
}
