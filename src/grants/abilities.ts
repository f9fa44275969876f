import { limitOf } from '../domain/limit.ts'
import { decidesSome, mayNot, type Person, rolesOf } from '../domain/permissions.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { GrantsDeps } from './deps.ts'
import { READS_HISTORY } from './find-grants.ts'
import type { Abilities } from './grants.ts'
import { LOOKS_UP } from './list-coupons.ts'

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

  const { lookups } = policy.limits
  const lookupsLeft =
    mayLookUp || !lookups
      ? null
      : Math.max(
          0,
          lookups.perPerson -
            (await ledger.countLookups({ person: person.id, since: now - lookups.per })).count,
        )
  return {
    roles: rolesOf(policy, person),
    mayRequest,
    mayLookUp,
    decides: decidesSome(policy, person),
    readsHistory: mayNot(policy, person, READS_HISTORY) === null,
    stocks,
    requesterLimit,
    lookupsLeft,
  }
}
