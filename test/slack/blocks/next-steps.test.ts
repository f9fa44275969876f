import { expect, test } from 'vitest'
import type { Refusal } from '../../../src/domain/ask.ts'
import { previewBlock, submitLabel } from '../../../src/slack/ask/form.ts'
import { refusalBlocks } from '../../../src/slack/blocks/explain.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../../src/slack/blocks/words/zh-cn/index.ts'
import { policyWith } from '../builders.ts'

const languages = { en, 'zh-CN': zhCN } as const
const told = (refusal: Refusal, operator: string[], language: 'en' | 'zh-CN' = 'en') => {
  const policy = policyWith({ roles: { ...policyWith().roles, operator } })
  return JSON.stringify(refusalBlocks([refusal], policy, createReader(language, policy)).blocks)
}

const forOperators: Refusal[] = [
  { code: 'roles-unknown' },
  { code: 'approvers-unknown' },
  { code: 'no-approvers', needed: 2, reachable: 1 },
  { code: 'channel-unusable', channel: 'C0APPROVE', why: 'not-joined' },
  { code: 'channel-unusable', channel: 'C0APPROVE', why: 'shared' },
  { code: 'channel-unusable', channel: 'C0APPROVE', why: 'archived' },
  { code: 'stock-left', stock: 'withdraw-10' },
  { code: 'limit-reached', limit: 'user', measure: 'count', used: 1, max: 1, adding: 1, days: 30 },
]

test.each(forOperators)('names the operators where only they can help: $code', (refusal) => {
  expect(told(refusal, ['U0OPS001', 'S0OPS'])).toContain('Operators: <@U0OPS001>, <!subteam^S0OPS>')
  expect(told(refusal, ['U0OPS001'], 'zh-CN')).toContain('运维人员：<@U0OPS001>')
  expect(told(refusal, [])).toContain(en.refusal.noOperators)
  expect(told(refusal, [], 'zh-CN')).toContain(zhCN.refusal.noOperators)
})

test('names no operators where the person can help itself', () => {
  expect(told({ code: 'note-missing' }, ['U0OPS001'])).not.toContain('U0OPS001')
})

test('tells nobody to try again later where waiting gives no room', () => {
  for (const words of [en, zhCN]) {
    const says = (max: number, adding: number, days: number) =>
      words.refusal.limit('user', 'quota', 0, max, adding, days)
    expect(says(1000, 5000, 30)).toMatch(/Waiting won’t help|等待也无法解决/)
    expect(says(5000, 1000, 1)).toMatch(/tomorrow|明天/)
    expect(says(5000, 1000, 30)).toMatch(/once earlier ones are 30 days old|满 30 天/)
  }
})

test.each(['en', 'zh-CN'] as const)('claims no repair that nobody may be doing (%s)', (language) => {
  for (const why of Object.values(languages[language].holdBy))
    expect(why).not.toMatch(/\b(being (repaired|corrected|settled)|are looking)\b|正在(修复|修正|排查)/)
})

test.each([
  'en',
  'zh-CN',
] as const)('says when whether approval is needed could not be looked up (%s)', (language) => {
  const reader = createReader(language, policyWith())
  const { form } = languages[language]
  const line = JSON.stringify(previewBlock('failed', reader))
  expect(line).toContain(form.previewFailed)
  expect(line).not.toContain(form.previewNone)
  expect(submitLabel('failed', reader)).toBe(form.submit)
})
