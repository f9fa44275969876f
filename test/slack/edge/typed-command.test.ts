import { expect, test } from 'vitest'
import { parseTypedAsk } from '../../../src/slack/ask/open-form.ts'
import { carriedAsk } from '../../../src/slack/ask/submit.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import type { FormView } from '../../../src/slack/edge/payloads.ts'
import {
  asTyped,
  orderIn,
  parseSubcommand,
  parseTypedKey,
  parseTypedLookup,
  parseTypedUser,
} from '../../../src/slack/edge/typed-command.ts'
import { actions, fields } from '../../../src/slack/ids.ts'
import { readCouponList, writeCouponList } from '../../../src/slack/lists/coupons.ts'
import { unclearMessage } from '../../../src/slack/operate/pause.ts'
import { ANOTHER, filledSettle, writeSettled } from '../../../src/slack/operate/settle-views.ts'
import { parseTypedPause, parseTypedResume } from '../../../src/slack/operate/typed-pause.ts'
import { OPENID, policyWith } from '../builders.ts'

const policy = policyWith()
const nothing = { openid: null, stock: null, reason: null, ticket: null, note: null }
const ask = (text: string) => parseTypedAsk(text, policy)
const pause = (text: string) => parseTypedPause(text, policy)

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

test('keeps a note as it was typed, quotes and all', () => {
  expect(ask(`${OPENID} outage he said "now" — it's  late`).note).toBe('he said "now" — it\'s  late')
  expect(ask(`${OPENID} “see” above`).note).toBe('“see” above')
})

test.each([
  `\`${OPENID}\` \`withdraw-10\` \`outage\``,
  `openid: ${OPENID} withdraw-10 outage`,
  `openid：${OPENID}，withdraw-10，outage`.replaceAll('，', '， '),
  `{"openid":"${OPENID}"} withdraw-10 outage`,
  `OpenID ${OPENID}, ＷＩＴＨＤＲＡＷ－１０, Outage.`,
  `用户openid: ${OPENID} withdraw-10 outage`,
  `user_openid: ${OPENID} withdraw-10 outage`,
  `openid -> ${OPENID} withdraw-10 outage`,
  `- ${OPENID} withdraw-10 outage`,
  `1. *${OPENID}* withdraw-10 outage`,
  `https://example.com/u/${OPENID}?a=1 withdraw-10 outage`,
  `<${OPENID}> WITHDRAW‑10 “outage”`,
  `\u200b${OPENID}\u3000withdraw–10\u00a0OUTAGE`,
  `“${OPENID}” "withdraw-10" 'outage'`,
  `${OPENID} 10元提现免费券 服务中断`,
  `${OPENID.slice(0, 9)}\u200b${OPENID.slice(9)} with\u00addraw-10 outage`,
])('understands what copying and keyboards make of an ask: %j', (typed) => {
  expect(ask(typed)).toEqual({ ...nothing, openid: OPENID, stock: 'withdraw-10', reason: 'outage' })
})

test.each([
  '10',
  '¥10',
  '￥10.00',
  '10元',
  '10 元',
  '¥ 10',
  '10块',
  '10 rmb',
])('takes an amount for the one coupon of it: %s', (typed) => {
  const wanted = { ...nothing, openid: OPENID, stock: 'withdraw-10', reason: 'outage', note: 'sorry' }
  expect(ask(`${OPENID} ${typed} outage sorry`)).toEqual(wanted)
  expect(ask(`${typed} ${OPENID} outage sorry`)).toEqual(wanted)
})

test('takes no amount for a coupon where there is none of it, or two, or where it belongs to the note', () => {
  expect(ask(`${OPENID} 20 sorry`)).toEqual({ ...nothing, openid: OPENID, note: '20 sorry' })
  expect(ask(`${OPENID} ¥1 0`)).toEqual({ ...nothing, openid: OPENID, note: '¥1 0' })
  expect(ask(`${OPENID} outage 10 users were hit`)).toMatchObject({ stock: null, note: '10 users were hit' })
  const [ten] = policy.stocks
  const twice = policyWith({
    stocks: [...policy.stocks, { ...(ten as NonNullable<typeof ten>), key: 'x-10' }],
  })
  expect(parseTypedAsk(`${OPENID} 10`, twice)).toMatchObject({ stock: null, note: '10' })
})

test.each([
  `${OPENID}，withdraw-10，outage，SUP-3，抱歉让您久等，谢谢；1,000 人`,
  `${OPENID}、10 元提现免费券、服务中断；SUP-3，抱歉让您久等，谢谢；1,000 人`,
  `${OPENID},withdraw-10,outage;SUP-3,抱歉让您久等，谢谢；1,000 人`,
  `${OPENID} 10 元，outage ，SUP-3，抱歉让您久等，谢谢；1,000 人`,
  `“${OPENID}”，「withdraw-10」，outage SUP-3，抱歉让您久等，谢谢；1,000 人`,
  `openid：${OPENID}，withdraw-10，outage，SUP-3，抱歉让您久等，谢谢；1,000 人`,
])('reads parts that are joined by marks, and leaves those of the note: %s', (typed) => {
  expect(ask(typed)).toEqual({
    openid: OPENID,
    stock: 'withdraw-10',
    reason: 'outage',
    ticket: 'SUP-3',
    note: '抱歉让您久等，谢谢；1,000 人',
  })
})

test('keeps what it does not understand in the note', () => {
  expect(ask(`给${OPENID}补发 outage`)).toMatchObject({ openid: OPENID, note: '补发 outage' })
  expect(ask(`帮忙给${OPENID} 10`)).toMatchObject({ openid: OPENID, stock: 'withdraw-10', note: '帮忙给' })
  expect(ask(`20 ${OPENID} outage`)).toMatchObject({ openid: OPENID, reason: 'outage', note: '20' })
  expect(ask(`openid: ${OPENID}（补发）10`)).toMatchObject({ openid: OPENID, note: '（补发）10' })
  expect(ask(`please ${OPENID} 10 outage now`)).toMatchObject({ stock: 'withdraw-10', note: 'please now' })
  expect(ask(`${OPENID} 10,000 outage`)).toMatchObject({ stock: null, note: '10,000 outage' })
  expect(ask(`"${OPENID}".sorry`)).toMatchObject({ openid: OPENID, note: '.sorry' })
})

test('reads the reason behind a coupon that it does not know, which stays in the note', () => {
  for (const typed of ['withdraw-20', 'ＷＩＴＨＤＲＡＷ－２０', '20 元', 'withdrw-10'])
    expect(ask(`${OPENID} ${typed} outage SUP-7 sorry`)).toEqual({
      ...nothing,
      openid: OPENID,
      reason: 'outage',
      ticket: 'SUP-7',
      note: `${typed} sorry`,
    })
  expect(ask(`withdraw-20 ${OPENID} outage`)).toMatchObject({ reason: 'outage', note: 'withdraw-20' })
  expect(ask(`${OPENID} withdraw-20 sorry, outage`)).toMatchObject({ note: 'withdraw-20 sorry, outage' })
})

test('reads the parts in any order before the note', () => {
  expect(ask(`SUP-7 apology 50 ${OPENID} was charged twice`)).toEqual({
    openid: OPENID,
    stock: 'withdraw-50',
    reason: 'apology',
    ticket: 'SUP-7',
    note: 'was charged twice',
  })
})

test('understands a ticket in any case, and its pasted address', () => {
  const linked = policyWith({
    ticket: {
      required: false,
      pattern: '^SUP-\\d+$',
      url: 'https://example.com/tickets/{id}',
      example: 'SUP-123',
    },
  })
  const ticketOf = (typed: string, of = linked) => parseTypedAsk(`${OPENID} ${typed} sorry`, of)
  for (const typed of [
    'sup-12',
    'Sup-12,',
    'ＳＵＰ-１２',
    '工单：SUP-12',
    '工单 SUP-12',
    '#SUP-12',
    'https://example.com/tickets/SUP-12',
    'https://EXAMPLE.com/tickets/sup-12?focus=3#top',
    'https://other.example/browse/SUP-12',
  ])
    expect(ticketOf(typed)).toEqual({ ...nothing, openid: OPENID, ticket: 'SUP-12', note: 'sorry' })
  // Without a pattern a word is no ticket, and its address still is.
  const free = policyWith({
    ticket: { required: false, pattern: null, url: 'https://example.com/t/{id}/show', example: 'SUP-123' },
  })
  expect(ticketOf('SUP-12', free)).toMatchObject({ ticket: null, note: 'SUP-12 sorry' })
  expect(ticketOf('https://example.com/t/a%20b/show', free)).toMatchObject({ ticket: 'a b', note: 'sorry' })
  expect(ticketOf('https://example.com/%E0%A4%A', linked)).toMatchObject({ ticket: null })
  expect(ticketOf('sup-12', policyWith({ ticket: null }))).toMatchObject({
    ticket: null,
    note: 'sup-12 sorry',
  })
})

test('never takes two words for one key', () => {
  const keyed = policyWith({
    stocks: ['gift-1', 'gift-10'].map((key) => ({
      ...(policy.stocks[0] as (typeof policy.stocks)[0]),
      key,
      name: { en: `Named ${key}`, 'zh-CN': key },
    })),
  })
  expect(parseTypedAsk('gift-1 0 of them', keyed)).toMatchObject({ stock: 'gift-1', note: '0 of them' })
})

test('takes no longer for much more of what strangers type than its length', () => {
  // By the old way, with every prefix tried and every quote looked for anew, this took minutes.
  for (const unit of ['“ ', 'a ', '" ', '` ', "' ", '「', '<@', '&lt', '‘', 'openid', 'A'])
    for (const read of [
      ask,
      (text: string) => parseTypedLookup(text, policy),
      parseSubcommand,
      pause,
      asTyped,
    ])
      read(unit.repeat(200_000 / unit.length))
})

test('pauses the coupon that was copied from this app', () => {
  const paused = { stock: 'withdraw-10', unclear: null, reason: 'wrong amount, "see" above' }
  for (const typed of [
    '`withdraw-10`',
    '“withdraw-10”',
    'withdraw-10:',
    'ＷＩＴＨＤＲＡＷ－１０',
    '10元提现免费券',
  ])
    expect(pause(`${typed} wrong amount, "see" above`)).toEqual(paused)
})

test.each([
  ['withdraw-10：太多投诉', '太多投诉'],
  ['withdraw-10:too many', 'too many'],
  ['withdraw-10,too many', 'too many'],
  ['withdraw-10，太多投诉', '太多投诉'],
  ['withdraw-10、太多', '太多'],
  ['withdraw-10（太多投诉）', '（太多投诉）'],
  ['withdraw-10(too many)', '(too many)'],
  ['10元提现免费券：太多', '太多'],
  ['*withdraw-10* x', 'x'],
  ['**`withdraw-10`** x', 'x'],
  ['~withdraw-10~ x', 'x'],
])('pauses the coupon that stands before a mark or in formatting: %s', (typed, reason) => {
  expect(pause(typed)).toEqual({ stock: 'withdraw-10', reason, unclear: null })
})

test.each([
  'withdraw-10 withdraw-50 wrong',
  'withdraw-10、withdraw-50 wrong',
  'withdraw-10 and withdraw-50 wrong',
])('asks back where two coupons are named: %s', (typed) => {
  const unclear = { word: 'withdraw-10 withdraw-50', key: 'withdraw-10', rest: 'wrong' }
  expect(pause(typed)).toEqual({ stock: null, reason: 'wrong', unclear })
})

test('pauses everything before a mark, and keeps what else was typed as it is', () => {
  expect(pause('全部：投诉')).toEqual({ stock: null, reason: '投诉', unclear: null })
  expect(pause('everything,now')).toEqual({ stock: null, reason: 'now', unclear: null })
  expect(pause('INC:4567 is open')).toEqual({ stock: null, reason: 'INC:4567 is open', unclear: null })
})

test('keeps a reason of any length that a command may have', () => {
  const reason = 'too many complaints '.repeat(140).trim()
  expect(pause(`withdraw-10 ${reason}`)).toEqual({ stock: 'withdraw-10', reason, unclear: null })
  expect(pause(reason)).toEqual({ stock: null, reason, unclear: null })
})

test('takes off what copying leaves around the id of a coupon', () => {
  for (const typed of ['98674556', ' `98674556`', '“98674556”。', '9867\u200b4556']) {
    const values = {
      [fields.verdict]: { [actions.verdictRadio]: { selected_option: { value: ANOTHER } } },
      [fields.couponId]: { [actions.couponIdInput]: { value: typed } },
    }
    const view = { private_metadata: writeSettled({ grantId: 'G1', coupons: [] }), state: { values } }
    expect(filledSettle(view as unknown as FormView)?.verdict).toEqual({
      kind: 'issued',
      couponId: '98674556',
    })
  }
})

test('offers the whole of what was typed, as far as a message takes it, when it asks back', () => {
  const reason = 'too many <complaints> '.repeat(130).trim()
  const { unclear, reason: whole } = pause(`withdraw10 ${reason}`)
  if (!unclear) throw new Error('it was not asked back')
  const reader = createReader('en', policy)
  const { blocks } = unclearMessage({ ...unclear, reason: whole }, { policy, reader })
  const [, offered] = blocks as { text: { text: string } }[]
  expect(offered?.text.text.length).toBeGreaterThan(2500)
  expect(offered?.text.text.length).toBeLessThanOrEqual(3000)
})

test('says what follows the coupon that may have been meant', () => {
  expect(pause('the withdraw-50 too many').unclear).toEqual({
    word: 'the withdraw-50',
    key: 'withdraw-50',
    rest: 'too many',
  })
})

test.each([
  ['please withdraw-10', 'withdraw-10'],
  ['stock withdraw-50 x', 'withdraw-50'],
  ['stock 1304490000000060', 'withdraw-50'],
  ['🛑 withdraw-50 x', 'withdraw-50'],
  ['stock=withdraw-50 x', 'withdraw-50'],
  ['key:withdraw-50', 'withdraw-50'],
  ['10元提现免费券太多投诉', 'withdraw-10'],
  ['50元券 x', 'withdraw-50'],
  ['50块钱 x', 'withdraw-50'],
  ['wd-50', 'withdraw-50'],
  ['提现免费券 x', 'withdraw-10'],
  ['withdraw10 is wrong', 'withdraw-10'],
  ['withdraw is wrong', 'withdraw-10'],
  ['withdraw-100 wrong', 'withdraw-10'],
  ['Fee-free withdrawl ¥50 wrong', 'withdraw-50'],
  ['50 wrong', 'withdraw-50'],
  ['50元 发错', 'withdraw-50'],
  ['1304490000000060 wrong', 'withdraw-50'],
  ['1304490000009999 wrong', null],
  ['`gold` wrong', null],
  ['"gold" wrong', null],
])('asks back instead of pausing everything: %s', (typed, key) => {
  expect(pause(typed)).toMatchObject({ stock: null, unclear: { key } })
})

test.each([
  ['', null],
  ['all', null],
  ['all withdraw-10 and others are wrong', 'withdraw-10 and others are wrong'],
  ['全部 发错了', '发错了'],
  ['wrong amounts', 'wrong amounts'],
  ['please', 'please'],
  ['users say that withdraw-10 came twice', 'users say that withdraw-10 came twice'],
  ['3 users got two, "again"', '3 users got two, "again"'],
])('pauses everything: %j', (typed, reason) => {
  expect(pause(typed)).toEqual({ stock: null, reason, unclear: null })
})

test('resumes what is named, everything only where it is said', () => {
  const resume = (text: string) => parseTypedResume(text, policy)
  expect(resume('')).toBeNull()
  expect(resume('all')).toBeNull()
  expect(resume('`withdraw-10`')).toBe('withdraw-10')
  expect(resume('withdraw10')).toBe('withdraw10')
  expect(resume('withdraw-10, withdraw-50')).toBe('withdraw-10 withdraw-50')
  expect(resume('the old one')).toBe('the old one')
  expect(resume('withdraw-10：好了')).toBe('withdraw-10')
  expect(resume('全部：好了')).toBeNull()
  // Signs alone don't name everything.
  expect(resume('“”')).toBe('“”')
})

test('undoes what Slack makes of a command, once, and nothing that a person typed', () => {
  expect(asTyped('a &lt; b &amp;amp; c')).toBe('a < b &amp; c')
  expect(
    asTyped('see <#C0HELP1|support> and <https://example.com/a?b=1&amp;c=2> ask <@U0LEAD1|lea> "now"'),
  ).toBe('see #support and https://example.com/a?b=1&c=2 ask @lea "now"')
  expect(asTyped('<!subteam^S0LEADS1|@leads> <mailto:a@example.com|a@example.com>')).toBe(
    '@leads a@example.com',
  )
  expect(asTyped('<http://www.example.com|www.example.com> <#C0HELP1|> <@U0LEAD1>')).toBe(
    'www.example.com #C0HELP1 <@U0LEAD1>',
  )
  // What was typed as text comes escaped, and stays what it is.
  expect(asTyped('&lt;@U0LEAD1|ada&gt; &amp;lt;')).toBe('<@U0LEAD1|ada> &lt;')
  expect(asTyped('<https://evil.example|https://bank.example>')).toBe('https://evil.example')
  // Without `should_escape` nothing is treated, and nothing is undone.
  expect(asTyped('a < b & c &lt; d')).toBe('a < b & c &lt; d')
})

test('takes no unionid for an openid', () => {
  expect(parseTypedLookup(`unionid ${OPENID}`, policy).openid).not.toBe(OPENID)
  expect(parseTypedLookup(`unionid:${OPENID}`, policy).openid).not.toBe(OPENID)
})

test('says what else was typed beside a user', () => {
  const more = (text: string) => parseTypedUser(text, policy).more.map((word) => word.text)
  expect(more(`用户 openid: ${OPENID}。`)).toEqual([])
  expect(more(`${OPENID}，oAnother`)).toEqual(['oAnother'])
  expect(more(`subject-1 ${OPENID}`)).toEqual(['subject-1'])
  expect(more('subject-1 subject-2')).toEqual(['subject-2'])
})

test('reads a look-up, and keeps a stock that it does not know', () => {
  expect(parseTypedLookup(`用户 openid: ${OPENID}`, policy)).toEqual({ openid: OPENID, stock: null })
  expect(parseTypedLookup(`${OPENID} 50 元提现免费券`, policy)).toEqual({
    openid: OPENID,
    stock: 'withdraw-50',
  })
  expect(parseTypedLookup(`${OPENID} gold`, policy)).toEqual({ openid: OPENID, stock: 'gold' })
  expect(parseTypedLookup(OPENID, policy)).toEqual({ openid: OPENID, stock: null })
  for (const typed of ['，withdraw-50', ' 50元', ' ¥ 50。'])
    expect(parseTypedLookup(`${OPENID}${typed}`, policy)).toEqual({ openid: OPENID, stock: 'withdraw-50' })
})

test('understands subcommands in English and Chinese, in any case', () => {
  expect(parseSubcommand('SEND  x y')).toEqual({ name: 'send', rest: 'x y' })
  expect(parseSubcommand('发放 x')).toEqual({ name: 'send', rest: 'x' })
  expect(parseSubcommand('查询 x')).toEqual({ name: 'list', rest: 'x' })
  expect(parseSubcommand('帮助')).toEqual({ name: 'help', rest: '' })
  expect(parseSubcommand('  ')).toEqual({ name: 'help', rest: '' })
  for (const typed of [
    '`send` x',
    '“Send” x',
    'ｓｅｎｄ　x',
    'send: x',
    '`send x`',
    '/withdraw-coupon send x',
    '`/withdraw-coupon send x`',
    '\u200bsend x',
    'send:x',
    'send：x',
    '/Withdraw-Coupon send x',
    '/withdraw-coupon\u00a0send x',
  ])
    expect(parseSubcommand(typed)).toEqual({ name: 'send', rest: 'x' })
})

test.each([
  ['give x', 'send'],
  ['发券 x', 'send'],
  ['发送 x', 'send'],
  ['发x', 'send'],
  ['查 x', 'list'],
  ['look x', 'list'],
  ['历史 x', 'history'],
  ['额度 x', 'left'],
  ['Budget x', 'left'],
])('knows other verbs too: %s', (typed, name) => {
  expect(parseSubcommand(typed)).toEqual({ name, rest: 'x' })
})

test('takes an openid alone, or joined to a Chinese word, for a look-up', () => {
  for (const typed of [OPENID, `\`${OPENID}\``, `openid: ${OPENID}`, `“${OPENID}”`]) {
    const parsed = parseSubcommand(typed, policy)
    expect(parsed).toMatchObject({ name: 'list' })
    expect(parseTypedLookup('rest' in parsed ? parsed.rest : '', policy).openid).toBe(OPENID)
  }
  expect(parseSubcommand(`查${OPENID}`, policy)).toEqual({ name: 'list', rest: OPENID })
  expect(parseSubcommand(`发放${OPENID} 10`, policy)).toEqual({ name: 'send', rest: `${OPENID} 10` })
  expect(parseSubcommand(`look up ${OPENID}`, policy)).toEqual({ name: 'list', rest: `up ${OPENID}` })
  expect(parseTypedLookup(`up ${OPENID}`, policy).openid).toBe(OPENID)
  for (const typed of [OPENID.slice(1), `unionid ${OPENID}`, 'banana'])
    expect(parseSubcommand(typed, policy)).toMatchObject({ name: null })
  const other = policyWith({ openid: '^[a-z0-9]+$' })
  expect(parseSubcommand('customer0000012', other)).toMatchObject({ name: 'list' })
  for (const slip of ['lsit', 'banana']) expect(parseSubcommand(slip, other)).toMatchObject({ name: null })
})

test('reads what a history is asked of', () => {
  const key = (text: string, of = policy) => parseTypedKey(text, of).key
  expect(key(`openid: ${OPENID}`)).toBe(OPENID)
  for (const typed of [
    ' “sup-12”. ',
    'ＳＵＰ－１２',
    '工单：SUP-12',
    '#SUP-12',
    'ticket sup-12',
    '工单SUP–12',
  ])
    expect(key(typed)).toBe('SUP-12')
  expect(key('98674556')).toBe('98674556')
  expect(key('  ')).toBe('')
  expect(key('x'.repeat(3000))).toHaveLength(128)
  const free = policyWith({ ticket: { required: false, pattern: null, url: null, example: null } })
  expect(key('Case 4711 b', free)).toBe('Case 4711 b')
  expect(key('工单：Case 4711 b', free)).toBe('Case 4711 b')
})

test('says what a history is not asked of', () => {
  const more = (text: string) => parseTypedKey(text, policy).more
  expect(more('SUP-8, SUP-7')).toBe('SUP-7')
  expect(more(`${OPENID} SUP-7`)).toBe('SUP-7')
  expect(more('98674556；98674557')).toBe('98674557')
  expect(more('ticket SUP-8')).toBe('')
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
  expect(readCouponList(writeCouponList(value))).toEqual(value)
  expect(readCouponList(writeCouponList({ ...value, stock: null }))).toEqual({ ...value, stock: null })
  for (const tampered of [undefined, '', OPENID, `${OPENID}|0|`, `${OPENID}|x|`, 'o p|1|', `${OPENID}|1e9|`])
    expect(readCouponList(tampered)).toBeNull()
  const carried = { openid: OPENID, stock: 'a', reason: 'b', note: null, ticket: null }
  expect(carriedAsk(JSON.stringify(carried))).toEqual({
    ask: carried,
    previous: null,
    instead: null,
    foundBy: null,
    from: null,
  })
  for (const tampered of ['', 'null', '{}', JSON.stringify({ ...carried, amount: 1 }), '{"openid":1}'])
    expect(carriedAsk(tampered)).toBeNull()
})

test('knows an order however it is typed', () => {
  for (const text of ['pause', '`pause withdraw-10`', 'ＰＡＵＳＥ x', '“暂停” x', 'resume.'])
    expect(orderIn(text)).not.toBeNull()
  const fenced = `\`/withdraw-coupon pause withdraw-10 ${'too many complaints '.repeat(20)}\``
  for (const text of [fenced, 'pause:withdraw-10', '暂停：withdraw-10']) {
    expect(orderIn(text)).not.toBeNull()
    expect(parseSubcommand(text)).toMatchObject({ name: 'pause' })
  }
  for (const text of ['send pause', 'paused', '', 'help pause', 'away', '离开'])
    expect(orderIn(text)).toBeNull()
})
