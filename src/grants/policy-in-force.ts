import { setTimeout as sleep } from 'node:timers/promises'
import type { Policy } from '../domain/policy.ts'
import type { Named } from '../domain/text.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import { policyDifference } from '../policy/difference.ts'
import type { GrantsDeps } from './deps.ts'

/**
 * Records a policy as the one in force, with a line in the trail, and tells the operators what changed. A policy
 * already in force changes nothing, so a restart or a second replica tells nobody twice.
 */
export async function putInForce(deps: GrantsDeps, policy: Policy): Promise<void> {
  const { hash, text, timezone } = policy
  if (await deps.ledger.setTimeZone(timezone))
    deps.logger.info(
      { timezone },
      'the days of limits are those of another time zone now: until all grants are counted by it, limits are stricter',
    )
  const isNews = await deps.ledger.write(async (tx) => {
    const before = await tx.putInForce({ hash, text })
    await tx.nameStocks(policy.stocks.map((stock) => ({ ref: stockRefOf(stock), key: stock.key })))
    // Cards that another replica drew since, or this one until now, may still show the previous policy.
    if (before || deps.policy().hash !== hash) await tx.showPolicy(hash)
    if (before === undefined) return false
    await tx.recheckClosedChannels([
      policy.approval.channel,
      ...(policy.alerts === null ? [] : [policy.alerts]),
    ])
    const from = before?.hash ?? null
    await tx.event({ kind: 'policy-in-force', actor: 'app', data: { from, to: hash } })
    if (before) {
      const changes = policyDifference(before.text, text)
      await tx.notice({ kind: 'policy-changed', from, to: hash, changes })
    }
    return true
  })
  if (!isNews) return
  deps.logger.info({ policy: hash.slice(0, 12) }, 'policy in force')
  deps.wake()
}

/** Tells the operators, in the language of their channel, that the file is broken. The policy in force stays. */
export async function reportBrokenPolicy(deps: GrantsDeps, mistakes: Named): Promise<void> {
  const { language } = deps.policy()
  await deps.ledger.write((tx) => tx.notice({ kind: 'policy-broken', mistakes: mistakes[language] }))
  deps.logger.error(
    { mistakes: mistakes.en },
    'the policy file can not be used: the policy before it stays in force',
  )
  deps.wake()
}

/** How many grants move in one commit: few enough that people hardly notice. Between commits, the ledger is theirs. */
const MOST_MOVED = 500
/** ms */
const REST = 20

/** Moves some more grants to their day in the policy's time zone. @returns how many it looked at */
export async function moveDays({ ledger }: Pick<GrantsDeps, 'ledger'>): Promise<number> {
  const moved = await ledger.moveDays({ limit: MOST_MOVED })
  if (moved > 0) await sleep(REST)
  return moved
}
