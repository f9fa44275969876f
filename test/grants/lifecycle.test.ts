import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import {
  type Grant,
  type GrantState,
  grantSteps,
  isOpen,
  reservingStates,
  stepOf,
} from '../../src/domain/grant.ts'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import type { FaultSpec } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import { engines } from '../ledger/engines.ts'
import {
  agent,
  approvalWith,
  clientOptions,
  clock,
  createSetting,
  HOUR,
  inputWith,
  policyOf,
  requestAnother,
  type Setting,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

/** Requesters and approvers; the second is both. */
const people: Person[] = [
  agent,
  { ...agent, id: 'U0LEAD1', groups: ['S0AGENTS', 'S0LEADS1'] },
  { ...agent, id: 'U0LEAD2', groups: ['S0LEADS1'] },
]

const policies: Partial<Policy>[] = [1, 2].map((approvals) => ({
  hash: `needs ${approvals}`,
  approval: approvalWith({
    approvals,
    expiresAfter: 4 * HOUR,
    issueWithin: 6 * HOUR,
    automatic: [
      {
        name: 'first',
        stocks: null,
        reasons: null,
        upToQuota: 1000,
        perRequester: { count: 2, quota: null, days: 1 },
        perUser: null,
      },
    ],
  }),
  limits: {
    perUser: { count: approvals + 1, quota: null, days: 1 },
    perRequester: { count: null, quota: 20_000, days: 7 },
    perStock: { count: 6, quota: null, days: 1 },
    lookups: null,
  },
}))

const faults: (FaultSpec | null)[] = [
  null,
  null,
  { name: 'no-answer-after' },
  { name: 'reset-before' },
  { name: 'reset-after' },
  { name: 'server-error', after: true },
  { name: 'too-many-requests' },
  { name: 'bad-signature' },
  { name: 'refuse', code: 'RULE_LIMIT' },
  { name: 'refuse', code: 'NO_AUTH' },
  { name: 'limits-before-idempotency', times: 1 },
]

const isSilent = (fault: FaultSpec | null | undefined) => fault?.name === 'no-answer-after'

const of = (max: number) => fc.nat({ max })
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who: of(1),
      user: of(2),
      stock: of(1),
      form: of(11),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('approve' as const, 'reject' as const, 'cancel' as const),
      who: of(2),
      which: of(9),
      twice: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('issue' as const), fault: of(faults.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policy' as const), which: of(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 5) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

test.each(
  engines,
)('takes only steps of the table, passes no limit and loses no reservation, whatever happens (%s)', async (engine) => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
      const play = await createPlay(engine)
      for (const one of operations) {
        await play.run(one)
        await play.check()
      }
      await play.settle()
    }),
    // On a slow machine fewer, and a failure is told though it could not be made small.
    { numRuns: engine === 'sqlite' ? 8 : 3, interruptAfterTimeLimit: 60_000 },
  )
})

async function createPlay(engine: (typeof engines)[number]) {
  const setting = await createSetting({ engine, policy: policies[0] ?? {} })
  const hasty = createWechatPay({ ...clientOptions(), timeouts: { total: 200 } })
  onTestFinished(() => hasty.close())
  const { grants, ledger } = setting
  const session = crypto.randomUUID()
  const users = [0, 1, 2].map((user) => `o${session.replaceAll('-', '').slice(0, 26)}${user}`)
  const before = new Map<string, GrantState>()

  return {
    async run(one: Operation): Promise<void> {
      switch (one.do) {
        case 'ask':
          return ask(setting, one, users, session)
        case 'approve':
        case 'reject':
        case 'cancel': {
          const all = await allGrants(setting)
          const grant = all[one.which % Math.max(1, all.length)]
          const person = people[one.who] ?? agent
          const input = {
            person,
            grantId: grant?.id ?? 'none',
            reason: one.do === 'approve' ? null : 'because',
          }
          for (let times = one.twice ? 2 : 1; times > 0; times--)
            await (one.do === 'cancel' ? grants.cancel(input) : grants.decide({ ...input, decision: one.do }))
          return
        }
        case 'issue': {
          const fault = faults[one.fault]
          if (fault) wechatpay().fault(fault)
          await setting.passWaits()
          // No other answer is given up, however late it is.
          const { issue } = isSilent(fault) ? setting.worker({ wechatpay: hasty }) : setting
          await issue()
          wechatpay().clearFaults()
          return
        }
        case 'crash':
          await setting.passWaits()
          await ledger.claimDue({ worker: 'the one that dies', lease: 60_000 })
          return setting.passLeases()
        case 'policy':
          setting.policy = policyOf(policies[one.which])
          return
        case 'wait':
          clock.forward(one.hours * HOUR)
          await grants.expireDue()
          return
      }
    },

    async check(): Promise<void> {
      const all = await allGrants(setting)
      for (const grant of all) {
        expect(reachable(before.get(grant.id) ?? null)).toContain(grant.state)
        before.set(grant.id, grant.state)
        const decisions = await ledger.decisionsOf(grant.id)
        const approvals = decisions.filter(({ kind }) => kind === 'approve')
        expect(approvals.map(({ approver }) => approver)).not.toContain(grant.requester)
        if (grant.approvalsNeeded > 0 && ['approved', 'issuing', 'issued', 'refused'].includes(grant.state))
          expect(approvals.length).toBeGreaterThanOrEqual(grant.approvalsNeeded)
      }
      await checkReservations(setting, all, users)
      checkCoupons(all, users)
    },

    /** Without faults everything that was approved comes to its end, but for what people must look at. */
    async settle(): Promise<void> {
      for (let round = 0; round < 12; round++) {
        await setting.passLeases()
        await setting.passWaits()
        if ((await setting.issue()) === 0) break
      }
      const all = await allGrants(setting)
      const open = all.filter(
        ({ state, flag }) => isOpen(state) && state !== 'pending' && flag?.kind !== 'needs-look',
      )
      expect(open.map(({ state, flag, hold }) => ({ state, flag, hold }))).toEqual([])
      checkCoupons(all, users)
    },
  }
}

async function ask(
  setting: Setting,
  one: Extract<Operation, { do: 'ask' }>,
  users: string[],
  session: string,
) {
  const openid = users[one.user] ?? ''
  const stock = ['withdraw-10', 'withdraw-50'][one.stock] ?? ''
  const person = people[one.who] ?? agent
  const outcome = await requestAnother(
    setting.grants,
    inputWith({
      person,
      submission: `${session}/${one.form}`,
      ask: { openid, stock, reason: 'outage', note: null, ticket: null },
    }),
  )
  if (outcome.kind !== 'recorded' || outcome.repeated) return
  const { perUser, perStock } = setting.policy.limits
  const held = (await allGrants(setting)).filter((grant) =>
    (reservingStates as readonly string[]).includes(grant.state),
  )
  const today = held.filter(({ createdAt }) => createdAt > clock.now() - HOUR)
  expect(today.filter((grant) => grant.openid === openid).length).toBeLessThanOrEqual(perUser?.count ?? 0)
  expect(today.filter((grant) => grant.stock === stock).length).toBeLessThanOrEqual(perStock?.count ?? 0)
}

async function allGrants({ sql, ledger }: Setting): Promise<Grant[]> {
  const rows = await sql('select id from grants order by id')
  const grants = await Promise.all(rows.map(({ id }) => ledger.grant(String(id))))
  return grants.filter((grant) => grant !== null)
}

/** Every state that the table lets a grant come to, by any number of steps; null: one that is recorded. */
function reachable(from: GrantState | null): GrantState[] {
  const found = new Set<GrantState>(from ? [from] : ['pending', 'approved'])
  if (from === null) return [...found]
  for (const _ of grantSteps)
    for (const step of grantSteps) {
      const { from: starts, to } = stepOf(step)
      if (starts.some((start) => found.has(start))) found.add(to)
    }
  return [...found]
}

async function checkReservations({ ledger }: Setting, all: Grant[], users: string[]): Promise<void> {
  for (const openid of users) {
    const mine = all.filter(
      (grant) => grant.openid === openid && (reservingStates as readonly string[]).includes(grant.state),
    )
    const quota = mine.reduce((sum, grant) => sum + grant.quota, 0)
    expect(await ledger.usage({ by: { openid }, from: 0 })).toEqual({ count: mine.length, quota })
  }
}

function checkCoupons(all: Grant[], users: string[]): void {
  const coupons = wechatpay()
    .coupons()
    .filter(({ openid }) => users.includes(openid))
  const numbers = coupons.map(({ send_request_no }) => send_request_no)
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const grant of all) {
    const coupon = coupons.find(({ send_request_no }) => send_request_no === grant.sendRequestNo)
    if (grant.state === 'issued') expect(grant.couponId).toBe(coupon?.coupon_id)
    else if (coupon) expect(grant.state).toBe('issuing')
  }
}
