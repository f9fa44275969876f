import { createPrivateKey, createPublicKey } from 'node:crypto'
import { findAuditKey, formatProblems } from '../config/config.ts'
import { dayNamed, monthNamed, monthOf } from '../domain/period.ts'
import { actorAtCommandLine } from '../domain/permissions.ts'
import { isKeyName, publicKeyOf } from '../domain/seal.ts'
import { withoutControls } from '../domain/text.ts'
import { EXIT } from '../exit-codes.ts'
import { erasePerson, reportCsv, reportOn } from '../grants/index.ts'
import { type AuditReads, openAuditReads, openLedger } from '../ledger/ledger.ts'
import { readText } from '../policy/text-file.ts'
import { linesOf, type Selection } from './audit-lines.ts'
import { exportGrants, exportLines, linesOfFile } from './export-trail.ts'
import { textOf } from './print-report.ts'
import { counted } from './refusals.ts'
import {
  argumentsOfVerb,
  ConfigError,
  databaseUrl,
  end,
  endBy,
  endWithUsage,
  isMissing,
  systemUser,
  type Terminal,
  UsageError,
} from './terminal.ts'
import { type Placed, type Proof, verifyTrail } from './verify-trail.ts'

const usage = `What auditors do with the ledger of DATABASE_URL, while the app runs. What is sealed can't be changed without a trace.

  npm run audit -- export FILE [--from DAY] [--to DAY] [--format jsonl|csv] [--with-openids] [--with-texts]
      writes what happened into a new file: every line of the trail, the seals, the grants. Days like 2026-11-29, both
      included, in the policy's time zone; without them, all. csv: the grants asked for in these days, without proof.
      Users appear as a subject, the ledger's own id; what people typed is left out unless you ask for it
  npm run audit -- verify [FILE] [--key KEY] [--head SEAL]
      proves that nothing was changed in an export, anywhere, without the app; without FILE, in the ledger itself.
      KEY: a public key as seals name it, or a PEM file; again for each earlier one. Default: that of AUDIT_KEY_FILE.
      SEAL: as the alerts channel or the log show it, 57:1f3a…; it must be in the chain

  npm run audit -- report [--month MONTH] [--format text|csv]
      what was given and asked for in a month like 2026-11, by stock, reason, requester, approver and rule; how asks were decided
      and ended; settlements, pauses, changes of the policy, look-ups. Default: this month. It names no user
  npm run audit -- erase --openid OPENID | --subject SUBJECT
      erases the openid of a person and what was typed about the person, once none of their requests is open. The trail stays
      and can still be verified. Older backups and exports keep what they hold

Exports are signed by the key of AUDIT_KEY_FILE, if there is one.
Exits with 0: done, proven; 1: not done (FILE already exists, a request is open, the person is not known), or something was
changed, and the answer names the first bad line;
64: wrong arguments; 74: the ledger or the file can't be read or written; 78: the settings, or a ledger of another version.
`
const flags = {
  from: { type: 'string' },
  to: { type: 'string' },
  format: { type: 'string' },
  'with-openids': { type: 'boolean' },
  'with-texts': { type: 'boolean' },
  key: { type: 'string', multiple: true },
  head: { type: 'string', multiple: true },
  openid: { type: 'string' },
  month: { type: 'string' },
  subject: { type: 'string' },
} as const
type Values = ReturnType<typeof argumentsOfVerb<typeof flags>>['values']

interface Given {
  terminal: Terminal
  positionals: readonly string[]
  values: Values
}

const verbs: Record<
  string,
  { takes: readonly (keyof typeof flags)[]; most: number; run: (given: Given) => Promise<number> }
> = {
  export: {
    takes: ['from', 'to', 'format', 'with-openids', 'with-texts'],
    most: 1,
    run: exportAll,
  },
  verify: { takes: ['key', 'head'], most: 1, run: verify },
  report: { takes: ['month', 'format'], most: 0, run: report },
  erase: { takes: ['openid', 'subject'], most: 0, run: erase },
}

/** Joins `--key` and its value: one public key in 64 begins with `-`, as flags do. */
function joinKeys(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === '--key' && isKeyName(args[index + 1] ?? '')) return [`--key=${args[index + 1]}`]
    return args[index - 1] === '--key' && isKeyName(arg) ? [] : [arg]
  })
}

/** Runs `audit`. @returns the exit code */
export async function audit([name, ...rest]: string[], terminal: Terminal): Promise<number> {
  const verb = name === undefined || !Object.hasOwn(verbs, name) ? undefined : verbs[name]
  if (!verb) return endWithUsage(terminal, name, usage)
  try {
    const { values, positionals } = argumentsOfVerb(joinKeys(rest), { verb: name, takes: verb.takes, flags })
    if (positionals.length > verb.most) throw new UsageError(`${name} takes no ${positionals[verb.most]}`)
    return await verb.run({ terminal, values, positionals })
  } catch (error) {
    return endBy(terminal, error)
  }
}

/** Opens a snapshot of the ledger for `act`. */
async function withLedger(terminal: Terminal, act: (reads: AuditReads) => Promise<number>): Promise<number> {
  const url = databaseUrl(terminal.env)
  if (isMissing(url)) return end(terminal, EXIT.ledger, `there is no ledger at ${url}: set DATABASE_URL\n`)
  const reads = await openAuditReads(url)
  return act(reads).finally(() => reads.close())
}

async function exportAll({ terminal, positionals, values }: Given): Promise<number> {
  const { format = 'jsonl' } = values
  const [file] = positionals
  if (file === undefined) throw new UsageError('export takes the name of a new file')
  if (format !== 'jsonl' && format !== 'csv') throw new UsageError('--format is jsonl or csv')
  return withLedger(terminal, async (reads) => {
    const { timeZone } = await reads.about()
    const day = (name: 'from' | 'to') => {
      const text = values[name]
      if (text === undefined) return null
      const period = dayNamed(text, timeZone)
      if (!period) throw new UsageError(`--${name} is a day, e.g. 2026-11-29`)
      return { name: text, at: period[name] }
    }
    const of: Selection = {
      from: day('from'),
      to: day('to'),
      openids: values['with-openids'] ?? false,
      texts: values['with-texts'] ?? false,
      by: actorAtCommandLine(systemUser()),
    }
    if (of.from && of.to && of.from.at >= of.to.at)
      throw new UsageError(`--from is after --to: ${of.from.name}, ${of.to.name}`)
    const pem = ownKey(terminal)
    const written =
      format === 'csv'
        ? await exportGrants(file, reads, of)
        : await exportLines(file, linesOf(reads, of), pem === null ? null : createPrivateKey(pem))
    if (written === null) return end(terminal, EXIT.notDone, `${file} is there already and stays as it is\n`)
    return end(terminal, 0, `${file} has ${counted(written, 'line')}\n`)
  })
}

async function verify({ terminal, positionals, values }: Given): Promise<number> {
  const [file] = positionals
  const pem = ownKey(terminal)
  const known = {
    keys: [...(values.key ?? []).map(keyOf), ...(pem === null ? [] : [publicKeyOf(createPrivateKey(pem))])],
    heads: (values.head ?? []).map(headOf),
  }
  const prove = async (lines: AsyncIterable<Placed>) => {
    const verified = await verifyTrail(lines, known)
    if (!verified.ok) return end(terminal, EXIT.notDone, `${verified.where}: ${verified.problem}\n`)
    return end(terminal, 0, proven(verified.proof, known.keys.length > 0))
  }
  if (file !== undefined) return prove(linesOfFile(file))
  return withLedger(terminal, (reads) => prove(linesOfLedger(reads)))
}

async function* linesOfLedger(reads: AuditReads): AsyncGenerator<Placed> {
  for await (const line of linesOf(reads, { from: null, to: null, openids: false, texts: false, by: '' })) {
    if (line.type === 'event') yield { where: `line ${line.id}`, line }
    else if (line.type === 'seal') yield { where: `seal ${line.number}`, line }
    else yield { where: line.type === 'grant' ? `grant ${line.id}` : 'the ledger', line }
  }
}

async function report({ terminal, values }: Given): Promise<number> {
  const { format = 'text' } = values
  if (format !== 'text' && format !== 'csv') throw new UsageError('--format is text or csv')
  return withLedger(terminal, async (reads) => {
    const { timeZone } = await reads.about()
    const month = values.month ?? monthOf(Date.now(), timeZone)
    const period = monthNamed(month, timeZone)
    if (!period) throw new UsageError('--month is a month, e.g. 2026-11')
    const figures = await reportOn(reads, period, timeZone)
    return end(terminal, 0, format === 'csv' ? reportCsv(figures) : textOf(figures, month, timeZone))
  })
}

async function erase({ terminal, values }: Given): Promise<number> {
  const { openid, subject } = values
  if ((openid === undefined) === (subject === undefined))
    throw new UsageError('erase takes either --openid or --subject')
  const url = databaseUrl(terminal.env)
  if (isMissing(url)) return end(terminal, EXIT.ledger, `there is no ledger at ${url}: set DATABASE_URL\n`)
  const ledger = await openLedger({ url, role: 'tool' })
  const of = openid === undefined ? { subject: subject ?? '' } : { openid }
  const erased = await erasePerson({ ledger }, { by: { commandLine: systemUser() }, of }).finally(() =>
    ledger.close(),
  )
  if (erased.length === 0) return end(terminal, EXIT.notDone, 'the ledger has no such person\n')
  const lines = erased.map((one) => {
    if (one.kind === 'already') return `${one.subject} was erased before\n`
    if (one.kind === 'open')
      return `${one.subject} is not erased: still open: ${one.grants.join(', ')}; cancel or settle them first\n`
    return `${one.subject} is erased: ${counted(one.grants, 'grant')}, ${counted(one.texts, 'text')}\n`
  })
  const isDone = erased.every(({ kind }) => kind !== 'open')
  return end(terminal, isDone ? 0 : EXIT.notDone, lines.join(''))
}

/** The PEM of the key that seals this ledger; null: none, or not made yet. */
function ownKey({ env }: Terminal): string | null {
  const file = env.AUDIT_KEY_FILE?.trim() || undefined
  const found = findAuditKey({ file, databaseUrl: databaseUrl(env) }, readText)
  if ('problem' in found) throw new ConfigError(formatProblems([found.problem], 'en'))
  return found.key?.pem ?? null
}

/** Reads a public key: its name, or a PEM file; for a private key, its public half. */
function keyOf(text: string): string {
  if (isKeyName(text)) return text
  try {
    const key = createPublicKey(readText(text))
    if (key.asymmetricKeyType === 'ed25519') return publicKeyOf(key)
  } catch {
    // Reported below.
  }
  throw new UsageError(
    `--key is a public key as seals name it, or a PEM file of Ed25519; ${withoutControls(text)} is neither`,
  )
}

function headOf(text: string): { number: number; hash: string } {
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim()) ?? []
  if (number === undefined || hash === undefined)
    throw new UsageError(
      '--head is a seal as it was told, e.g. 57:1f3a… with all of its 64 letters and digits',
    )
  return { number: Number(number), hash }
}

function proven(proof: Proof, isKeyKnown: boolean): string {
  const { manifest, events, unsealed, seals, sealedAt, grants, signers, end: ended } = proof
  const sealed = `${counted(events - unsealed, 'line')} of the trail in ${counted(seals, 'seal')}: nothing was changed.`
  const last = sealedAt === null ? '' : ` The last seal is of ${new Date(sealedAt).toISOString()}.`
  const lines = [
    `${sealed}${last}`,
    ...(unsealed > 0
      ? [`${counted(unsealed, 'line')} came since, and are not sealed yet: nothing proves them.`]
      : []),
    `${counted(grants, 'grant')}: each row agrees with its trail.`,
    ...signers.map(({ key, from }) =>
      key === null
        ? `From seal ${from} on, nothing is signed: compare with a seal from the alerts channel or the log (--head).`
        : `Signed by ${key} from seal ${from} on.`,
    ),
    ...(signers.some(({ key }) => key !== null) && !isKeyKnown
      ? ['That key was not compared with yours: name yours with --key.']
      : []),
    ...(ended && ended.signature === null ? ['The export itself is not signed.'] : []),
    ...((manifest?.older_to ?? 0) > 0
      ? [
          `Lines up to ${manifest?.older_to} were written before there were seals: they are proven only from their sealing on.`,
        ]
      : []),
  ]
  return `${lines.join('\n')}\n`
}
