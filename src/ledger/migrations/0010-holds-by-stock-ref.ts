import type { Migration } from '../migrate.ts'

/**
 * Holds say in fields what they stop, and stocks in them are told apart by what they are at WeChat Pay. A key becomes the
 * stocks of its newest grant and of all its open ones. One that no grant has is kept as `/KEY`, which stops nothing, until
 * a policy that names it is read.
 */
export const holdsByStockRefMigration: Migration = {
  number: 10,
  name: 'holds-by-stock-ref',
  statements: () => {
    const isOfStock = `(scope like 'stock:%' or scope like 'paused:%')`
    const open = `g.state in ('pending', 'approved', 'issuing')`
    return [
      `alter table holds add column kind text not null default 'all'
        check (kind in ('all', 'first-attempts', 'stock', 'paused'))`,
      'alter table holds add column stock_ref text',
      'alter table holds add column stock text',
      `update holds set stock = substr(scope, case when scope like 'stock:%' then 7 else 8 end) where ${isOfStock}`,
      `update holds set kind = case when scope like 'stock:%' then 'stock' when scope like 'paused:%' then 'paused'
        else scope end`,
      `update holds set stock_ref = '/' || stock where stock is not null`,
      // All keys in one pass: there may be very many grants, and many holds that are over.
      `update holds set stock_ref = newest.stock_ref from (select g.stock, g.stock_ref from grants g
          join (select stock, max(id) as id from grants group by stock) last on last.id = g.id) newest
        where newest.stock = holds.stock`,
      'drop index holds_open',
      `insert into holds (id, scope, kind, stock_ref, stock, reason, message, since, probe_at, tell_at, begun_by)
        select h.id || '-' || row_number() over (partition by h.id order by refs.stock_ref),
          h.scope, h.kind, refs.stock_ref, h.stock, h.reason, h.message, h.since, h.probe_at, h.tell_at, h.begun_by
        from holds h join (select distinct g.stock, g.stock_ref from grants g where ${open}) refs
          on refs.stock = h.stock and refs.stock_ref <> h.stock_ref
        where h.ended_at is null`,
      // Two keys of one stock may both have been held; a button drawn for either finds the one that is left, or none.
      `update holds set ended_at = since, ended_by = 'app', told = 2 where ended_at is null and exists (
        select 1 from holds other where other.ended_at is null and other.kind = holds.kind
          and other.stock_ref = holds.stock_ref and (other.since < holds.since
            or (other.since = holds.since and other.id < holds.id)))`,
      `create unique index holds_open on holds (kind, coalesce(stock_ref, '')) where ended_at is null`,
      'alter table holds drop column scope',
    ]
  },
}
