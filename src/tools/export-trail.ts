import { createHash, type KeyObject } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { csvLine } from '../domain/csv.ts'
import { publicKeyOf, signHash } from '../domain/seal.ts'
import type { AuditedGrant, AuditReads } from '../ledger/ledger.ts'
import { type AuditLine, auditLine, type EndLine, type Selection } from './audit-lines.ts'
import { type Placed, unreadable } from './verify-trail.ts'

const BUFFERED = 1 << 16

/**
 * Writes a new file that only its owner can read, and shows it only once it is on disk.
 * @returns null if it already existed
 */
async function writeNew<T>(
  file: string,
  fill: (write: (text: string) => void) => Promise<T>,
): Promise<T | null> {
  const path = resolve(file)
  if (existsSync(path)) return null
  const part = `${path}.${process.pid}.part`
  const handle = openSync(part, 'wx', 0o600)
  let buffered = ''
  const flush = () => {
    // A write may accept only a part.
    let bytes = Buffer.from(buffered)
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(handle, bytes))
    buffered = ''
  }
  try {
    const filled = await fill((text) => {
      buffered += text
      if (buffered.length > BUFFERED) flush()
    })
    flush()
    fsyncSync(handle)
    if (existsSync(path)) return null
    renameSync(part, path)
    return filled
  } finally {
    closeSync(handle)
    rmSync(part, { force: true })
  }
}

/**
 * Writes lines as JSON, with an end that shows whether all are there.
 * @returns their number; null if the file existed
 */
export function exportLines(
  file: string,
  lines: AsyncIterable<AuditLine>,
  key: KeyObject | null,
): Promise<number | null> {
  return writeNew(file, async (write) => {
    const hash = createHash('sha256')
    let [count, unsealed] = [0, 0]
    const add = (line: AuditLine) => {
      const text = `${JSON.stringify(line)}\n`
      if (line.type !== 'end') hash.update(text)
      write(text)
      count += 1
    }
    for await (const line of lines) {
      if (line.type === 'event') unsealed += 1
      if (line.type === 'seal') unsealed = 0
      add(line)
    }
    const sha256 = hash.digest('hex')
    const signed = key && { key: publicKeyOf(key), signature: signHash(key, 'export', sha256) }
    const end: EndLine = {
      type: 'end',
      lines: count,
      unsealed,
      sha256,
      key: null,
      signature: null,
      ...signed,
    }
    add(end)
    return count
  })
}

/** Reads the lines of an export. Yields each only after its form is checked, and the last only after all bytes are. */
export async function* linesOfFile(file: string): AsyncGenerator<Placed> {
  const input = createReadStream(file)
  const hash = createHash('sha256')
  let number = 0
  let isEnded = false
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      const where = `line ${number} of the file`
      const line = lineOf(text)
      if (!line) throw unreadable(where, 'it is not what an export holds: it was changed, or cut off')
      if (line.type === 'end') {
        if (line.lines !== number - 1)
          throw unreadable(where, `${line.lines} lines were exported, ${number - 1} are here`)
        if (line.sha256 !== hash.digest('hex'))
          throw unreadable(where, 'some line before it is not as it was exported')
        isEnded = true
      } else if (!isEnded) hash.update(`${text}\n`)
      yield { where, line }
    }
  } finally {
    input.destroy()
  }
  if (!isEnded)
    throw unreadable(`line ${number + 1} of the file`, 'the export is cut off: its end is missing')
}

function lineOf(text: string): AuditLine | null {
  try {
    return auditLine.parse(JSON.parse(text))
  } catch {
    return null
  }
}

const columns = [
  ...(['id', 'subject', 'openid', 'appid', 'stock', 'stock_ref', 'quota', 'requester', 'reason'] as const),
  ...([
    'ticket',
    'found_by',
    'note',
    'state',
    'created_at',
    'state_at',
    'approved_by_rule',
    'ended_by',
  ] as const),
  ...(['ended_reason', 'end_said', 'coupon_id', 'issued_at', 'coupon_expires_at', 'attempts'] as const),
] as const
const typed: readonly string[] = ['ticket', 'note', 'end_said']
const times: readonly string[] = ['created_at', 'state_at', 'issued_at', 'coupon_expires_at']

const foundBy = z.object({ kind: z.string(), number: z.string() })

/** The number that found the user, in one cell: its kind, and the number, masked as in the ledger. */
function foundText({ found_by }: AuditedGrant): string | null {
  if (found_by === null) return null
  const { kind, number } = foundBy.parse(JSON.parse(found_by))
  return `${kind} ${number}`
}

/**
 * Writes the grants that were asked for in these days as CSV.
 * @returns the number of lines; null if the file existed
 */
export function exportGrants(file: string, reads: AuditReads, of: Selection): Promise<number | null> {
  const shown = columns.filter(
    (column) => (of.openids || column !== 'openid') && (of.texts || !typed.includes(column)),
  )
  return writeNew(file, async (write) => {
    write(csvLine(shown))
    let count = 1
    for await (const grant of reads.grants()) {
      if (of.from && grant.created_at < of.from.at) continue
      if (of.to && grant.created_at >= of.to.at) continue
      write(
        csvLine(
          shown.map((column) => {
            const value = grant[column]
            if (column === 'found_by') return foundText(grant)
            return times.includes(column) && value !== null ? new Date(Number(value)).toISOString() : value
          }),
        ),
      )
      count += 1
    }
    return count
  })
}
