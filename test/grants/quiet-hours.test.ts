import { expect, test } from 'vitest'
import {
  approvalWith,
  clock,
  createSetting,
  HOUR,
  inputWith,
  recorded,
  type Setting,
  useWechatPay,
} from './setting.ts'

useWechatPay()

const MINUTE = 60_000
const lead = { id: 'U0LEAD01', email: null, groups: ['S0LEADS1'], standing: 'member' as const }
/** The clock begins at 14:00. */
const quiet = { from: 22 * 60, to: 8 * 60 }
const remind = { after: 2 * HOUR, every: 4 * HOUR }
const approval = approvalWith({ quiet, remind, expiresAfter: 72 * HOUR })

async function asked({ grants }: Setting) {
  return recorded(await grants.request(inputWith())).grant
}

/** All that is due, and that is about to be. */
async function tick({ grants, sql }: Setting) {
  await grants.drawDue()
  await grants.remindDue()
  await sql(`update notices set due_at = 0 where kind = 'outcome' and tries = 0 and due_at is not null`)
  await grants.tellNews()
}

const reminded = ({ news }: Setting) =>
  news.map(({ news: of }) => (of.kind === 'reminders' ? of.grantIds : of.kind))

test('reminds of several that are due within minutes in one message, and of one in its thread', async () => {
  const setting = await createSetting({ policy: { approval: { ...approval, quiet: null } } })
  const first = await asked(setting)
  clock.forward(4 * MINUTE)
  const second = await asked(setting)
  clock.forward(HOUR)
  const later = await asked(setting)
  clock.forward(HOUR - 4 * MINUTE)
  await tick(setting)
  expect(reminded(setting)).toEqual([[first.id, second.id]])
  clock.forward(HOUR + 5 * MINUTE)
  await tick(setting)
  expect(reminded(setting)).toEqual([[first.id, second.id], 'reminder'])
  expect((await setting.ledger.eventsOf(later.id)).at(-1)?.kind).toBe('reminded')
  // Each is reminded of again by its own message.
  clock.forward(3 * HOUR)
  await tick(setting)
  expect(reminded(setting)).toEqual([[first.id, second.id], 'reminder', [first.id, second.id]])
})

test('does not mix up who approves: each group is reminded of what it may decide', async () => {
  const levels = [{ stocks: ['withdraw-50'], aboveQuota: null, approvals: 1, approvers: ['S0HEADS1'] }]
  const setting = await createSetting({ policy: { approval: { ...approval, levels } } })
  for (const stock of ['withdraw-10', 'withdraw-10', 'withdraw-50']) await setting.give({ stock })
  clock.forward(2 * HOUR)
  await tick(setting)
  expect(setting.news.map(({ news }) => news.kind).toSorted()).toEqual(['reminder', 'reminders'])
})

test('reminds nobody in the quiet hours, and of all forty in one message after them', async () => {
  const setting = await createSetting({ policy: { approval } })
  clock.forward(7 * HOUR)
  const grants = []
  for (let asks = 0; asks < 40; asks++) grants.push(await asked(setting))
  for (let hours = 0; hours < 10; hours++) {
    clock.forward(HOUR)
    await tick(setting)
  }
  expect(setting.news).toEqual([])
  clock.forward(HOUR)
  await tick(setting)
  expect(reminded(setting)).toEqual([grants.map(({ id }) => id)])
  await tick(setting)
  expect(setting.news).toHaveLength(1)
})

test('tells requesters after the quiet hours what ended in them, together, and at once who asked in them', async () => {
  const setting = await createSetting({ policy: { approval } })
  const { grants } = setting
  const reject = (grantId: string) =>
    grants.decide({ person: lead, grantId, decision: 'reject', reason: 'no' })
  const [one, two] = [await asked(setting), await asked(setting)]
  await tick(setting)
  clock.forward(9 * HOUR)
  await reject(one.id)
  await reject(two.id)
  await tick(setting)
  expect(setting.ends).toEqual([])
  const late = await asked(setting)
  await tick(setting)
  await reject(late.id)
  await tick(setting)
  expect(setting.ends.map(({ outcomes }) => outcomes.map(({ grant }) => grant.id))).toEqual([[late.id]])
  clock.forward(9 * HOUR)
  await tick(setting)
  await tick(setting)
  expect(setting.ends.map(({ outcomes }) => outcomes.map(({ grant }) => grant.id))).toEqual([
    [late.id],
    [one.id, two.id],
  ])
})

test('keeps for the end of the quiet hours what Slack did not take before they began', async () => {
  let isAway = true
  const told: number[] = []
  const setting = await createSetting({
    policy: { approval },
    notifier: {
      tellOutcomes: async () => {
        if (isAway) throw new Error('Slack is away')
        told.push(clock.now())
        return true
      },
      remind: async () => {
        throw new Error('Slack is away')
      },
      tell: async () => {
        if (isAway) throw new Error('Slack is away')
        told.push(clock.now())
        return true
      },
    },
  })
  const { grants, sql } = setting
  clock.forward(5 * HOUR)
  const [ended, waiting] = [await asked(setting), await asked(setting)]
  await tick(setting)
  clock.forward(2.5 * HOUR)
  await grants.decide({ person: lead, grantId: ended.id, decision: 'reject', reason: 'no' })
  await tick(setting)
  isAway = false
  clock.forward(HOUR)
  await sql('update notices set due_at = 0 where due_at is not null')
  await tick(setting)
  expect(told).toEqual([])
  clock.forward(10 * HOUR)
  await tick(setting)
  expect(told).toHaveLength(2)
  expect((await setting.ledger.eventsOf(waiting.id)).at(-1)?.kind).toBe('reminded')
})
