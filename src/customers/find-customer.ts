import type { Refusal } from '../domain/ask.ts'
import { openidProblemOf } from '../domain/ask.ts'
import {
  cleanNumber,
  type FindKind,
  type FoundBy,
  findKinds,
  isMalformed,
  kindsByForm,
  kindsFor,
  lookupsReached,
  maskedNumber,
  numberAs,
  type PayKind,
  payKinds,
} from '../domain/customer.ts'
import { mayNot, type Person } from '../domain/permissions.ts'
import type { CustomerRules, Policy, Role } from '../domain/policy.ts'
import { CommitUncertainError, type Ledger, LedgerBusyError } from '../ledger/ledger.ts'
import type { WechatPay } from '../wechatpay/index.ts'
import { type Endpoint, EndpointError, type EndpointFault } from './endpoint.ts'
import { askComplaint, askOrder, lookUpFault } from './orders.ts'

/** Who may find a user: anybody who can do something with the result. */
const FINDS: readonly [Role, ...Role[]] = ['requester', 'viewer', 'auditor', 'operator']

export interface FindInput {
  person: Person
  /** Key; null: decide by the form. */
  kind: string | null
  /** As typed. */
  value: string
}

/** A user, with what lets a person recognise them. */
export interface CustomerMatch {
  openid: string
  appid: string
  foundBy: FoundBy
  /** Whether the payment was refunded; null: not an order. */
  state: 'paid' | 'refunded' | null
  /** From the merchant's endpoint. */
  label: string | null
  hint: string | null
}

/** Why a number leads to nobody. */
export type NotFound =
  | { code: 'nothing'; of: FindKind; mchid: string | null }
  /** `state`: WeChat Pay's, such as NOTPAY or CLOSED. */
  | { code: 'unpaid'; state: string }
  | { code: 'other-appid'; appid: string }
  | { code: 'other-merchant'; mchid: string }
  /** Paid, but WeChat Pay doesn't say by whom. */
  | { code: 'no-payer' }
  /** A complaint that isn't about an order. */
  | { code: 'no-order' }
  /**
   * WeChat Pay couldn't be asked or trusted, or refused the question. `failure`: its code,
   * or one as for lists of coupons.
   */
  | { code: 'wechatpay'; failure: string }
  | { code: 'endpoint'; fault: EndpointFault }

export type FindOutcome =
  | { kind: 'refused'; refusal: Refusal }
  /** Nothing was recorded or asked: the ledger couldn't be written in time. */
  | { kind: 'busy' }
  /** Nothing was asked. `fit`: the kinds that the text may be of; empty: none. */
  | { kind: 'which'; fit: FindKind[] }
  /** Nothing was asked: no number of this kind looks like that. */
  | { kind: 'malformed'; of: FindKind }
  /** `problems`: why some or all of it leads to nobody. `more`: there are more users than these. */
  | { kind: 'found'; matches: CustomerMatch[]; more: boolean; problems: NotFound[] }

export interface Customers {
  /** The kinds of number by which a user can be found here; empty: none. */
  kinds(): FindKind[]
  /** Why this person may not find anybody, or null. */
  mayNotFind(person: Person): Refusal | null
  /** The kinds of number whose form a text has, if it isn't an openid. */
  recognise(text: string): FindKind[]
  /** Looks a user up, which counts as a look-up. What was looked up is neither stored nor logged. */
  find(input: FindInput): Promise<FindOutcome>
}

export interface CustomersDeps {
  ledger: Pick<Ledger, 'write'>
  wechatpay: WechatPay
  /** Null: CUSTOMER_LOOKUP_SECRET is not set. */
  endpoint: Endpoint | null
  /** The merchant who signs the requests. */
  mchid: string
  policy: () => Policy
  /** Epoch ms, the business clock. */
  now: () => number
  logger: { warn(fields: object, message: string): void }
}

/** Builds the use case that finds users. */
export function createCustomers(deps: CustomersDeps): Customers {
  const kinds = () => findKinds(deps.policy(), deps.endpoint !== null)
  const mayNotFind = (person: Person) => mayNot(deps.policy(), person, FINDS)
  return {
    kinds,
    mayNotFind,
    recognise(text) {
      const { customers } = deps.policy()
      if (openidProblemOf(deps.policy(), cleanNumber(text)) === null) return []
      const fit = kindsByForm(customers, kinds(), text)
      return kinds().filter(({ key }) => fit.includes(key))
    },
    async find({ person, kind, value }) {
      const policy = deps.policy()
      const offered = kinds()
      const refusal = mayNotFind(person)
      if (refusal) return { kind: 'refused', refusal }
      const chosen = kind === null ? kindsFor(policy.customers, offered, value) : [kind]
      const fit = offered.filter(({ key }) => chosen.includes(key))
      const [of] = fit
      if (!policy.customers || !of || fit.length > 1) return { kind: 'which', fit }
      if (isMalformed(policy.customers, of.key, value)) return { kind: 'malformed', of }
      const number = numberAs(policy.customers, of.key, value)
      const uncounted = await count(deps, policy, person, of.key)
      if (uncounted) return uncounted
      return (payKinds as readonly string[]).includes(of.key)
        ? atWechatPay(deps, policy, policy.customers, of.key as PayKind, number)
        : atEndpoint(deps, policy, policy.customers, person, of, number)
    },
  }
}

/** Counts a look-up within the policy's limit, before anything is asked. @returns why it isn't counted */
async function count(
  { ledger, now }: CustomersDeps,
  policy: Policy,
  person: Person,
  find: string,
): Promise<FindOutcome | null> {
  try {
    return await ledger.write(async (tx) => {
      const { lookups } = policy.limits
      const made = lookups && (await tx.countLookups({ person: person.id, since: now() - lookups.per }))
      const refusal = made && lookupsReached(policy, made, now())
      if (refusal) return { kind: 'refused', refusal }
      await tx.event({ kind: 'look-up', actor: person.id, data: { stock: null, find } })
      return null
    })
  } catch (error) {
    // Whether it was counted doesn't matter to the person: nothing was looked up.
    if (error instanceof LedgerBusyError || error instanceof CommitUncertainError) return { kind: 'busy' }
    throw error
  }
}

async function atWechatPay(
  deps: CustomersDeps,
  policy: Policy,
  customers: CustomerRules,
  kind: PayKind,
  number: string,
): Promise<FindOutcome> {
  const asked = { ...deps, policy, subMchids: customers.subMchids }
  const result = await (kind === 'complaint'
    ? askComplaint(asked, number)
    : askOrder(asked, kind, number)
  ).catch((error: unknown) => {
    const failure = lookUpFault(error)
    deps.logger.warn({ err: error, kind }, 'a user could not be looked up at WeChat Pay')
    return { matches: [], problems: [{ code: 'wechatpay', failure } satisfies NotFound] }
  })
  // A user may have paid several of a complaint's orders: keep one match, the newest.
  const once = new Map(result.matches.map((match) => [`${match.appid} ${match.openid}`, match]))
  return { kind: 'found', ...result, matches: [...once.values()], more: false }
}

async function atEndpoint(
  deps: CustomersDeps,
  policy: Policy,
  { endpoint: url }: CustomerRules,
  person: Person,
  { key, name }: FindKind,
  value: string,
): Promise<FindOutcome> {
  const appids = [...new Set(policy.stocks.map(({ appid }) => appid))]
  try {
    const question = { kind: key, value, appids, askedBy: person.id }
    const { matches = [], more } = (await deps.endpoint?.ask(url ?? '', question)) ?? {}
    const foundBy = { kind: key, name, number: maskedNumber(value), amount: null, at: null }
    const others = matches.filter(({ appid }) => !appids.includes(appid))
    // Keep one of each user.
    const usable = matches.filter(
      ({ appid, openid }, at) =>
        appids.includes(appid) &&
        matches.findIndex((one) => one.appid === appid && one.openid === openid) === at,
    )
    if (usable.some(({ openid }) => openidProblemOf(policy, openid) !== null))
      throw new EndpointError('odd', 'what it calls an openid is none')
    const problems: NotFound[] = [...new Set(others.map(({ appid }) => appid))].map((appid) => ({
      code: 'other-appid',
      appid,
    }))
    if (matches.length === 0) problems.push({ code: 'nothing', of: { key, name }, mchid: null })
    return {
      kind: 'found',
      matches: usable.map(({ openid, appid, label, hint }) => ({
        openid,
        appid,
        foundBy,
        state: null,
        label: label || null,
        hint: hint || null,
      })),
      more: more ?? false,
      problems,
    }
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error
    deps.logger.warn(
      { err: error, kind: key, fault: error.fault },
      'the look-up of users could not be asked or believed',
    )
    return { kind: 'found', matches: [], more: false, problems: [{ code: 'endpoint', fault: error.fault }] }
  }
}
