import type { Finding } from '../doctor/index.ts'
import { calendarDay } from '../domain/limit.ts'
import { mayNot, mayNotAct, mayNotDecide, type Person } from '../domain/permissions.ts'
import type { Stock } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { LedgerReads } from '../ledger/ledger.ts'
import { budgetOf, rightsOf } from './abilities.ts'
import { withAbsent } from './ask-slack.ts'
import type { GrantsDeps } from './deps.ts'
import { forDeciding } from './draw-cards.ts'
import { findStuck } from './find-grants.ts'
import type { Budget, FoundGrant, Rights } from './grants.ts'
import type { CardFacts } from './notifier.ts'
import type { StuckOutcome } from './operator-commands.ts'

/** What a person's Home shows, according to their roles. */
export interface HomeFacts {
  rights: Rights
  budget: Budget
  /** The grants that wait for this person's decision, newest first; null for a person who decides nothing. */
  waiting: {
    newest: { grant: FoundGrant['grant']; beside: CardFacts }[]
    count: number
    /** There are more than `count`: counting stops there. */
    isMore: boolean
  } | null
  /** The grants that this person asked for, newest first. */
  mine: { newest: Pick<FoundGrant, 'grant' | 'decisions'>[]; hasMore: boolean }
  /** For operators. */
  stuck: Extract<StuckOutcome, { kind: 'stuck' }> | null
  /** For operators: the findings of the last set-up check; null if there was none yet. */
  setUp: readonly Finding[] | null
  /** For auditors: what holds a place in the limits since the start of the month, by stock. */
  month: { stock: Stock; count: number; quota: number }[] | null
}

/** Each one with its facts and buttons. */
const MOST_WAITING = 5
const MOST_MINE = 5
/** How many pending grants to search, oldest first, for those that this person decides. */
const MOST_PENDING = 500

/** Reads what a person's Home shows. For a person who may do nothing here, `rights` says so. */
export async function homeOf(deps: GrantsDeps, person: Person): Promise<HomeFacts> {
  const rights = rightsOf(deps.policy(), person)
  const [budget, mine, month] = await Promise.all([
    budgetOf(deps, person),
    mineOf(deps, person),
    monthOf(deps, person),
  ])
  const operates = rights.roles.includes('operator')
  const stuck = operates ? await findStuck(deps, { by: { person } }) : null
  return {
    rights,
    budget,
    waiting: rights.decides ? await waitingFor(deps, person) : null,
    mine,
    stuck: stuck?.kind === 'stuck' ? stuck : null,
    setUp: operates ? deps.examined() : null,
    month,
  }
}

async function waitingFor(deps: GrantsDeps, given: Person): Promise<HomeFacts['waiting']> {
  const person = await withAbsent(deps, given)
  const { ledger, now } = deps
  const policy = deps.policy()
  const pending = await ledger.pendingGrants({ limit: MOST_PENDING })
  const decidable = pending.filter(
    (grant) =>
      mayNotDecide(policy, person, grant, deps.now()) === null &&
      now() < (grant.expiresAt ?? Number.POSITIVE_INFINITY),
  )
  const approved = await ledger.approvedBy({
    approver: person.id,
    grantIds: decidable.map(({ id }) => id),
  })
  const open = decidable.filter(({ id }) => !approved.has(id))
  const newest = open.toReversed().slice(0, MOST_WAITING)
  return {
    newest: await Promise.all(
      newest.map(async (grant) => ({
        grant,
        beside: {
          decisions: await ledger.decisionsOf(grant.id),
          settlement: null,
          forDeciding: await forDeciding(deps, grant),
        },
      })),
    ),
    count: open.length,
    isMore: pending.length === MOST_PENDING,
  }
}

async function mineOf({ ledger }: GrantsDeps, person: Person): Promise<HomeFacts['mine']> {
  if (mayNotAct(person)) return { newest: [], hasMore: false }
  const grants = await ledger.grantsOf({ of: { requester: person.id }, offset: 0, limit: MOST_MINE + 1 })
  const newest = await Promise.all(
    grants
      .slice(0, MOST_MINE)
      .map(async (grant) => ({ grant, decisions: await ledger.decisionsOf(grant.id) })),
  )
  return { newest, hasMore: grants.length > MOST_MINE }
}

async function monthOf(
  { ledger, policy, now }: { ledger: LedgerReads; policy: GrantsDeps['policy']; now: () => number },
  person: Person,
): Promise<HomeFacts['month']> {
  if (mayNot(policy(), person, ['auditor'])) return null
  const { stocks, timezone } = policy()
  const today = calendarDay(now(), timezone)
  const days = await ledger.usageByDay({
    kind: 'stock',
    owners: stocks.map(stockRefOf),
    // 20261124 → 20261101
    from: today - (today % 100) + 1,
  })
  return stocks.map((stock) => {
    const own = days.filter(({ owner }) => owner === stockRefOf(stock))
    const sum = (measure: 'count' | 'quota') => own.reduce((all, one) => all + one[measure], 0)
    return { stock, count: sum('count'), quota: sum('quota') }
  })
}
