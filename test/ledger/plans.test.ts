import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openOn } from './engines.ts'
import { newGrant, record, stock } from './grants.ts'

const worker = 'w'
const lease = 1000

/** Says everything to a ledger that the app says while it runs. */
async function sayAll(ledger: Ledger): Promise<void> {
  const { id, openid, appid } = await record(ledger)
  const hold = { reason: 'NO_AUTH', message: '' }
  await ledger.write(async (tx) => {
    await tx.beginHold({ ...hold, kind: 'stock', stock })
    await tx.beginHold({ ...hold, kind: 'first-attempts' })
    await tx.beginHold({ ...hold, kind: 'all' })
    await tx.nameStocks([stock])
    await tx.endHolds({
      scopes: [{ kind: 'all' }, { kind: 'stock', stockRef: stock.ref }, { kind: 'first-attempts' }],
    })
    for (const by of [{ openid }, { requester: 'U' }, { stockRef: 's' }])
      await tx.usage({ by, rule: 'small', from: 0 })
    await tx.grantOfSubmission('x')
    await tx.latestGrant({ openid, appid, stockRef: stock.ref, since: 0 })
    await tx.recordGrant(newGrant({ state: 'pending' }), [])
  })
  await ledger.openGrantsOf({ openid })
  await ledger.grantsByCouponIds(['a', 'b'])
  await ledger.stocksOf(openid)
  await ledger.otherUsersOf({ ticket: 'SUP-1', openid, since: 0 })
  await ledger.grantToLookUp()
  await ledger.countLookups({ person: 'U', since: 0 })
  const [untold] = await ledger.claimUntoldHolds({ worker, lease, limit: 5 })
  await ledger.endUntoldHolds(worker, [{ id: untold?.hold.id ?? '', told: { ended: false, place: null } }])
  await ledger.usageOfStocks({ stockRefs: ['a', 'b'], from: 0 })
  await ledger.usageByDay({ kind: 'stock', owners: ['a', 'b'], from: 0 })
  await ledger.setTimeZone('UTC')
  await ledger.moveDays({ limit: 5 })
  await ledger.countedHolds()
  await ledger.followUp({ limit: 5 })
  await ledger.figures()
  const [claim] = await ledger.claimDue({ worker, lease })
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'refused', maybeExecuted: false })
    await tx.step(id, 'issue', 'app', { couponId: 'c' })
    await tx.event({ grantId: id, kind: 'reminded', actor: 'U' })
  })
  await record(ledger, { openid: 'another' })
  const [another] = await ledger.claimDue({ worker, lease })
  const { grant, attempt } = another ?? expect.fail('not claimed')
  const coupon = { grantId: grant.id, attemptId: attempt.id, couponId: 'together', expiresAt: null }
  expect(await ledger.write((tx) => tx.recordCoupons(worker, [coupon]))).toEqual(new Set([attempt.id]))
  await record(ledger, { openid: 'lost' })
  await ledger.claimDue({ worker, lease: 0 })
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await ledger.endLost()).toBe(1)
  const [card] = await ledger.claimCards({ worker, lease, limit: 5 })
  await ledger.endCards(worker, [{ id: card?.card.id ?? '', drawn: { version: 1, place: { viewId: 'V' } } }])
  await ledger.endCards(worker, [{ id: card?.card.id ?? '', retryIn: 5 }])
  const [ended] = await ledger.claimCards({ worker, lease, limit: 5 })
  const drawn = { version: 1, place: { channel: 'D', ts: '1' }, shows: 'issued' as const }
  const outcome = { grantId: id, state: 'issued' as const, isQuiet: false, isLate: false }
  await ledger.endCards(worker, [{ id: ended?.card.id ?? '', drawn, outcome }])
  await ledger.write(async (tx) => {
    const asked = await tx.recordGrant(newGrant({ state: 'pending', remindAt: 1 }), [])
    await tx.decide({ grantId: asked.id, approver: 'U', kind: 'approve', reason: null })
    await tx.decide({ grantId: asked.id, approver: 'U', kind: 'reject', reason: 'no' })
    await tx.remindAt(asked.id, null)
    await tx.notice({ kind: 'reminder', grantId: asked.id })
    await tx.change(asked.id, ['pending'], 'reminded', 'app', { remindAt: 2 })
    await tx.step(asked.id, 'reject', 'U', { ended: { by: 'U' }, said: 'no' })
    await tx.putInForce({ hash: 'one', text: 'a: 1' })
    await tx.putInForce({ hash: 'two', text: 'a: 2' })
    await tx.showPolicy('two')
    await tx.recordGrant(newGrant({ state: 'pending' }), [])
  })
  while ((await ledger.followUp({ limit: 1 })) > 0);
  const [notice] = await ledger.claimNotices({ worker, lease, limit: 5 })
  await ledger.endNotices(worker, [{ id: notice?.notice.id ?? '', retryIn: 5 }])
  await ledger.pendingGrants({ limit: 5 })
  await ledger.grantsOf({ of: { openid }, offset: 0, limit: 5 })
  await ledger.grantsOf({ of: { requester: 'U' }, offset: 5, limit: 5 })
  for (const of of [
    { ticket: 't' },
    { couponId: 'c' },
    { sendRequestNo: 'n' },
    { openid },
    { requester: 'U' },
  ]) {
    await ledger.grantsOf({ of, offset: 0, limit: 5 })
    await ledger.countGrantsOf({ of, most: 5 })
  }
  await ledger.approvedBy({ approver: 'U', grantIds: ['a', 'b'] })
  await ledger.decisionsOf(id)
  await ledger.lateGrants(0)
  await ledger.grantsToRemindOf(0)
  await ledger.adoptCard(card?.card.id ?? '', { channel: 'C', ts: '1' })
  await ledger.write(async (tx) => {
    const subject = await tx.subject({ openid: 'asked', appid })
    const { id: erasureId } = await tx.askErasure({ subject, by: 'U' })
    await tx.erasable({ openid: 'asked' })
    await tx.endErasure(erasureId, { by: 'V', outcome: 'declined' })
    await tx.erasure(erasureId)
    const { stockId, ref: stockRef, mchid } = { mchid: 'm', stockId: 's', ...stock }
    await tx.noteListed(
      { grantId: id, openid, appid, mchid, stockId, stockRef, stock: 's' },
      { coupons: [{ couponId: 'beside', state: 'VALID', used: 0 }], from: 0, to: 1 },
    )
  })
  const reads = await ledger.audit()
  await reads.reported([id])
  await reads.differences()
  await reads.close()
  await ledger.seal({ sign: null, randomHex: () => 'a' })
  await ledger.seal({ sign: null, randomHex: () => 'a' })
  await ledger.tellHead(0)
  await ledger.tellHead(0)
  await Promise.all([ledger.eventsOf(id), ledger.attemptsOf(id), ledger.cardsOf(id), ledger.policyText('h')])
}

/** What waits or is open is all that these hold, so that they may be read through. */
const SHORT =
  'coupons_differs|attempts_open|holds_open|holds_due|holds_following|policies_following|grants_flagged'

test('finds everything by an index, and what is due in its order (sqlite)', async () => {
  const { ledger, url } = await openOn('sqlite')
  const said = new Set<string>()
  const prepare = DatabaseSync.prototype.prepare
  const listening = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    text: string,
  ) {
    said.add(text)
    return prepare.call(this, text)
  })
  onTestFinished(() => listening.mockRestore())
  await sayAll(ledger)

  expect(said.size).toBeGreaterThan(55)
  listening.mockRestore()
  const database = new DatabaseSync(url.slice('file:'.length))
  onTestFinished(() => database.close())
  // Read through are only lists that a statement makes itself, and indexes of nothing but what waits or is open.
  const tables = 'grants|attempts|events|cards|holds|policies|decisions|notices|coupons|erasures|[gaohn]'
  const scan = new RegExp(`^SCAN (${tables})\\b(?!.* (${SHORT})$)`)
  const bad = [...said].flatMap((text) => {
    const values: SQLInputValue[] = Array.from({ length: text.split('?').length - 1 }, () => 'x')
    const plan = database
      .prepare(`explain query plan ${text}`)
      .all(...values)
      .map(({ detail }) => String(detail))
    const isOfDue = /\bdue_at\b.*order by/s.test(text)
    return plan
      .filter(
        (detail) =>
          scan.test(detail) ||
          (isOfDue && /USE TEMP B-TREE FOR ORDER BY/.test(detail)) ||
          // What is named row by row is found by its id, not among all of its state.
          (/json_each/.test(text) && /INDEX grants_(state|issuing)/.test(detail)),
      )
      .map((detail) => `${detail}: ${text}`)
  })
  expect(bad).toEqual([])
})

test('has PostgreSQL find everything by an index, whatever it knows of its tables', async () => {
  const { ledger, url } = await openOn('postgres')
  const said = new Set<string>()
  const { query } = pg.Client.prototype
  const listening = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...of: unknown[]
  ) {
    const [what] = of
    const text = typeof what === 'string' ? what : (what as { text?: string } | undefined)?.text
    // A named one keeps its plan, however the tables grow.
    expect(Object(what).name).toBeUndefined()
    if (text && /^\s*(with|select|insert|update|delete)\b/i.test(text)) said.add(text)
    return (query as (...of: unknown[]) => unknown).apply(this, of)
  } as typeof query)
  onTestFinished(() => listening.mockRestore())
  await sayAll(ledger)

  expect(said.size).toBeGreaterThan(55)
  listening.mockRestore()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off')
  const bad: string[] = []
  // Before it has looked at any table, and when it takes each to be as small as it is now.
  for (const before of ['', 'analyze']) {
    await client.query(before)
    for (const text of said) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (generic_plan, costs off) ${text}`,
      )
      const plan = rows.map((row) => row['QUERY PLAN'])
      const isOfDue = /\bdue_at\b.*order by/s.test(text)
      bad.push(
        ...plan
          .filter(
            (line, index) =>
              /Seq Scan on (grants|attempts|events|cards|policies|decisions|notices|coupons|erasures)\b/.test(
                line,
              ) ||
              (/jsonb_to_recordset/.test(text) &&
                (/(Hash|Merge) .*Join/.test(line) ||
                  // Of an empty table any index will do whose second column is the id, if it goes by that.
                  (/grants_(state|issuing)/.test(line) &&
                    !/Index Cond: .*\bid = /.test(plan[index + 1] ?? '')))) ||
              // Else what everybody has used is read through for one of them.
              (/Index.* on usage\b/.test(line) && !/Index Cond: .*\bowner = /.test(plan[index + 1] ?? '')) ||
              (isOfDue && /^\s*(->\s+)?(Sort\b(?! Key)|.*Join\b)/.test(line)),
          )
          .map((line) => `${line.trim()}: ${text}`),
      )
    }
  }
  expect(bad).toEqual([])
})
