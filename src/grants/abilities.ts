import { firstDay, type Limit, leavesWindow, limitOf } from '../domain/limit.ts'
import { decidesSome, mayNot, type Person, rolesOf } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { GrantsDeps } from './deps.ts'
import type { Abilities, Budget, BudgetLine, Rights } from './grants.ts'
import { LOOKS_UP, READS_HISTORY } from './list-coupons.ts'

/** What a person's roles allow. */
export function rightsOf(policy: Policy, person: Person): Rights {
  return {
    roles: rolesOf(policy, person),
    mayRequest: mayNot(policy, person, ['requester']),
    mayLookUp: mayNot(policy, person, LOOKS_UP),
    decides: decidesSome(policy, person),
    readsHistory: mayNot(policy, person, READS_HISTORY) === null,
  }
}

/** What a person may do, and what is left of their limits. */
export async function abilitiesOf(deps: GrantsDeps, person: Person): Promise<Abilities> {
  const { ledger } = deps
  const policy = deps.policy()
  const now = deps.now()
  const rights = rightsOf(policy, person)
  const { mayRequest, mayLookUp } = rights

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
  return { ...rights, stocks, requesterLimit, lookupsLeft: lookups?.left ?? null }
}

/** What is left of every limit that counts this person's next coupon or look-up, and when more becomes free. */
export async function budgetOf(deps: GrantsDeps, person: Person): Promise<Budget> {
  const { ledger } = deps
  const policy = deps.policy()
  const now = deps.now()
  const { mayRequest, mayLookUp } = rightsOf(policy, person)
  /** The lines of one limit, by one read for all its owners. */
  const linesOf = async (
    limit: Limit,
    counts: { kind: 'requester' | 'stock'; rule?: string },
    parts: { of: BudgetLine['of']; owner: string }[],
  ): Promise<BudgetLine[]> => {
    const from = firstDay(now, limit.days, policy.timezone)
    const owners = parts.map(({ owner }) => owner)
    const days = Map.groupBy(await ledger.usageByDay({ ...counts, owners, from }), ({ owner }) => owner)
    return parts.map(({ of, owner }) => {
      const own = days.get(owner) ?? []
      const sum = (measure: 'count' | 'quota') => own.reduce((all, one) => all + one[measure], 0)
      const first = Math.min(...own.map(({ day }) => day))
      return {
        of,
        limit,
        used: { count: sum('count'), quota: sum('quota') },
        moreAt: own.length > 0 ? leavesWindow(first, limit.days, policy.timezone) : null,
      }
    })
  }
  const { perUser, perRequester, perStock } = policy.limits
  const owner = person.id
  const rules = policy.approval.automatic.flatMap(({ name, perRequester: limit }) =>
    limit ? [{ name, limit }] : [],
  )
  const lines = mayRequest
    ? []
    : await Promise.all([
        ...(perRequester
          ? [linesOf(perRequester, { kind: 'requester' }, [{ of: { kind: 'requester' }, owner }])]
          : []),
        ...rules.map(({ name, limit }) =>
          linesOf(limit, { kind: 'requester', rule: name }, [{ of: { kind: 'rule', rule: name }, owner }]),
        ),
        ...(perStock
          ? [
              linesOf(
                perStock,
                { kind: 'stock' },
                policy.stocks.map((stock) => ({ of: { kind: 'stock', stock }, owner: stockRefOf(stock) })),
              ),
            ]
          : []),
      ])
  return {
    mayRequest,
    mayLookUp,
    lines: lines.flat(),
    perUser: mayRequest ? null : perUser,
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
