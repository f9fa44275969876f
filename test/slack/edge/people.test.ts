import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { mayNot } from '../../../src/domain/permissions.ts'
import { exampleWorkspace, startSlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { createPeople } from '../../../src/slack/edge/people.ts'
import { manifest, NOON, policyWith } from '../builders.ts'

async function start(roles: Partial<ReturnType<typeof policyWith>['roles']> = {}) {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const { interactions } = createSlackClients({ botToken: slack.botToken, apiUrl: slack.apiUrl, logger })
  const clock = { now: NOON }
  const policy = policyWith({ roles: { ...policyWith().roles, ...roles } })
  const people = createPeople({ client: interactions, policy: () => policy, logger, now: () => clock.now })
  people.setHome({ teamId: slack.teamId, enterpriseId: null })
  const who = (id: string, team: string | null = slack.teamId) => people.who({ id, team }, 2000)
  const calls = (method: string) => slack.traffic().filter(({ name }) => name === method).length
  return { slack, people, who, calls, clock, log }
}

test('knows a member with e-mail, groups, language and time zone', async () => {
  const { slack, who } = await start()
  const { person, reader, timeZone } = await who('U0AGENT2')
  expect(person).toEqual({
    id: 'U0AGENT2',
    email: 'xiaoyu@example.com',
    groups: ['S0AGENTS'],
    standing: 'member',
  })
  expect(reader.language).toBe('zh-CN')
  expect(timeZone).toBe('Asia/Shanghai')
  slack.setPerson('U0LEAD1', { tz: 'Europe/Berlin' })
  expect(await who('U0LEAD1')).toMatchObject({
    person: { groups: ['S0LEADS1'] },
    timeZone: 'Europe/Berlin',
  })
  slack.setPerson('U0LEAD2', { tz: '' })
  expect((await who('U0LEAD2')).timeZone).toBe(policyWith().timezone)
})

test('gives a role by e-mail address in any case, to nobody but the member who has it', async () => {
  const roles = {
    requester: ['ada@example.com'],
    viewer: ['U0AGENT2'],
    approver: [],
    auditor: [],
    operator: [],
  }
  const { slack, who, calls } = await start(roles)
  slack.setPerson('U0AGENT1', { email: 'Ada@Example.COM' })
  slack.setPerson('U0ALIEN1', { email: 'ada@example.com' })
  slack.setPerson('U0GUEST1', { email: 'ada@example.com' })
  const refusal = async (id: string) =>
    mayNot(policyWith({ roles }), (await who(id)).person, ['requester'])?.code
  expect(await refusal('U0AGENT1')).toBeUndefined()
  expect(await refusal('U0AGENT2')).toBe('role-missing')
  expect(await refusal('U0ALIEN1')).toBe('not-a-member')
  expect(await refusal('U0GUEST1')).toBe('not-a-member')
  expect(calls('usergroups.users.list')).toBe(0)
})

test('tells guests, bots, deactivated people and people of other workspaces from members', async () => {
  const { who } = await start()
  const standing = async (id: string, team?: string) => (await who(id, team)).person.standing
  expect(await standing('U0GUEST1')).toBe('guest')
  expect(await standing('U0BOT001')).toBe('bot')
  expect(await standing('U0GONE01')).toBe('deactivated')
  expect(await standing('U0ALIEN1', 'T0OTHER01')).toBe('other-workspace')
  expect(await standing('U0ALIEN1')).toBe('other-workspace')
  expect(await standing('U0AGENT1', 'T0OTHER01')).toBe('other-workspace')
})

test('asks Slack once for many at the same time, and again after a minute', async () => {
  const { who, calls, clock } = await start()
  await Promise.all(Array.from({ length: 10 }, () => who('U0AGENT1')))
  expect(calls('users.info')).toBe(1)
  expect(calls('usergroups.users.list')).toBe(2)
  clock.now += 29_000
  await who('U0AGENT1')
  expect(calls('usergroups.users.list')).toBe(2)
  clock.now += 31_000
  await who('U0AGENT1')
  expect(calls('users.info')).toBe(2)
  expect(calls('usergroups.users.list')).toBe(4)
})

test('takes a role away within a minute, and at once when Slack tells of the change', async () => {
  const { who, slack, people, clock } = await start()
  await who('U0AGENT1')
  await slack.setGroup('S0AGENTS', ['U0AGENT2'])
  people.forgetGroup('S0AGENTS')
  expect((await who('U0AGENT1')).person.groups).toEqual([])
  await slack.setGroup('S0AGENTS', ['U0AGENT1'])
  clock.now += 60_000
  expect((await who('U0AGENT1')).person.groups).toEqual(['S0AGENTS'])
})

test('counts groups that can not be had in time as unknown, also when only one is missing', async () => {
  const { people, slack } = await start()
  slack.fault({ name: 'web_api_hang', method: 'usergroups.users.list' })
  const { person } = await people.who({ id: 'U0AGENT1', team: slack.teamId }, 300)
  expect(person.groups).toBeNull()
})

test('counts a person whom Slack does not tell of as one without roles', async () => {
  const { who, slack } = await start()
  slack.fault({ name: 'web_api_error', method: 'users.info', error: 'internal_error' })
  const { person, reader } = await who('U0AGENT1')
  expect(person).toEqual({ id: 'U0AGENT1', email: null, groups: null, standing: 'member' })
  expect(reader.language).toBe('zh-CN')
})

test('takes a user group that does not exist as empty, and reports it once', async () => {
  const { who, clock, log } = await start({ requester: ['S0NOSUCH'] })
  expect((await who('U0AGENT1')).person.groups).toEqual(['S0AGENTS'])
  clock.now += 61_000
  await who('U0AGENT1')
  expect(log.filter(({ level }) => Number(level) >= 50)).toMatchObject([{ group: 'S0NOSUCH' }])
})

test('asks again for what it knows from the future, when the clock was set back', async () => {
  const { who, slack, people, clock } = await start()
  await who('U0AGENT1')
  const reach = { members: ['S0AGENTS'], except: null, enough: 9 }
  const before = await people.countReachable(reach, 2000)
  await slack.setGroup('S0AGENTS', [])
  slack.setPerson('U0AGENT1', { guest: 'multi_channel' })
  clock.now -= 3_600_000
  expect((await who('U0AGENT1')).person).toMatchObject({ groups: [], standing: 'guest' })
  expect(before).toBeGreaterThan(0)
  expect(await people.countReachable(reach, 2000)).toBe(0)
})

test('counts who could decide, each person once, and nobody who may not act', async () => {
  const { people, slack, who } = await start()
  await slack.setGroup('S0LEADS1', ['U0LEAD1', 'U0GONE01', 'U0GUEST1', 'U0BOT001', 'U0ALIEN1'])
  slack.setPerson('U0LEAD2', { email: 'boss@example.com' })
  const count = (members: string[], except: string | null = null) =>
    people.countReachable({ members, except, enough: 5 }, 2000)
  expect(await count(['S0LEADS1', 'U0LEAD1'])).toBe(1)
  expect(await count(['S0LEADS1'], 'U0LEAD1')).toBe(0)
  expect(await count(['S0LEADS1', 'boss@example.com', 'nobody@example.com', 'U0NOSUCH'])).toBe(2)
  expect(await count(['S0NOSUCH'])).toBe(0)
  expect(await count([])).toBe(0)
  slack.setPerson('U0GUEST1', { email: 'boss@example.com' })
  await who('U0GUEST1')
  expect(await count(['boss@example.com'])).toBe(1)
})

test('does not guess who could decide while Slack does not tell', async () => {
  const { people, slack } = await start()
  slack.fault({ name: 'web_api_hang', method: 'usergroups.users.list' })
  const of = { members: ['S0LEADS1', 'U0LEAD1'], except: null, enough: 1 }
  expect(await people.countReachable(of, 200)).toBeNull()
  slack.fault({ name: 'web_api_429', method: 'users.lookupByEmail' } as never)
  expect(await people.countReachable({ ...of, members: ['boss@example.com'] }, 2000)).toBeNull()
})

test('counts a person whom Slack does not know or show as nobody, and goes on with the others', async () => {
  const { people, slack, log } = await start()
  const count = (members: string[], enough = 1) =>
    people.countReachable({ members, except: null, enough }, 2000)
  for (const error of ['user_not_found', 'user_not_visible', 'users_not_found', 'user_disabled']) {
    slack.fault({ name: 'web_api_error', method: 'users.info', error })
    expect(await count([`U0${error.toUpperCase()}`, 'U0LEAD2'])).toBe(1)
    slack.clearFaults()
  }
  expect(await count(['U0NOSUCH1', 'nobody@example.com', 'U0LEAD1'])).toBe(1)
  expect(await count(['U0NOSUCH1', 'U0NOSUCH1', 'nobody@example.com'])).toBe(0)
  const told = log.filter(({ level, person }) => Number(level) >= 50 && person === 'U0NOSUCH1')
  expect(told).toMatchObject([{ person: 'U0NOSUCH1' }])
})

test('says yes when enough others are known to be there, and nothing while an outage hides one who is needed', async () => {
  const { people, slack } = await start()
  const of = { members: ['U0LEAD1', 'U0LEAD2'], except: null, enough: 1 }
  slack.fault({ name: 'web_api_error', method: 'users.info', error: 'internal_error' })
  expect(await people.countReachable(of, 2000)).toBe(1)
  slack.fault({ name: 'web_api_error', method: 'users.info', error: 'internal_error', times: 5 })
  expect(await people.countReachable({ ...of, members: ['U0AUDIT1', 'U0LEAD2'], enough: 2 }, 2000)).toBeNull()
})

test('looks up an e-mail address once, and anew when the person has another one', async () => {
  const { people, slack, calls, clock } = await start()
  slack.setPerson('U0LEAD2', { email: 'boss@example.com' })
  const count = (email = 'boss@example.com') =>
    people.countReachable({ members: [email], except: null, enough: 1 }, 2000)
  for (let time = 0; time < 5; time++) {
    expect(await count()).toBe(1)
    clock.now += 61_000
  }
  expect(calls('users.lookupByEmail')).toBe(1)
  slack.setPerson('U0LEAD2', { email: 'former@example.com' })
  slack.setPerson('U0LEAD1', { email: 'boss@example.com' })
  clock.now += 61_000
  expect(await count()).toBe(1)
  expect(calls('users.lookupByEmail')).toBe(2)
  expect(await people.named(['S0LEADS1', 'boss@example.com', 'U0AGENT1'], 2000)).toEqual([
    'S0LEADS1',
    'U0LEAD1',
    'U0AGENT1',
  ])
  for (let time = 0; time < 3; time++) expect(await count('nobody@example.com')).toBe(0)
  expect(calls('users.lookupByEmail')).toBe(3)
  expect(await people.named(['nobody@example.com'], 2000)).toEqual(['nobody@example.com'])
})

test('takes a workspace without user groups as one where nobody is in them', async () => {
  const { people, slack } = await start()
  slack.fault({
    name: 'web_api_error',
    method: 'usergroups.users.list',
    error: 'plan_upgrade_required',
    times: 9,
  })
  expect(
    await people.countReachable({ members: ['S0LEADS1', 'U0LEAD1'], except: null, enough: 1 }, 2000),
  ).toBe(1)
})

test('knows that somebody whom Slack does not know any more is nobody here, which is no delay of Slack’s', async () => {
  const { who } = await start()
  expect((await who('U0NOBODY')).person).toMatchObject({
    standing: 'other-workspace',
    email: null,
  })
})
