import { expect, test } from 'vitest'
import type { CountedHold } from '../../../src/domain/hold.ts'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/check.ts'
import { showGrant } from '../../../src/slack/blocks/grant-cards.ts'
import { holdMessage } from '../../../src/slack/blocks/hold.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { grantWith, NOON, policyWith } from '../builders.ts'

const SERIAL = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'
const KEY = 'PUB_KEY_ID_0114232134912410000000000000'

function told(change: Partial<CountedHold>, language: 'en' | 'zh-CN' = 'en'): string {
  const hold: CountedHold = {
    id: 'H1',
    kind: 'first-attempts',
    stockRef: null,
    stock: null,
    reason: 'untrusted-answers',
    message: 'begin the switch',
    since: NOON,
    endedAt: null,
    begunBy: 'app',
    endedBy: null,
    waiting: 16,
    ...change,
  }
  const { blocks } = holdMessage(hold, createReader(language, policyWith()))
  expect(checkBlocks(blocks, 'message')).toEqual([])
  return JSON.stringify(blocks)
}

test.each([
  ['switch-not-begun', 'Begin the switch', '开始更换'],
  ['public-key-missing', 'WECHATPAY_PUBLIC_KEY_ID', 'WECHATPAY_PUBLIC_KEY_ID'],
  ['other-public-key', 'WECHATPAY_MCHID', 'WECHATPAY_MCHID'],
  ['unknown-certificate', 'WECHATPAY_APIV3_KEY', 'WECHATPAY_APIV3_KEY'],
  ['other-key', 'another merchant’s', '其他商户'],
  ['headers-stripped', 'a proxy takes them out', '代理'],
  ['headers-incomplete', 'a proxy changes them', '代理'],
  ['clock', 'Set the clock', '校准'],
  ['unsigned', 'without a signature', '没有签名'],
])('tells of %s both serials and the remedy, in both languages', (fault, en, zh) => {
  const trust = { fault, came: SERIAL, expected: KEY }
  for (const [language, remedy] of [
    ['en', en],
    ['zh-CN', zh],
  ] as const) {
    const text = told({ trust, message: 'as the log tells' }, language)
    for (const part of [SERIAL, KEY, remedy]) expect(text).toContain(part)
  }
})

test('tells of answers that can not be verified what an older version recorded of them', () => {
  const text = told({ message: 'answers of WeChat Pay can not be verified' })
  expect(text).toContain('Check the WeChat Pay public key and its id')
})

test.each(['no-connection', 'no-answer'])('tells of %s why, and that it goes on by itself', (reason) => {
  const message = 'no connection could be made: the connection was refused (ECONNREFUSED)'
  expect(told({ kind: 'all', reason, message })).toContain(message)
  expect(told({ kind: 'all', reason, message })).toContain('resumes by itself once WeChat Pay answers')
})

test.each([
  'NOT_ENOUGH',
  'REQUEST_BLOCKED',
  'RESOURCE_NOT_EXISTS',
])('tells of %s what to mend, with Resume', (reason) => {
  for (const language of ['en', 'zh-CN'] as const) {
    const text = told({ kind: 'stock', stock: 'withdraw-10', reason, message: '批次预算不足' }, language)
    expect(text).toContain('resume_issuing')
    expect(text).toContain('批次预算不足')
    expect(text).not.toContain(language === 'en' ? 'Check the log' : '请查看本应用的日志')
  }
  expect(told({ kind: 'stock', stock: 'withdraw-10', reason: 'NO_AUTH' })).not.toContain('resume_issuing')
})

test('tells of a part of the set-up that is refused where to look, in both languages', () => {
  for (const language of ['en', 'zh-CN'] as const) {
    const text = told(
      { kind: 'stock', stock: 'withdraw-10', reason: 'PARAM_ERROR', message: '参数错误' },
      language,
    )
    expect(text).toContain('stock_id')
    expect(text).not.toContain(language === 'en' ? 'Check the log' : '请查看本应用的日志')
  }
})

const UNTIL = NOON + 7 * 24 * 3_600_000

test.each([
  'NO_AUTH',
  'NOT_ENOUGH',
  'no-connection',
  'untrusted-answers',
  'paused',
])('says until when a coupon that %s makes wait is issued at all', (reason) => {
  const grant = grantWith({ state: 'approved', hold: { reason, at: NOON }, issueBy: UNTIL })
  const shown = (change: object, language: 'en' | 'zh-CN') =>
    JSON.stringify(showGrant({ ...grant, ...change }, createReader(language, policyWith())).blocks)
  expect(shown({}, 'en')).toMatch(/by <!date\^\d+\^.*the request is cancelled and the requester is told/)
  expect(shown({}, 'en')).not.toContain('don’t need to do anything')
  expect(shown({}, 'zh-CN')).toMatch(/如到 <!date\^.*申请会被取消并通知申请人/)
  expect(shown({ issueBy: null }, 'en')).toContain('don’t need to do anything')
})

test('does not say that a coupon is asked for again while a hold keeps it from that', () => {
  const flag = { kind: 'checking', reason: 'no-answer', at: NOON } as const
  const grant = grantWith({ state: 'issuing', hold: { reason: 'no-connection', at: NOON }, flag })
  const text = JSON.stringify(showGrant(grant, createReader('en', policyWith())).blocks)
  expect(text).toContain('The app isn’t asking again at the moment: WeChat Pay can’t be reached')
  expect(text).not.toContain('keeps trying')
})
