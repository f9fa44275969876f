import { expect, test } from 'vitest'
import type { Grant, Settlement } from '../../../src/domain/grant.ts'
import type { CountedHold } from '../../../src/domain/hold.ts'
import type { CardFacts } from '../../../src/grants/index.ts'
import { showApproval, showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { saidBlocks } from '../../../src/slack/blocks/grant-parts.ts'
import { pauseBlocks } from '../../../src/slack/blocks/hold.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { unformatted } from '../../../src/slack/blocks/text.ts'
import { trailView } from '../../../src/slack/decide/trail.ts'
import { grantListMessage } from '../../../src/slack/lists/grants.ts'
import { foundWith, grantWith, NOON, OPENID, policyWith, trailEntry } from '../builders.ts'

/** What people type is shown as what somebody said, at every place: never brought to life, never a line of the app's own. */

const policy = policyWith({ ticket: { required: false, pattern: null, url: 'https://example.com/{id}' } })
const to = createReader('en', policy)
const LIVE = '*URGENT* _now_ ~old~ `code` :tada: https://evil.example <!channel> @lea #general'
const LINES = 'sorry\n\n*Approved* by <@U0LEAD1>, today\r\n\u202eIssued\u001b[31m'

/** Texts of mrkdwn, without what stands in code. */
function liveTexts(blocks: unknown): string[] {
  const found: string[] = []
  JSON.stringify(blocks, (_key, value: unknown) => {
    const text = value as { type?: unknown; text?: unknown } | null
    if (text?.type === 'mrkdwn') found.push(String(text.text).replace(/`[^`]*`/g, ''))
    return value
  })
  return found
}
const beside: CardFacts = { decisions: [], settlement: null, forDeciding: null } as unknown as CardFacts
const settlement: Settlement = {
  id: 'S1',
  grantId: 'G1',
  verdict: { kind: 'not-issued' },
  evidence: LIVE,
  proposedBy: 'U0OPS001',
  proposedAt: NOON,
  ended: null,
}
const hold = {
  kind: 'paused',
  stock: null,
  reason: 'paused',
  message: LIVE,
  begunBy: 'U0OPS001',
  since: NOON,
} as CountedHold
const ended = (reason: string): Partial<Grant> => ({ state: 'rejected', ended: { by: 'U0LEAD1', reason } })
const found = (grant: Grant) =>
  grantListMessage(foundWith([{ grant }], { of: 'pending' }), { kind: 'pending', page: 1, key: null }, to)
    .blocks

test.each([
  ['pending', found(grantWith({ ticket: LIVE }))],
  [
    'the card of a note',
    showApproval(grantWith({ state: 'pending', note: LIVE, ticket: LIVE }), beside, to).blocks,
  ],
  ['the card of a rejection', showApproval(grantWith(ended(LIVE)), beside, to).blocks],
  ['the message to the requester', showGrant(grantWith({ ...ended(LIVE), ticket: LIVE }), to).blocks],
  [
    'History',
    trailView([trailEntry('reject', {}, { said: LIVE }), trailEntry('cancel', {}, { said: LIVE })], to)
      .blocks,
  ],
  [
    'History of a settlement',
    trailView(
      [
        trailEntry(
          'settlement-proposed',
          { settlement: 's', verdict: { kind: 'not-issued' } },
          { said: LIVE },
        ),
      ],
      to,
    ).blocks,
  ],
  ['a settlement', saidBlocks(settlement, to)],
  ['a pause', pauseBlocks(hold, to)],
])('brings nothing to life that a person typed: %s', (_, blocks) => {
  expect(JSON.stringify(blocks)).toContain('URGENT')
  for (const text of liveTexts(blocks)) {
    expect(text).not.toContain('URGENT')
    expect(text).not.toContain('evil.example')
    expect(text).not.toContain('<!channel>')
  }
})

test('keeps a reason in History in its one line', () => {
  const view = trailView([trailEntry('reject', {}, { said: LINES }), trailEntry('expire', {})], to)
  const lines = liveTexts(view.blocks).flatMap((text) => text.split('\n'))
  expect(lines).toHaveLength(2)
  expect(JSON.stringify(view.blocks)).toContain('`sorry / *Approved* by &lt;@U0LEAD1&gt;, today / Issued`')
})

test('marks each line of a note, a reason and evidence as said', () => {
  for (const blocks of [
    showApproval(grantWith({ state: 'pending', note: LINES }), beside, to).blocks,
    showGrant(grantWith({ note: LINES }), to).blocks,
    showApproval(grantWith(ended(LINES)), beside, to).blocks,
  ])
    expect(JSON.stringify(blocks)).toContain(
      '"rich_text_quote","elements":[{"type":"text","text":"sorry\\n*Approved* by <@U0LEAD1>, today\\nIssued"}]',
    )
  for (const blocks of [
    saidBlocks({ ...settlement, evidence: LINES }, to),
    pauseBlocks({ ...hold, message: LINES }, to),
  ])
    expect(JSON.stringify(blocks)).toContain('“sorry\\n“*Approved* by <@U0LEAD1>, today\\n“Issued”')
})

test('shows a reason of 3,000 characters as far as Slack takes it', () => {
  const [said] = pauseBlocks({ ...hold, message: 'x'.repeat(3000) }, to).slice(-1)
  const text = (said as { text: { text: string } }).text.text
  expect(text.length).toBeLessThanOrEqual(3000)
  expect(text.endsWith('x…”')).toBe(true)
})

test('shortens an openid in what people typed, wherever more than one reads it', () => {
  const typed = `user ${OPENID}`
  const grant = grantWith({ state: 'pending', openid: OPENID, note: typed, ticket: OPENID })
  for (const blocks of [
    showApproval(grant, beside, to).blocks,
    showApproval(grantWith(ended(typed)), beside, to).blocks,
    showGrant(grant, to).blocks,
    found(grant),
    trailView([trailEntry('reject', {}, { said: typed })], to).blocks,
    saidBlocks({ ...settlement, evidence: typed }, to),
    pauseBlocks({ ...hold, message: typed }, to),
  ]) {
    expect(JSON.stringify(blocks)).toContain('oUpF…jWeS6o')
    expect(JSON.stringify(blocks)).not.toContain(OPENID)
  }
})

test('shortens an openid that looks as only this merchant’s do', () => {
  const own = 'wx-12345678-abcdef'
  const grant = grantWith({ state: 'pending', openid: own, note: `user ${own}`, ticket: own })
  for (const blocks of [
    showApproval(grant, beside, to).blocks,
    showApproval({ ...grant, ...ended(`a\nof ${own}`) }, beside, to).blocks,
    showGrant(grant, to).blocks,
  ]) {
    expect(JSON.stringify(blocks)).toContain('wx…cdef')
    expect(JSON.stringify(blocks)).not.toContain(own)
  }
})

test('leaves plain words as they are', () => {
  expect(unformatted('was charged twice, says 用户')).toBe('was charged twice, says 用户')
  expect(unformatted('a & b')).toBe('a &amp; b')
  expect(unformatted('SUP-12')).toBe('SUP-12')
  for (const typed of [
    '*a*',
    'a_b_',
    '~a~',
    ':tada:',
    'see example.com',
    'at 163.com',
    'http://a',
    '@lea',
    '#general',
  ])
    expect(unformatted(typed)).toBe(`\`${typed}\``)
  expect(unformatted('a `b` c')).toBe('`a ˋbˋ c`')
})
