import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grantStates, reservingStates } from '../../src/domain/grant.ts'
import { calendarDay, dayBefore, firstDay } from '../../src/domain/limit.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { migrate } from '../../src/ledger/migrate.ts'
import { openEngine } from '../../src/ledger/open-ledger.ts'
import { engines, openOn, type Place, placeOn } from './engines.ts'
import { newGrant, record } from './grants.ts'

const worker = 'w'
const lease = 60_000
const TODAY = 20270115
const refusal = { code: 'RULE_LIMIT', message: '', requestId: null }

type Counts = Record<string, [count: number, quota: number]>

/** What limits go by, as it is kept. */
async function kept({ sql }: Pick<Place, 'sql'>): Promise<Counts> {
  const rows = await sql('select * from usage where count <> 0 or quota <> 0')
  return Object.fromEntries(
    rows.map(({ kind, owner, rule, day, count, quota }) => [
      [kind, owner, rule, day].join(' '),
      [Number(count), Number(quota)],
    ]),
  )
}

/** The same, counted from the grants. */
async function counted({ sql }: Pick<Place, 'sql'>): Promise<Counts> {
  const counts: Counts = {}
  for (const row of await sql('select * from grants')) {
    if (!(reservingStates as readonly unknown[]).includes(row.state)) continue
    const { subject, requester, approved_by_rule: rule, day, mchid, stock_id } = row
    const owners = [`user ${subject} `, `requester ${requester} `, `stock ${mchid}/${stock_id} `]
    if (rule !== null) owners.push(`requester ${requester} ${rule}`)
    for (const owner of owners) {
      const [count, quota] = counts[`${owner} ${day}`] ?? [0, 0]
      counts[`${owner} ${day}`] = [count + 1, quota + Number(row.quota)]
    }
  }
  return counts
}

const of = (max: number) => fc.nat({ max })
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      openid: fc.constantFrom('oTESTuser0000000000000000001', 'oTESTuser0000000000000000002'),
      requester: fc.constantFrom('U0ONE', 'U0TWO'),
      stockId: fc.constantFrom('1304490000000059', '1304490000000060'),
      approvedByRule: fc.constantFrom('small', 'other', null),
      day: fc.constantFrom(TODAY - 1, TODAY),
      quota: fc.constantFrom(0, 100, 5000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('step' as const),
      which: of(20),
      step: fc.constantFrom('approve', 'reject', 'expire', 'cancel', 'release'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: of(20),
      step: fc.constantFrom('issue', 'refuse', 'correct'),
    }),
  },
)

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

async function carryOut(ledger: Ledger, ids: string[], one: Operation) {
  if (one.do === 'ask') {
    const { do: _, ...ask } = one
    const state = ask.approvedByRule === null ? 'pending' : 'approved'
    ids.push((await record(ledger, { ...ask, state }, [])).id)
    return
  }
  if (one.do === 'claim') {
    await ledger.claimDue({ worker, lease })
    return
  }
  const id = ids[one.which % ids.length]
  if (id === undefined) return
  await ledger.write((tx) =>
    one.do === 'step'
      ? tx.step(id, one.step, 'U0')
      : tx.step(id, one.step, 'app', one.step === 'refuse' ? { refusal } : { couponId: `C${id}` }),
  )
}

const ask = {
  do: 'ask',
  openid: 'oTESTuser0000000000000000001',
  requester: 'U0ONE',
  stockId: '1304490000000059',
  approvedByRule: 'small',
  day: TODAY,
  quota: 100,
} as const
const pending = { ...ask, approvedByRule: null }
const claim = { do: 'claim' } as const
const step = (which: number, step: 'reject' | 'expire' | 'cancel') => ({ do: 'step', which, step }) as const
const end = (which: number, step: 'issue' | 'refuse') => ({ do: 'end', which, step }) as const
/** Leaves a grant in every state. */
const everyState: Operation[] = [
  ...[ask, claim, end(0, 'issue'), ask, claim, end(1, 'refuse'), ask, step(2, 'cancel')],
  ...[pending, step(3, 'reject'), pending, step(4, 'expire'), pending, ask, claim, ask],
]

test.each(
  engines,
)('keeps for the limits what a count of the grants gives, after any steps (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger } = place
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      const ids: string[] = []
      for (const one of operations) await carryOut(ledger, ids, one)
      expect(await kept(place)).toEqual(await counted(place))
    }),
    { numRuns: engine === 'sqlite' ? 40 : 15, examples: [[everyState]] },
  )
  expect(await ledger.recount()).toEqual([])
  const states = await place.sql('select distinct state from grants')
  expect(states.map(({ state }) => state).sort()).toEqual([...grantStates].sort())
})

test.each(
  engines,
)('counts a coupon that came after all, and one that was settled as none (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const { id } = await record(ledger)
  const used = () => ledger.usage({ by: { requester: 'U0REQUESTER' }, rule: 'small', from: TODAY })
  await ledger.claimDue({ worker, lease })
  await ledger.write((tx) => tx.step(id, 'refuse', 'U1', { refusal }))
  expect(await used()).toEqual({ count: 0, quota: 0 })
  await ledger.write((tx) => tx.step(id, 'correct', 'app', { couponId: 'C1' }))
  expect(await used()).toEqual({ count: 1, quota: 1000 })
})

test.each(engines)('counts anew what is not as the grants say, and tells it (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger, sql } = place
  const { openid } = await record(ledger, { state: 'pending', approvedByRule: null })
  await record(ledger)
  await sql(`update usage set count = 7 where kind = 'user'`)
  await sql(`delete from usage where rule = 'small'`)
  await sql(`insert into usage values ('stock', 'gone', '', ${TODAY - 1}, 1, 5)`)
  const was = { count: 0, quota: 0 }
  expect(await ledger.recount()).toEqual([
    {
      kind: 'requester',
      owner: 'U0REQUESTER',
      rule: 'small',
      day: TODAY,
      was,
      is: { count: 1, quota: 1000 },
    },
    {
      kind: 'user',
      owner: openid,
      rule: '',
      day: TODAY,
      was: { count: 7, quota: 2000 },
      is: { count: 2, quota: 2000 },
    },
    { kind: 'stock', owner: 'gone', rule: '', day: TODAY - 1, was: { count: 1, quota: 5 }, is: was },
  ])
  expect(await kept(place)).toEqual(await counted(place))
  expect(await ledger.recount()).toEqual([])
})

/** Around a change of the clocks in New York, and at its end of a year. */
const moments = [
  '2026-03-07T23:59:59.999-05:00',
  '2026-03-08T00:00:00-05:00',
  '2026-03-08T23:30:00-04:00',
  '2026-07-01T12:00:00-04:00',
  '2026-11-01T00:30:00-04:00',
  '2026-11-01T23:30:00-05:00',
  '2026-12-31T23:59:59-05:00',
  '2027-01-01T00:00:00-05:00',
].map((time) => Date.parse(time))

test.each(
  engines,
)('finds the day of every grant anew when the time zone is another one (%s)', async (engine) => {
  let now = 0
  const place = await openOn(engine, { now: () => now })
  const { ledger, sql } = place
  expect(await ledger.setTimeZone('Asia/Shanghai')).toBe(false)
  for (now of moments) await record(ledger, { day: calendarDay(now, 'Asia/Shanghai') })
  for (const zone of ['America/New_York', 'Asia/Kathmandu', 'UTC', 'Asia/Shanghai']) {
    expect(await ledger.setTimeZone(zone)).toBe(true)
    expect(await ledger.calendar()).toEqual({ timeZone: zone, isMoving: true })
    // Begun by one process, and gone on with by another.
    expect(await ledger.moveDays({ limit: 3 })).toBe(3)
    expect(await kept(place)).toEqual(await counted(place))
    const other = await place.open({ now: () => now })
    while ((await other.moveDays({ limit: 3 })) > 0) expect(await kept(place)).toEqual(await counted(place))
    expect(await ledger.calendar()).toEqual({ timeZone: zone, isMoving: false })
    const days = await sql('select day from grants order by id')
    expect(days.map(({ day }) => Number(day))).toEqual(moments.map((at) => calendarDay(at, zone)))
    expect(await kept(place)).toEqual(await counted(place))
    expect(await ledger.setTimeZone(zone)).toBe(false)
  }
})

test.each(
  engines,
)('counts never too little while days are moved, whatever is given and taken back (%s)', async (engine) => {
  const zones = ['Pacific/Kiritimati', 'America/New_York', 'Asia/Shanghai', 'Etc/GMT+12']
  let now = moments[0] ?? 0
  let zone = 'Asia/Shanghai'
  const place = await openOn(engine, { now: () => now })
  const { ledger } = place
  const { requester } = newGrant()
  const given: number[] = []
  const give = async () => {
    await record(ledger, { requester, state: 'pending', day: calendarDay(now, zone) })
    given.push(now)
  }
  /** Of each window that ends now, as asks count it meanwhile, beside what is so by the zone in force. */
  const check = async () => {
    const { isMoving } = await ledger.calendar()
    for (const days of [1, 2, 3, 10]) {
      const from = firstDay(now, days, zone)
      const { count } = await ledger.usage({ by: { requester }, from: isMoving ? dayBefore(from, 2) : from })
      const right = given.filter((at) => calendarDay(at, zone) >= from).length
      if (isMoving) expect(count).toBeGreaterThanOrEqual(right)
      else expect(count).toBe(right)
    }
  }
  for (let hour = 0; hour < 12; hour++) {
    now += 7 * 3_600_000
    await give()
  }
  for (const next of [...zones, ...zones]) {
    zone = next
    await ledger.setTimeZone(zone)
    // Another zone comes before the move to the one before has ended.
    for (let step = 0; step < 3; step++) {
      await ledger.moveDays({ limit: 3 })
      now += 3_600_000
      await give()
      await check()
      expect(await kept(place)).toEqual(await counted(place))
    }
  }
  while ((await ledger.moveDays({ limit: 7 })) > 0) await check()
  await check()
  expect(await ledger.recount()).toEqual([])
})

test.each(engines)('keeps the count of an older version, by the days of Shanghai (%s)', async (engine) => {
  const place = await placeOn(engine)
  const older = await openEngine({ url: place.url, role: 'tool' })
  const tx = await older.begin(10_000)
  await migrate(tx, older.words, 0, { upTo: 7 })
  await tx.commit().execute()
  await older.close()
  const { openid, requester } = newGrant()
  // 23:59:59.999 and 00:00 of Shanghai.
  const evening = Date.parse('2026-11-24T15:59:59.999Z')
  const insert = (id: string, state: string, rule: string, at: number) =>
    place.sql(`insert into grants (id, send_request_no, submission, openid, appid, mchid, stock_id, stock,
      stock_name, quota, requester, reason, reason_name, state, created_at, state_at, policy_hash, approvals_needed,
      approved_by_rule, version, coupon_id, issued_at) values ('${id}', '${id}', '${id}', '${openid}', 'wx1', '19', '59', 'ten',
      '{}', 1000, '${requester}', 'r', '{}', '${state}', ${at}, ${at}, 'h', 0, ${rule}, 1,
      ${state === 'issued' ? `'C${id}', ${at}` : 'null, null'})`)
  await insert('A', 'issued', `'small'`, evening)
  await insert('B', 'pending', 'null', evening + 1)
  await insert('C', 'cancelled', `'small'`, evening + 1)

  const ledger = await place.open()
  const total = { count: 2, quota: 2000 }
  const one = { count: 1, quota: 1000 }
  for (const by of [{ openid }, { requester }, { stockRef: '19/59' }]) {
    expect(await ledger.usage({ by, from: 20261124 })).toEqual(total)
    expect(await ledger.usage({ by, from: 20261125 })).toEqual(one)
  }
  expect(await ledger.usage({ by: { requester }, rule: 'small', from: 20261124 })).toEqual(one)
  expect(await ledger.recount()).toEqual([])
  expect(await kept(place)).toEqual(await counted(place))
})

test.each(
  engines,
)('counts together what a user got under two appids, from the day asked for (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const openid = 'oTESTuser0000000000000000001'
  const used = () => ledger.usage({ by: { openid }, from: TODAY })
  expect(await used()).toEqual({ count: 0, quota: 0 })
  await record(ledger, { openid, appid: 'wx0000000000000001', quota: 100, day: TODAY })
  await record(ledger, { openid, appid: 'wx0000000000000002', quota: 5000, day: TODAY })
  await record(ledger, { openid, appid: 'wx0000000000000002', quota: 70, day: TODAY - 1 })
  await record(ledger, { openid: 'oTESTuser0000000000000000002', quota: 3, day: TODAY })
  expect(await used()).toEqual({ count: 2, quota: 5100 })
})
