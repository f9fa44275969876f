import { expect, test } from 'vitest'
import type { MonthReport, Sum } from '../../../src/grants/index.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { parseMonth, reportMessage } from '../../../src/slack/records/report.ts'
import { checkSent, policyWith } from '../builders.ts'
import { inLines } from '../drawn-lines.ts'

const policy = policyWith()
const sum = (key: string, count: number, more: Partial<Sum> = {}): Sum => ({
  ...{ key, name: key, count, quota: count * 1000, cost: count },
  ...more,
})
const days = Array.from({ length: 30 }, (_, index) => ({
  day: `2026-11-${String(index + 1).padStart(2, '0')}`,
  count: index % 7 === 0 ? 0 : index,
  quota: index * 1000,
}))
const report: MonthReport = {
  coupons: sum('all', 375),
  days,
  use: {
    used: { count: 200, quota: 150_000 },
    expired: { count: 20, quota: 20_000 },
    open: { count: 100, quota: 100_000 },
    unknown: { count: 55, quota: 55_000 },
  },
  differences: { 'no-grant': { count: 1, first: ['C1'] }, 'not-listed': { count: 2, first: ['C2', 'C3'] } },
  by: {
    stock: [sum('1900000001/1304490000000059', 375, { name: 'withdraw-10' })],
    reason: [sum('outage', 300), sum('apology', 75, { cost: null })],
    requester: [sum('U0AGENT1', 375)],
    approver: [sum('U0LEAD01', 200)],
    rule: [sum('small-goodwill', 175)],
  },
  asked: sum('all', 400),
  ended: { refused: 3, rejected: 9, cancelled: 4, expired: 2 },
  decided: { approved: 210, byRule: 180, rejected: 9, time: { median: 14 * 60_000, longest: 9_000_000 } },
  settlements: { proposed: 2, confirmed: 1, withdrawn: 1, corrected: 0 },
  pauses: [{ at: 0, kind: 'paused', by: 'U0OPS001', stock: null }],
  policies: [],
  lookups: [
    { person: 'U0AGENT1', lookups: 40, openids: 2 },
    { person: 'cli:ada', lookups: 1, openids: 0 },
  ],
  erased: 1,
}
const told = { kind: 'report' as const, month: '2026-11', timeZone: 'Asia/Shanghai', report }

test.each(['en', 'zh-CN'] as const)('shows a month within the limits of Slack (%s)', async (language) => {
  const reader = createReader(language, policy)
  const message = reportMessage(told, null, reader)
  expect(checkSent(message.blocks)).toEqual([])
  await expect(`${inLines(message, language).slice(1).join('\n')}\n`).toMatchFileSnapshot(
    `report.${language}.txt`,
  )
})

test('tells of a month without coupons as that one, and of quick decisions no zero', () => {
  const decided = { ...report.decided, time: { median: 2000, longest: 61_000 } }
  const quiet = { ...report, coupons: sum('all', 0), decided }
  const [text, chinese] = (['en', 'zh-CN'] as const).map((language) =>
    inLines(reportMessage({ ...told, report: quiet }, null, createReader(language, policy)), language).join(
      ' ',
    ),
  )
  expect(text).toContain('Nothing was given that month.')
  expect(text).toContain('half of them within 1 min, the slowest after 2 min')
  expect(chinese).toContain('该月没有发放。')
  expect(chinese).toContain('半数在 1 分钟内处理，最久 2 分钟')
})

test('fits however many people, stocks and figures there are, and says where the rest is', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    sum(`U0PERSON${String(index).padStart(4, '0')}`, 1e9, { name: 'x'.repeat(75) }),
  )
  const huge: MonthReport = {
    ...report,
    coupons: sum('all', 1e9, { quota: 1e15 }),
    days: days.map((day) => ({ ...day, count: 1e9 })),
    by: { stock: many, reason: many, requester: many, approver: many, rule: many },
    lookups: many.map(({ key }) => ({ person: key, lookups: 1e9, openids: 1e9 })),
  }
  for (const language of ['en', 'zh-CN'] as const)
    for (const refused of [null, 'scope', 'disabled', 'full', 'other'] as const) {
      const reader = createReader(language, policy)
      const message = reportMessage({ ...told, report: huge }, refused, reader)
      expect(checkSent(message.blocks)).toEqual([])
      const shown = inLines(message, language, 2000).join('\n')
      expect(shown).toContain(reader.words.report.inFile(5 * 488))
      if (refused !== null) expect(shown).toContain('npm run audit -- report --month 2026-11 --format csv')
    }
})

test.each([
  ['', 0],
  ['本月', 0],
  ['last', 1],
  ['上个月', 1],
  ['2026-11', '2026-11'],
  ['2026-1', '2026-01'],
  ['２０２６／１１', '2026-11'],
  ['2026年3月', '2026-03'],
  ['November', null],
  ['2026-13-01', null],
])('reads the month %j', (typed, month) => {
  expect(parseMonth(typed)).toBe(month)
})
