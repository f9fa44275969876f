import type { Migration } from '../migrate.ts'

const SETTLED = `'{"code":"SETTLED_NOT_ISSUED","message":"","requestId":null}'`
/** What the app or the policy gives as a reason is a code. */
const typed = (by: string) => `${by} not in ('app', 'policy', 'wechatpay')`

/** What people typed about a person is in one table, to which all else points. */
export const textsMigration: Migration = {
  number: 13,
  name: 'texts',
  statements: ({ table, appendOnly, changeable, json }) => {
    /** Lines of the trail whose words of a person were in their data. */
    const lines = [
      { of: `kind in ('reject', 'cancel') and ${typed('actor')}`, key: 'reason' },
      { of: `kind = 'paused'`, key: 'reason' },
      { of: `kind = 'settlement-proposed'`, key: 'evidence' },
    ]
    return [
      `create table texts (
        id text primary key,
        text text
      ) ${table}`,
      `insert into texts (id, text) select 'n' || id, note from grants where note is not null`,
      `insert into texts (id, text) select 'r' || id, ended_reason from grants
        where ended_reason is not null and ${typed('ended_by')}`,
      `insert into texts (id, text) select 'v' || id, ${json.text('refusal', 'message')} from grants
        where refusal is not null and ${json.text('refusal', 'code')} = 'SETTLED_NOT_ISSUED'`,
      'alter table grants add column note_text text references texts (id)',
      'alter table grants add column end_text text references texts (id)',
      `update grants set note_text = 'n' || id where note is not null`,
      `update grants set end_text = 'r' || id, ended_reason = null
        where ended_reason is not null and ${typed('ended_by')}`,
      `update grants set end_text = 'v' || id, refusal = ${SETTLED}
        where refusal is not null and ${json.text('refusal', 'code')} = 'SETTLED_NOT_ISSUED'`,
      'alter table grants drop column note',

      `insert into texts (id, text) select 'd' || grant_id || approver, reason from decisions where reason is not null`,
      'alter table decisions add column reason_text text references texts (id)',
      `update decisions set reason_text = 'd' || grant_id || approver where reason is not null`,
      'alter table decisions drop column reason',

      `insert into texts (id, text) select 'p' || id, evidence from settlements`,
      'alter table settlements add column evidence_text text references texts (id)',
      `update settlements set evidence_text = 'p' || id`,
      'alter table settlements drop column evidence',

      ...changeable('events'),
      'alter table events add column said_text text references texts (id)',
      ...lines.flatMap(({ of, key }) => [
        `insert into texts (id, text) select 't' || id, ${json.text('data', key)} from events
          where ${of} and ${json.text('data', key)} is not null`,
        `update events set data = ${json.without('data', key)},
          said_text = case when ${json.text('data', key)} is not null then 't' || id end where ${of}`,
      ]),
      `update events set data = ${json.without('data', 'evidence')}
        where kind in ('issue', 'refuse') and ${json.text('data', 'evidence')} is not null`,
      ...appendOnly('events'),
    ]
  },
}
