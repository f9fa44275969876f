import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Postgres } from '../../src/sandbox/postgres.ts'

/** New ledgers of either engine, and rows written to them without the app, which is far faster. */

export const engines = ['SQLite', 'PostgreSQL'] as const
export type EngineName = (typeof engines)[number]

export interface Place {
  url: string
  /** Runs SQL, after the ledger has been opened and thereby made. */
  run(text: string): Promise<void>
}

/** @returns a function that gives a place for a new ledger each time */
export function createPlaces({ folder, postgres }: { folder: string; postgres: Postgres }) {
  let count = 0
  return async (engine: EngineName): Promise<Place> => {
    count += 1
    if (engine === 'SQLite') {
      const path = join(folder, `${count}.sqlite`)
      return {
        url: `file:${path}`,
        async run(text) {
          const database = new DatabaseSync(path, { timeout: 5000 })
          database.exec(text)
          database.close()
        },
      }
    }
    await postgres.query(`create database ledger_${count}`)
    const url = postgres.url(`ledger_${count}`)
    return {
      url,
      async run(text) {
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        await client.query(text).finally(() => client.end())
      },
    }
  }
}

export interface Approved {
  /** The number of the first row; a number is used once in a ledger. */
  from: number
  count: number
  mchid: string
  appid: string
  stockId: string
}

/** Approved grants of as many users, due long ago, the first one longest. In SQL that both engines accept. */
export function insertApproved({ from, count, mchid, appid, stockId }: Approved): string {
  const numbers = `with recursive n (i) as (select ${from} union all select i + 1 from n where i < ${from + count - 1})`
  const id = `'B' || (1000000000000000 + n.i)`
  return `begin;
    insert into subjects (id, appid, openid) ${numbers}
      select 'b' || n.i, '${appid}', 'oUpF8uBULK' || (100000000000000000 + n.i) from n;
    insert into grants (id, send_request_no, submission, subject, appid, mchid, stock_id, stock, stock_ref, stock_name,
      quota, day, requester, reason, reason_name, state, created_at, state_at, policy_hash, approvals_needed, version, due_at, lane)
    ${numbers} select ${id}, ${id}, ${id}, 'b' || n.i, '${appid}', '${mchid}', '${stockId}', 'withdraw-10',
      '${mchid}/${stockId}', '{"en":"Ten","zh-CN":"十元"}', 1000, 20270115, 'U0AGENT1', 'outage', '{"en":"Outage","zh-CN":"中断"}',
      'approved', n.i, n.i, 'h', 0, 1, n.i, 1 from n;
    commit`
}
