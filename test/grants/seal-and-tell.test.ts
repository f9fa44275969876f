import { pino } from 'pino'
import { expect, test } from 'vitest'
import { sealTrail } from '../../src/grants/seal-and-tell.ts'
import { MOST_SEALED } from '../../src/ledger/ledger.ts'
import { openOn } from '../ledger/engines.ts'

const logger = pino({ level: 'silent' })

test('rests after what there was is sealed, though more comes all the while, and goes on after a full seal', async () => {
  const { ledger, sql } = await openOn('sqlite')
  const deps = { ledger, logger, wake: () => {}, signSeal: null }
  const add = (count: number) =>
    sql(`insert into events (kind, actor, at, data)
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
      select 'resumed', 'app', 1, '{}' from numbers`)
  await add(3)
  expect(await sealTrail(deps)).toBe(0)
  await add(2)
  expect(await sealTrail(deps)).toBe(0)
  expect(await sql('select number, count from seals order by number')).toEqual([
    { number: 1, count: 3 },
    { number: 2, count: 2 },
  ])
  await add(MOST_SEALED + 1)
  expect(await sealTrail(deps)).toBeGreaterThan(0)
  expect(await sealTrail(deps)).toBe(0)
  expect(await sql('select sum(count) as count from seals')).toEqual([{ count: MOST_SEALED + 6 }])
})
