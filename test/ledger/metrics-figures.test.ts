import { expect, test } from 'vitest'
import { engines, openOn } from './engines.ts'
import { record, stock } from './grants.ts'

const worker = 'w'
const lease = 60_000

test.each(engines)('tells how it stands in numbers (%s)', async (engine) => {
  let time = 1000
  const { ledger, sql } = await openOn(engine, { now: () => time })
  const none = { due: 0, retried: 0, lag: 0 }
  expect(await ledger.figures()).toEqual({
    grants: {
      pending: 0,
      approved: 0,
      issuing: 0,
      issued: 0,
      refused: 0,
      rejected: 0,
      cancelled: 0,
      expired: 0,
    },
    oldest: {},
    flagged: { checking: 0, 'needs-look': 0 },
    holds: [],
    cards: none,
    notices: none,
  })

  const openid = (user: number) => `oTESTuser00000000000000000${user}0`
  const issued = await record(ledger, { openid: openid(1) }, [])
  const [claim] = await ledger.claimDue({ worker, lease })
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'issued', maybeExecuted: false })
    await tx.step(issued.id, 'issue', 'wechatpay', { couponId: 'c' })
  })
  for (const [user, kind] of [
    [2, 'checking'],
    [3, 'needs-look'],
  ] as const) {
    time += 1000
    await record(ledger, { openid: openid(user) }, [])
    const [claimed] = await ledger.claimDue({ worker, lease })
    await ledger.write((tx) =>
      tx.change(claimed?.grant.id ?? '', ['issuing'], 'given-up', 'app', {
        flag: { kind, reason: 'lost', at: time },
      }),
    )
  }
  time += 1000
  await record(ledger, { openid: openid(4), state: 'pending' })
  await record(ledger, { openid: openid(5) })
  await ledger.write(async (tx) => {
    await tx.beginHold({ kind: 'paused', stock, reason: 'paused', message: '' })
    await tx.notice({ kind: 'policy-broken', mistakes: 'x' })
  })
  await sql(`update cards set tries = 2, due_at = due_at - 60000
    where grant_id = (select max(id) from grants) returning id`)

  const told = await ledger.figures()
  expect(told).toMatchObject({
    grants: { pending: 1, approved: 1, issuing: 2, issued: 1, refused: 0 },
    oldest: { pending: 4000, approved: 4000, issuing: 2000 },
    flagged: { checking: 1, 'needs-look': 1 },
    holds: [{ kind: 'paused', stockRef: stock.ref }],
    cards: { due: 2, retried: 1 },
    notices: { due: 1, retried: 0 },
  })
  expect(told.cards.lag).toBeGreaterThanOrEqual(60_000)
  expect(told.cards.lag).toBeLessThan(90_000)
  expect(told.notices.lag).toBeLessThan(30_000)
})
