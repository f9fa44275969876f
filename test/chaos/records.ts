import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { GrantState } from '../../src/domain/grant.ts'
import type { HoldKind } from '../../src/domain/hold.ts'

/** The content of the ledger's tables, read without the app. */
export interface GrantRecord {
  id: string
  submission: string
  subject: string
  openid: string
  stock: string
  stock_ref: string
  requester: string
  approved_by_rule: string | null
  day: number
  quota: number
  state: GrantState
  coupon_id: string | null
  flag: string | null
  due_at: number | null
  version: number
}

/** The counts that limits use. */
export interface UsageRecord {
  kind: 'user' | 'requester' | 'stock'
  owner: string
  rule: string
  day: number
  count: number
  quota: number
}

export interface CardRecord {
  id: string
  grant_id: string
  kind: 'view' | 'dm' | 'approval'
  place: string | null
  gone: number
  /** The grant's state when the card was last drawn. */
  shown: GrantState | null
  due_at: number | null
}

export interface AttemptRecord {
  grant_id: string
  number: number
  /** The subject of its grant. */
  subject: string
  openid: string
  stock_ref: string
  worker: string
  started_at: number
  ended_at: number | null
  outcome: string | null
}

export interface HoldRecord {
  id: string
  kind: HoldKind
  stock_ref: string | null
  since: number
  ended_at: number | null
}

export interface Records {
  grants: GrantRecord[]
  usage: UsageRecord[]
  cards: CardRecord[]
  attempts: AttemptRecord[]
  holds: HoldRecord[]
  decisions: { grant_id: string; approver: string; decision: 'approve' | 'reject' }[]
  /** Who cancelled: a Slack user id, `app` or `policy`. */
  cancelled: { grant_id: string; actor: string }[]
  /** Number of notices still to be told. */
  notices: number
  /** Ends that were told or wait to be; `data` names the others in the same message. */
  outcomes: { id: string; data: string }[]
}

const queries = {
  grants: `select grants.id, submission, subject, openid, stock, stock_ref, requester, approved_by_rule, day, quota, state,
    coupon_id, flag, due_at, version
    from grants join subjects on subjects.id = grants.subject order by grants.id`,
  usage: 'select kind, owner, rule, day, count, quota from usage',
  cards: 'select id, grant_id, kind, place, gone, shown, due_at from cards',
  attempts: `select grant_id, number, grants.subject, openid, stock_ref, worker, started_at, ended_at, outcome
    from attempts join grants on grants.id = grant_id join subjects on subjects.id = grants.subject
    order by grant_id, number`,
  holds: 'select id, kind, stock_ref, since, ended_at from holds order by since',
  decisions: 'select grant_id, approver, decision from decisions',
  cancelled: `select grant_id, actor from events where kind = 'cancel'`,
  outcomes: `select id, data from notices where kind = 'outcome'`,
  notices: 'select count(*) as count from notices where due_at is not null',
} as const

/** Reads everything as of one moment. @param url `file:` or `postgres:` */
export async function readRecords(url: string): Promise<Records> {
  const read = url.startsWith('file:') ? fromSqlite(url.slice('file:'.length)) : await fromPostgres(url)
  const rows = async <T>(name: keyof typeof queries) => (await read.all(queries[name])) as T[]
  try {
    const [counted] = await rows<{ count: number }>('notices')
    return {
      grants: await rows('grants'),
      usage: await rows('usage'),
      cards: await rows('cards'),
      attempts: await rows('attempts'),
      holds: await rows('holds'),
      decisions: await rows('decisions'),
      cancelled: await rows('cancelled'),
      notices: Number(counted?.count ?? 0),
      outcomes: await rows('outcomes'),
    }
  } finally {
    await read.close()
  }
}

function fromSqlite(path: string) {
  const database = new DatabaseSync(path, { readOnly: true })
  database.exec('begin')
  return {
    all: async (query: string) => database.prepare(query).all(),
    close: async () => database.close(),
  }
}

const INT8 = 20

async function fromPostgres(url: string) {
  const client = new pg.Client({
    connectionString: url,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  await client.connect()
  await client.query('begin isolation level repeatable read read only')
  return {
    all: async (query: string): Promise<unknown[]> => (await client.query(query)).rows,
    close: () => client.end(),
  }
}

export const needsLook = ({ state, flag }: GrantRecord) =>
  state === 'issuing' && flag !== null && flag.includes('"needs-look"')

/** Grants that people must settle, and grants that wait for one of these: the same coupon for the same user. */
export function leftToPeople(grants: readonly GrantRecord[]): Set<GrantRecord> {
  const of = ({ openid, stock }: GrantRecord) => `${openid} ${stock}`
  const looked = grants.filter(needsLook)
  const blocked = new Set(looked.map(of))
  return new Set([
    ...looked,
    ...grants.filter((grant) => grant.state === 'approved' && blocked.has(of(grant))),
  ])
}
