import { expect, test } from 'vitest'
import { daysOf } from '../../src/domain/period.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { audit } from '../../src/tools/audit.ts'
import { engines, openOn } from '../ledger/engines.ts'
import { newGrant, record } from '../ledger/grants.ts'
import { examplePolicy } from '../stories/world.ts'
import { runTool } from './run-tool.ts'

const HOUR = 3_600_000
const worker = 'w'

async function issue(ledger: Ledger, couponId: string): Promise<void> {
  const [claimed] = await ledger.claimDue({ worker, lease: 60_000 })
  const { attempt, grant } = claimed ?? expect.fail('nothing to issue')
  const coupon = { grantId: grant.id, attemptId: attempt.id, couponId, expiresAt: null }
  await ledger.write((tx) => tx.recordCoupons(worker, [coupon]))
}

/** A quarter of asks: several people, stocks and reasons, decided and ended in each way. @param at tells and sets the time */
async function live(ledger: Ledger, at: (ms?: number) => number): Promise<void> {
  await ledger.write((tx) => tx.putInForce({ hash: 'policy', text: examplePolicy }))
  await ledger.write((tx) =>
    tx.event({ kind: 'policy-in-force', actor: 'app', data: { from: null, to: 'policy' } }),
  )
  for (let number = 0; number < 60; number++) {
    at(at() + 37 * HOUR)
    const byRule = number % 3 === 0
    const isDear = number % 4 === 0
    const openid = `oTESTreport${String(number).padStart(17, '0')}`
    const grant = await ledger.write((tx) =>
      tx.recordGrant(
        newGrant({
          openid,
          requester: `U0AGENT${number % 2}`,
          reason: number % 5 === 0 ? 'apology' : 'outage',
          policyHash: 'policy',
          state: byRule ? 'approved' : 'pending',
          approvedByRule: byRule ? 'small' : null,
          ...(isDear && { stock: 'withdraw-50', stockId: '1304490000000060', quota: 5000 }),
        }),
        [],
      ),
    )
    await ledger.write(async (tx) => {
      const subject = await tx.subject({ openid, appid: grant.appid })
      await tx.event({ kind: 'look-up', actor: `U0AGENT${number % 2}`, subject, data: { stock: null } })
    })
    at(at() + (1 + (number % 3)) * HOUR)
    if (!byRule && number % 7 === 0) {
      const ended = { by: 'U0LEAD0' }
      await ledger.write((tx) => tx.step(grant.id, 'reject', 'U0LEAD0', { ended, said: 'no' }))
      continue
    }
    if (!byRule && number % 11 === 0) {
      await ledger.write((tx) =>
        tx.step(grant.id, 'cancel', grant.requester, { ended: { by: grant.requester } }),
      )
      continue
    }
    const approver = `U0LEAD${number % 2}`
    if (!byRule)
      await ledger.write(async (tx) => {
        await tx.decide({ grantId: grant.id, approver, kind: 'approve', reason: null })
        await tx.step(grant.id, 'approve', approver, {}, { have: 1, needed: 1 })
      })
    const [claimed] = await ledger.claimDue({ worker, lease: 60_000 })
    const attemptId = claimed?.attempt.id ?? ''
    if (number % 13 === 0) {
      const refusal = { code: 'RULE_LIMIT', message: '', requestId: null }
      await ledger.write(async (tx) => {
        await tx.closeAttempt(attemptId, worker, { outcome: 'refused', maybeExecuted: false })
        await tx.step(grant.id, 'refuse', 'wechatpay', { refusal })
      })
    } else {
      const coupon = { grantId: grant.id, attemptId, couponId: `coupon-${number}`, expiresAt: null }
      await ledger.write((tx) => tx.recordCoupons(worker, [coupon]))
    }
    if (number % 10 === 0) await ledger.seal({ sign: null, randomHex: () => 'a'.repeat(64) })
  }
}

/** Has WeChat Pay list some of them: used in part, expired, as they were given, one beside the app, one not any more. */
async function list(ledger: Ledger, grants: Record<string, unknown>[], now: number): Promise<void> {
  for (const [index, row] of grants.entries()) {
    const [state, used] = [
      ['VALID', 300],
      ['EXPIRED', 0],
      ['VALID', 0],
    ][index % 4] ?? [null, null]
    if (state === null) continue
    const grant = await ledger.grant(String(row.id))
    if (!grant) throw new Error('the grant has vanished')
    const { id: grantId, openid, appid, mchid, stockId, stock, couponId } = grant
    const listed = { couponId: couponId ?? '', state: String(state), used: Number(used) }
    const beside = { couponId: 'beside', state: 'VALID', used: 0 }
    await ledger.write((tx) =>
      tx.noteListed(
        { grantId, openid, appid, mchid, stockId, stockRef: String(row.stock_ref), stock },
        {
          coupons: index === 0 ? [listed, beside] : index === 1 ? [] : [listed],
          from: 0,
          to: index === 1 ? now + 1 : 0,
        },
      ),
    )
  }
}

const read = (csv: string) =>
  csv
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [section, key, , count, quota, cost] = line.split(',')
      return {
        section,
        key,
        count: Number(count),
        quota: Number(quota),
        cost: cost === '' ? null : Number(cost),
      }
    })

test.each(engines)('reports a month, and its sums are what SQL says (%s)', async (engine) => {
  let time = Date.parse('2026-09-01T01:00:00+08:00')
  const { ledger, url, sql } = await openOn(engine, { now: () => time })
  await live(ledger, (to = time) => {
    time = to
    return time
  })
  await list(ledger, await sql('select * from grants where coupon_id is not null order by id'), time)
  const [gone] = await sql(
    `select openid from subjects where id in (select subject from grants where coupon_id = 'coupon-1')`,
  )
  await ledger.write((tx) => tx.erase({ openid: String(gone?.openid) }, { by: 'cli:ada', reason: 'asked' }))
  const run = (...args: string[]) => runTool(audit, ['report', ...args], { DATABASE_URL: url })
  let coupons = 0
  for (const [month, from, to] of [
    ['2026-09', '2026-09-01', '2026-10-01'],
    ['2026-10', '2026-10-01', '2026-11-01'],
    ['2026-11', '2026-11-01', '2026-12-01'],
    ['2026-12', '2026-12-01', '2027-01-01'],
  ] as const) {
    const { code, out } = await run('--month', month, '--format', 'csv')
    expect(code).toBe(0)
    const rows = read(out)
    const at = (day: string) => Date.parse(`${day}T00:00:00+08:00`)
    const within = (column: string) => `${column} >= ${at(from)} and ${column} < ${at(to)}`
    const sums = async (key: string, where: string, source = 'grants') =>
      (
        await sql(`select ${key} as key, count(*) as count, sum(quota) as quota from ${source} where ${where}
          group by 1 order by 2 desc, 1`)
      ).map(({ key, count, quota }) => ({ key, count: Number(count), quota: Number(quota) }))
    const told = (section: string) =>
      rows.filter((row) => row.section === section).map(({ key, count, quota }) => ({ key, count, quota }))
    const issued = within('issued_at')
    expect(told('coupons by stock')).toEqual(await sums('stock_ref', issued))
    expect(told('coupons by reason')).toEqual(await sums('reason', issued))
    expect(told('coupons by requester')).toEqual(await sums('requester', issued))
    expect(told('coupons by rule')).toEqual(
      await sums('approved_by_rule', `${issued} and approved_by_rule is not null`),
    )
    expect(told('coupons by approver')).toEqual(
      await sums('approver', `${issued} and decision = 'approve'`, 'grants join decisions on grant_id = id'),
    )
    expect(told('asked').map(({ count, quota }) => ({ key: 'all', count, quota }))).toEqual(
      (await sums(`'all'`, within('created_at'))).length > 0
        ? await sums(`'all'`, within('created_at'))
        : [{ key: 'all', count: 0, quota: 0 }],
    )
    const of = (section: string, key: string) =>
      rows.find((row) => row.section === section && row.key === key)?.count
    for (const state of ['refused', 'rejected', 'cancelled', 'expired'])
      expect(of('ended', state)).toBe(
        (await sums('state', `state = '${state}' and ${within('state_at')}`))[0]?.count ?? 0,
      )
    const became =
      await sql(`select case when used > 0 then 'used' when c.state = 'EXPIRED' then 'expired-unused'
        when c.state is null then 'not-known' else 'open' end as key, count(*) as count,
        sum(case when used > 0 then used else quota end) as quota
      from grants g left join coupons c on c.coupon_id = g.coupon_id where ${issued} group by 1`)
    for (const key of ['used', 'expired-unused', 'open', 'not-known']) {
      const said = became.find((one) => one.key === key) ?? { count: 0, quota: 0 }
      expect([of('use', key), told('use').find((one) => one.key === key)?.quota], key).toEqual([
        Number(said.count),
        Number(said.quota),
      ])
    }
    const DAY = 24 * HOUR
    const byDay =
      await sql(`select (issued_at + ${8 * HOUR}) / ${DAY} as day, count(*) as count, sum(quota) as quota
      from grants where ${issued} group by 1 order by 1`)
    const days = told('coupons by day')
    expect(days).toHaveLength((at(to) - at(from)) / DAY)
    expect(
      days
        .filter(({ count }) => count > 0)
        .map(({ key, ...rest }) => ({ day: Date.parse(`${key}T00:00:00Z`) / DAY, ...rest })),
    ).toEqual(
      byDay.map((row) => ({ day: Number(row.day), count: Number(row.count), quota: Number(row.quota) })),
    )
    expect(of('erased', 'grants')).toBe(
      Number((await sql(`select count(*) as n from events where kind = 'erased' and ${within('at')}`))[0]?.n),
    )
    for (const differs of ['no-grant', 'not-listed'])
      expect(of('differences now', differs)).toBe(
        Number((await sql(`select count(*) as n from coupons where differs = '${differs}'`))[0]?.n),
      )
    const looked =
      await sql(`select actor, count(*) as count from events where kind = 'look-up' and ${within('at')}
      group by actor order by 2 desc, 1`)
    expect(told('look-ups').map(({ key, count }) => [key, count])).toEqual(
      looked.map(({ actor, count }) => [actor, Number(count)]),
    )
    const all = rows.find(({ section }) => section === 'coupons')
    // By the policy of the example: 1 fen each, of both.
    coupons += all?.count ?? 0
  }
  expect(coupons).toBe(Number((await sql(`select count(*) as n from grants where state = 'issued'`))[0]?.n))
  expect(coupons).toBeGreaterThan(30)
})

test('says in words what happened, and names no user', async () => {
  let time = Date.parse('2026-11-01T01:00:00+08:00')
  const { ledger, url } = await openOn('sqlite', { now: () => time })
  await live(ledger, (to = time) => {
    time = to
    return time
  })
  await ledger.write(async (tx) => {
    await tx.event({ kind: 'paused', actor: 'U0OPS', data: { stock: 'withdraw-50' } })
    await tx.event({
      kind: 'settlement-proposed',
      actor: 'U0OPS',
      data: { settlement: 's', verdict: { kind: 'not-issued' } },
    })
  })
  const { out } = await runTool(audit, ['report', '--month', '2026-11'], { DATABASE_URL: url })
  expect(out).toMatch(/^2026-11 \(Asia\/Shanghai\)\nGiven: \d+ coupons covering ¥\S+/)
  expect(out).toContain('\nCoupons by stock\n')
  expect(out).toMatch(/Decided: \d+ approved by people, \d+ by a rule, \d+ rejected; half within \d/)
  expect(out).toMatch(/U0AGENT0 +\d+ +0/)
  expect(out).not.toContain('oTESTreport')
  const last = await runTool(audit, ['report', '--month', '2027-02'], { DATABASE_URL: url })
  expect(last.out).toContain('Settlements: 1 proposed')
  expect(last.out).toContain('paused withdraw-50, by U0OPS')
  const empty = await runTool(audit, ['report', '--month', '2030-01'], { DATABASE_URL: url })
  expect(empty).toMatchObject({
    code: 0,
    out: expect.stringContaining('Given: 0 coupons covering ¥0.00, costing ¥0.00'),
  })
  for (const month of ['2026-13', 'November', '2026-1'])
    expect(await runTool(audit, ['report', '--month', month], { DATABASE_URL: url })).toMatchObject({
      code: 64,
    })
})

test.each([
  // Summer time ends on the first of the month, and begins on the eighth; midnight is at 04:00 and 05:00 UTC.
  ['America/New_York', '2026-11', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z', 30],
  ['America/New_York', '2026-03', '2026-03-01T05:00:00Z', '2026-04-01T04:00:00Z', 31],
  // There, clocks go forward at midnight: the 24th begins at one o'clock.
  ['Africa/Cairo', '2026-04', '2026-03-31T22:00:00Z', '2026-04-30T21:00:00Z', 30],
] as const)('counts a month by the time zone of the policy, over a change of the clocks (%s, %s)', async (...of) => {
  const [zone, month, from, to, days] = of
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  let time = begin - 1
  const { ledger, url } = await openOn('sqlite', { now: () => time })
  await ledger.setTimeZone(zone)
  const giveAt = async (at: number) => {
    time = at
    await record(ledger, { openid: `o${at}` })
    await issue(ledger, `c${at}`)
  }
  // The last moment of the month before, the first and last of each day, and the first of the month after.
  const given: string[] = []
  await giveAt(begin - 1)
  for (const { day, from: first } of daysOf({ from: begin, to: end }, zone)) {
    if (given.length > 0) await giveAt(first - 1)
    await giveAt(first)
    given.push(day)
  }
  await giveAt(end - 1)
  await giveAt(end)
  expect([given.length, given[0], given.at(-1)]).toEqual([days, `${month}-01`, `${month}-${days}`])
  const { out } = await runTool(audit, ['report', '--month', month, '--format', 'csv'], { DATABASE_URL: url })
  const rows = read(out).filter(({ section }) => section === 'coupons by day')
  expect(rows.map(({ key, count }) => [key, count])).toEqual(given.map((day) => [day, 2]))
  expect(read(out).find(({ section }) => section === 'asked')?.count).toBe(2 * days)
})

test.each(engines)('leaves nothing out where the clock went ahead and was set back (%s)', async (engine) => {
  let time = Date.parse('2026-11-10T12:00:00+08:00')
  const { ledger, url } = await openOn(engine, { now: () => time })
  const asks = async (at: string) => {
    time = Date.parse(`${at}T12:00:00+08:00`)
    await record(ledger, { openid: `o${at}` })
    await ledger.seal({ sign: null, randomHex: () => 'a'.repeat(64) })
  }
  for (const at of ['2026-11-10', '2026-12-25', '2026-11-11', '2026-09-05', '2026-11-12']) await asks(at)
  const asked = async (month: string) => {
    const { out } = await runTool(audit, ['report', '--month', month, '--format', 'csv'], {
      DATABASE_URL: url,
    })
    return read(out).find(({ section }) => section === 'asked')?.count
  }
  expect([await asked('2026-09'), await asked('2026-11'), await asked('2026-12')]).toEqual([1, 3, 1])
})
