import { firstDay, type Limit, leavesWindow, limitOf } from '../domain/limit.ts'
import { decidesSome, mayNot, type Person, rolesOf } from '../domain/permissions.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { GrantsDeps } from './deps.ts'
import type { Abilities, Budget, BudgetLine } from './grants.ts'
import { LOOKS_UP, READS_HISTORY } from './list-coupons.ts'

/** What a person may do and what is left of it. */
export async function abilitiesOf(deps: GrantsDeps, person: Person): Promise<Abilities> {
  const { ledger } = deps
  const policy = deps.policy()
  const now = deps.now()
  const mayRequest = mayNot(policy, person, ['requester'])
  const mayLookUp = mayNot(policy, person, LOOKS_UP)

  const offered = mayRequest ? [] : policy.stocks
  const perStock = limitOf(policy, 'stock', now)
  const usages = perStock
    ? await ledger.usageOfStocks({ stockRefs: offered.map(stockRefOf), from: perStock.from })
    : null
  const stocks = offered.map((stock) => {
    if (!perStock || !usages) return { stock, left: null }
    const used = usages.get(stockRefOf(stock)) ?? { count: 0, quota: 0 }
    const left = (measure: 'count' | 'quota') =>
      Math.max(0, (perStock[measure] ?? Number.POSITIVE_INFINITY) - used[measure])
    return { stock, left: { count: left('count'), quota: left('quota'), days: perStock.days } }
  })

  const perRequester = mayRequest ? null : limitOf(policy, 'requester', now)
  const requesterLimit = perRequester && {
    limit: perRequester,
    used: await ledger.usage({ by: { requester: person.id }, from: perRequester.from }),
  }

  const lookups = mayLookUp ? null : await lookupsOf(deps, person)
  return {
    roles: rolesOf(policy, person),
    mayRequest,
    mayLookUp,
    decides: decidesSome(policy, person),
    readsHistory: mayNot(policy, person, READS_HISTORY) === null,
    stocks,
    requesterLimit,
    lookupsLeft: lookups?.left ?? null,
  }
}

/** What is left of every limit that this person's next coupon or look-up counts in, and when it is more again. */
export async function budgetOf(deps: GrantsDeps, person: Person): Promise<Budget> {
  const { ledger } = deps
  const policy = deps.policy()
  const now = deps.now()
  const mayRequest = mayNot(policy, person, ['requester'])
  const mayLookUp = mayNot(policy, person, LOOKS_UP)
  const line = async (
    of: BudgetLine['of'],
    { from: _, ...limit }: Limit & { from?: number },
    counted: { kind: 'requester' | 'stock'; owner: string; rule?: string },
  ): Promise<BudgetLine> => {
    const { owner, ...counts } = counted
    const from = firstDay(now, limit.days, policy.timezone)
    const days = await ledger.usageByDay({ ...counts, owners: [owner], from })
    const sum = (measure: 'count' | 'quota') => days.reduce((all, one) => all + one[measure], 0)
    const first = Math.min(...days.map(({ day }) => day))
    return {
      of,
      limit,
      used: { count: sum('count'), quota: sum('quota') },
      moreAt: days.length > 0 ? leavesWindow(first, limit.days, policy.timezone) : null,
    }
  }
  const perRequester = mayRequest ? null : policy.limits.perRequester
  const perStock = mayRequest ? null : policy.limits.perStock
  const rules = mayRequest
    ? []
    : policy.approval.automatic.flatMap(({ name, perRequester: limit }) => (limit ? [{ name, limit }] : []))
  const requester = { kind: 'requester' as const, owner: person.id }
  const lines = await Promise.all([
    ...(perRequester ? [line({ kind: 'requester' }, perRequester, requester)] : []),
    ...rules.map(({ name, limit }) =>
      line({ kind: 'rule', rule: name }, limit, { ...requester, rule: name }),
    ),
    ...(perStock
      ? policy.stocks.map((stock) =>
          line({ kind: 'stock', stock }, perStock, { kind: 'stock', owner: stockRefOf(stock) }),
        )
      : []),
  ])
  return {
    mayRequest,
    mayLookUp,
    lines,
    perUser: mayRequest ? null : policy.limits.perUser,
    lookups: mayLookUp ? null : await lookupsOf(deps, person),
  }
}

async function lookupsOf(
  { ledger, policy, now }: GrantsDeps,
  { id: person }: Person,
): Promise<Budget['lookups']> {
  const { lookups } = policy().limits
  if (!lookups) return null
  const { count, oldestAt } = await ledger.countLookups({ person, since: now() - lookups.per })
  return {
    left: Math.max(0, lookups.perPerson - count),
    max: lookups.perPerson,
    per: lookups.per,
    moreAt: oldestAt === null ? null : oldestAt + lookups.per,
  }
}
