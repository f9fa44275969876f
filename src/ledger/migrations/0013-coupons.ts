import type { Migration } from '../migrate.ts'

/** Coupons as WeChat Pay lists them, and how they differ from the grants. */
export const couponsMigration: Migration = {
  number: 13,
  name: 'coupons',
  statements: ({ int, table }) => [
    `create table coupons (
      coupon_id text primary key,
      subject text not null references subjects (id),
      stock_ref text not null,
      state text,
      used ${int},
      seen_at ${int} not null,
      differs text check (differs in ('no-grant', 'not-listed'))
    ) ${table}`,
  ],
}
