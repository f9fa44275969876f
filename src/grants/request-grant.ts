import { type Ask, askProblems, type Refusal, readTicket } from '../domain/ask.ts'
import { CORRECTED, canBeCancelled, type Grant, isReserving } from '../domain/grant.ts'
import {
  calendarDay,
  dayBefore,
  firstDay,
  type LimitKind,
  limitKinds,
  limitOf,
  refusalByLimit,
} from '../domain/limit.ts'
import { escalatesAt, levelFor, mayNot, type Person } from '../domain/permissions.ts'
import {
  type ApprovalReason,
  type AutomaticRule,
  findStock,
  type Policy,
  ruleFits,
  type Stock,
} from '../domain/policy.ts'
import { cleanLine, cleanOrNull } from '../domain/text.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { LedgerTx, UsageOf } from '../ledger/ledger.ts'
import { type AskFirst, writeAsking } from './ask-slack.ts'
import type { GrantsDeps } from './deps.ts'
import type { LimitState, Preview, Problem, RequestInput, RequestOutcome } from './grants.ts'
import type { Reach } from './notifier.ts'

type NeedsApproval = Extract<Preview, { kind: 'needs-approval' }>

/** How recent a coupon of the same stock to the same user makes the app ask "another one?". */
const LATELY = 24 * 60 * 60 * 1000

/**
 * Records an ask: as approved if a rule of the policy approves it, else as pending. One transaction holds the write
 * lock from counting to writing, so the counts are still true when the grant is written.
 */
export async function requestGrant(deps: GrantsDeps, given: RequestInput): Promise<RequestOutcome> {
  const input = { ...given, ask: cleanAsk(deps.policy(), given.ask) }
  // Slack is asked who could decide only if people must decide, and again if that changed in the meantime.
  const outcome = await writeAsking(
    deps,
    (tx, asked: Asked | null) => record(deps, tx, input, asked),
    (judged: NeedsApproval) => reachOf(deps, input.person, judged),
  )
  if (outcome.kind === 'recorded' && !outcome.repeated) {
    deps.logger.info({ grantId: outcome.grant.id, state: outcome.grant.state }, 'grant recorded')
    deps.wake()
  }
  return outcome
}

/** What would happen to an ask, without recording it. */
export async function previewAsk(
  deps: GrantsDeps,
  person: Person,
  given: Ask,
  instead: string | null,
): Promise<Preview> {
  const { ledger } = deps
  const policy = deps.policy()
  const ask = cleanAsk(policy, given)
  const old = instead === null ? null : await ledger.grant(instead)
  const usage = usageWithout(old, policy.timezone, (of) => ledger.usage(of))
  const judged = await judgeAsk(policy, person, ask, deps.now(), usage)
  return judged.kind === 'automatic'
    ? { ...judged, hold: await ledger.holdOn(stockRefOf(judged.stock)) }
    : judged
}

function cleanAsk(policy: Policy, ask: Ask): Ask {
  return {
    ...ask,
    note: cleanOrNull(ask.note),
    ticket: ask.ticket === null ? null : readTicket(policy, cleanLine(ask.ticket)) || null,
  }
}

/** Slack's answer about who could decide an ask, and what the question was, because the policy may change meanwhile. */
interface Asked {
  of: string
  /** Null: Slack didn't answer in time. */
  reach: Reach | null
}

async function reachOf(deps: GrantsDeps, person: Person, judged: NeedsApproval): Promise<Asked> {
  const { approvers, channel, approvals } = judged
  const except = deps.policy().approval.selfApproval ? null : person.id
  const reach = await deps.notifier.reach({ channel, members: approvers, except, enough: approvals })
  return { of: whom(judged), reach }
}

function whom({ approvers, channel, approvals }: NeedsApproval): string {
  return JSON.stringify([channel, approvals, approvers])
}

/** Refuses at once an ask that nobody could ever decide. */
function whyNobodyDecides(reach: Reach | null, { approvals, channel }: NeedsApproval): Refusal | null {
  if (!reach) return { code: 'approvers-unknown' }
  if (reach.channel) return { code: 'channel-unusable', channel, why: reach.channel }
  if (reach.people >= approvals) return null
  return { code: 'no-approvers', needed: approvals, reachable: reach.people }
}

/** @param asked null: the app hasn't asked Slack yet */
async function record(
  deps: GrantsDeps,
  tx: LedgerTx,
  input: RequestInput,
  asked: Asked | null,
): Promise<RequestOutcome | AskFirst<NeedsApproval>> {
  const { person, ask } = input
  // Another replica may already use a policy with another time zone, so days are counted in the ledger's zone.
  const { timeZone, isMoving } = await tx.calendar()
  const policy = { ...deps.policy(), timezone: timeZone }
  const now = deps.now()
  const submission = `${person.id}/${input.submission}`

  const recorded = await tx.grantOfSubmission(submission)
  if (recorded) return { kind: 'recorded', grant: recorded, repeated: true }

  const old = input.instead ? await tx.grant(input.instead) : null
  if (input.instead && !isCorrectable(old, person, now))
    return { kind: 'refused', problems: [{ field: null, refusal: { code: 'not-correctable' } }] }
  const usage = isMoving ? usageWhileMoving(tx) : usageWithout(old, timeZone, (of) => tx.usage(of))
  const judged = await judgeAsk(policy, person, ask, now, usage)
  if (judged.kind === 'refused') return judged
  const { stock } = judged

  if (judged.kind === 'needs-approval') {
    if (asked?.of !== whom(judged)) return { kind: 'ask-first', about: judged }
    const refusal = whyNobodyDecides(asked.reach, judged)
    if (refusal) return { kind: 'refused', problems: [{ field: null, refusal }] }
  }

  const of = { openid: ask.openid, appid: stock.appid, stockRef: stockRefOf(stock), since: now - LATELY }
  const previous = await tx.latestGrant(of)
  // A yes to "another one?" covers the grant that was shown, not a later one.
  if (previous && previous.id !== input.another && previous.id !== old?.id)
    return { kind: 'another', previous }
  // In this transaction, so that never both are issued; and no earlier,
  // so that nothing is lost if the new ask isn't recorded.
  if (old) {
    const ended = { by: person.id, code: CORRECTED }
    await tx.step(old.id, 'cancel', person.id, { ended }, { reason: CORRECTED })
  }

  await tx.keepPolicy(policy.hash, policy.text)
  const automatic = judged.kind === 'automatic'
  const reason = policy.reasons.find(({ key }) => key === ask.reason)
  const grant = await tx.recordGrant(
    {
      submission,
      openid: ask.openid,
      appid: stock.appid,
      mchid: stock.mchid,
      stockId: stock.stockId,
      stock: stock.key,
      stockName: stock.name,
      quota: stock.quota,
      day: calendarDay(now, policy.timezone),
      requester: person.id,
      reason: ask.reason,
      reasonName: reason?.name ?? { en: ask.reason, 'zh-CN': ask.reason },
      note: ask.note,
      ticket: ask.ticket,
      instead: old?.id ?? null,
      foundBy: input.foundBy ?? null,
      source: ask.source ?? null,
      state: automatic ? 'approved' : 'pending',
      policyHash: policy.hash,
      approvalsNeeded: automatic ? 0 : judged.approvals,
      approvalChannel: automatic ? null : judged.channel,
      approvedByRule: automatic ? judged.rule : null,
      approvalReason: automatic ? null : judged.reason,
      expiresAt: automatic ? null : judged.expiresAt,
      issueBy: automatic ? now + policy.approval.issueWithin : null,
      escalateAt: automatic ? null : escalatesAt(policy, { createdAt: now }, now),
      remindAt: automatic || !policy.approval.remind ? null : now + policy.approval.remind.after,
    },
    [
      ...(automatic
        ? []
        : [
            {
              kind: 'approval' as const,
              recipient: judged.channel,
              language: policy.language,
              place: null,
            },
          ]),
      { kind: 'dm', recipient: person.id, language: input.language, place: null },
      ...(input.viewId
        ? [
            {
              kind: 'view' as const,
              recipient: person.id,
              language: input.language,
              place: { viewId: input.viewId },
            },
          ]
        : []),
    ],
  )
  return { kind: 'recorded', grant, repeated: false }
}

/**
 * Whether this person may still correct a grant: only its requester, and only while nothing can have been sent for it.
 */
function isCorrectable(grant: Grant | null, person: Person, now: number): grant is Grant {
  if (grant?.requester !== person.id || !canBeCancelled(grant.state) || grant.maybeExecutedAt !== null)
    return false
  return grant.state !== 'pending' || now < (grant.expiresAt ?? Number.POSITIVE_INFINITY)
}

/** A day in one time zone is at most this many days apart from the day in another. */
const APART = 2

/**
 * Usage while days move to another time zone: never less than the final value, whichever day a grant is counted on now.
 * So the grant that this ask replaces keeps its place.
 */
function usageWhileMoving(tx: LedgerTx): CountUsage {
  return (of) => tx.usage({ ...of, from: dayBefore(of.from, APART) })
}

/** What the limits have counted, without the place of the grant that this ask replaces. */
function usageWithout(old: Grant | null, timeZone: string, usage: CountUsage): CountUsage {
  if (!old || !isReserving(old.state)) return usage
  const day = calendarDay(old.createdAt, timeZone)
  return async (of) => {
    const { count, quota } = await usage(of)
    const isCounted = day >= of.from && isOwnedBy(old, of)
    return isCounted ? { count: count - 1, quota: quota - old.quota } : { count, quota }
  }
}

function isOwnedBy(grant: Grant, { by, rule = '' }: UsageOf): boolean {
  if (rule !== '' && rule !== grant.approvedByRule) return false
  if ('openid' in by) return by.openid === grant.openid
  return 'requester' in by ? by.requester === grant.requester : by.stockRef === stockRefOf(grant)
}

type CountUsage = (of: UsageOf) => Promise<{ count: number; quota: number }>

type Judgement =
  | Extract<Preview, { kind: 'refused' }>
  | (Exclude<Preview, { kind: 'refused' }> & { stock: Stock })

/**
 * Judges an ask by the policy. Checks, in this order: the person, the form, the limits, the automatic rules.
 * `usage` is what the ledger has counted. Read it inside the transaction that records the grant, so that it is still
 * true when the grant is written.
 */
export async function judgeAsk(
  policy: Policy,
  person: Person,
  ask: Ask,
  now: number,
  usage: CountUsage,
): Promise<Judgement> {
  const forbidden = mayNot(policy, person, ['requester'])
  if (forbidden) return { kind: 'refused', problems: [{ field: null, refusal: forbidden }] }
  const problems: Problem[] = askProblems(policy, ask)
  const stock = findStock(policy, ask.stock)
  if (problems.length > 0 || !stock) return { kind: 'refused', problems }

  const limits: LimitState[] = []
  for (const kind of limitKinds) {
    const limit = limitOf(policy, kind, now)
    if (!limit) continue
    const by = limitOwner(kind, { openid: ask.openid, requester: person.id, stockRef: stockRefOf(stock) })
    const used = await usage({ by, from: limit.from })
    const refusal = refusalByLimit(kind, limit, used, stock.quota)
    if (refusal) problems.push({ field: fieldOf[kind], refusal })
    limits.push({ kind, limit, used })
  }
  if (problems.length > 0) return { kind: 'refused', problems }

  let usedUp: ApprovalReason | null = null
  for (const rule of policy.approval.automatic.filter((one) => ruleFits(one, stock, ask.reason))) {
    const full = await whyUsedUp(policy, rule, person, ask.openid, stock, now, usage)
    if (!full) return { kind: 'automatic', rule: rule.name, limits, stock }
    usedUp ??= full
  }
  const { channel, expiresAfter } = policy.approval
  return {
    kind: 'needs-approval',
    ...levelFor(policy, stock),
    channel,
    expiresAt: now + expiresAfter,
    reason: usedUp ?? whyNoRule(policy, stock, ask.reason),
    limits,
    stock,
  }
}

/** Why no automatic rule fits. A quota that is too high comes first, because people can act on it. */
function whyNoRule({ approval: { automatic } }: Policy, stock: Stock, reason: string): ApprovalReason {
  if (automatic.length === 0) return { code: 'always' }
  const maxima = automatic
    .filter((rule) => ruleFits({ ...rule, upToQuota: null }, stock, reason))
    .flatMap(({ upToQuota }) => upToQuota ?? [])
  return maxima.length > 0 ? { code: 'above-quota', max: Math.max(...maxima) } : { code: 'no-rule' }
}

/** The owner whose usage a limit of this kind counts. */
export function limitOwner(
  kind: LimitKind,
  { openid, requester, stockRef }: { openid: string; requester: string; stockRef: string },
): UsageOf['by'] {
  return { user: { openid }, requester: { requester }, stock: { stockRef } }[kind]
}

const fieldOf = { user: 'openid', requester: null, stock: 'stock' } as const

/** Counts a rule's use by its name for the requester; for the user, everything received counts, whoever decided it. */
async function whyUsedUp(
  policy: Policy,
  rule: AutomaticRule,
  person: Person,
  openid: string,
  stock: Stock,
  now: number,
  usage: CountUsage,
): Promise<ApprovalReason | null> {
  const limits = [
    { by: 'requester', limit: rule.perRequester, of: { by: { requester: person.id }, rule: rule.name } },
    { by: 'user', limit: rule.perUser, of: { by: { openid } } },
  ] as const
  for (const { by, limit, of } of limits) {
    if (!limit) continue
    const used = await usage({ ...of, from: firstDay(now, limit.days, policy.timezone) })
    if (refusalByLimit(by, limit, used, stock.quota))
      return { code: 'rule-used-up', rule: rule.name, by, limit }
  }
  return null
}
