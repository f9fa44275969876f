import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openOn } from './engines.ts'
import { newGrant, record } from './grants.ts'

const worker = 'w'
const lease = 1000

test('finds everything by an index', async () => {
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

  const { id, openid, appid, stockId } = await record(ledger)
  const hold = { scope: 'stock:withdraw-10', reason: 'NO_AUTH', message: '' } as const
  await ledger.write(async (tx) => {
    await tx.beginHold(hold)
    await tx.beginHold({ ...hold, scope: 'first-attempts' })
    await tx.beginHold({ ...hold, scope: 'all' })
    await tx.endHolds({ scopes: ['all', 'stock:withdraw-10', 'first-attempts'] })
    for (const by of [{ openid }, { requester: 'U' }, { stockRef: 's' }])
      await tx.usage({ by, rule: 'small', from: 0 })
    await tx.grantOfSubmission('x')
    await tx.latestGrant({ openid, appid, stockId, since: 0 })
    await tx.recordGrant(newGrant({ state: 'pending' }), [])
  })
  await ledger.openGrantsOf({ openid })
  await ledger.grantsByCouponIds(['a', 'b'])
  await ledger.stocksOf(openid)
  await ledger.grantToLookUp()
  await ledger.countLookups({ person: 'U', since: 0 })
  const untold = await ledger.claimUntoldHold({ lease })
  await ledger.holdTold(untold?.hold.id ?? '', { ended: false, place: null })
  await ledger.usageOfStocks({ stockRefs: ['a', 'b'], from: 0 })
  await ledger.openHolds()
  await ledger.figures()
  const claim = await ledger.claimDue({ worker, lease })
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'refused', maybeExecuted: false })
    await tx.step(id, 'issue', 'app', { couponId: 'c' })
    await tx.event({ grantId: id, kind: 'reminded', actor: 'U' })
  })
  const [card] = await ledger.claimCards({ worker, lease, limit: 5 })
  await ledger.cardDrawn(card?.card.id ?? '', worker, { version: 1, place: { viewId: 'V' } })
  await ledger.cardFailed(card?.card.id ?? '', worker, 5)
  await ledger.write(async (tx) => {
    const asked = await tx.recordGrant(newGrant({ state: 'pending', remindAt: 1 }), [])
    await tx.decide({ grantId: asked.id, approver: 'U', kind: 'approve', reason: null })
    await tx.decide({ grantId: asked.id, approver: 'U', kind: 'reject', reason: 'no' })
    await tx.remindAt(asked.id, null)
    await tx.notice({ kind: 'reminder', grantId: asked.id })
    await tx.change(asked.id, ['pending'], 'reminded', 'app', { remindAt: 2 })
    await tx.step(asked.id, 'reject', 'U', { ended: { by: 'U', reason: 'no' } })
    await tx.putInForce({ hash: 'one', text: 'a: 1' })
    await tx.putInForce({ hash: 'two', text: 'a: 2' })
  })
  const notice = await ledger.claimNotice({ worker, lease })
  await ledger.noticeEnded(notice?.notice.id ?? '', worker, 5)
  await ledger.pendingGrants({ limit: 5 })
  await ledger.grantsOf({ of: { openid }, offset: 0, limit: 5 })
  await ledger.grantsOf({ of: { requester: 'U' }, offset: 5, limit: 5 })
  await ledger.decisionsOf(id)
  await ledger.lateGrants(0)
  await ledger.grantsToRemindOf(0)
  await ledger.adoptCard(card?.card.id ?? '', { channel: 'C', ts: '1' })
  await Promise.all([ledger.eventsOf(id), ledger.attemptsOf(id), ledger.cardsOf(id), ledger.policyText('h')])

  expect(said.size).toBeGreaterThan(55)
  listening.mockRestore()
  const database = new DatabaseSync(url.slice('file:'.length))
  onTestFinished(() => database.close())
  // Read through are only lists that a statement makes itself, and indexes of nothing but what waits or is open.
  const scans = [...said].flatMap((text) => {
    const values: SQLInputValue[] = Array.from({ length: text.split('?').length - 1 }, () => 'x')
    const plan = database.prepare(`explain query plan ${text}`).all(...values)
    const bad = plan.filter(({ detail }) =>
      /^SCAN (grants|attempts|events|cards|holds|policies|decisions|notices|[gaohn])\b(?!.* (attempts_open|holds_open|holds_untold|grants_held|grants_flagged)$)/.test(
        String(detail),
      ),
    )
    return bad.map(({ detail }) => `${detail}: ${text}`)
  })
  expect(scans).toEqual([])
})
