import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGrants, type GrantsDeps } from '../../../src/grants/index.ts'
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts'
import { parsePolicy } from '../../../src/policy/parse-policy.ts'
import { createWechatPay, type WechatPay, type WechatPayOptions } from '../../../src/wechatpay/index.ts'
import { answerParent } from '../processes.ts'
import { policy } from '../slack/apps.ts'

/** One replica's worker in a process of its own: it issues what is due, and nobody is told. */

export interface Opened {
  databaseUrl: string
  wechatpay: WechatPayOptions
  ids: { mchid: string; appid: string }
  atOnce: number
}

/** Epoch ms. */
export interface Issued {
  began: number
  ended: number
  issued: number
}

const RATE = 10_000
/** ms; far longer than a call takes. */
const QUIET = 400
let ledger: Ledger
let client: WechatPay
let deps: GrantsDeps
let ids: Opened['ids']
let calls = 0
let lastWake = 0
const events = new EventEmitter()

answerParent({
  async open({ databaseUrl, wechatpay, ids: of, atOnce }: Opened) {
    ids = of
    const parsed = parsePolicy(policy, ids)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
    ledger = await openLedger({ url: databaseUrl })
    client = createWechatPay(wechatpay)
    const log = () => {}
    deps = {
      ledger,
      wechatpay: client,
      notifier: {} as GrantsDeps['notifier'],
      policy: () => parsed.policy,
      now: Date.now,
      logger: { debug: log, info: log, warn: log, error: log },
      worker: `bench-${process.pid}`,
      wake() {
        lastWake = Date.now()
        events.emit('wake')
      },
      lease: 30_000,
      cardLease: 60_000,
      rate: RATE,
      random: Math.random,
      atOnce,
    }
  },
  fill,
  issue,
  bare,
  async close() {
    await client.close()
    await ledger.close()
  },
})

/** So few in one write that it ends in its time on a slow machine too. */
const AT_ONCE_WRITTEN = 25

/** Approved grants of as many users, due at once. */
async function fill({ count }: { count: number }): Promise<void> {
  for (let left = count; left > 0; left -= AT_ONCE_WRITTEN) await fillSome(Math.min(left, AT_ONCE_WRITTEN))
}

async function fillSome(count: number): Promise<void> {
  const name = { en: 'Ten', 'zh-CN': '十元' }
  await ledger.write(async (tx) => {
    for (let number = 0; number < count; number++) {
      calls += 1
      await tx.recordGrant(
        {
          ...ids,
          state: 'approved',
          submission: `bench-${process.pid}-${calls}`,
          openid: openidOf(calls),
          stockId: '1304490000000059',
          stock: 'withdraw-10',
          stockName: name,
          quota: 1000,
          day: 20270115,
          requester: 'U0AGENT1',
          reason: 'outage',
          reasonName: name,
          note: null,
          ticket: null,
          expiresAt: null,
          remindAt: null,
          policyHash: 'h',
          approvalsNeeded: 0,
          approvalChannel: null,
          approvedByRule: 'bench',
          approvalReason: null,
          issueBy: null,
        },
        [],
      )
    }
  })
}

const openidOf = (number: number) => `oUpF8u${process.pid}X${String(number).padStart(12, '0')}`

/** Issues until nothing is due any more and nothing has ended for a while. */
async function issue(): Promise<Issued> {
  const grants = createGrants(deps)
  const began = Date.now()
  let issued = 0
  for (;;) {
    const woken = once(events, 'wake')
    const begun = await grants.issueDue()
    issued += begun
    const isQuiet = await Promise.race([woken.then(() => false), sleep(QUIET, true)])
    if (isQuiet && begun === 0) return { began, ended: lastWake, issued }
  }
}

/** The same number of calls by the client alone. */
async function bare({ count, atOnce }: { count: number; atOnce: number }): Promise<Issued> {
  const began = Date.now()
  let left = count
  const caller = async () => {
    while (left > 0) {
      left -= 1
      calls += 1
      await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
        openid: openidOf(calls),
        json: { ...ids, stock_id: '1304490000000059', send_request_no: `BENCH${process.pid}X${calls}` },
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return { began, ended: Date.now(), issued: count }
}
