import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Limit, windowStart } from '../../src/domain/limit.ts'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { backUp, restore } from '../../src/ledger/ledger.ts'
import { clock, createSetting, HOUR, startOwnWechatPay, useWechatPay } from '../grants/setting.ts'
import { engines, placeOn } from './engines.ts'
import { type Left, leaveLedger, type Row, readLeft } from './fixtures/left-ledger.ts'
import { LIFE, operators, people, user } from './fixtures/life.ts'
import {
  asks,
  everyMoment,
  expectedGrant,
  expectedWhy,
  idOf,
  issueAll,
  openLeft,
  pages,
  parsed,
  rowsOf,
  sends,
  why,
} from './fixtures/opened.ts'
import { LAST_POLICY, read } from './fixtures/policies.ts'
import { prove } from './prove.ts'
import { tablesWith } from './tables-with.ts'

/**
 * What an older version has left is known to this one. What is expected is read from the older rows themselves; nothing
 * here knows today's tables. What is then done with it: `upgrade-going-on.test.ts`.
 */

useWechatPay(LIFE)

test.each(
  everyMoment,
)('reads of every grant what the older version wrote (%s, %s)', async (engine, moment) => {
  const { ledger, left } = await openLeft(engine, moment)
  for (const row of rowsOf(left, 'grants'))
    expect(await ledger.grant(String(row.id))).toMatchObject(expectedGrant(row))
  expect(await why(ledger, left)).toEqual(expectedWhy(left))
})

test.each(engines)('shows where each grant stands, as people know it (%s)', async (engine) => {
  const { ledger, left } = await openLeft(engine)
  const stands = Object.entries(left.grants).map(async ([name, id]) => {
    const grant = await ledger.grant(id)
    return [
      name,
      [grant?.state, grant?.flag?.kind ?? grant?.hold?.reason ?? grant?.ended?.by].join(' ').trim(),
    ]
  })
  expect(Object.fromEntries(await Promise.all(stands))).toEqual({
    'issued-by-rule': 'issued',
    'issued-after-approval': 'issued',
    rejected: 'rejected U0LEAD01',
    'cancelled-by-requester': 'cancelled U0AGENT1',
    'cancelled-by-lead': 'cancelled U0LEAD02',
    refused: 'refused',
    expired: 'expired app',
    'held-by-all': 'issued',
    'held-by-all-too': 'issued',
    'answer-untrusted': 'issued',
    'held-by-first-attempts': 'issued',
    'held-by-stock': 'issued',
    'cancelled-by-policy': 'cancelled policy',
    'held-by-pause': 'issued',
    'asked-elsewhere': 'issued',
    'cancelled-too-late': 'cancelled policy',
    'settled-as-issued': 'issued',
    'settled-as-not-issued': 'refused',
    'given-up': 'issuing needs-look',
    'expired-unseen': 'pending',
    'paused-open': 'issuing checking',
    'paused-approved': 'approved paused',
    'held-open': 'issuing checking',
    'refused-by-stock': 'refused',
    'held-by-rule': 'approved NOT_ENOUGH',
    'held-approved': 'approved NOT_ENOUGH',
    pending: 'pending',
    'pending-one-of-two': 'pending',
    'pending-lapsed': 'pending',
    'pending-mini': 'pending',
    'issued-mini': 'issued',
    'under-way': 'issuing',
    'needs-look': 'issuing needs-look',
    blocked: 'approved same-user',
    released: 'approved',
    ready: 'approved',
    'pending-not-asked': 'pending',
    'ready-too': 'approved',
  })
  const notAsked = await ledger.grant(idOf(left, 'pending-not-asked'))
  expect(notAsked?.notAsked).toEqual({ operatorsTold: true })
})

/** What a person typed stood among what a line holds. */
function typedApart(kind: string, actor: string, { evidence, ...data }: Record<string, unknown>) {
  if (kind === 'settlement-proposed') return { data, said: evidence }
  const { reason, ...rest } = data
  const isTyped = ['reject', 'cancel'].includes(kind) && !['app', 'policy'].includes(actor)
  return isTyped ? { data: rest, said: reason ?? null } : { data, said: null }
}

test.each(engines)('reads every trail, attempt, decision and card (%s)', async (engine) => {
  const { grants, ledger, left, id } = await openLeft(engine, 'paused')
  const of = (table: string, grantId: string) =>
    rowsOf(left, table).filter(({ grant_id }) => grant_id === grantId)
  for (const grantId of Object.values(left.grants)) {
    const trail = await grants.trail({ person: people.auditor, grantId })
    const entries = of('events', grantId)
      .toSorted((a, b) => Number(a.id) - Number(b.id))
      .map(({ at, kind, actor, data }) => ({
        at,
        kind,
        actor,
        ...typedApart(String(kind), String(actor), parsed(data)),
      }))
    expect(trail).toMatchObject({ kind: 'trail', grant: { id: grantId }, entries })
    const attempts = of('attempts', grantId)
      .toSorted((a, b) => Number(a.number) - Number(b.number))
      .map((row) => ({
        id: row.id,
        number: row.number,
        worker: row.worker,
        startedAt: row.started_at,
        endedAt: row.ended_at ?? null,
        outcome: row.outcome ?? null,
        code: row.code ?? null,
        requestId: row.request_id ?? null,
        detail: row.detail ?? null,
        maybeExecuted: row.maybe_executed === 1,
      }))
    const known = await ledger.attemptsOf(grantId)
    expect(known).toMatchObject(attempts)
    const decisions = of('decisions', grantId)
      .toSorted((a, b) => Number(a.at) - Number(b.at))
      .map(({ approver, decision, reason, at, lapsed_at }) => ({
        approver,
        kind: lapsed_at === undefined ? decision : 'lapsed',
        reason: reason ?? null,
        at,
      }))
    expect(await ledger.decisionsOf(grantId)).toMatchObject(decisions)
    const cards = of('cards', grantId).map(({ id, kind, recipient, language, place }) => ({
      id,
      kind,
      recipient,
      language,
      place: parsed(place),
    }))
    expect(await ledger.cardsOf(grantId)).toMatchObject(cards)
    for (const [read, expected] of [
      [known, attempts],
      [await ledger.decisionsOf(grantId), decisions],
      [await ledger.cardsOf(grantId), cards],
    ] as const)
      expect(read).toHaveLength(expected.length)
  }
  const shown = await grants.showOpenid({ person: people.auditor, grantId: id('issued-after-approval') })
  expect(shown).toEqual({ kind: 'shown', openid: user('B') })
  expect(await ledger.policyText(read(LAST_POLICY).hash)).toBe(LAST_POLICY)
})

test.each(
  engines,
)('keeps openids and what people typed in one table each, as a newer ledger does (%s)', async (engine) => {
  const left = readLeft('0007', 'paused')
  const place = await placeOn(engine)
  await leaveLedger(place, left)
  await (await place.open()).close()
  const [grants, events] = [rowsOf(left, 'grants'), rowsOf(left, 'events')]
  const openids = new Set(
    [...grants, ...events].flatMap(({ openid }) => (openid == null ? [] : [String(openid)])),
  )
  expect(openids.size).toBeGreaterThan(10)
  for (const openid of openids) expect(await tablesWith(place, openid), openid).toEqual(['subjects'])
  // Nor in what is left of the older tables: its row and that row's index are all that the file holds of it.
  if (engine === 'sqlite') {
    const file = readFileSync(place.url.slice('file:'.length), 'latin1')
    for (const openid of openids) expect(file.split(openid).length - 1, openid).toBe(2)
  }
  const typed = new Set([
    ...grants.map(({ note }) => note),
    ...grants.filter(({ ended_by }) => ended_by !== 'policy').map(({ ended_reason }) => ended_reason),
    ...rowsOf(left, 'decisions').map(({ reason }) => reason),
    ...rowsOf(left, 'settlements').map(({ evidence }) => evidence),
  ])
  const texts = [...typed].flatMap((text) => (text == null ? [] : [String(text)]))
  expect(texts.length).toBeGreaterThan(5)
  for (const text of texts) expect(await tablesWith(place, text), text).toEqual(['texts'])
  // A line of the trail still can't be changed.
  for (const change of [`update events set kind = 'x'`, 'delete from events'])
    await expect(place.sql(change)).rejects.toThrow('append-only')
})

const usageOf = (left: Left, share: (row: Row) => boolean, days: number, states?: readonly string[]) => {
  const since = windowStart(clock.now(), days, 'Asia/Shanghai')
  const counted = rowsOf(left, 'grants').filter(
    (row) =>
      share(row) &&
      Number(row.created_at) >= since &&
      (states ?? ['pending', 'approved', 'issuing', 'issued']).includes(String(row.state)),
  )
  return { count: counted.length, quota: counted.reduce((sum, { quota }) => sum + Number(quota), 0) }
}

function withLimits(policy: Policy, days: number): Policy {
  const limit: Limit = { count: 1000, quota: 1e9, days }
  const { lookups } = policy.limits
  return { ...policy, limits: { perUser: limit, perRequester: limit, perStock: limit, lookups } }
}

test.each(engines)('counts against every limit what was counted before (%s)', async (engine) => {
  const setting = await openLeft(engine)
  const { grants, left } = setting
  const policy = setting.policy
  const stockOf = new Map(rowsOf(left, 'grants').map(({ openid, stock }) => [String(openid), String(stock)]))
  const totals = []
  for (const days of [1, 2, 8, 30]) {
    setting.policy = withLimits(policy, days)
    for (const [openid, stock] of stockOf) {
      // Nobody can ask for what has left the policy.
      const asked = stock === 'leaving-5' ? 'withdraw-10' : stock
      const person = openid < user('M') ? people.agent1 : people.agent2
      const preview = await grants.preview(person, asks(openid, asked))
      expect(preview).toMatchObject({
        limits: [
          { kind: 'user', used: usageOf(left, (row) => row.openid === openid, days) },
          { kind: 'requester', used: usageOf(left, (row) => row.requester === person.id, days) },
          { kind: 'stock', used: usageOf(left, (row) => row.stock === asked, days) },
        ],
      })
    }
    for (const person of [people.agent1, people.agent2]) {
      const { requesterLimit, stocks } = await grants.abilities(person)
      const used = usageOf(left, (row) => row.requester === person.id, days)
      totals.push(used.count)
      expect(requesterLimit?.used).toEqual(used)
      for (const { stock, left: free } of stocks)
        expect(free?.count, stock.key).toBe(
          1000 - usageOf(left, (row) => row.stock === stock.key, days).count,
        )
    }
  }
  // Agent one and two: today, since yesterday, and so on.
  expect(totals).toEqual([9, 8, 10, 8, 10, 10, 16, 13])
})

test.each(engines)('counts how often a rule was used, and what was looked up (%s)', async (engine) => {
  const setting = await openLeft(engine)
  const { grants, left } = setting
  const { approval } = setting.policy
  for (const person of [people.agent1, people.agent2]) {
    const isBySmall = (row: Row) => row.requester === person.id && row.approved_by_rule === 'small'
    const { count } = usageOf(left, isBySmall, 30)
    expect(count).toBeGreaterThan(4)
    const withRule = (most: number) => {
      const [rule] = approval.automatic
      if (!rule) throw new Error('the policy has no rule')
      const perRequester = { count: most, quota: null, days: 30 }
      setting.policy = {
        ...setting.policy,
        approval: { ...approval, automatic: [{ ...rule, perRequester }] },
      }
      return grants.preview(person, asks(user('A'), 'withdraw-10'))
    }
    expect(await withRule(count + 1)).toMatchObject({ kind: 'automatic', rule: 'small' })
    expect(await withRule(count)).toMatchObject({ kind: 'needs-approval', reason: { code: 'rule-used-up' } })
  }
  const lookups = (person: Person) =>
    rowsOf(left, 'events').filter(({ kind, actor }) => kind === 'look-up' && actor === person.id).length
  for (const person of [people.agent1, people.lead1, operators.ops1.person]) {
    expect(lookups(person)).toBe(1)
    const { limits, roles } = setting.policy
    const viewer = [...roles.viewer, operators.ops1.person.id]
    setting.policy = { ...setting.policy, roles: { ...roles, viewer }, limits }
    expect((await grants.abilities(person)).lookupsLeft).toBe(59)
  }
  // Turned within ten minutes of the look-up before, a page is none of its own.
  clock.forward(-HOUR)
  const page = { person: people.lead1, key: user('B'), page: 1, isTurned: true }
  expect((await grants.history(page)).kind).toBe('found')
  expect((await grants.abilities(people.lead1)).lookupsLeft).toBe(59)
})

test.each(engines)('lists what a user got and what a person asked for (%s)', async (engine) => {
  const { grants, left } = await openLeft(engine)
  const idsOf = (column: string, value: string) =>
    rowsOf(left, 'grants')
      .filter((row) => row[column] === value)
      .toSorted((a, b) => Number(b.created_at) - Number(a.created_at))
      .map(({ id }) => id)
  const openids = new Set(rowsOf(left, 'grants').map(({ openid }) => String(openid)))
  expect(openids.size).toBeGreaterThan(20)
  for (const openid of openids) {
    const history = (page: number) => grants.history({ person: people.lead1, key: openid, page })
    expect(await pages(history)).toEqual(idsOf('openid', openid))
  }
  for (const person of [people.agent1, people.agent2])
    expect(await pages((page) => grants.mine({ person, page }))).toEqual(idsOf('requester', person.id))
})

test.each(engines)('tells what waits for what, and since when (%s)', async (engine) => {
  const { grants, left, id } = await openLeft(engine)
  const stuck = await grants.stuck({ by: operators.ops1 })
  if (stuck.kind !== 'stuck') throw new Error(stuck.kind)
  const open = rowsOf(left, 'holds').filter(({ ended_at }) => ended_at === undefined)
  expect(stuck.holds).toMatchObject(
    open
      .toSorted((a, b) => Number(a.since) - Number(b.since))
      .map((row) => ({
        id: row.id,
        reason: row.reason,
        message: row.message,
        since: row.since,
        endedAt: null,
        begunBy: row.begun_by,
      })),
  )
  // What is left to people is not sent without the hold either.
  expect(stuck.holds.map(({ reason, waiting }) => [reason, waiting])).toEqual([
    ['paused', 2],
    ['NOT_ENOUGH', 3],
  ])
  expect(stuck.grants.map(({ grant, settlement }) => [grant.id, settlement?.evidence ?? null])).toEqual([
    [id('given-up'), 'Seen in the merchant platform, for given-up.'],
    [id('needs-look'), null],
    [id('paused-open'), null],
    [id('held-open'), null],
  ])
  expect(stuck.closed.map(({ channel, waiting, asks }) => [channel, waiting, asks])).toEqual([
    ['C0APPROVE', 1, 1],
    ['direct-messages', 7, 0],
  ])
})

test.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
] as const)('backs up what the older version left on %s, and restores it on %s', async (from, to) => {
  const left = readLeft('0007', 'stock-held')
  const source = await placeOn(from)
  await leaveLedger(source, left)
  clock.forward(left.at + HOUR - clock.now())
  const folder = mkdtempSync(join(tmpdir(), 'upgrade-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'backup.sqlite')
  await backUp({ url: source.url, file, now: clock.now, stopped: true })
  const target = await placeOn(to)
  await restore({ url: target.url, file, now: clock.now, stopped: true })
  const { client, sandbox } = await startOwnWechatPay(LIFE)
  const setting = await createSetting({ place: target, ledger: { role: 'app' }, client })
  setting.policy = read(LAST_POLICY)
  const { grants, ledger } = setting
  for (const row of rowsOf(left, 'grants')) {
    const isUnderWay = row.id === idOf(left, 'under-way')
    // What was under way when the copy was made counts as lost.
    const lost = isUnderWay
      ? { flag: { kind: 'checking', reason: 'lost' }, maybeExecutedAt: clock.now() }
      : {}
    expect(await ledger.grant(String(row.id))).toMatchObject({ ...expectedGrant(row), ...lost })
    if (['approved', 'issuing'].includes(String(row.state)))
      expect((await ledger.grant(String(row.id)))?.hold).toMatchObject({ reason: 'restored' })
  }
  expect((await ledger.openHolds()).map(({ reason }) => reason)).toEqual(['paused', 'NOT_ENOUGH', 'restored'])
  await issueAll(setting)
  expect(sends({ sandbox: sandbox() })).toEqual([])
  await grants.resume({ by: operators.ops1, stock: null })
  expect(await why(ledger, left)).toEqual(expectedWhy(left))
  const before = Math.max(...rowsOf(left, 'events').map(({ id }) => Number(id)))
  const events = await ledger.eventsOf(idOf(left, 'ready'))
  expect(events.at(-1)?.id).toBeGreaterThan(before)
})

test.each(engines)('leaves a ledger to the newer version that has opened it (%s)', async (engine) => {
  const left = readLeft('0007', 'stock-held')
  const place = await placeOn(engine)
  await leaveLedger(place, left)
  await (await place.open()).close()
  const [row] = await place.sql('select max(number) as latest from migrations')
  const latest = Number(row?.latest)
  expect(latest).toBeGreaterThanOrEqual(left.version)
  await place.sql(`insert into migrations values (${latest + 1}, 'later', 0)`)
  await expect(place.open()).rejects.toMatchObject({
    name: 'LedgerTooNewError',
    message: `the ledger is of version ${latest + 1}, this app knows up to ${latest}: start the newer version of the app, or restore a backup that is as old as this one`,
  })
})

test.each(
  everyMoment,
)('has the trail of before sealed from then on, and says so (%s, %s)', async (engine, moment) => {
  const { ledger, left, url } = await openLeft(engine, moment)
  const older = rowsOf(left, 'events').length
  while ((await ledger.seal({ sign: null, randomHex: () => 'a'.repeat(64) })) > 0);
  expect(await prove(url)).toMatchObject({
    ok: true,
    proof: {
      events: older,
      unsealed: 0,
      grants: rowsOf(left, 'grants').length,
      manifest: { older_to: older },
    },
  })
})
