import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { daysOf } from '../domain/period.ts'
import { findStock, type Policy } from '../domain/policy.ts'
import type { StoredEvent } from '../domain/seal.ts'
import { mchidOf } from '../domain/wechatpay-ids.ts'
import type { AuditReads, Differences, ReportedGrant } from '../ledger/ledger.ts'
import { parsePolicy } from '../policy/parse-policy.ts'

/** Coupons, what they cover, and what they cost if the policy says so; both in fen. */
export interface Sum {
  key: string
  name: string
  count: number
  quota: number
  /** Null: the policy doesn't say for some of them. */
  cost: number | null
}

/** What happened in a period, in figures that name no user. */
export interface MonthReport {
  coupons: Sum
  /** Coupons by the day they were given, for every day of the period. */
  days: { day: string; count: number; quota: number }[]
  /** What became of these coupons, as far as WeChat Pay's lists were read; for `used`, the fen that were used. */
  use: Record<'used' | 'expired' | 'open' | 'unknown', { count: number; quota: number }>
  /** Differences between WeChat Pay's lists and the grants that exist now, whenever the coupon was given. */
  differences: Differences
  by: Record<'stock' | 'reason' | 'requester' | 'approver' | 'rule', Sum[]>
  /** How many coupons were asked for, and how asks ended. */
  asked: Sum
  ended: Record<'refused' | 'rejected' | 'cancelled' | 'expired', number>
  /** By people, or by a rule; the ms that people took. */
  decided: {
    approved: number
    byRule: number
    rejected: number
    time: { median: number; longest: number } | null
  }
  settlements: { proposed: number; confirmed: number; withdrawn: number; corrected: number }
  pauses: { at: number; kind: 'paused' | 'resumed'; by: string; stock: string | null }[]
  policies: { at: number; from: string | null; to: string }[]
  /** Who looked up users, and who saw full openids. */
  lookups: { person: string; lookups: number; openids: number }[]
  erased: number
}

const DAY = 24 * 60 * 60 * 1000
const TOGETHER = 500
const dimensions = ['stock', 'reason', 'requester', 'approver', 'rule'] as const

/**
 * Adds up what happened in a period, from the trail, line by line: memory grows with the people and stocks in it, not
 * with the grants.
 * @param period epoch ms; `to` is not in it
 * @param timeZone the zone of its days
 */
export async function reportOn(
  reads: AuditReads,
  period: { from: number; to: number },
  timeZone: string,
): Promise<MonthReport> {
  const figures = createFigures(createCosts(reads), createDays(period, timeZone))
  for await (const batch of linesIn(reads, period)) {
    const ids = batch.flatMap(({ grant_id }) => grant_id ?? [])
    const grants = await reads.reported([...new Set(ids)])
    for (const event of batch) await figures.take(event, grants.get(event.grant_id ?? '') ?? null)
  }
  return { ...figures.end(), differences: await reads.differences() }
}

/**
 * Finds the lines of a period by the seals, with a day around them, because clocks differ between replicas and get set.
 */
async function* linesIn(
  reads: AuditReads,
  { from, to }: { from: number; to: number },
): AsyncGenerator<StoredEvent[]> {
  const { head, last: lastId } = await reads.about()
  const { after, last } = await reads.sealsOf({ from: from - DAY, to: to + DAY })
  const isToEnd = last === null || last.number === head?.number
  let batch: StoredEvent[] = []
  let read = 0
  for await (const event of reads.events({ after: after?.last ?? 0, upTo: isToEnd ? lastId : last.last })) {
    read += 1
    // Reading SQLite blocks the process, so others get a turn in between.
    if (read % TOGETHER === 0) await nextTurn()
    if (event.at < from || event.at >= to) continue
    batch.push(event)
    if (batch.length < TOGETHER) continue
    yield batch
    batch = []
  }
  yield batch
}

/** What a coupon cost, by the policy at the time of the ask. */
function createCosts(reads: AuditReads) {
  const policies = new Map<string, Policy | null>()
  return async ({ policy_hash, stock, stock_ref, appid }: ReportedGrant): Promise<number | null> => {
    if (!policies.has(policy_hash)) {
      const text = (await reads.policyText(policy_hash)) ?? ''
      const parsed = parsePolicy(text, { mchid: mchidOf(stock_ref), appid })
      policies.set(policy_hash, parsed.ok ? parsed.policy : null)
    }
    const policy = policies.get(policy_hash)
    return (policy && findStock(policy, stock)?.cost) ?? null
  }
}

const json = <T>(schema: z.ZodType<T>, data: string): T => schema.parse(JSON.parse(data))
const ofPause = z.object({ stock: z.string().nullable().optional() })
const ofPolicy = z.object({ from: z.string().nullable(), to: z.string() })
const ofSettled = z.object({ settlement: z.string().optional() })

/** Every day of a period, in order and still empty. */
function createDays(period: { from: number; to: number }, timeZone: string) {
  const days = daysOf(period, timeZone).map((one) => ({ ...one, count: 0, quota: 0 }))
  return {
    add(at: number, quota: number): void {
      const day = days.findLast(({ from }) => from <= at)
      if (!day) return
      day.count += 1
      day.quota += quota
    },
    end: (): MonthReport['days'] => days.map(({ day, count, quota }) => ({ day, count, quota })),
  }
}

function createFigures(
  costOf: (grant: ReportedGrant) => Promise<number | null>,
  days: ReturnType<typeof createDays>,
) {
  const coupons = newSum('all', '')
  const asked = newSum('all', '')
  const nothing = () => ({ count: 0, quota: 0 })
  const use = { used: nothing(), expired: nothing(), open: nothing(), unknown: nothing() }
  const by = Object.fromEntries(dimensions.map((name) => [name, new Map<string, Sum>()])) as Record<
    (typeof dimensions)[number],
    Map<string, Sum>
  >
  const ended = { refused: 0, rejected: 0, cancelled: 0, expired: 0 }
  const decided = { approved: 0, byRule: 0, rejected: 0 }
  const times: number[] = []
  const settlements = { proposed: 0, confirmed: 0, withdrawn: 0, corrected: 0 }
  const pauses: MonthReport['pauses'] = []
  const policies: MonthReport['policies'] = []
  const lookups = new Map<string, { lookups: number; openids: number }>()
  let erased = 0

  async function addCoupon(grant: ReportedGrant, at: number): Promise<void> {
    const cost = await costOf(grant)
    add(coupons, grant.quota, cost)
    days.add(at, grant.quota)
    const became = useOf(grant)
    use[became].count += 1
    use[became].quota += became === 'used' ? (grant.used ?? grant.quota) : grant.quota
    const keys: Record<(typeof dimensions)[number], [key: string, name: string][]> = {
      stock: [[grant.stock_ref, grant.stock]],
      reason: [[grant.reason, grant.reason]],
      requester: [[grant.requester, grant.requester]],
      approver: grant.approvers.map((id) => [id, id]),
      rule: grant.approved_by_rule === null ? [] : [[grant.approved_by_rule, grant.approved_by_rule]],
    }
    for (const name of dimensions)
      for (const [key, called] of keys[name]) {
        const sum = by[name].get(key) ?? newSum(key, called)
        by[name].set(key, sum)
        // The stock's latest name in this period.
        sum.name = called
        add(sum, grant.quota, cost)
      }
  }
  function looked(person: string, what: 'lookups' | 'openids'): void {
    const counted = lookups.get(person) ?? { lookups: 0, openids: 0 }
    counted[what] += 1
    lookups.set(person, counted)
  }

  return {
    async take({ kind, actor, at, data, grant_id }: StoredEvent, grant: ReportedGrant | null) {
      switch (kind) {
        case 'requested':
          if (grant) add(asked, grant.quota, await costOf(grant))
          return
        case 'approved-by-rule':
          decided.byRule += 1
          return
        case 'approve':
          decided.approved += 1
          if (grant) times.push(at - grant.created_at)
          return
        case 'reject':
          decided.rejected += 1
          ended.rejected += 1
          if (grant) times.push(at - grant.created_at)
          return
        case 'issue':
        case 'correct':
          if (grant) await addCoupon(grant, at)
          if (kind === 'correct') settlements.corrected += 1
          else if (json(ofSettled, data).settlement) settlements.confirmed += 1
          return
        case 'refuse':
          ended.refused += 1
          if (json(ofSettled, data).settlement) settlements.confirmed += 1
          return
        case 'cancel':
          ended.cancelled += 1
          return
        case 'expire':
          ended.expired += 1
          return
        case 'settlement-proposed':
          settlements.proposed += 1
          return
        case 'settlement-withdrawn':
          settlements.withdrawn += 1
          return
        case 'paused':
        case 'resumed':
          // With a grant id, the line says that the grant continued.
          if (grant_id === null)
            pauses.push({ at, kind, by: actor, stock: json(ofPause, data).stock ?? null })
          return
        case 'policy-in-force':
          policies.push({ at, ...json(ofPolicy, data) })
          return
        case 'look-up':
          looked(actor, 'lookups')
          return
        case 'openid-shown':
          looked(actor, 'openids')
          return
        case 'erased':
          erased += 1
          return
      }
    },
    end(): Omit<MonthReport, 'differences'> {
      times.sort((one, other) => one - other)
      const longest = times.at(-1)
      const median = times[Math.floor((times.length - 1) / 2)]
      return {
        coupons,
        days: days.end(),
        use,
        by: Object.fromEntries(
          dimensions.map((name) => [name, mostFirst([...by[name].values()])]),
        ) as MonthReport['by'],
        asked,
        ended,
        decided: {
          ...decided,
          time: median === undefined || longest === undefined ? null : { median, longest },
        },
        settlements,
        pauses,
        policies,
        lookups: [...lookups]
          .map(([person, counted]) => ({ person, ...counted }))
          .sort((one, other) => other.lookups - one.lookups || (one.person < other.person ? -1 : 1)),
        erased,
      }
    },
  }
}

/** What became of a coupon, as last listed. For a used-up coupon, WeChat Pay may not say how much was used. */
function useOf({ coupon_state, used }: ReportedGrant): keyof MonthReport['use'] {
  if ((used ?? 0) > 0 || coupon_state === 'USED') return 'used'
  if (coupon_state === 'EXPIRED') return 'expired'
  return coupon_state === null ? 'unknown' : 'open'
}

const newSum = (key: string, name: string): Sum => ({ key, name, count: 0, quota: 0, cost: 0 })

function add(sum: Sum, quota: number, cost: number | null): void {
  sum.count += 1
  sum.quota += quota
  sum.cost = sum.cost === null || cost === null ? null : sum.cost + cost
}

const mostFirst = (sums: Sum[]) =>
  sums.sort((one, other) => other.count - one.count || (one.key < other.key ? -1 : 1))
