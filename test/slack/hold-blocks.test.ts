import { expect, test } from 'vitest'
import type { Hold } from '../../src/grants/index.ts'
import { checkBlocks } from '../../src/sandbox/slack/blocks/check.ts'
import { holdMessage } from '../../src/slack/cards/hold-blocks.ts'
import { createReader } from '../../src/slack/reader.ts'
import { NOON, policyWith } from './builders.ts'

const SERIAL = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'
const KEY = 'PUB_KEY_ID_0114232134912410000000000000'

function told(change: Partial<Hold>, language: 'en' | 'zh-CN' = 'en'): string {
  const hold: Hold = {
    id: 'H1',
    scope: 'first-attempts',
    reason: 'untrusted-answers',
    message: `switch-not-begun: came ${SERIAL}, expected ${KEY}: begin the switch`,
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
  const message = `${fault}: came ${SERIAL}, expected ${KEY}: as the log tells`
  for (const [language, remedy] of [
    ['en', en],
    ['zh-CN', zh],
  ] as const) {
    const text = told({ message }, language)
    for (const part of [SERIAL, KEY, remedy]) expect(text).toContain(part)
  }
})

test('tells of answers that can not be verified what an older version recorded of them', () => {
  const text = told({ message: 'answers of WeChat Pay can not be verified' })
  expect(text).toContain('Check the WeChat Pay public key and its id')
})

test.each(['no-connection', 'no-answer'])('tells of %s why, and that it goes on by itself', (reason) => {
  const message = 'no connection could be made: the connection was refused (ECONNREFUSED)'
  expect(told({ scope: 'all', reason, message })).toContain(message)
  expect(told({ scope: 'all', reason, message })).toContain('goes on by itself once WeChat Pay answers')
})
