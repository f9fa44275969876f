import { afterAll, afterEach, beforeAll, inject, onTestFinished } from 'vitest'
import type { Ask } from '../../src/domain/ask.ts'
import type { Card, Place as CardPlace } from '../../src/domain/card.ts'
import type { Grant } from '../../src/domain/grant.ts'
import type { CountedHold } from '../../src/domain/hold.ts'
import type { Notice } from '../../src/domain/news.ts'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import {
  createGrants,
  type Grants,
  type GrantsDeps,
  type Notifier,
  type Outcome,
  type RequestInput,
  type RequestOutcome,
} from '../../src/grants/index.ts'
import type { Ledger, LedgerOptions } from '../../src/ledger/ledger.ts'
import {
  startWechatPaySandbox,
  type WechatPaySandbox,
  type WechatPaySandboxOptions,
} from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import { type EngineName, openOn, type Place } from '../ledger/engines.ts'
import { NOON, policyWith } from '../slack/builders.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

let shared: WechatPaySandbox | undefined
let time = NOON
let users = 0

/** Starts one WeChat Pay for the tests of a file. Each test begins at noon, without faults. */
export function useWechatPay(options: WechatPaySandboxOptions = {}): void {
  beforeAll(async () => {
    shared = await startWechatPaySandbox({
      keys: inject('wechatpayKeys'),
      stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
      now: () => time,
      ...options,
    })
  })
  afterEach(() => {
    shared?.clearFaults()
    time = NOON
  })
  afterAll(() => shared?.close())
}

export function wechatpay(): WechatPaySandbox {
  if (!shared) throw new Error('call useWechatPay() at the top of the file')
  return shared
}

/** The business clock, shared by the app and WeChat Pay. */
export const clock = {
  now: () => time,
  forward: (ms: number) => {
    time += ms
  },
}

/** The openid of a user that no other test knows. */
export function newOpenid(): string {
  users += 1
  return `oTESTuser${String(users).padStart(19, '0')}`
}

export const agent: Person = { id: 'U0AGENT1', email: null, groups: ['S0AGENTS'], standing: 'member' }

/** Approves everything automatically without limits, for stocks that the test's WeChat Pay has. */
export function policyOf(change: Partial<Policy> = {}): Policy {
  const { mchid, appid } = wechatpay().info
  const policy = policyWith()
  const rule = {
    name: 'all',
    stocks: null,
    reasons: null,
    upToQuota: null,
    perRequester: null,
    perUser: null,
  }
  return {
    ...policy,
    stocks: policy.stocks.map((stock) => ({ ...stock, mchid, appid })),
    approval: { ...policy.approval, automatic: [rule] },
    ...change,
  }
}

/** One person decides everything, within a day. */
export function approvalWith(change: Partial<Policy['approval']> = {}): Policy['approval'] {
  return { ...policyWith().approval, ...change }
}

export function askWith(change: Partial<Ask> = {}): Ask {
  return { openid: newOpenid(), stock: 'withdraw-10', reason: 'outage', note: null, ticket: null, ...change }
}

let forms = 0
/** A form that is filled in correctly and was never submitted before. */
export function inputWith(change: Partial<RequestInput> = {}): RequestInput {
  forms += 1
  const submission = `V${forms}`
  return {
    person: agent,
    ask: askWith(),
    submission,
    another: null,
    language: 'en',
    viewId: null,
    ...change,
  }
}

/** Asks, and says yes to "another one?" each time. */
export async function requestAnother(
  grants: Pick<Grants, 'request'>,
  input: RequestInput,
): Promise<RequestOutcome> {
  const outcome = await grants.request(input)
  return outcome.kind === 'another'
    ? requestAnother(grants, { ...input, another: outcome.previous.id })
    : outcome
}

/** The recorded grant; fails the test if nothing was recorded. */
export function recorded(outcome: RequestOutcome) {
  if (outcome.kind !== 'recorded') throw new Error(JSON.stringify(outcome))
  return outcome
}

/** The refusals of an ask, with their fields. */
export function codes(outcome: RequestOutcome) {
  if (outcome.kind !== 'refused') throw new Error(`not refused: ${outcome.kind}`)
  return outcome.problems.map(({ field, refusal }) => [field, refusal.code])
}

export interface Worker {
  grants: Grants
  /**
   * Starts everything that is due, lost attempts included, and waits until all of it has ended.
   * @returns how many started
   */
  issue(): Promise<number>
}

export interface Setting extends Worker {
  ledger: Ledger
  sql: Place['sql']
  open: Place['open']
  /** A change takes effect at once. */
  policy: Policy
  log: { level: string; fields: Record<string, unknown>; message: string }[]
  /** What the notifier drew and announced. */
  drawn: { card: Card; grant: Grant }[]
  told: CountedHold[]
  news: Notice[]
  /** The ends that requesters were told, by message. */
  ends: { notice: Notice; outcomes: readonly Outcome[] }[]
  /** The messages that were deleted. */
  taken: CardPlace[]
  /** How often the worker was woken. */
  wakes(): number
  /** Asks for a coupon as an agent. @throws if the grant is not recorded */
  give(ask?: Partial<Ask>): Promise<Grant>
  /** The grant's current state in the ledger. */
  now(grant: Grant): Promise<Grant>
  /** Lets all waits pass: back-offs, probes and cards. */
  passWaits(): Promise<void>
  /** Lets every lease expire. */
  passLeases(): Promise<void>
  /** A second worker on the same ledger, or on a given one. */
  worker(change?: Partial<GrantsDeps>): Worker
}

/** The use cases on a real ledger, a real client and the shared WeChat Pay; closed when the test ends. */
export async function createSetting(
  options: {
    engine?: EngineName
    /** The place of an existing ledger; by default a new one. */
    place?: Place
    ledger?: Partial<LedgerOptions>
    policy?: Partial<Policy>
    client?: Partial<WechatPayOptions>
    notifier?: Partial<Notifier>
    deps?: Partial<GrantsDeps>
    /** False: no answer has been verified yet, as when a process starts. */
    proven?: boolean
  } = {},
): Promise<Setting> {
  const ledgerOptions = { now: clock.now, ...options.ledger }
  const { ledger, sql, open } = options.place
    ? { ...options.place, ledger: await options.place.open(ledgerOptions) }
    : await openOn(options.engine ?? 'sqlite', ledgerOptions)
  const client = createWechatPay({ ...clientOptions(), ...options.client })
  onTestFinished(() => client.close())
  if (options.proven !== false) await client.prove(undefined, { timeout: 60_000 })

  const log: Setting['log'] = []
  const write = (level: string) => (fields: object, message: string) => {
    log.push({ level, fields: { ...fields }, message })
  }
  const drawn: Setting['drawn'] = []
  const told: CountedHold[] = []
  const news: Notice[] = []
  const taken: CardPlace[] = []
  const ends: Setting['ends'] = []
  const notifier: Notifier = {
    async draw(card, grant) {
      drawn.push({ card, grant })
      return { place: card.place ?? placeOf(card) }
    },
    async reach({ enough }) {
      return { people: enough, channel: null }
    },
    async who(ids) {
      return ids.map((id) => ({ id, email: null, groups: ['S0LEADS1'], standing: 'member' as const }))
    },
    async tell(notice) {
      news.push(notice)
      return true
    },
    async remind(notice, asks) {
      const grantIds = asks.map(({ grant }) => grant.id)
      if (notice.news.kind === 'reminders') news.push({ ...notice, news: { ...notice.news, grantIds } })
    },
    async tellOutcomes(notice, outcomes) {
      ends.push({ notice, outcomes })
      return true
    },
    async tellHold(hold, place) {
      told.push(hold)
      return place ?? { channel: 'C0ALERTS1', ts: hold.id }
    },
    async takeAway(place) {
      taken.push(place)
    },
    async stands() {
      return true
    },
    ...options.notifier,
  }
  let wakes = 0
  let woken = Promise.withResolvers<void>()

  function worker(change: Partial<GrantsDeps> = {}): Worker {
    const deps: GrantsDeps = {
      ledger,
      wechatpay: client,
      notifier,
      policy: () => setting.policy,
      now: clock.now,
      logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      worker: 'worker-1',
      lease: 30_000,
      cardLease: 60_000,
      rate: 1_000_000,
      atOnce: 16,
      signSeal: null,
      examine: async () => [{ code: 'clock-good', values: {} }],
      examined: () => null,
      // Nothing is retried by itself, however long a test takes: `passWaits` lets the waits pass.
      random: () => 1e6,
      ...options.deps,
      ...change,
      wake() {
        wakes += 1
        woken.resolve()
        woken = Promise.withResolvers()
      },
    }
    const grants = createGrants(deps)
    const isOver = async () => (await sql('select 1 from attempts where ended_at is null')).length === 0
    return {
      grants,
      async issue() {
        await grants.endLost()
        const begun = await grants.issueDue()
        for (;;) {
          const { promise } = woken
          if (await isOver()) return begun
          await promise
        }
      },
    }
  }

  const setting: Setting = {
    ...({} as Worker),
    ledger,
    sql,
    open,
    policy: policyOf(options.policy),
    log,
    drawn,
    told,
    news,
    ends,
    taken,
    wakes: () => wakes,
    async give(ask) {
      const outcome = await requestAnother(setting.grants, inputWith({ ask: askWith(ask) }))
      if (outcome.kind !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(outcome)}`)
      return outcome.grant
    },
    async now({ id }) {
      const grant = await ledger.grant(id)
      if (!grant) throw new Error('the grant has vanished')
      return grant
    },
    async passWaits() {
      await sql('update grants set due_at = 0 where due_at is not null')
      await sql('update holds set probe_at = 0')
      await sql('update pace set next_us = 0')
      await sql('update cards set due_at = 0 where due_at is not null')
    },
    async passLeases() {
      await sql('update grants set lease_until = 0 where lease_until is not null')
      await sql('update cards set lease_until = 0 where lease_until is not null')
    },
    worker,
  }
  return Object.assign(setting, worker())
}

export function clientOptions(): WechatPayOptions {
  const { info, privateKey, publicKey } = wechatpay()
  const { mchid, merchantSerial, baseUrl, publicKeyId } = info
  return {
    mchid,
    merchantSerial,
    privateKey,
    publicKey: { id: publicKeyId, pem: publicKey },
    baseUrls: [baseUrl],
  }
}

let ownPorts = 0

/** A WeChat Pay for this test alone, with the same keys, that can go away and come back. */
export async function startOwnWechatPay(change: WechatPaySandboxOptions = {}) {
  // Below the ports that systems assign: while it is away, no other stand-in with the same keys may get its port.
  const port = 20_000 + ((process.pid * 10 + ownPorts++) % 10_000)
  const options = {
    port,
    keys: inject('wechatpayKeys'),
    stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
    now: clock.now,
    ...change,
  }
  let own = await startWechatPaySandbox(options)
  onTestFinished(() => own.close())
  const { baseUrl } = own.info
  return {
    client: { baseUrls: [baseUrl] },
    leave: () => own.close(),
    async comeBack() {
      own = await startWechatPaySandbox(options)
    },
    sandbox: () => own,
  }
}

function placeOf(card: Card): CardPlace {
  return { channel: `D${card.recipient}`, ts: card.id }
}

/** The requests to give a user a coupon, and the coupons that WeChat Pay really gave. */
export function sentTo({ openid }: Pick<Grant, 'openid'>) {
  const calls = wechatpay().calls()
  return {
    calls: calls.filter(({ method, path }) => method === 'POST' && path.includes(openid)),
    coupons: wechatpay()
      .coupons()
      .filter((coupon) => coupon.openid === openid),
  }
}
