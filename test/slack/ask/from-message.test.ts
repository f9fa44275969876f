import { expect, test } from 'vitest'
import { readMessage } from '../../../src/slack/ask/from-message.ts'
import { OPENID, policyWith } from '../builders.ts'

const OTHER = 'oUpF8uN95-Ptaags6E_roPHg7Ag0'
const tickets = {
  required: false,
  pattern: '^SUP-\\d+$',
  url: 'https://example.com/tickets/{id}',
  example: null,
}
const policy = policyWith({ ticket: tickets })
const read = (says: object) => readMessage({ text: '', blocks: [], attachments: [], ...says }, policy)

test('finds the openid and the ticket wherever a message has its words', () => {
  const found = { openid: OPENID, ticket: 'SUP-77', number: null, openids: 1 }
  const messages = {
    'a text': { text: `用户openid：${OPENID}，工单sup-77` },
    'a text in Chinese without spaces': { text: `请给用户${OPENID}补一张券 SUP-77` },
    'a link': { text: `<https://example.com/tickets/SUP-77|ticket> ${OPENID}` },
    blocks: {
      blocks: [
        { type: 'section', fields: [{ type: 'mrkdwn', text: `*openid*\n\`${OPENID}\`` }] },
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [{ type: 'link', url: 'https://example.com/tickets/SUP-77', text: 'ticket' }],
            },
          ],
        },
      ],
    },
    'attachments of a helpdesk, as its text is empty': {
      attachments: [
        {
          fallback: 'New reply',
          title: 'SUP-77: withdrawal fee',
          title_link: 'https://desk.example.com/agent/77',
          fields: [{ title: 'openid', value: OPENID, short: true }],
        },
      ],
    },
    'an attachment with blocks': {
      attachments: [
        { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `SUP-77 ${OPENID} ${OPENID}` } }] },
      ],
    },
  }
  for (const [name, says] of Object.entries(messages))
    expect({ name, ...read(says) }).toEqual({ name, ...found })
})

test('takes none of several openids, and nothing that only looks like one', () => {
  expect(read({ text: `${OPENID} and ${OTHER}` })).toEqual({
    openid: null,
    ticket: null,
    number: null,
    openids: 2,
  })
  for (const text of ['', 'oUpF…jWeS6o', `x${OPENID}`, 'unfortunately_this_is_no_open', 'SUP-x'])
    expect(read({ text })).toEqual({ openid: null, ticket: null, number: null, openids: 0 })
})

test('takes what is called an openid where openids may look like anything', () => {
  const other = policyWith({ openid: '[a-z0-9]{4,20}' })
  const says = (text: string) =>
    readMessage({ text, blocks: undefined, attachments: undefined }, other).openid
  expect(says('please help user openid: ab12cd now')).toBe('ab12cd')
  expect(says('please help this customer')).toBeNull()
})

test('takes the one number by which the user is found, where there is no openid', () => {
  const finds = (text: string) => /^42\d{26}$/.test(text)
  const order = '4200000000202412010000000001'
  const says = (text: string) => readMessage({ text, blocks: [], attachments: [] }, policy, finds).number
  expect(says(`订单${order}没有免手续费`)).toBe(order)
  expect(says(`order ${order}, openid ${OPENID}`)).toBeNull()
  expect(says(`${order} 4200000000202412010000000002`)).toBeNull()
  expect(says('4200 and 1234567890123')).toBeNull()
})

test('reads no message without end, and none that is built to be deep', () => {
  let deep: object = { text: OPENID }
  for (let depth = 0; depth < 10_000; depth++) deep = { elements: [deep] }
  expect(read({ blocks: [deep] }).openid).toBeNull()
  expect(read({ text: 'x '.repeat(1_000_000) }).openids).toBe(0)
  expect(read({ text: `<${'a'.repeat(1_000_000)}` }).openids).toBe(0)
  expect(read({ text: '<'.repeat(1_000_000) }).openids).toBe(0)
  expect(read({ text: 7, blocks: 'x', attachments: null }).openid).toBeNull()
})
