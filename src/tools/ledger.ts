import { parseArgs } from 'node:util'
import { backUp, type Copied, restore } from '../ledger/ledger.ts'
import { databaseUrl, end, USAGE } from './terminal.ts'

const usage = `Copies the ledger of DATABASE_URL, SQLite or PostgreSQL, into one file, and back.

  npm run ledger -- backup FILE     while the app runs; FILE is a new SQLite file, and itself a ledger
  npm run ledger -- restore FILE    fills the ledger of DATABASE_URL, which must be empty, with FILE; with no app running.
                                    So a team moves from SQLite to PostgreSQL, too: backup, then restore at the new address

A copy starts paused: nothing is issued until somebody resumes (npm run grants -- resume).
Ends with 0; 1: FILE is there already, or the ledger is not empty; 64: wrong arguments; 74: the ledger can't be read or
written; 75: an app runs on it; 78: it is of a newer version.
`
const codes: Readonly<Record<string, number>> = {
  LedgerNotEmptyError: 1,
  LedgerLockedError: 75,
  LedgerTooNewError: 78,
}
const UNAVAILABLE = 74

await main(process.argv.slice(2))

async function main([verb, ...rest]: string[]): Promise<void> {
  const act = verb === 'backup' ? backUp : verb === 'restore' ? restore : null
  if (!act) {
    const isAsked = verb === undefined || ['help', '--help', '-h'].includes(verb)
    return end(isAsked ? 0 : USAGE, isAsked ? usage : `There is no "${verb}".\n\n${usage}`)
  }
  const file = fileOf(rest)
  if (file === null) return end(USAGE, `${verb} takes one file\n--help tells the arguments\n`)
  try {
    const copied = await act({ url: databaseUrl(), file })
    end(0, verb === 'backup' ? backedUp(file, copied) : restored(file, copied))
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    end(codes[name] ?? UNAVAILABLE, `${message}\n`)
  }
}

function fileOf(args: string[]): string | null {
  try {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
    return positionals.length === 1 ? (positionals[0] ?? null) : null
  } catch {
    return null
  }
}

function backedUp(file: string, { at, rows }: Copied): string {
  return `${file} is a copy of the ledger as of ${new Date(at).toISOString()}: ${counts(rows)}\nStarted or restored, it is paused until somebody resumes.\n`
}

function restored(file: string, { rows }: Copied): string {
  return `The ledger holds what ${file} holds: ${counts(rows)}\nIt is paused: start the app, check, then npm run grants -- resume\n`
}

function counts(rows: Copied['rows']): string {
  return Object.entries(rows)
    .map(([table, count]) => `${count} ${table}`)
    .join(', ')
}
