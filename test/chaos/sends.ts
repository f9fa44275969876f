import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptRecord, HoldRecord } from './records.ts'
import type { Evidence, Find } from './truths.ts'

/**
 * What must hold for everything sent to WeChat Pay: written first, one at a
 * time, not while held, and its outcome kept.
 */

/** An outcome that an app logged as recorded. */
export interface LoggedAttempt {
  grantId: string
  number: number
  /** Epoch ms. */
  at: number
  outcome: string
}

/** Equals the ledger's `PROBE_EVERY`. */
const PROBE_EVERY = 60_000
const SEND = /^\/v3\/marketing\/withdraw-favor\/users\/([^/]+)\/coupons$/

export function sendsAreWritten(evidence: Evidence, find: Find): void {
  callsHaveAttempts(evidence, find)
  loggedIsKept(evidence, find)
  sendsDontOverlap(evidence, find)
  usersWait(evidence, find)
  holdsStop(evidence, find)
}

/** Reads what the logs in a folder say about attempts. */
export function readLogged(folder: string): LoggedAttempt[] {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  return lines.flatMap((line) => {
    if (!line.includes('"msg":"attempt ended"')) return []
    try {
      const { grantId, attempt, result, time } = JSON.parse(line)
      return [{ grantId, number: attempt, outcome: result, at: Date.parse(time) }]
    } catch {
      // A kill cut the line off.
      return []
    }
  })
}

/** The claim commits before the call goes out: when a user's nth call arrives, the user's nth attempt has begun. */
function callsHaveAttempts({ records, calls }: Evidence, find: Find): void {
  const begun = Map.groupBy(records.attempts, ({ openid }) => openid)
  const sent = calls.flatMap(({ method, path, verified, at }) => {
    const openid = method === 'POST' && verified ? SEND.exec(path)?.[1] : undefined
    return openid === undefined ? [] : [{ openid: decodeURIComponent(openid), at }]
  })
  for (const [openid, of] of Map.groupBy(sent, (call) => call.openid)) {
    const starts = (begun.get(openid) ?? []).map(({ started_at }) => started_at).toSorted((a, b) => a - b)
    for (const [index, { at }] of of.entries())
      if (!((starts[index] ?? Number.POSITIVE_INFINITY) <= at))
        find('lost', `call ${index + 1} for ${openid} came at ${at}, and no attempt of it is in the ledger`)
  }
}

/**
 * Within an attempt's lease, nobody may count it as lost: an outcome logged as recorded must be in the ledger. If an
 * earlier attempt's late answer has settled the grant meanwhile, the outcome is `overtaken`.
 */
function loggedIsKept({ records, logged, lease }: Evidence, find: Find): void {
  const attempts = new Map(records.attempts.map((attempt) => [keyOf(attempt), attempt]))
  for (const { grantId, number, at, outcome } of logged) {
    const attempt = attempts.get(`${grantId}/${number}`)
    if (!attempt)
      find('lost', `attempt ${number} of ${grantId} was logged as ${outcome}, and is not in the ledger`)
    else if (![outcome, 'overtaken'].includes(attempt.outcome ?? '') && at - attempt.started_at < lease * 0.9)
      find('lost', `attempt ${number} of ${grantId} was logged as ${outcome}, and is ${attempt.outcome}`)
  }
}

/** Finds an attempt that counted as lost although its process was well and its lease had not expired. */
function sendsDontOverlap({ records, lives, lease }: Evidence, find: Find): void {
  const next = new Map(records.attempts.map((attempt) => [keyOf(attempt), attempt]))
  for (const attempt of records.attempts) {
    if (attempt.outcome !== 'lost') continue
    const after = next.get(`${attempt.grant_id}/${attempt.number + 1}`)
    const pid = Number(attempt.worker.split('/')[1])
    const life = lives.find(
      (one) => one.pid === pid && one.from <= attempt.started_at && attempt.started_at <= one.to,
    )
    if (!after || !life) continue
    const isWell =
      life.to > after.started_at &&
      !life.stops.some(({ from, to }) => from <= after.started_at && to >= attempt.started_at)
    if (isWell && after.started_at - attempt.started_at < lease * 0.9)
      find('doubled', `${attempt.grant_id} was sent again while attempt ${attempt.number} was under way`)
  }
}

/** A user has one open attempt at a time, across grants and replicas. */
function usersWait({ records }: Evidence, find: Find): void {
  for (const [, of] of Map.groupBy(records.attempts, ({ subject }) => subject)) {
    const inTurn = of.toSorted((one, other) => one.started_at - other.started_at)
    for (const [index, attempt] of inTurn.entries()) {
      const before = inTurn[index - 1]
      if (before && attempt.started_at < (before.ended_at ?? Number.POSITIVE_INFINITY))
        find('doubled', `${keyOf(attempt)} was begun while ${keyOf(before)} of the same user was open`)
    }
  }
}

/**
 * Holds and attempts are written under one lock, by one clock: an attempt that began
 * after a hold was claimed in spite of it.
 */
function holdsStop({ records }: Evidence, find: Find): void {
  for (const hold of records.holds) {
    const { since, ended_at } = hold
    const end = ended_at ?? Number.POSITIVE_INFINITY
    const begun = records.attempts.filter(
      (attempt) => since < attempt.started_at && attempt.started_at < end && isStopped(hold, attempt),
    )
    const most = hold.kind === 'all' || hold.kind === 'stock' ? Math.floor((end - since) / PROBE_EVERY) : 0
    if (begun.length > most)
      find(
        'sentThoughHeld',
        `${begun.map(keyOf).join(', ')} began while ${hold.kind} ${hold.stock_ref ?? ''} stood from ${since} to ${ended_at}`,
        begun.length - most,
      )
  }
}

function isStopped({ kind, stock_ref }: HoldRecord, attempt: AttemptRecord): boolean {
  if (kind === 'first-attempts') return attempt.number === 1
  return stock_ref === null || stock_ref === attempt.stock_ref
}

function keyOf({ grant_id, number }: Pick<AttemptRecord, 'grant_id' | 'number'>): string {
  return `${grant_id}/${number}`
}
