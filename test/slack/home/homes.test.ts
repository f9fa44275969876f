import { WebAPIPlatformError } from '@slack/web-api'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { found } from '../../../src/doctor/index.ts'
import type { CardFacts, HomeFacts } from '../../../src/grants/index.ts'
import { checkView } from '../../../src/sandbox/slack/blocks/check-view.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { createHomes } from '../../../src/slack/home/homes.ts'
import { homeBlocks, homeButtons, homeView } from '../../../src/slack/home/view.ts'
import { abilitiesWith, grantsThat, grantWith, NOON, policyWith } from '../builders.ts'
import { inLines } from '../drawn-lines.ts'

const nothing: HomeFacts = {
  rights: abilitiesWith(),
  budget: { mayRequest: null, mayLookUp: null, lines: [], perUser: null, lookups: null },
  waiting: null,
  mine: { newest: [], hasMore: false },
  stuck: null,
  setUp: null,
  month: null,
}

/** Homes over a ledger whose changes the test makes, and what Slack was given. */
function start() {
  const ledger = { latest: 1, mine: 0 }
  const published: { user_id: string; hash?: string; view: unknown }[] = []
  const hashes = new Map<string, string>()
  const gone = new Set<string>()
  const publish = async (given: { user_id: string; hash?: string; view: unknown }) => {
    if (given.hash !== undefined && given.hash !== hashes.get(given.user_id))
      throw new WebAPIPlatformError({ ok: false, error: 'hash_conflict' })
    published.push(given)
    if (gone.has(given.user_id)) throw new WebAPIPlatformError({ ok: false, error: 'user_not_found' })
    const hash = `h${published.length}`
    hashes.set(given.user_id, hash)
    return { view: { hash } }
  }
  const grants = grantsThat({
    latestChange: async () => ledger.latest,
    setUpFound: () => null,
    home: async () => ({
      ...nothing,
      mine: {
        newest: Array.from({ length: ledger.mine }, () => ({ grant: grantWith(), decisions: [] })),
        hasMore: false,
      },
    }),
  })
  const people = {
    who: async ({ id }: { id: string }) => ({
      person: { id, email: null, groups: [], standing: 'member' as const },
      reader: createReader('en', policyWith()),
    }),
  }
  const logger = pino({ level: 'silent' })
  const homes = createHomes({
    client: { views: { publish } },
    grants,
    customers: { kinds: () => [], mayNotFind: () => null },
    people,
    logger,
    now: () => NOON,
  } as never)
  return { homes, ledger, published, hashes, gone }
}

const user = (number: number) => ({ id: `U${number}`, team: null })

test('draws the Homes of fifty people anew, and only what says something else', async () => {
  const { homes, ledger, published } = start()
  for (let number = 0; number < 50; number++) await homes.opened(user(number), null)
  expect(published).toHaveLength(50)
  published.length = 0
  ledger.latest = 2
  await homes.drawDue()
  // Something changed, but nothing of theirs.
  expect(published).toHaveLength(0)
})

test('stays within Slack’s rate, those who opened it last first', async () => {
  const { homes, ledger, published } = start()
  for (let number = 0; number < 100; number++) await homes.opened(user(number), null)
  const opened = published.length
  ledger.latest = 2
  ledger.mine = 1
  await homes.drawDue()
  // Those that people opened are counted as well.
  expect(opened).toBe(100)
  expect(published).toHaveLength(100)
  const fresh = start()
  for (let number = 0; number < 50; number++) await fresh.homes.opened(user(number), null)
  fresh.published.length = 0
  fresh.ledger.latest = 2
  fresh.ledger.mine = 1
  await fresh.homes.drawDue()
  expect(fresh.published.map(({ user_id }) => user_id).slice(0, 2)).toEqual(['U49', 'U48'])
  expect(fresh.published.length).toBe(50)
  // A change at every moment leaves room for those who open it.
  fresh.ledger.latest = 3
  fresh.ledger.mine = 2
  await fresh.homes.drawDue()
  expect(fresh.published.length).toBe(50)
})

test('counts a call that was for naught, too', async () => {
  const { homes, ledger, published } = start()
  // Each is written over: two calls.
  for (let number = 0; number < 45; number++) await homes.opened(user(number), 'of another')
  published.length = 0
  ledger.latest = 2
  ledger.mine = 1
  await homes.drawDue()
  expect(published).toHaveLength(10)
})

test('gives up the Home of somebody who has left, and draws those of all others', async () => {
  const { homes, ledger, published, gone } = start()
  for (let number = 0; number < 3; number++) await homes.opened(user(number), null)
  gone.add('U1')
  const drawn = async () => {
    published.length = 0
    ledger.latest += 1
    ledger.mine += 1
    // It may still rest after the round before.
    await expect.poll(() => homes.drawDue().then(() => published.length)).toBeGreaterThan(0)
    return published.map(({ user_id }) => user_id)
  }
  expect(await drawn()).toEqual(['U2', 'U1', 'U0'])
  expect(await drawn()).toEqual(['U2', 'U0'])
})

test('writes over what another process published meanwhile, and tells its hash next time', async () => {
  const { homes, published, hashes } = start()
  await homes.opened(user(1), 'h-of-before')
  expect(published).toMatchObject([{ user_id: 'U1' }])
  await homes.draw(user(1))
  expect(published.at(-1)).toMatchObject({ hash: 'h1' })
  hashes.set('U1', 'of another')
  await homes.draw(user(1))
  expect(published.at(-1)).not.toHaveProperty('hash')
})

test('draws a Home that Slack takes, however much there is to tell', () => {
  const reader = createReader('en', policyWith())
  const grant = grantWith({
    state: 'pending',
    note: 'x'.repeat(500),
    ticket: `SUP-${'9'.repeat(90)}`,
    expiresAt: NOON,
    approvalChannel: 'C0APPROVE',
    approvalsNeeded: 1,
    source: `https://x.slack.com/${'p'.repeat(300)}`,
    strandedAt: NOON,
  })
  const limit = { count: 3, quota: 20_000, days: 7 }
  const facts: HomeFacts = {
    ...nothing,
    budget: {
      ...nothing.budget,
      lines: Array.from({ length: 50 }, () => ({
        of: { kind: 'requester' as const },
        limit,
        used: { count: 2, quota: 6000 },
        moreAt: null,
      })),
      lookups: { left: 3, max: 60, per: 3_600_000, moreAt: null },
    },
    waiting: {
      newest: Array.from({ length: 5 }, (_, at) => ({
        grant: { ...grant, id: `G${at}` },
        beside: {
          decisions: [],
          settlement: null,
          forDeciding: {
            approvers: ['S0LEADS1'],
            level: { approvals: 1, aboveQuota: null },
            given: { days: 30, count: 9, latest: [grant, grant, grant] },
            underWay: [grant, grant, grant, grant],
            ticketUsers: 3,
            limits: [{ kind: 'user' as const, limit: { ...limit, from: 0 }, used: { count: 1, quota: 1 } }],
            cost: 5,
          },
        },
      })),
      count: 500,
      isMore: true,
    },
    mine: { newest: Array.from({ length: 5 }, () => ({ grant, decisions: [] })), hasMore: true },
    setUp: Array.from({ length: 9 }, () =>
      found('channel-not-joined', { use: 'alerts', channel: 'C'.repeat(900) }),
    ),
    rights: abilitiesWith({ roles: ['operator', 'requester', 'approver', 'auditor'] }),
    month: policyWith().stocks.map((stock) => ({ stock, count: 3, quota: 3000 })),
  }
  const said = homeBlocks(facts, policyWith(), reader)
  const buttons = homeButtons(facts, true, reader)
  const view = homeView(said, { buttons, above: [], at: NOON, reader })
  expect(checkView(view, 'home')).toEqual([])
  expect(JSON.stringify(view)).toContain('▓▓▓░░░░░')
  expect(JSON.stringify(view)).toContain(en.home.newest(5, 500))
})

test.each([
  'en',
  'zh-CN',
] as const)('draws the Home of each role as the golden file has it: %s', async (language) => {
  const reader = createReader(language, policyWith())
  const waits = grantWith({
    state: 'pending',
    ticket: 'SUP-12',
    note: 'called *three* times',
    approvalChannel: 'C0APPROVE',
    approvalsNeeded: 1,
    approvedByRule: null,
    approvalReason: { code: 'no-rule' },
    expiresAt: NOON + 86_400_000,
  })
  const forDeciding: CardFacts['forDeciding'] = {
    approvers: ['S0LEADS1'],
    level: { approvals: 1, aboveQuota: null },
    given: { days: 30, count: 0, latest: [] },
    underWay: [],
    ticketUsers: 0,
    limits: [{ kind: 'user', limit: { count: 3, quota: null, days: 30 }, used: { count: 1, quota: 1000 } }],
    cost: 1,
  }
  const [stock] = policyWith().stocks
  const limit = { count: 1000, quota: null, days: 1 }
  const budget: HomeFacts['budget'] = {
    ...nothing.budget,
    lines: stock
      ? [{ of: { kind: 'stock', stock }, limit, used: { count: 600, quota: 600_000 }, moreAt: null }]
      : [],
    lookups: { left: 57, max: 60, per: 3_600_000, moreAt: null },
  }
  const hold: NonNullable<HomeFacts['stuck']>['holds'][number] = {
    id: 'H1',
    kind: 'all',
    stockRef: null,
    stock: null,
    reason: 'SIGN_ERROR',
    message: '',
    since: NOON,
    endedAt: null,
    begunBy: 'app',
    endedBy: null,
    waiting: 2,
  }
  const of: Record<string, Partial<HomeFacts>> = {
    approver: {
      rights: abilitiesWith({ roles: ['requester', 'approver'] }),
      waiting: {
        newest: [{ grant: waits, beside: { decisions: [], settlement: null, forDeciding } }],
        count: 1,
        isMore: false,
      },
    },
    agent: {
      mine: {
        newest: [
          waits,
          grantWith({ ...waits, state: 'rejected', ended: { by: 'U0LEAD1', reason: 'given *twice*' } }),
          grantWith({ ...waits, state: 'expired' }),
          grantWith({
            ...waits,
            state: 'refused',
            refusal: { code: 'RULE_LIMIT', message: '用户已达上限', requestId: null },
          }),
        ].map((grant) => ({ grant, decisions: [] })),
        hasMore: true,
      },
    },
    operator: {
      rights: abilitiesWith({ roles: ['operator'] }),
      stuck: { kind: 'stuck', holds: [hold], grants: [], closed: [], hasMore: false },
    },
    auditor: {
      rights: abilitiesWith({ roles: ['auditor'] }),
      month: stock ? [{ stock, count: 3, quota: 3000 }] : [],
    },
  }
  const lines = Object.entries(of).flatMap(([role, facts]) => [
    `══ ${role}`,
    ...inLines(
      { text: '', blocks: homeBlocks({ ...nothing, budget, ...facts }, policyWith(), reader) },
      language,
    ).slice(1),
    '',
  ])
  await expect(lines.join('\n')).toMatchFileSnapshot(`./homes.${language}.txt`)
})
