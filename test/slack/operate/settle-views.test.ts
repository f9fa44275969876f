import type { KnownBlock } from '@slack/types'
import { expect, test } from 'vitest'
import type { Settlement } from '../../../src/domain/grant.ts'
import type { Language } from '../../../src/domain/text.ts'
import type { CandidatesOutcome } from '../../../src/grants/index.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { confirmView, settleView } from '../../../src/slack/operate/settle-views.ts'
import { grantWith, NOON, policyWith } from '../builders.ts'
import { inLines } from '../drawn-lines.ts'

type Found = Extract<CandidatesOutcome, { kind: 'candidates' }>

const HOUR = 3_600_000
const grant = grantWith({
  state: 'issuing',
  attempts: 2,
  firstAttemptAt: NOON - 30 * HOUR,
  flag: { kind: 'needs-look', reason: 'refused-after-unknown', code: 'RULE_LIMIT', at: NOON - HOUR },
  ticket: 'SUP-12',
  note: 'was charged *twice*',
})
const attempts: Found['attempts'] = [
  { number: 1, startedAt: NOON - 30 * HOUR, outcome: 'lost', code: null, detail: null },
  { number: 2, startedAt: NOON - 29 * HOUR, outcome: 'unknown', code: 'RULE_LIMIT', detail: null },
] as never
const coupon = (number: number, sentAt: number | null, state: string | null) => ({
  couponId: `${'98674556'.repeat(3)}${number}`,
  sentAt,
  state,
})
const found = (change: Partial<Found>): Found =>
  ({ kind: 'candidates', grant, attempts, coupons: [], failure: null, ...change }) as never

const settlement = (verdict: Settlement['verdict']): Settlement => ({
  id: 'S1',
  grantId: grant.id,
  verdict,
  evidence: 'Merchant platform, 14:05:\nno coupon of this day.',
  proposedBy: 'U0OPS001',
  proposedAt: NOON,
  ended: null,
})

const views = {
  'no coupon may be its own': found({}),
  'two coupons may be its own': found({
    coupons: [coupon(1, NOON - 30 * HOUR, 'VALID'), coupon(2, null, 'USED')] as never,
  }),
  'what the user holds is not known': found({ failure: 'NO_ANSWER' }),
}

const confirmations = {
  'confirm: issued': [settlement({ kind: 'issued', couponId: '98674556001' }), null],
  'confirm: not issued': [settlement({ kind: 'not-issued' }), null],
  'confirm: said later than the button was drawn': [
    settlement({ kind: 'not-issued' }),
    settlement({ kind: 'issued', couponId: '98674556001' }),
  ],
} satisfies Record<string, [Settlement, Settlement | null]>

test.each([
  'en',
  'zh-CN',
] as const)('draws what people settle as the golden file has it: %s', async (language: Language) => {
  const reader = createReader(language, policyWith())
  const drawn = [
    ...Object.entries(views).map(([name, one]) => ({ name, view: settleView(one, reader) })),
    ...Object.entries(confirmations).map(([name, [said, over]]) => ({
      name,
      view: confirmView(grant, said, reader, over),
    })),
  ]
  const lines = drawn.flatMap(({ name, view }) => {
    expect(checkView(view, 'modal')).toEqual([])
    const buttons = [view.submit?.text, view.close?.text].map((text) => `[${text}]`).join(' ')
    const options = (view.blocks as KnownBlock[]).flatMap((block) =>
      block.type === 'input' && block.element.type === 'radio_buttons' ? block.element.options : [],
    )
    const answers = options.map(({ text, description }) => `( ) ${text.text} · ${description?.text}`)
    const shown = inLines({ text: view.title.text, blocks: view.blocks }, language)
    return [`══ ${name}`, ...shown, ...answers, buttons, '']
  })
  await expect(lines.join('\n')).toMatchFileSnapshot(`./settle-views.${language}.txt`)
})
