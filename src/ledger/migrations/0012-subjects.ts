import type { Migration } from '../migrate.ts'

/**
 * A person's openid is in one row, to which all else points. Of those who were known before, the ids are those of their
 * first grants or look-ups.
 */
export const subjectsMigration: Migration = {
  number: 12,
  name: 'subjects',
  statements: ({ table, appendOnly, changeable }) => [
    `create table subjects (
      id text primary key,
      appid text not null,
      openid text,
      unique (openid, appid)
    ) ${table}`,
    `insert into subjects (id, appid, openid)
      select 's' || min(id), appid, openid from grants group by appid, openid`,
    // Who was only looked up was so under the appid of most grants, where there are any.
    `insert into subjects (id, appid, openid)
      select 'e' || min(id), coalesce((select appid from grants group by appid order by count(*) desc limit 1), ''), openid
      from events where openid is not null and openid not in (select openid from subjects) group by openid`,

    'alter table grants add column subject text references subjects (id)',
    `update grants set subject = (select s.id from subjects s where s.openid = grants.openid and s.appid = grants.appid)`,
    'drop index grants_openid',
    'drop index grants_issuing',
    'alter table grants drop column openid',
    'create index grants_subject on grants (subject, created_at, id)',
    `delete from usage where kind = 'user'`,
    `insert into usage (kind, owner, rule, day, count, quota)
      select 'user', subject, '', day, count(*), sum(quota) from grants
      where state in ('pending', 'approved', 'issuing', 'issued') group by subject, day`,
    `create index grants_issuing on grants (subject, stock_ref) where state = 'issuing'`,

    // As its grant's, which refers to it.
    'alter table attempts add column subject text',
    `update attempts set subject = (select g.subject from grants g where g.id = attempts.grant_id)`,
    'drop index attempts_open',
    'alter table attempts drop column openid',
    'alter table attempts drop column appid',
    // WeChat Pay refuses two sends to one user at a time.
    'create unique index attempts_open on attempts (subject) where ended_at is null',

    ...changeable('events'),
    'alter table events add column subject text references subjects (id)',
    `update events set subject = coalesce(
      (select g.subject from grants g join subjects s on s.id = g.subject
        where g.id = events.grant_id and s.openid = events.openid),
      (select min(s.id) from subjects s where s.openid = events.openid))
      where openid is not null`,
    'alter table events drop column openid',
    'create index events_subject on events (subject) where subject is not null',
    ...appendOnly('events'),
  ],
}
