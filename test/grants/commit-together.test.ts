import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createCommits } from '../../src/grants/commit-together.ts'
import { type Claimed, CommitUncertainError, type Ledger } from '../../src/ledger/ledger.ts'
import { engines } from '../ledger/engines.ts'
import { createSetting, newOpenid, type Setting, sentTo, useWechatPay, wechatpay } from './setting.ts'

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

const OF_WORKER = { worker: 'w', lease: 30_000 }

/** What a worker does with its commits, by itself: grants are claimed, and coupons come for all of them at once. */
function together({ ledger }: Setting) {
  const commits = createCommits({ ledger, logger: pino({ level: 'silent' }), worker: OF_WORKER.worker })
  return {
    claim: (limit: number) => commits.claim(() => ({ ...OF_WORKER, limit })),
    record: ({ grant, attempt }: Claimed) =>
      commits.record({
        given: { grant, attempt, result: { kind: 'issued', couponId: `c-${grant.id}`, expiresAt: null } },
        // By the verbs of one.
        async record(tx) {
          const end = { outcome: 'issued', maybeExecuted: false }
          await tx.closeAttempt(attempt.id, OF_WORKER.worker, end)
          await tx.step(grant.id, 'issue', 'wechatpay', { couponId: `c-${grant.id}` })
        },
      }),
  }
}

test('asks PostgreSQL a few times for a whole group, in which it records and claims', async () => {
  const setting = await createSetting({ engine: 'postgres' })
  for (let count = 0; count < 16; count++) await setting.give()
  const { claim, record } = together(setting)
  const first = await claim(8)
  expect(first).toHaveLength(8)
  const asked = vi.spyOn(pg.Client.prototype, 'query')
  onTestFinished(() => asked.mockRestore())
  const [second] = await Promise.all([claim(8), ...first.map(record)])
  const queries = asked.mock.calls.length
  expect(second).toHaveLength(8)
  for (const { grant } of first) expect(await setting.now(grant)).toMatchObject({ state: 'issued' })
  expect(queries / 8).toBeLessThanOrEqual(3)
})

/** Has the tables refuse that this grant gets a coupon. @returns how to have them take it */
async function refuse({ sql }: Setting, engine: string, id: string): Promise<() => Promise<unknown>> {
  const isHis = `new.id = '${id}' and new.coupon_id is not null`
  await sql(
    engine === 'sqlite'
      ? `create trigger refused before update on grants when ${isHis} begin select raise(abort, 'refused'); end`
      : `alter table grants add constraint refused check (not (${isHis.replaceAll('new.', '')})) not valid`,
  )
  return () =>
    sql(engine === 'sqlite' ? 'drop trigger refused' : 'alter table grants drop constraint refused')
}

test.each(
  engines,
)('records the other coupons of a group of which the tables refuse the third, and claims (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  for (let count = 0; count < 6; count++) await setting.give()
  const { claim, record } = together(setting)
  const first = await claim(5)
  const third = first[2] ?? expect.fail('not claimed')
  const take = await refuse(setting, engine, third.grant.id)
  const next = claim(5)
  const recordings = first.map(record)
  await Promise.all(recordings.toSpliced(2, 1))
  expect(await next).toHaveLength(1)
  expect(await setting.now(third.grant)).toMatchObject({ state: 'issuing', couponId: null })
  for (const { grant } of first.toSpliced(2, 1))
    expect(await setting.now(grant)).toMatchObject({ state: 'issued', couponId: `c-${grant.id}` })
  await take()
  await recordings[2]
  expect(await setting.now(third.grant)).toMatchObject({ state: 'issued' })
})

test.each(
  engines,
)('leaves to the verbs of one a coupon that came twice, one of a flagged grant and one of a lost attempt (%s)', async (engine) => {
  const { give, ledger } = await createSetting({ engine })
  for (let count = 0; count < 5; count++) await give()
  const [lost, flagged, plain, same, alike] = await ledger.claimDue({ ...OF_WORKER, limit: 5 })
  if (!lost || !flagged || !plain || !same || !alike) return expect.fail('not claimed')
  const flag = { kind: 'checking', reason: 'lost', at: 1 } as const
  const recorded = await ledger.write(async (tx) => {
    await tx.change(flagged.grant.id, ['issuing'], 'outcome-unknown', 'app', { flag }, { result: 'lost' })
    await tx.closeAttempt(lost.attempt.id, OF_WORKER.worker, { outcome: 'lost', maybeExecuted: true })
    const coupon = ({ grant, attempt }: Claimed, couponId = grant.id) => {
      return { grantId: grant.id, attemptId: attempt.id, couponId, expiresAt: 5 }
    }
    const coupons = [coupon(lost), coupon(flagged), coupon(plain), coupon(same, 'one'), coupon(alike, 'one')]
    expect(await tx.recordCoupons('somebody-else', coupons)).toEqual(new Set())
    return tx.recordCoupons(OF_WORKER.worker, coupons)
  })
  expect(recorded).toEqual(new Set([plain.attempt.id]))
  expect(await ledger.grant(plain.grant.id)).toMatchObject({
    state: 'issued',
    couponId: plain.grant.id,
    couponExpiresAt: 5,
    version: plain.grant.version + 1,
  })
  expect((await ledger.eventsOf(plain.grant.id)).at(-1)).toMatchObject({ kind: 'issue', actor: 'wechatpay' })
  expect(await ledger.attemptsOf(plain.grant.id)).toMatchObject([{ outcome: 'issued', maybeExecuted: false }])
  for (const { grant } of [lost, flagged, same, alike])
    expect(await ledger.grant(grant.id)).toMatchObject({ state: 'issuing', couponId: null })
})

test.each(
  engines,
)('gives each of a user’s grants one coupon though two replicas claim them at once (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const users = Array.from({ length: 6 }, newOpenid)
  const given = []
  for (const stock of ['withdraw-10', 'withdraw-50', 'withdraw-10'])
    for (const openid of users) given.push(await setting.give({ openid, stock }))
  const replicas = [setting.grants]
  replicas.push(setting.worker({ worker: 'replica-2', ledger: await setting.open() }).grants)
  const isOpen = async () => (await setting.sql(`select 1 from grants where state <> 'issued'`)).length > 0
  while (await isOpen()) {
    await Promise.all(replicas.map((grants) => grants.issueDue()))
    // Where nothing is due nothing is waited for, and answers would not be let in.
    await sleep(1)
    // WeChat Pay would refuse a second one to the same user.
    const open = await setting.sql('select subject from attempts where ended_at is null')
    expect(new Set(open.map(({ subject }) => subject)).size).toBe(open.length)
  }
  for (const grants of replicas) expect(await grants.drain(60_000)).toBe(true)
  for (const grant of given) expect(await setting.now(grant)).toMatchObject({ attempts: 1 })
  for (const openid of users) expect(sentTo({ openid }).coupons).toHaveLength(3)
  expect(setting.log.filter(({ level }) => level !== 'info')).toEqual([])
})

test('gives one coupon each though PostgreSQL cuts all connections in the middle of groups', async () => {
  const setting = await createSetting({ engine: 'postgres' })
  const given = await giveMany(setting)
  wechatpay().fault({ name: 'slow', ms: 20, times: 'always' })
  const cut = () =>
    setting.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
  const areIssued = async () => {
    const states = await setting.sql('select state from grants')
    return states.every(({ state }) => state === 'issued')
  }
  for (let round = 0; !(await areIssued()); round++) {
    const { grants } = setting.worker({ worker: `replica-${round}`, atOnce: 4 })
    const cutting = (async () => {
      for (let cuts = 0; round < 3 && cuts < 4; cuts++) {
        await cut()
        await sleep(15)
      }
    })()
    while ((await grants.issueDue().catch(() => 1)) > 0) await sleep(1)
    await cutting
    await grants.drain(60_000)
    // What a lost answer left open is another replica's.
    await setting.passLeases()
    await setting.passWaits()
    await setting.ledger.endLost()
  }
  for (const grant of given) expect(sentTo(grant).coupons).toHaveLength(1)
})
