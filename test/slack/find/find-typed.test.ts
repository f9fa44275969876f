import { expect, test } from 'vitest'
import { readFind } from '../../../src/slack/find/find-typed.ts'

const phone = { key: 'phone', name: { en: 'Phone number', 'zh-CN': '手机号' } }
const user = { key: 'user', name: { en: 'User id', 'zh-CN': '用户编号' } }
const kinds = [...['order', 'merchant-order', 'complaint'].map((key) => ({ key, name: null })), phone, user]
const read = (text: string) => {
  const { named, number } = readFind(text, kinds)
  return [named?.map(({ key }) => key).join() ?? null, number]
}

test.each([
  ['手机号：13800000000', 'phone', '13800000000'],
  ['手机号:13800000000', 'phone', '13800000000'],
  ['手机号13800000000', 'phone', '13800000000'],
  ['手机 138 0000 0000', 'phone', '138 0000 0000'],
  ['phone：13800000000', 'phone', '13800000000'],
  ['Phone number:13800000000', 'phone', '13800000000'],
  ['WeChat Pay order：4200', 'order', '4200'],
  ['user 77', 'user', '77'],
  ['订单 420000', 'order,merchant-order', '420000'],
  ['投诉 2002', 'complaint', '2002'],
  ['order', 'order', ''],
  ['手机号：', 'phone', ''],
  ['user:77', 'user', '77'],
  ['SHOP:77', null, 'SHOP:77'],
  ['13800000000', null, '13800000000'],
])('reads the kind and the number of %s', (typed, kind, number) => {
  expect(read(typed)).toEqual([kind, number])
})
