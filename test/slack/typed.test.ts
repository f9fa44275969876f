import { expect, test } from 'vitest'
import { parseSubcommand } from '../../src/slack/help/subcommand.ts'
import { readListValue, writeListValue } from '../../src/slack/list/list-value.ts'
import { carriedAsk } from '../../src/slack/send/another-view.ts'
import { parseTypedAsk, parseTypedLookup } from '../../src/slack/send/typed-ask.ts'
import { OPENID, policyWith } from './builders.ts'

const policy = policyWith()
const nothing = { openid: null, stock: null, reason: null, ticket: null, note: null }
const ask = (text: string) => parseTypedAsk(text, policy)

test('reads openid, stock, reason, ticket and note in this order', () => {
  expect(ask(`${OPENID} withdraw-50 apology SUP-12 was charged twice`)).toEqual({
    openid: OPENID,
    stock: 'withdraw-50',
    reason: 'apology',
    ticket: 'SUP-12',
    note: 'was charged twice',
  })
})

test('reads any part left out', () => {
  expect(ask('')).toEqual(nothing)
  expect(ask(OPENID)).toEqual({ ...nothing, openid: OPENID })
  expect(ask('withdraw-10')).toEqual({ ...nothing, stock: 'withdraw-10' })
  expect(ask(`${OPENID} outage`)).toEqual({ ...nothing, openid: OPENID, reason: 'outage' })
  expect(ask(`${OPENID} SUP-7`)).toEqual({ ...nothing, openid: OPENID, ticket: 'SUP-7' })
  expect(ask(`${OPENID} sorry`)).toEqual({ ...nothing, openid: OPENID, note: 'sorry' })
})

test('knows stocks and reasons by name in either language, quoted or not', () => {
  const wanted = { ...nothing, openid: OPENID, stock: 'withdraw-10', reason: 'outage' }
  expect(ask(`${OPENID} "Fee-free withdrawal ¥10" Outage`)).toEqual(wanted)
  expect(ask(`${OPENID} fee-free withdrawal ¥10 OUTAGE`)).toEqual(wanted)
  expect(ask(`${OPENID} 10 元提现免费券 服务中断`)).toEqual(wanted)
  expect(ask(`${OPENID} “10 元提现免费券” 「服务中断」`)).toEqual(wanted)
})

test('takes quotes and invisible characters off an openid, and keeps a wrong one to be told of', () => {
  expect(ask(`“\u200b${OPENID}”`).openid).toBe(OPENID)
  expect(ask('not!an!openid').openid).toBe('not!an!openid')
})

test('undoes the escaping of what was typed', () => {
  expect(ask(`${OPENID} a &lt; b &amp;amp; c`).note).toBe('a < b &amp; c')
})

test('reads a look-up, and keeps a stock that it does not know', () => {
  expect(parseTypedLookup(`${OPENID} 50 元提现免费券`, policy)).toEqual({
    openid: OPENID,
    stock: 'withdraw-50',
  })
  expect(parseTypedLookup(`${OPENID} gold`, policy)).toEqual({ openid: OPENID, stock: 'gold' })
  expect(parseTypedLookup(OPENID, policy)).toEqual({ openid: OPENID, stock: null })
})

test('understands subcommands in English and Chinese, in any case', () => {
  expect(parseSubcommand('SEND  x y')).toEqual({ name: 'send', rest: 'x y' })
  expect(parseSubcommand('发放 x')).toEqual({ name: 'send', rest: 'x' })
  expect(parseSubcommand('查询 x')).toEqual({ name: 'list', rest: 'x' })
  expect(parseSubcommand('帮助')).toEqual({ name: 'help', rest: '' })
  expect(parseSubcommand('  ')).toEqual({ name: 'help', rest: '' })
})

test('suggests a subcommand for a slip and none for something else', () => {
  const meant = (text: string) => parseSubcommand(text)
  expect(meant('lsit x')).toEqual({ name: null, typed: 'lsit', meant: 'list' })
  expect(meant('snd')).toMatchObject({ meant: 'send' })
  expect(meant('hlep')).toMatchObject({ meant: 'help' })
  expect(meant('查寻')).toMatchObject({ meant: '查询' })
  expect(meant('banana')).toMatchObject({ meant: null })
})

test('takes back what a button or a second view carries, and nothing else', () => {
  const value = { openid: OPENID, page: 3, stock: 'withdraw-10' }
  expect(readListValue(writeListValue(value))).toEqual(value)
  expect(readListValue(writeListValue({ ...value, stock: null }))).toEqual({ ...value, stock: null })
  for (const tampered of [undefined, '', OPENID, `${OPENID}|0|`, `${OPENID}|x|`, 'o p|1|', `${OPENID}|1e9|`])
    expect(readListValue(tampered)).toBeNull()
  const carried = { openid: OPENID, stock: 'a', reason: 'b', note: null, ticket: null }
  expect(carriedAsk(JSON.stringify(carried))).toEqual(carried)
  for (const tampered of ['', 'null', '{}', JSON.stringify({ ...carried, amount: 1 }), '{"openid":1}'])
    expect(carriedAsk(tampered)).toBeNull()
})
