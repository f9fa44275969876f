import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { calendarDay } from '../../src/domain/limit.ts'
import type { Person } from '../../src/domain/permissions.ts'
import { createGrants, type Grants, type GrantsDeps } from '../../src/grants/index.ts'
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { folders, policy as policyText } from './slack/apps.ts'

export const about = `size: what people ask of the ledger, in this process, on SQLite: ours with 100,000 grants, other with 1,000;
  20 grants a user in both, as many that wait in both. A click is a rejection, committed with synchronous=FULL. Then asks, committed
  too, of a coupon of which 100,000 were given today by asks of one of which none was.`

const MANY = 100_000
const FEW = 1000
const PER_USER = 20
const WAITING = 400
const ASKS = 200
/** Each click takes one waiting grant. */
const CLICKS = 20
const RECORDED = 50
/** The policy of the apps' benchmark, except that its rule gives every coupon. */
const openHanded = policyText.replace('stocks: [withdraw-10]', 'stocks: [withdraw-10, withdraw-50]')

const lead: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1', 'S0AGENTS'], standing: 'member' }
/** A person who has not asked for anything yet. */
const newcomer: Person = { id: 'U0AGENT2', email: null, groups: ['S0AGENTS'], standing: 'member' }
const agent: Person = { id: 'U0AGENT1', email: null, groups: ['S0AGENTS'], standing: 'member' }

const bound = { is: 'at most', goal: 1.2, floor: 1.2 } as const

export async function benchSize(pace: Pace): Promise<Result[]> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const many = await fill(join(folder, 'many.sqlite'), Math.round(MANY * pace.scale))
  const few = await fill(join(folder, 'few.sqlite'), FEW)
  try {
    const results = []
    for (const [name, act] of Object.entries(acts)) {
      const pairs = await inTurns(pace, { ours: () => act(many), other: () => act(few) })
      results.push(resultOf({ part: 'size', name, unit: 'ms', bound }, pairs))
    }
    const pairs = await inTurns(pace, {
      ours: () => ask(many, 'withdraw-50'),
      other: () => ask(many, 'withdraw-10'),
    })
    results.push(resultOf({ part: 'size', name: 'ask', unit: 'ms', bound }, pairs))
    return results
  } finally {
    await many.ledger.close()
    await few.ledger.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Filled {
  grants: Grants
  ledger: Ledger
  /** Ids of waiting grants that nobody has pressed yet. */
  waiting: string[]
}

const acts: Record<string, (filled: Filled) => Promise<number>> = {
  pending: ({ grants }) => timed(() => grants.pending({ person: lead, page: 1 }), 'found'),
  mine: ({ grants }) => timed(() => grants.mine({ person: agent, page: 1 }), 'found'),
  history: ({ grants }) => {
    // The same number of users in both: the first look-up of a user writes a row.
    const openid = () => openidOf(Math.floor(Math.random() * (FEW / PER_USER)))
    return timed(() => grants.history({ person: agent, key: openid(), page: 2 }), 'found')
  },
  click: ({ grants, waiting }) =>
    timed(
      () => {
        const input = {
          person: lead,
          grantId: waiting.pop() ?? '',
          decision: 'reject',
          reason: 'no',
        } as const
        return grants.decide(input)
      },
      'rejected',
      CLICKS,
    ),
}

let asked = 0

function ask({ grants }: Filled, stock: string): Promise<number> {
  return timed(
    () => {
      asked += 1
      return grants.request({
        person: newcomer,
        submission: `bench-${asked}`,
        language: 'en',
        viewId: null,
        another: null,
        ask: {
          openid: `oUpF8uASKS${String(asked).padStart(18, '0')}`,
          stock,
          reason: 'outage',
          note: null,
          ticket: null,
        },
      })
    },
    'recorded',
    RECORDED,
  )
}

/** The median of several asks, in ms. */
async function timed(ask: () => Promise<{ kind: string }>, expected: string, asks = ASKS): Promise<number> {
  const times = []
  for (let number = 0; number < asks; number++) {
    const began = performance.now()
    const { kind } = await ask()
    times.push(performance.now() - began)
    if (kind !== expected) throw new Error(`${kind} instead of ${expected}`)
  }
  return median(times)
}

const openidOf = (user: number) => `oUpF8uSIZE${String(user).padStart(18, '0')}`

async function fill(path: string, count: number): Promise<Filled> {
  const ledger = await openLedger({ url: `file:${path}`, role: 'tool' })
  const users = Math.max(1, Math.floor(count / PER_USER))
  const database = new DatabaseSync(path)
  const grant = database.prepare(`insert into grants (id, send_request_no, submission, subject, appid, mchid,
    stock_id, stock, stock_ref, stock_name, quota, requester, day, reason, reason_name, state, created_at, state_at, expires_at, policy_hash,
    approvals_needed, approval_channel, version, lane, coupon_id, issued_at) values (?, ?, ?, ?, 'wx1', '19', '1304490000000060',
    'withdraw-50', '19/1304490000000060', '{"en":"Fifty","zh-CN":"五十元"}', 5000, ?, ?, 'outage', '{"en":"Outage","zh-CN":"中断"}', ?, ?, ?, ?, 'h', 1,
    'C0APPROVE', 1, 1, ?, ?)`)
  const event = database.prepare(
    `insert into events (grant_id, kind, actor, at, data) values (?, 'requested', ?, ?, '{}')`,
  )
  const waiting: string[] = []
  const began = Date.now() - count
  const day = calendarDay(Date.now(), 'Asia/Shanghai')
  const subject = database.prepare(`insert into subjects (id, appid, openid) values (?, 'wx1', ?)`)
  database.exec('begin')
  for (let user = 0; user < users; user++) subject.run(String(user), openidOf(user))
  for (let number = 0; number < count; number++) {
    const id = String(number).padStart(26, '0')
    const isWaiting = number >= count - WAITING
    const requester = isWaiting || number % 50 !== 0 ? `U0OTHER${number % 49}` : agent.id
    const at = began + number
    const coupon = isWaiting ? [null, null] : [`C${id}`, at]
    const state = isWaiting ? 'pending' : 'issued'
    const expires = isWaiting ? Date.now() + 86_400_000 : null
    grant.run(id, id, id, String(number % users), requester, day, state, at, at, expires, ...coupon)
    event.run(id, requester, at)
    if (isWaiting) waiting.push(id)
  }
  database.exec('commit')
  database.exec('analyze')
  database.close()
  await ledger.recount()
  return { ledger, waiting, grants: createGrants(depsOf(ledger)) }
}

/** Sends nothing and notifies nobody: only the ledger works. */
function depsOf(ledger: Ledger): GrantsDeps {
  const parsed = parsePolicy(openHanded, { mchid: '19', appid: 'wx1' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  const log = () => {}
  return {
    ledger,
    policy: () => parsed.policy,
    now: Date.now,
    logger: { debug: log, info: log, warn: log, error: log },
    worker: 'bench',
    wake: () => {},
    lease: 30_000,
    cardLease: 60_000,
    examine: async () => [],
    examined: () => null,
    random: Math.random,
    rate: 20,
    atOnce: 16,
    signSeal: null,
    wechatpay: {} as GrantsDeps['wechatpay'],
    notifier: {} as GrantsDeps['notifier'],
  }
}
