import { expect, onTestFinished, test } from 'vitest'
import type { ListedCoupon, ListInput, ListOutcome } from '../../../src/grants/index.ts'
import { EXPIRES, grantsThat, grantWith, issued, NOON, OPENID, policyWith } from '../builders.ts'
import { startEdge, viewOf } from '../start-edge.ts'

const finished = onTestFinished
const stock = { key: 'withdraw-10', stockId: '1304490000000059', name: grantWith().stockName }

function coupon(change: Partial<ListedCoupon> = {}): ListedCoupon {
  return {
    couponId: 'C0000000001',
    stock,
    state: 'VALID',
    usable: true,
    quota: 1000,
    used: 400,
    sentAt: NOON,
    expiresAt: EXPIRES,
    grant: null,
    ...change,
  }
}

function listed(change: Partial<Extract<ListOutcome, { kind: 'listed' }>>): Promise<ListOutcome> {
  return Promise.resolve({
    kind: 'listed',
    openid: OPENID,
    coupons: [],
    open: [],
    failed: [],
    stocks: 2,
    ...change,
  })
}

async function ask(grants: ReturnType<typeof grantsThat>, text: string, who = 'U0AGENT1') {
  const { slack, log } = await startEdge({ grants, finished, now: () => NOON })
  const person = slack.person(who)
  expect(await person.command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })).toMatchObject({ ok: true })
  const told = await slack.waitFor(() => person.messages('C0SUPPORT').find(({ onlyFor }) => onlyFor === who))
  return { slack, person, told, text: JSON.stringify(told.blocks ?? told.text), log }
}

test('says of what WeChat Pay did not tell that it is not known', async () => {
  const grants = grantsThat({
    list: () =>
      listed({
        coupons: [
          coupon({ used: null }),
          coupon({ couponId: 'C2', quota: null, used: null, sentAt: null }),
          coupon({ couponId: 'C3', state: null, usable: false }),
        ],
      }),
  })
  const { text } = await ask(grants, `list ${OPENID}`)
  expect(text).toContain('2 usable · amount left not known')
  expect(text).toContain('up to ¥10.00, use not known')
  expect(text).toContain('amount not known')
  expect(text).toContain('*State not known*')
  expect(text).toContain('C3')
})

test('lists coupons with state, quota, times and who gave them, to this person alone', async () => {
  const grants = grantsThat({
    list: () =>
      listed({
        coupons: [
          coupon({ grant: grantWith({ ...issued, requester: 'U0AGENT2' }) }),
          coupon({ couponId: 'C2', state: 'USED', usable: false, used: 1000, expiresAt: null }),
          coupon({ couponId: 'C3', state: 'EXPIRED', usable: false, expiresAt: NOON - 1000 }),
        ],
      }),
  })
  const { told, text, slack } = await ask(grants, `list ${OPENID}`)
  expect(told.text).toContain('1 usable · ¥6.00 left · oUpF…jWeS6o\nUsable · ¥6.00 of ¥10.00 left')
  expect(text).toContain('1 usable · ¥6.00 left')
  expect(text).toContain('*Usable* · ¥6.00 of ¥10.00 left · expires ')
  expect(text).toContain('31 Dec 2026, 13:29 (GMT+8)> (in 36 days)')
  expect(text).toContain('<@U0AGENT2> · <!date')
  expect(text).toContain('> · Outage · Fee-free withdrawal ¥10')
  expect(text).toContain('*Used up*')
  expect(text).toContain('expiry not known (given outside this app)')
  expect(text).toContain('*Expired*')
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])
})

test('shows a state that it does not know as WeChat Pay wrote it', async () => {
  const grants = grantsThat({
    list: () => listed({ coupons: [coupon({ state: 'FROZEN<!channel>', usable: false })] }),
  })
  const { text } = await ask(grants, `list ${OPENID}`)
  expect(text).toContain('*FROZEN&lt;!channel&gt;*')
})

test('says that a user holds nothing, and offers to give a coupon', async () => {
  const { text, person, slack } = await ask(grantsThat(), `list ${OPENID}`)
  expect(text).toContain('This user holds no coupon at the moment (2 kinds were looked up).')
  await person.press({ actionId: 'give_to_user', channel: 'C0SUPPORT' })
  const form = await viewOf(slack, person)
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
})

test('does not say that a user holds nothing when no stock could be asked', async () => {
  const grants = grantsThat({
    list: () =>
      listed({
        failed: [
          { stock: 'withdraw-10', name: stock.name, code: 'NO_ANSWER' },
          { stock: '999', name: null, code: 'NO_AUTH' },
        ],
      }),
  })
  const { text, told } = await ask(grants, `list ${OPENID}`)
  expect(told.text).toBe('The coupons could not be looked up · oUpF…jWeS6o')
  expect(text).not.toContain('holds no coupon')
  expect(text).toContain('*Could not look up Fee-free withdrawal ¥10*: WeChat Pay did not answer.')
  expect(text).toContain('*Could not look up 999*: WeChat Pay says `NO_AUTH`.')
})

test('tells what is waiting or being issued', async () => {
  const grants = grantsThat({
    list: () =>
      listed({
        open: [
          grantWith({ state: 'pending', requester: 'U0AGENT2' }),
          grantWith({ state: 'issuing', flag: { kind: 'checking', reason: 'no-answer', at: NOON } }),
        ],
      }),
  })
  const { text } = await ask(grants, `list ${OPENID}`)
  expect(text).toContain('⏳ *Waiting for approval* · ¥10.00\\n<@U0AGENT2> · ')
  expect(text).toContain('*Being checked*')
})

const checking = (change: Parameters<typeof grantWith>[0] = {}) =>
  grantWith({ state: 'issuing', flag: { kind: 'checking', reason: 'no-answer', at: NOON }, ...change })
const outside = 'given outside this app'

test('shows a coupon that may come of a request still being checked together with it, as one', async () => {
  const grants = grantsThat({
    list: () => listed({ coupons: [coupon({ expiresAt: null })], open: [checking()] }),
  })
  const { text, told } = await ask(grants, `list ${OPENID}`)
  expect(told.text).toContain('1 usable · ¥6.00 left · oUpF…jWeS6o')
  expect(text).not.toContain(outside)
  expect(text).toContain('expiry not known yet')
  expect(text.split('*Being checked*')).toHaveLength(2)
  const rows = (told.blocks as { text?: { text?: string } }[]).map((block) => block.text?.text ?? '')
  const row = rows.find((one) => one.includes('C0000000001'))
  expect(row).toContain(
    'This may be the coupon of the request that is still being checked. Count the two as one:',
  )
  expect(row).toContain('*Being checked*')
})

test('says in Chinese too that the two may be one', async () => {
  const grants = grantsThat({
    list: () => listed({ coupons: [coupon({ expiresAt: null })], open: [checking()] }),
  })
  const { text } = await ask(grants, `list ${OPENID}`, 'U0AGENT2')
  expect(text).toContain('请勿重复计算')
  expect(text).not.toContain('并非由本应用发放')
})

test.each([
  ['issuing', checking({ flag: null })],
  ['left to people', checking({ flag: { kind: 'needs-look', reason: 'restored', at: NOON } })],
] as const)('does not call a coupon given outside while a request is %s', async (_what, grant) => {
  const { text } = await ask(
    grantsThat({ list: () => listed({ coupons: [coupon({ expiresAt: null })], open: [grant] }) }),
    `list ${OPENID}`,
  )
  expect(text).not.toContain(outside)
  expect(text).toContain('Count the two as one')
})

test('asks once of several coupons and several requests, and says how many of each', async () => {
  const unknown = ['C1', 'C2', 'C3', 'C4', 'C5'].map((couponId) => coupon({ couponId, expiresAt: null }))
  const open = [
    checking({ id: 'G1' }),
    checking({ id: 'G2', flag: { kind: 'needs-look', reason: 'lost', at: NOON } }),
  ]
  const { text, told } = await ask(
    grantsThat({ list: () => listed({ coupons: unknown, open }) }),
    `list ${OPENID}`,
  )
  expect(told.text).toContain('5 usable · ¥30.00 left · oUpF…jWeS6o')
  expect(text).not.toContain(outside)
  expect(text).toContain('These 5 coupons may have been issued for the 2 requests still being checked.')
  expect(text).toContain('… and 2 more')
  expect(text).not.toContain('more under way')
})

test.each([
  ['another stock', { stockId: '1304490000000060' }],
  ['nothing sent yet', { state: 'approved', flag: null }],
  ['waiting for approval', { state: 'pending', flag: null }],
  ['made a month after the coupon was sent', { createdAt: NOON + 30 * 86_400_000 }],
] as const)('counts on a coupon being another one where the request is of %s', async (_what, change) => {
  const { text } = await ask(
    grantsThat({ list: () => listed({ coupons: [coupon({ expiresAt: null })], open: [checking(change)] }) }),
    `list ${OPENID}`,
  )
  expect(text).toContain(outside)
  expect(text).not.toContain('Count the two as one')
})

test('leaves coupons that a request accounts for out of the question', async () => {
  const own = coupon({ grant: grantWith({ ...issued }) })
  const { text } = await ask(
    grantsThat({ list: () => listed({ coupons: [own], open: [checking()] }) }),
    `list ${OPENID}`,
  )
  expect(text).toContain('*Being checked*')
  expect(text).not.toContain('Count the two as one')
})

test('turns pages in place', async () => {
  const inputs: ListInput[] = []
  const grants = grantsThat({
    list: (input) => {
      inputs.push(input)
      return listed({
        coupons: Array.from({ length: 45 }, (_, index) =>
          coupon({ couponId: `C${index}`, quota: 100 * index }),
        ),
      })
    },
  })
  const { text, person, slack } = await ask(grants, `list ${OPENID} withdraw-10`)
  expect(text).toContain('1–20 of 45')
  expect(text).not.toContain('list_previous')
  await person.press({ actionId: 'list_next', channel: 'C0SUPPORT' })
  await slack.waitFor(() => JSON.stringify(person.messages('C0SUPPORT')).includes('21–40 of 45'))
  expect(person.messages('C0SUPPORT')).toHaveLength(1)
  expect(JSON.stringify(person.messages('C0SUPPORT'))).toContain('of ¥20.00 left')
  await person.press({ actionId: 'list_previous', channel: 'C0SUPPORT' })
  await slack.waitFor(() => JSON.stringify(person.messages('C0SUPPORT')).includes('1–20 of 45'))
  // What is typed is a look-up; a page that is turned, the first again too, is part of it.
  expect(inputs.map(({ page, stock: key, isTurned }) => [page, key, isTurned])).toEqual([
    [1, 'withdraw-10', false],
    [2, 'withdraw-10', true],
    [1, 'withdraw-10', true],
  ])
})

test('says why a look-up is refused, in Chinese to a Chinese reader', async () => {
  const grants = grantsThat({
    list: () =>
      Promise.resolve({
        kind: 'refused',
        refusal: { code: 'lookups-reached', max: 60, per: 3_600_000, againAt: NOON },
      }),
  })
  const { text } = await ask(grants, `查询 ${OPENID}`, 'U0AGENT2')
  expect(text).toContain('您的查询次数已达上限（60 次），2026年11月24日 14:00（北京时间）之后可以继续查询。')
})

test('asks for the openid when none was typed', async () => {
  const { text } = await ask(grantsThat(), 'list')
  expect(text).toContain('Whose coupons?')
})

test('gives a number that is in the log when something fails', async () => {
  const grants = grantsThat({ list: () => Promise.reject(new Error('no ledger')) })
  const { text, log } = await ask(grants, `list ${OPENID}`)
  const id = String(log.find(({ errorId }) => errorId)?.errorId)
  expect(id).toMatch(/^[0-9a-f]{8}$/)
  expect(text).toContain(id)
  expect(text).toContain('nothing was changed')
})

test('suggests what a mistyped subcommand meant', async () => {
  const { told, text } = await ask(grantsThat(), `lsit ${OPENID}`)
  expect(told.text).toBe('“lsit”? Did you mean “list”?')
  expect(text).toContain('/withdraw-coupon send')
})

test('shows in help what this person may do, what is left, and who approves', async () => {
  const { text } = await ask(grantsThat({ policy: () => policyWith() }), 'help')
  expect(text).toContain('`/withdraw-coupon list oUpF8uMuAJO_M2pxb1Q9zNjWeS6o`')
  expect(text).toContain('Left today: Fee-free withdrawal ¥10: 988')
  expect(text).toContain('<!subteam^S0LEADS1> (<#C0APPROVE>)')
})

test('answers people of every standing, and tells grants which', async () => {
  const standings: Record<string, string> = {}
  const grants = grantsThat({
    abilities: (person) => {
      standings[person.id] = person.standing
      const refusal =
        person.standing === 'member' ? null : { code: 'not-a-member' as const, standing: person.standing }
      return Promise.resolve({
        roles: [],
        mayRequest: refusal,
        mayLookUp: refusal,
        decides: false,
        readsHistory: false,
        stocks: [],
        requesterLimit: null,
        lookupsLeft: null,
      })
    },
  })
  const { slack, text } = await ask(grants, 'help', 'U0GUEST1')
  expect(text).toContain('Guests cannot use this app.')
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'help')
  await slack.waitFor(() => standings.U0AGENT1)
  expect(standings).toEqual({ U0GUEST1: 'guest', U0AGENT1: 'member' })
})
