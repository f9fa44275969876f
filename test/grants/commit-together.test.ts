import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createCommits } from '../../src/grants/commit-together.ts'
import { CommitUncertainError, type Ledger } from '../../src/ledger/ledger.ts'
import { engines } from '../ledger/engines.ts'
import { createSetting, type Setting, sentTo, useWechatPay } from './setting.ts'

useWechatPay()

const MANY = 12

/** A worker whose writes and claims are counted, and go on as told. */
function counted({ worker, ledger }: Setting, write: Ledger['write'] = ledger.write) {
  let writes = 0
  let claims = 0
  const { grants } = worker({
    worker: 'counted',
    ledger: {
      ...ledger,
      write: (fn) => {
        writes += 1
        return write(fn)
      },
      claimDue: (of, first) => {
        claims += 1
        return ledger.claimDue(of, first)
      },
    },
  })
  const issueAll = async () => {
    while ((await grants.issueDue()) > 0);
    expect(await grants.drain(60_000)).toBe(true)
  }
  return { issueAll, counts: () => ({ writes, claims }) }
}

async function giveMany(setting: Setting) {
  const given = []
  for (let count = 0; count < MANY; count++) given.push(await setting.give())
  return given
}

test.each(
  engines,
)('claims together what is due, and records together what comes back (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const given = await giveMany(setting)
  const { issueAll, counts } = counted(setting)
  await issueAll()
  for (const grant of given) {
    expect(await setting.now(grant)).toMatchObject({ state: 'issued', attempts: 1 })
    expect(sentTo(grant).coupons).toHaveLength(1)
  }
  expect(counts().claims).toBeLessThan(MANY)
  expect(counts().writes).toBeLessThan(MANY)
})

test.each(
  engines,
)('records once what was written though the answer to the commit was lost (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const given = await giveMany(setting)
  let lost = 0
  const { issueAll } = counted(setting, async (fn) => {
    const value = await setting.ledger.write(fn)
    if (lost++ < 2) throw new CommitUncertainError('the answer of the commit was lost')
    return value
  })
  await issueAll()
  for (const grant of given) {
    expect(await setting.now(grant)).toMatchObject({ state: 'issued', attempts: 1 })
    const kinds = (await setting.ledger.eventsOf(grant.id)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'issue')).toHaveLength(1)
    expect(kinds).not.toContain('coupon-after-end')
  }
})

test.each(
  engines,
)('records the others where one of them violates what the tables hold (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const given = await giveMany(setting)
  const { record } = createCommits({ ledger: setting.ledger, logger: pino({ level: 'silent' }), worker: 'w' })
  const outcomes = await Promise.allSettled(
    given.map(({ id }, index) =>
      record({
        async record(tx) {
          const grantId = index === 3 ? 'nobody' : id
          await tx.event({ grantId, kind: 'attempt-lost', actor: 'app', data: { number: 1 } })
        },
      }),
    ),
  )
  expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([3])
  for (const [index, { id }] of given.entries()) {
    const lost = (await setting.ledger.eventsOf(id)).filter(({ kind }) => kind === 'attempt-lost')
    expect(lost).toHaveLength(index === 3 ? 0 : 1)
  }
})

test('lets nobody wait while one that is refused is tried again', async () => {
  const setting = await createSetting()
  const { id } = await setting.give()
  const { record } = createCommits({ ledger: setting.ledger, logger: pino({ level: 'silent' }), worker: 'w' })
  const ends: string[] = []
  const lost = (grantId: string, name: string) =>
    record({ record: (tx) => tx.event({ grantId, kind: 'attempt-lost', actor: 'app', data: { number: 1 } }) })
      .catch(() => {})
      .then(() => ends.push(name))
  const refused = lost('nobody', 'refused')
  // The first try of the one before is over by then.
  await new Promise((resolve) => setTimeout(resolve, 300))
  await Promise.all([lost(id, 'next'), refused])
  expect(ends).toEqual(['next', 'refused'])
})
