import { expect, test } from 'vitest'
import { readTicket, ticketIn } from '../../src/domain/ask.ts'

const of = (pattern: string | null) => ({ ticket: { required: false, pattern, url: null, example: null } })

test.each([
  ['^SUP-\\d+$', 'SUP-１２', 'SUP-12'],
  ['^SUP-\\d+$', 'ticket: sup-12 ', 'SUP-12'],
  ['SUP-\\d+', '工单号 SUP-12', 'SUP-12'],
  ['^#\\d+$', '#12', '#12'],
  ['^工单-\\d+$', '工单-12', '工单-12'],
  [null, ' Ｃase 4711 b', 'Case 4711 b'],
  [null, 'Ticket 9', 'Ticket 9'],
  [null, '工单：9', '9'],
] as const)('keeps by %s of the ticket %j: %j', (pattern, typed, kept) => {
  expect(readTicket(of(pattern), typed)).toBe(kept)
})

test('takes no word for a ticket where a ticket can be anything', () => {
  for (const word of ['hello', 'ｈｅｌｌｏ', 'ticket', 'ticket:lost'])
    expect(ticketIn(of(null), word)).toBeNull()
})
