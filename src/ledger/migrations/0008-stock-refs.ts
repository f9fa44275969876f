import type { Migration } from '../migrate.ts'

/** Stocks are told apart by what they are at WeChat Pay; their keys in the policy may be renamed. */
export const stockRefsMigration: Migration = {
  number: 8,
  name: 'stock-refs',
  statements: () => [
    `alter table grants add column stock_ref text not null default ''`,
    `update grants set stock_ref = mchid || '/' || stock_id`,
    'drop index grants_stock',
  ],
}
