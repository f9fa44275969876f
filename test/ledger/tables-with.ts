import type { Place } from './engines.ts'

/** Names of a ledger's tables that contain a text, in any column. */
export async function tablesWith({ engine, sql }: Pick<Place, 'engine' | 'sql'>, text: string) {
  const names = await sql(
    engine === 'sqlite'
      ? `select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`
      : `select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  )
  // A text within JSON within a column is quoted twice.
  const forms = [JSON.stringify(text), JSON.stringify(JSON.stringify(text))].map((form, depth) =>
    form.slice(1 + 2 * depth, -1 - 2 * depth),
  )
  const found = []
  for (const { name } of names) {
    const rows = JSON.stringify(await sql(`select * from ${name}`))
    if (forms.some((form) => rows.includes(form))) found.push(String(name))
  }
  return found
}
