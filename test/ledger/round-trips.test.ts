import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Policy } from '../../src/domain/policy.ts'
import { approvalWith, createSetting, inputWith, recorded, useWechatPay } from '../grants/setting.ts'

useWechatPay()

/** Counts what a PostgreSQL is asked, one message and its answer after the other. */
function countRoundTrips() {
  const { query } = pg.Client.prototype
  let count = 0
  pg.Client.prototype.query = function (this: pg.Client, ...of: unknown[]) {
    count += 1
    return Reflect.apply(query, this, of)
  } as typeof query
  onTestFinished(() => {
    pg.Client.prototype.query = query
  })
  return {
    /** Since the last time. */
    take() {
      const taken = count
      count = 0
      return taken
    },
  }
}

/** One grant from its ask to its coupon, with all its cards drawn whenever they are due, as the app does it. */
async function tripsOf(policy: Partial<Policy>) {
  const setting = await createSetting({ engine: 'postgres', policy })
  const { grants } = setting
  const lead = { id: 'U0LEAD01', email: null, groups: ['S0LEADS1'], standing: 'member' as const }
  const later = setting.worker()
  // What is done once in a process.
  await grants.issueDue()
  await later.grants.issueDue()
  const trips = countRoundTrips()
  const { grant } = recorded(await grants.request(inputWith({ viewId: 'V0' })))
  const ask = trips.take()
  await grants.drawDue()
  const drawAsked = trips.take()
  if (grant.state === 'pending')
    await grants.decide({ person: lead, grantId: grant.id, decision: 'approve', reason: null })
  const decide = trips.take()
  await grants.issueDue()
  await grants.drain(60_000)
  // Woken by the end of the attempt.
  await later.grants.issueDue()
  const issue = trips.take()
  await grants.drawDue()
  const draw = trips.take()
  expect(await setting.now(grant)).toMatchObject({ state: 'issued' })
  expect(setting.drawn.at(-1)?.grant.state).toBe('issued')
  return { ask, drawAsked, decide, issue, draw }
}

/** Each of these at most. */
function expectAtMost(trips: Record<string, number>, most: Record<string, number>) {
  for (const [phase, count] of Object.entries(trips))
    expect(count, phase).toBeLessThanOrEqual(most[phase] ?? 0)
}

// Cards that are drawn at the same moment are given back together; on a busy machine each by itself: four more a time.
test('takes few round trips from an ask that a rule approves to its coupon', async () => {
  expectAtMost(await tripsOf({}), { ask: 13, drawAsked: 20, issue: 23, draw: 18 })
})

test('takes few round trips from an ask that an approver decides to its coupon', async () => {
  const trips = await tripsOf({ approval: approvalWith() })
  expectAtMost(trips, { ask: 16, drawAsked: 25, decide: 12, issue: 23, draw: 19 })
})
