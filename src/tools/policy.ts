import { parseArgs } from 'node:util'
import type { Ask } from '../domain/ask.ts'
import { groupsOf, isGroup, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import { formatFen } from '../domain/text.ts'
import { cleanOpenid, shortOpenid } from '../domain/wechatpay-ids.ts'
import { EXIT } from '../exit-codes.ts'
import { judgeAsk, type Preview } from '../grants/index.ts'
import { type LedgerReads, openLedger } from '../ledger/ledger.ts'
import { counted, refusalLine } from './refusals.ts'
import {
  databaseUrl,
  end,
  endBy,
  endWithUsage,
  isMissing,
  policyFile,
  readPolicy,
  type Terminal,
  UsageError,
} from './terminal.ts'

const usage = `Checks a policy file, or explains what it would do.

  npm run policy -- check [FILE]
      lists every mistake with its line and remedy; default FILE: POLICY_FILE, or policy.yaml
  npm run policy -- explain --requester U012AB3CD --stock KEY [--openid OPENID] [--reason KEY] [--ticket TEXT]
                            [--groups S012AB3CD,…] [--policy FILE] [--ledger file:PATH]
      says who would be asked and why, and what is left of every limit by the ledger's counts now.
      Without --groups, the requester counts as a member of every group that may ask for coupons.

Exits with 0; 1: the request would be refused; 64: wrong arguments; 74: the ledger can't be used; 78: the policy can't be used.
`

/** Runs `policy`. @returns the exit code */
export async function policy([verb, ...rest]: string[], terminal: Terminal): Promise<number> {
  try {
    if (verb === 'check') return check(rest, terminal)
    if (verb === 'explain') return await explain(rest, terminal)
    return endWithUsage(terminal, verb, usage)
  } catch (error) {
    return endBy(terminal, error)
  }
}

function check(args: string[], terminal: Terminal): number {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  if (positionals.length > 1) throw new UsageError('check takes one file at a time')
  const file = positionals[0] ?? policyFile(terminal.env)
  const policy = readPolicy(file, terminal.env)
  const { stocks, approval } = policy
  const rules = approval.automatic.length
  return end(
    terminal,
    0,
    `${file} is a policy: ${counted(stocks.length, 'stock')}, ${counted(rules, 'automatic rule')}, version ${policy.hash.slice(0, 12)}\n`,
  )
}

async function explain(args: string[], terminal: Terminal): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      requester: text,
      stock: text,
      openid: text,
      reason: text,
      ticket: text,
      groups: text,
      policy: text,
      ledger: text,
    },
  })
  const { requester, stock } = values
  if (!requester || !stock) throw new UsageError('--requester and --stock are needed')
  const policy = readPolicy(values.policy ?? policyFile(terminal.env), terminal.env)

  const groups = values.groups?.split(',').map((group) => group.trim())
  const person: Person = {
    id: requester,
    email: requester.includes('@') ? requester.toLowerCase() : null,
    groups: groups ?? policy.roles.requester.filter(isGroup),
    standing: 'member',
  }
  const ask: Ask = {
    openid: values.openid ? cleanOpenid(values.openid) : 'o'.padEnd(28, 'x'),
    stock,
    reason: values.reason ?? policy.reasons[0]?.key ?? '',
    note: '…',
    ticket: values.ticket ?? null,
  }
  const url = values.ledger ?? databaseUrl(terminal.env)
  // Without `--openid`, skip the policy's check of its form.
  const judging = values.openid ? policy : { ...policy, openid: null }
  const preview = await withUsage(url, (count) => judgeAsk(judging, person, ask, Date.now(), count))
  const about = [
    `${requester} asks for ${stock} for ${values.openid ? shortOpenid(values.openid) : 'a user who got nothing yet'}, reason ${ask.reason}`,
    ...(groups
      ? []
      : [`counted as a member of: ${person.groups?.join(', ') || 'no group'} (--groups names others)`]),
    ...unknownGroups(policy, groups ?? []),
  ]
  return end(
    terminal,
    preview.kind === 'refused' ? EXIT.notDone : 0,
    `${[...about, ...lines(preview)].join('\n')}\n`,
  )
}

type CountUsage = LedgerReads['usage']

/** Gives `fn` the ledger's counts; without a ledger, nothing counts as given. */
async function withUsage<T>(url: string, fn: (count: CountUsage) => Promise<T>): Promise<T> {
  if (isMissing(url)) return fn(() => Promise.resolve({ count: 0, quota: 0 }))
  const ledger = await openLedger({ url, role: 'tool' })
  try {
    return await fn((of) => ledger.usage(of))
  } finally {
    await ledger.close()
  }
}

function lines(preview: Preview): string[] {
  switch (preview.kind) {
    case 'refused':
      return [
        'refused:',
        ...preview.problems.map(
          ({ field, refusal }) => `  ${field ? `${field}: ` : ''}${refusalLine(refusal)}`,
        ),
      ]
    case 'automatic':
      return [`approved automatically, by the rule ${JSON.stringify(preview.rule)}`, ...limitLines(preview)]
    case 'needs-approval': {
      const { approvals, approvers, channel, expiresAt, reason } = preview
      return [
        `needs ${counted(approvals, 'approval')} of ${approvers.join(', ') || 'nobody'} in ${channel}, until ${new Date(expiresAt).toISOString()}`,
        `  because: ${why(reason)}`,
        ...limitLines(preview),
      ]
    }
  }
}

function why(reason: Extract<Preview, { kind: 'needs-approval' }>['reason']): string {
  switch (reason.code) {
    case 'always':
      return 'the policy has no automatic rules'
    case 'no-rule':
      return 'no automatic rule applies'
    case 'above-quota':
      return `the rules that fit approve up to ${formatFen(reason.max)}`
    case 'rule-used-up':
      return `the rule ${JSON.stringify(reason.rule)} is used up by ${reason.by === 'requester' ? 'this requester' : 'this user'}`
  }
}

function limitLines({ limits }: Exclude<Preview, { kind: 'refused' }>): string[] {
  return limits.flatMap(({ kind, limit, used }) => {
    const per = `per ${kind} in ${counted(limit.days, 'day')}`
    return [
      ...(limit.count === null
        ? []
        : [
            `  ${per}: ${used.count} of ${counted(limit.count, 'coupon')} used, ${Math.max(0, limit.count - used.count)} left`,
          ]),
      ...(limit.quota === null
        ? []
        : [
            `  ${per}: ${formatFen(used.quota)} of ${formatFen(limit.quota)} used, ${formatFen(Math.max(0, limit.quota - used.quota))} left`,
          ]),
    ]
  })
}

function unknownGroups(policy: Policy, groups: readonly string[]): string[] {
  const known = groupsOf(policy)
  const unknown = groups.filter((group) => !known.includes(group))
  return unknown.length > 0 ? [`not in the policy: ${unknown.join(', ')}`] : []
}
