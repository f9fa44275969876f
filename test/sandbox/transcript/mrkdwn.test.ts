import { expect, test } from 'vitest'
import { mrkdwnText } from '../../../src/sandbox/transcript/blocks.ts'
import { readerAt } from './reader.ts'

const london = readerAt('U0AGENT1', '2026-11-25T10:00:00Z')
const shanghai = readerAt('U0AGENT2', '2026-11-25T10:00:00Z')

test('tells people, groups and channels by name', () => {
  expect(mrkdwnText('by <@U0AGENT1>, ask <!subteam^S0LEADS1> in <#C0APPROVE>', london)).toBe(
    'by @ada, ask @leads in #coupon-approvals',
  )
  expect(mrkdwnText('<@U0NOBODY> <#C0NOWHERE|there> <!here>', london)).toBe('@U0NOBODY #there @here')
})

test('tells a date in the zone and the language of whoever looks', () => {
  const at = `<!date^${Date.parse('2026-12-31T16:30:00Z') / 1000}^{date_short_pretty} {time}|31 Dec 2026 (GMT+8)>`
  expect(mrkdwnText(`Expires ${at}`, london)).toBe('Expires Dec 31, 2026 4:30 PM')
  expect(mrkdwnText(`有效期至 ${at}`, shanghai)).toBe('有效期至 2027年1月1日 00:30')
})

test('calls near days by name', () => {
  const at = (time: string) => `<!date^${Date.parse(time) / 1000}^{date_short_pretty}|?>`
  expect(mrkdwnText(at('2026-11-25T22:00:00Z'), london)).toBe('today')
  expect(mrkdwnText(at('2026-11-25T22:00:00Z'), shanghai)).toBe('明天')
  expect(mrkdwnText(at('2026-11-24T22:00:00Z'), london)).toBe('yesterday')
})

test('falls back where a date can not be read', () => {
  expect(mrkdwnText('<!date^soon^{date}|31 Dec>', london)).toBe('31 Dec')
  expect(mrkdwnText('<!date^1767168000^{moon}|31 Dec>', london)).toBe('31 Dec')
})

test('takes marks and escapes off, but only where Slack would', () => {
  expect(mrkdwnText('*Usable*  `id_1_2` _so_ ~no~ &lt;b&gt; &amp;amp;', london)).toBe(
    'Usable  id_1_2 so no <b> &amp;',
  )
  expect(mrkdwnText('2*3*4 snake_case_name', london)).toBe('2*3*4 snake_case_name')
  expect(mrkdwnText('*用户*，`*code*`', london)).toBe('用户，*code*')
})

test('tells where a link leads', () => {
  expect(mrkdwnText('<https://example.com/1|SUP-12> <https://example.com>', london)).toBe(
    'SUP-12 (https://example.com/1) https://example.com',
  )
})
