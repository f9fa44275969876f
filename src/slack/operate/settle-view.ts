import type { InputBlock, ModalView, PlainTextOption } from '@slack/types'
import { MAX_EVIDENCE } from '../../domain/settlement.ts'
import type { CandidatesOutcome, ListedCoupon } from '../../grants/index.ts'
import { numbersBlock } from '../cards/grant-blocks.ts'
import { aboutBlocks } from '../cards/settlement-blocks.ts'
import { fitView } from '../fit.ts'
import { actions, fields, views } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { context, plain } from '../text.ts'
import { attemptBlocks, candidateBlocks } from './known-blocks.ts'
import { ANOTHER, candidateValue, NOT_ISSUED, writeSettled } from './settle-value.ts'

/** Ten radio buttons at most, two of which are for no candidate. */
const MOST_CANDIDATES = 8
/** Room for the words around it in an option's 75 characters. */
const MAX_ID = 48
/** Clocks differ. */
const SOME_EARLIER = 60_000

type Found = Extract<CandidatesOutcome, { kind: 'candidates' }>

/** Asks how a grant ended, with all that is known: what was attempted, and which coupons may be its own. */
export function settleView(found: Found, reader: Reader): ModalView {
  const { words } = reader
  const { settle } = words
  const { grant } = found
  const coupons = byLikelihood(found).slice(0, MOST_CANDIDATES)
  const view: ModalView = {
    type: 'modal',
    callback_id: views.settle,
    private_metadata: writeSettled({
      grantId: grant.id,
      coupons: coupons.map(({ couponId }) => couponId),
      attempts: grant.attempts,
    }),
    title: plain(settle.title, 24),
    submit: plain(settle.submit, 24),
    close: plain(words.cancel, 24),
    blocks: [
      ...aboutBlocks(grant, reader),
      ...attemptBlocks(found, reader),
      ...candidateBlocks(found, coupons, reader),
      verdictInput(coupons, reader),
      couponIdInput(reader),
      evidenceInput(reader),
      context(settle.second),
      numbersBlock(grant),
    ],
  }
  return fitView(view, words)
}

/** What was sent after the first attempt may have come from it. */
function byLikelihood({ grant, coupons }: Found): ListedCoupon[] {
  const from = (grant.firstAttemptAt ?? grant.createdAt) - SOME_EARLIER
  const isEarlier = ({ sentAt }: ListedCoupon) => Number(sentAt !== null && sentAt < from)
  return coupons.toSorted(
    (one, other) => isEarlier(one) - isEarlier(other) || (one.sentAt ?? 0) - (other.sentAt ?? 0),
  )
}

function verdictInput(coupons: readonly ListedCoupon[], { words, dates }: Reader): InputBlock {
  const { settle } = words
  const option = (text: string, description: string, value: string): PlainTextOption => ({
    text: plain(text, 75),
    description: plain(description, 75),
    value,
  })
  return {
    type: 'input',
    block_id: fields.verdict,
    label: plain(settle.verdict, 150),
    element: {
      type: 'radio_buttons',
      action_id: actions.verdictRadio,
      options: [
        ...coupons.map(({ couponId, sentAt, state }, index) =>
          option(
            settle.asCandidate(middleCut(couponId)),
            sentAt === null ? (state ?? words.list.state.unknown) : settle.sentAt(dates.words(sentAt)),
            candidateValue(index),
          ),
        ),
        option(settle.asAnother, settle.asAnotherHint, ANOTHER),
        option(settle.notIssued, settle.notIssuedHint, NOT_ISSUED),
      ],
    },
  }
}

/** Ids differ at either end. */
function middleCut(id: string): string {
  return id.length <= MAX_ID ? id : `${id.slice(0, 12)}…${id.slice(13 - MAX_ID)}`
}

function couponIdInput({ words: { settle } }: Reader): InputBlock {
  return {
    type: 'input',
    block_id: fields.couponId,
    optional: true,
    label: plain(settle.couponId, 150),
    hint: plain(settle.couponIdHint, 150),
    element: { type: 'plain_text_input', action_id: actions.couponIdInput, max_length: 200 },
  }
}

function evidenceInput({ words: { settle } }: Reader): InputBlock {
  return {
    type: 'input',
    block_id: fields.evidence,
    label: plain(settle.evidence, 150),
    hint: plain(settle.evidenceHint, 150),
    element: {
      type: 'plain_text_input',
      action_id: actions.evidenceInput,
      multiline: true,
      max_length: MAX_EVIDENCE,
    },
  }
}
