import { parseArgs } from 'node:util'
import { formatFen } from '../domain/text.ts'
import { shortOpenid } from '../domain/wechatpay-ids.ts'
import { EXIT } from '../exit-codes.ts'
import {
  type BackedUp,
  backUp,
  type Copied,
  forgetBackup,
  type Miscounted,
  openLedger,
  restore,
} from '../ledger/ledger.ts'
import { counted } from './refusals.ts'
import { databaseUrl, end, endBy, endWithUsage, isMissing, type Terminal } from './terminal.ts'

const usage = `Copies the ledger of DATABASE_URL, SQLite or PostgreSQL, into one file and back; recounts its limits.

  npm run ledger -- backup FILE     while the app runs; FILE is a new SQLite file, and itself a ledger
  npm run ledger -- restore FILE    fills the ledger of DATABASE_URL, which must be empty, with FILE; with no app running
  npm run ledger -- forget-backup   for a team that now backs up by other means: npm run doctor no longer warns that the last
                                    backup by this tool is old; beside a running app
  npm run ledger -- recount         recounts from all grants what the limits count, and lists what differed; on SQLite with no
                                    app running; on PostgreSQL beside running apps, which write nothing meanwhile

A copy starts paused: nothing is issued until somebody resumes (npm run grants -- resume). What is open in it may have been
given, decided or cancelled since it was made, so operators settle it (npm run grants -- stuck).

  --stopped    with either: the app was stopped before, and is never started on the older ledger again, as when a team moves
               from SQLite to PostgreSQL. What is open then goes on as if nothing had happened
Exits with 0; 1: FILE is there already, or the ledger is not empty; 64: wrong arguments; 74: the ledger can't be read or
written; 75: an app runs on it; 78: DATABASE_URL is wrong, or it is of a newer version.
`
/** Runs `ledger`. @returns the exit code */
export async function ledger([verb, ...rest]: string[], terminal: Terminal): Promise<number> {
  if (verb === 'recount') return onLedger(verb, rest, terminal, recount)
  if (verb === 'forget-backup') return onLedger(verb, rest, terminal, forget)
  if (verb !== 'backup' && verb !== 'restore') return endWithUsage(terminal, verb, usage)
  const read = argumentsOf(rest)
  if (read === null) return end(terminal, EXIT.usage, `${verb} takes one file\n--help lists the arguments\n`)
  const { file, stopped } = read
  try {
    const copy = { url: databaseUrl(terminal.env), file, stopped }
    if (verb === 'restore') return end(terminal, 0, restored(file, await restore(copy)))
    const copied = await backUp(copy)
    return end(terminal, 0, backedUp(file, copied, stopped))
  } catch (error) {
    return endBy(terminal, error)
  }
}

/**
 * Runs a verb that changes the ledger itself and takes only its address.
 * @param change changes the ledger at this address, and returns what it did
 */
async function onLedger(
  verb: string,
  args: string[],
  terminal: Terminal,
  change: (url: string) => Promise<string>,
): Promise<number> {
  if (args.length > 0)
    return end(terminal, EXIT.usage, `${verb} takes nothing more\n--help lists the arguments\n`)
  try {
    const url = databaseUrl(terminal.env)
    if (isMissing(url)) return end(terminal, EXIT.ledger, 'there is no ledger at DATABASE_URL\n')
    return end(terminal, 0, await change(url))
  } catch (error) {
    return endBy(terminal, error)
  }
}

async function recount(url: string): Promise<string> {
  const opened = await openLedger({ url, waitForLock: 0 })
  return recounted(await opened.recount().finally(() => opened.close()))
}

async function forget(url: string): Promise<string> {
  await forgetBackup(url)
  return 'Forgotten: npm run doctor says nothing about backups until npm run ledger -- backup runs again.\n'
}

function recounted(differed: Miscounted[]): string {
  if (differed.length === 0) return 'The limits agree with the grants: nothing differed.\n'
  const lines = differed.map(({ kind, owner, rule, day, was, is }) => {
    const who = kind === 'user' ? shortOpenid(owner) : owner
    const by = rule === '' ? '' : ` by the rule ${rule}`
    const date = String(day).replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')
    return `  ${kind} ${who}${by}, ${date}: ${amount(was)} before, ${amount(is)} now\n`
  })
  return `The limits agree with the grants again. What differed (at most the latest 100):\n${lines.join('')}`
}

function amount({ count, quota }: Miscounted['is']): string {
  return `${counted(count, 'coupon')} of ${formatFen(quota)}`
}

function argumentsOf(args: string[]): { file: string; stopped: boolean } | null {
  try {
    const options = { stopped: { type: 'boolean', default: false } } as const
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options })
    const [file] = positionals
    return file !== undefined && positionals.length === 1 ? { file, stopped: values.stopped } : null
  } catch {
    return null
  }
}

function backedUp(file: string, { at, rows, isNoted }: BackedUp, stopped: boolean): string {
  const unnoted =
    isNoted || stopped
      ? ''
      : 'This backup could not be noted in the ledger: npm run doctor still counts from the one before.\n'
  return `${file} is a copy of the ledger as of ${new Date(at).toISOString()}; rows: ${counts(rows)}\nStarted or restored, it is paused until somebody resumes.\n${unnoted}`
}

function restored(file: string, { rows }: Copied): string {
  return `The ledger holds what ${file} holds; rows: ${counts(rows)}\nIt is paused: start the app, check, then npm run grants -- resume\n`
}

function counts(rows: Copied['rows']): string {
  return Object.entries(rows)
    .map(([table, count]) => `${table} ${count}`)
    .join(', ')
}
