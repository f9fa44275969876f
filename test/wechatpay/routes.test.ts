import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestTarget } from '../../src/wechatpay/routes.ts'

const TEMPLATE = 'v3/users/{openid}/coupons'

test('encodes everything but the unreserved characters', () => {
  expect(requestTarget(TEMPLATE, { openid: "a/b?c#d|e f%g!'()*h~i.j_k-l" })).toBe(
    '/v3/users/a%2Fb%3Fc%23d%7Ce%20f%25g%21%27%28%29%2Ah~i.j_k-l/coupons',
  )
})

test('writes text in UTF-8', () => {
  expect(requestTarget(TEMPLATE, { openid: '用户' })).toBe('/v3/users/%E7%94%A8%E6%88%B7/coupons')
})

test('adds the query in its order and leaves out what is undefined', () => {
  const query = { mchid: '98', offset: 0, limit: undefined, appid: 'a&b' }
  expect(requestTarget(TEMPLATE, { openid: 'o' }, query)).toBe(
    '/v3/users/o/coupons?mchid=98&offset=0&appid=a%26b',
  )
})

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 128 })
  .filter((value) => value.isWellFormed() && value !== '.' && value !== '..')

test('gives for each value one segment that no URL parser changes and that decodes to the value', () => {
  fc.assert(
    fc.property(text, text, (openid, stock_id) => {
      const target = requestTarget(TEMPLATE, { openid }, { stock_id })
      const url = new URL(`https://api.mch.weixin.qq.com${target}`)
      expect(url.pathname + url.search).toBe(target)
      expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'v3', 'users', openid, 'coupons'])
      expect(target).toMatch(/^[A-Za-z0-9\-._~%/?=]+$/)
      expect(url.searchParams.get('stock_id')).toBe(stock_id)
    }),
  )
})
