import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canBeOf, findKinds, kindsFor, maskedNumber, numberAs } from '../../src/domain/customer.ts'
import type { CustomerRules } from '../../src/domain/policy.ts'

const named = { en: 'x', 'zh-CN': 'x' }
/** What finds users by orders, complaints and these kinds of the merchant's own. */
function rulesWith(merchantOrders: string | null, kinds: Record<string, string | null> = {}): CustomerRules {
  return {
    ...{ orders: true, complaints: true, merchantOrders, subMchids: [], openidHelp: null },
    endpoint: 'https://example.com/find',
    kinds: Object.entries(kinds).map(([key, pattern]) => ({ key, name: named, pattern })),
  }
}

test.each([
  // As the merchant writes it, whatever that looks like.
  ['^\\d{8}-\\d{4}$', '20261103-0001', 'merchant-order', '20261103-0001'],
  ['^\\d{8}-\\d{4}$', ' “20261103-0001”。', 'merchant-order', '20261103-0001'],
  ['^[A-Z]+\\|\\d+\\*$', 'SHOP|20261103*', 'merchant-order', 'SHOP|20261103*'],
  ['^SHOP\\d{8}$', '*SHOP20261103*', 'merchant-order', 'SHOP20261103'],
  ['^\\d{12}$', '2026 1103 0001', 'merchant-order', '202611030001'],
  // What WeChat gives out, as people copy it.
  [null, '4200 0012 3420 2611 0300 0000 8812', 'order', '4200001234202611030000008812'],
  [null, '４２００００１２３４２０２６１１０３００００００８８１２', 'order', '4200001234202611030000008812'],
  [null, '2002-0182-0261-1030-0000-0000-077', 'complaint', '200201820261103000000000077'],
] as const)('recognises by %s what is typed as %s', (merchantOrders, typed, kind, number) => {
  const rules = rulesWith(merchantOrders, { phone: '^1\\d{10}$' })
  expect(kindsFor(rules, findKinds({ customers: rules }, true), typed)).toEqual([kind])
  expect(numberAs(rules, kind, typed)).toBe(number)
})

test('asks for a number without a form as it is typed where it can be one, else without what stands around it', () => {
  const rules = rulesWith(null, { user: null, card: '^\\d{4}-\\d{4}$' })
  const read = (kind: string, typed: string) => numberAs(rules, kind, typed)
  expect(read('merchant-order', 'SHOP|2026_1*')).toBe('SHOP|2026_1*')
  expect(read('merchant-order', '2026-1103-0001')).toBe('2026-1103-0001')
  expect(read('merchant-order', '(SHOP-2026-1)')).toBe('SHOP-2026-1')
  expect(read('merchant-order', '2026 1103 0001')).toBe('202611030001')
  expect(read('user', '138-0000-5678')).toBe('13800005678')
  expect(read('user', '“Lin  Xiaoyu”')).toBe('Lin  Xiaoyu')
  expect(read('card', '1234-5678')).toBe('1234-5678')
  expect(read('order', '')).toBe('')
})

test('shows of a number only what tells it from others', () => {
  expect(maskedNumber('4200001234202611030000008812')).toBe('4200…8812')
  expect(maskedNumber('13800005678')).toBe('…678')
  expect(maskedNumber('林小雨')).toBe('…雨')
  expect(maskedNumber('ab')).toBe('…')
  expect(maskedNumber('👩👩👩')).toBe('…👩')
})

test('takes whatever is typed without an error, asks only for what can be a number, and keeps most of it back', () => {
  const rules = rulesWith('^SHOP\\d{14}$', { phone: '^1\\d{10}$', user: null })
  const kinds = findKinds({ customers: rules }, true)
  const typed = fc.oneof(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(typed, (text) => {
      for (const kind of kindsFor(rules, kinds, text)) {
        const number = numberAs(rules, kind, text)
        expect(canBeOf(kind, number)).toBe(true)
        const left = [...maskedNumber(number)].length - 1
        expect(left).toBeLessThanOrEqual([...number].length / 2)
        if ([...number].length < 16) expect(left).toBeLessThanOrEqual([...number].length / 3)
      }
    }),
  )
})
