import { type Kysely, sql } from 'kysely'
import type { GrantState } from '../domain/grant.ts'
import type { Seal, SealHead, StoredEvent } from '../domain/seal.ts'
import { LedgerSetupError, type Snapshot } from './engines.ts'
import { versionOf } from './migrate.ts'
import { sealsMigration } from './migrations/0010-seals.ts'
import type { Differs } from './reconciliation.ts'
import { CHUNK, eventsAfter, headOf, sealsAfter } from './seal-trail.ts'
import { openidOfGrant, textAt } from './subjects.ts'
import type { Tables } from './tables.ts'

/** Everything that proofs and reports need from a ledger, at one moment, read in small parts. */
export interface AuditReads {
  about(): Promise<AboutTrail>
  /** The seals that cover `from` to `to`, epoch ms: the seal before them, and the last of them. */
  sealsOf(of: { from: number; to: number }): Promise<{ after: SealHead | null; last: SealHead | null }>
  /** @param of.after, of.upTo numbers */
  seals(of: { after: number; upTo: number }): AsyncGenerator<Seal>
  /** The lines of one seal, or those not sealed yet. @param of.after, of.upTo ids */
  events(of: { after: number; upTo: number }): AsyncGenerator<StoredEvent>
  /** The texts of these lines, by the id of the text. */
  texts(ids: readonly string[]): Promise<Map<string, string>>
  grants(): AsyncGenerator<AuditedGrant>
  /** What a report adds up for these grants, by their ids. */
  reported(ids: readonly string[]): Promise<Map<string, ReportedGrant>>
  policyText(hash: string): Promise<string | null>
  /** Differences between WeChat Pay's lists and the grants, as last seen: how many, and the first of them. */
  differences(): Promise<Differences>
  close(): Promise<void>
}

export interface AboutTrail {
  /** The random start of the first seal; null: nothing is sealed yet. */
  ledger: string | null
  head: SealHead | null
  /** Id of the last line. */
  last: number
  /** Id of the last line written before there were seals. */
  olderTo: number
  /** The last seal that was reported to people. */
  told: { number: number; hash: string } | null
  timeZone: string
}

/** A grant as its row has it now. */
export interface AuditedGrant {
  id: string
  subject: string
  /** Null once the person was erased. */
  openid: string | null
  appid: string
  stock_ref: string
  stock: string
  quota: number
  requester: string
  reason: string
  note: string | null
  ticket: string | null
  /** How the user was found, as JSON with the number masked; null: by the openid. */
  found_by: string | null
  state: GrantState
  created_at: number
  state_at: number
  policy_hash: string
  approved_by_rule: string | null
  ended_by: string | null
  ended_reason: string | null
  end_said: string | null
  refusal: string | null
  coupon_id: string | null
  coupon_expires_at: number | null
  issued_at: number | null
  attempts: number
  version: number
}

export type ReportedGrant = Pick<
  AuditedGrant,
  | 'id'
  | 'appid'
  | 'stock_ref'
  | 'stock'
  | 'quota'
  | 'requester'
  | 'reason'
  | 'created_at'
  | 'policy_hash'
  | 'approved_by_rule'
> & {
  /** Approvers whose approvals count. */
  approvers: string[]
  /** The coupon's state as WeChat Pay last listed it; null: no coupon, or its list was not read yet. */
  coupon_state: string | null
  /** Fen. */
  used: number | null
}

/** Differences by their cause. `first`: ids of coupons. */
export type Differences = Record<Differs, { count: number; first: string[] }>

/**
 * Opens a ledger to read the whole of it at this moment, while others may write.
 * @throws LedgerUnavailableError, LedgerSetupError, LedgerTooNewError
 */
export async function openAuditReads(url: string): Promise<AuditReads> {
  const snapshot = await openSnapshot(url)
  try {
    if ((await versionOf(snapshot.db)) < sealsMigration.number)
      throw new LedgerSetupError(
        'the ledger is of an older version: start the app on it once, which brings it up to date',
      )
  } catch (error) {
    await snapshot.close()
    throw error
  }
  return createAuditReads(snapshot)
}

async function openSnapshot(url: string): Promise<Snapshot> {
  if (url.startsWith('file:')) return (await import('./sqlite.ts')).openSqliteSnapshot(url)
  return (await import('./postgres.ts')).openPostgresSnapshot(url)
}

function createAuditReads({ db, close }: Snapshot): AuditReads {
  return {
    close,
    about: () => aboutTrail(db),

    async sealsOf({ from, to }) {
      const ends = db.selectFrom('seals').innerJoin('events', 'events.id', 'seals.last')
      const { first } = await ends
        .select(({ fn }) => fn.min('seals.number').as('first'))
        .where('events.at', '>=', from)
        .executeTakeFirstOrThrow()
      // Not the first one since then: if the clock went ahead and was set back, later seals have earlier times.
      const { before } = await ends
        .select(({ fn }) => fn.max('seals.number').as('before'))
        .where('events.at', '<', to)
        .executeTakeFirstOrThrow()
      const head = await headOf(db)
      const after = first === null ? head : await sealHead(db, first - 1)
      return { after, last: (await sealHead(db, (before ?? 0) + 1)) ?? head }
    },

    async *seals({ after, upTo }) {
      for (let next = after; next < upTo; ) {
        const seals = await sealsAfter(db, next, 20)
        for (const seal of seals) if (seal.number <= upTo) yield seal
        if (seals.length === 0) return
        next = seals.at(-1)?.number ?? upTo
      }
    },

    async *events({ after, upTo }) {
      for (let next = after; ; ) {
        const events = await eventsAfter(db, { after: next, upTo, limit: CHUNK })
        yield* events
        if (events.length < CHUNK) return
        next = events.at(-1)?.id ?? upTo
      }
    },

    async texts(ids) {
      if (ids.length === 0) return new Map()
      const rows = await db.selectFrom('texts').selectAll().where('id', 'in', ids).execute()
      return new Map(rows.flatMap(({ id, text }) => (text === null ? [] : [[id, text]])))
    },

    reported: (ids) => reportedGrants(db, ids),

    async policyText(hash) {
      const kept = await db.selectFrom('policies').select('text').where('hash', '=', hash).executeTakeFirst()
      return kept?.text ?? null
    },

    differences: () => differencesNow(db),

    async *grants() {
      for (let after = ''; ; ) {
        const grants = await grantsAfter(db, after)
        yield* grants
        if (grants.length < CHUNK) return
        after = grants.at(-1)?.id ?? after
      }
    },
  }
}

async function aboutTrail(db: Kysely<Tables>): Promise<AboutTrail> {
  const first = await db.selectFrom('seals').select('before').where('number', '=', 1).executeTakeFirst()
  const sealing = await db.selectFrom('sealing').selectAll().executeTakeFirstOrThrow()
  const { time_zone } = await db.selectFrom('calendar').select('time_zone').executeTakeFirstOrThrow()
  const { last } = await db
    .selectFrom('events')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  return {
    ledger: first?.before ?? null,
    head: await headOf(db),
    last: last ?? 0,
    olderTo: sealing.older_to,
    told: sealing.told_hash === null ? null : { number: sealing.told_number, hash: sealing.told_hash },
    timeZone: time_zone,
  }
}

async function sealHead(db: Kysely<Tables>, number: number): Promise<SealHead | null> {
  const seal = await db
    .selectFrom('seals')
    .select(['number', 'last', 'hash', 'key', 'at'])
    .where('number', '=', number)
    .executeTakeFirst()
  return seal ?? null
}

async function grantsAfter(db: Kysely<Tables>, after: string): Promise<AuditedGrant[]> {
  return db
    .selectFrom('grants')
    .select([
      ...([
        'id',
        'subject',
        'appid',
        'stock_ref',
        'stock',
        'quota',
        'requester',
        'reason',
        'ticket',
        'found_by',
      ] as const),
      ...(['state', 'created_at', 'state_at', 'policy_hash', 'approved_by_rule', 'ended_by'] as const),
      ...(['ended_reason', 'refusal', 'coupon_id', 'coupon_expires_at', 'issued_at', 'attempts'] as const),
      'version',
    ])
    .select([
      openidOfGrant.as('openid'),
      textAt('grants.note_text').as('note'),
      textAt('grants.end_text').as('end_said'),
    ])
    .where('id', '>', sql<string>`${after}`)
    .orderBy('id')
    .limit(CHUNK)
    .execute()
}

async function reportedGrants(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<Map<string, ReportedGrant>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('grants')
    .select([
      ...(['id', 'appid', 'stock_ref', 'stock', 'quota', 'requester', 'reason', 'created_at'] as const),
      ...(['policy_hash', 'approved_by_rule'] as const),
    ])
    .select([
      sql<string | null>`(select c.state from coupons c where c.coupon_id = grants.coupon_id)`.as(
        'coupon_state',
      ),
      sql<number | null>`(select c.used from coupons c where c.coupon_id = grants.coupon_id)`.as('used'),
    ])
    .where('id', 'in', ids)
    .execute()
  const approvals = await db
    .selectFrom('decisions')
    .select(['grant_id', 'approver'])
    .where('grant_id', 'in', ids)
    .where('decision', '=', 'approve')
    .where('lapsed_at', 'is', null)
    .orderBy('approver')
    .execute()
  const approvers = Map.groupBy(approvals, ({ grant_id }) => grant_id)
  return new Map(
    rows.map((row) => [
      row.id,
      { ...row, approvers: (approvers.get(row.id) ?? []).map(({ approver }) => approver) },
    ]),
  )
}

const MOST_NAMED = 20

async function differencesNow(db: Kysely<Tables>): Promise<Differences> {
  const found = async (differs: Differs) => {
    const { count } = await db
      .selectFrom('coupons')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('differs', '=', differs)
      .executeTakeFirstOrThrow()
    const rows = await db
      .selectFrom('coupons')
      .select('coupon_id')
      .where('differs', '=', differs)
      .orderBy('coupon_id')
      .limit(MOST_NAMED)
      .execute()
    return { count: Number(count), first: rows.map(({ coupon_id }) => coupon_id) }
  }
  return { 'no-grant': await found('no-grant'), 'not-listed': await found('not-listed') }
}
