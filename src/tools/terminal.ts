import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { policyUnread, readText, shownPath } from '../config.ts'
import { withoutControls } from '../domain/people-text.ts'
import type { Policy } from '../domain/policy.ts'
import { formatMistakes, parsePolicy } from '../domain/policy-file.ts'
import { LedgerSetupError, sqlitePath } from '../ledger/ledger.ts'

/** What the tools share: where things are, and how they end. Exit codes as in sysexits.h. */
export const USAGE = 64
export const LEDGER = 74
export const CONFIG = 78

/** The arguments are wrong, in a way that Node's parser does not tell. */
export class UsageError extends Error {}

export function policyFile(): string {
  return process.env.POLICY_FILE?.trim() || './policy.yaml'
}

export function databaseUrl(): string {
  return process.env.DATABASE_URL?.trim() || 'file:./data/ledger.sqlite'
}

/** Whether the file of a SQLite ledger is not there yet: opening would make one. @throws LedgerSetupError */
export function isMissing(url: string): boolean {
  return url.startsWith('file:') && !existsSync(sqlitePath(url))
}

/** Who runs this; a container may run it under a number that no user has, and must be able to pause all the same. */
export function systemUser(read: () => { username: string } = userInfo): string {
  try {
    return read().username
  } catch {
    return `uid:${process.getuid?.()}`
  }
}

/** The policy, or null and the process is told to end: the file can't be used. */
export function readPolicy(file: string): Policy | null {
  let text: string
  try {
    text = readText(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    const isGiven = file !== policyFile()
    end(
      CONFIG,
      isGiven
        ? `${shownPath(file)} can't be read${code}: name another file\n`
        : `${policyUnread(file, error)}\n`,
    )
    return null
  }
  // The ids only matter when something is sent.
  const parsed = parsePolicy(text, { mchid: 'configured', appid: 'configured' })
  if (parsed.ok) return parsed.policy
  end(CONFIG, `${formatMistakes(file, parsed.mistakes)}\n`)
  return null
}

/** What could not be done ends it: for wrong arguments, or else for the ledger, whose drivers have errors of many names. */
export function endBy(error: unknown): void {
  const { message, code = '' } = error as { message?: string; code?: string }
  const isUsage = error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS_')
  // Where every address of a server refuses, the error has a code only.
  if (isUsage) end(USAGE, `${message}\n--help tells the arguments\n`)
  else end(error instanceof LedgerSetupError ? CONFIG : LEDGER, `${message || code || String(error)}\n`)
}

/** Answers go to standard output, complaints to standard error. */
export function end(code: number, text: string): void {
  ;(code <= 1 ? process.stdout : process.stderr).write(withoutControls(text))
  process.exitCode = code
}
