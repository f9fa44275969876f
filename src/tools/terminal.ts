import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { Env } from '../config/config.ts'
import type { Policy } from '../domain/policy.ts'
import { withoutControls } from '../domain/text.ts'
import { EXIT, exitCodeOf, ledgerErrorCodes } from '../exit-codes.ts'
import { sqlitePath } from '../ledger/ledger.ts'
import { policyUnread } from '../policy/load-policy.ts'
import { formatMistakes, linesOf } from '../policy/mistakes.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import { readText, shownPath } from '../policy/text-file.ts'

/** Where a tool runs. */
export interface Terminal {
  env: Env
  /** Prints an answer. */
  out(text: string): void
  /** Prints a complaint. */
  err(text: string): void
  /** Whether the answers go to a screen that shows colours. */
  hasColour?: boolean
  /** Asks the person at the terminal; null: there are no more answers. Undefined if nobody is there. */
  ask?(question: string, options: { isSecret: boolean }): Promise<string | null>
  /** The folder for files; by default the working directory. */
  folder?: string
}

/** Whether to print colours there: on a screen, unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
export function hasColour({ isTTY }: { isTTY?: boolean }, env: Env): boolean {
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return isTTY === true && !env.NO_COLOR
}

/** Runs a tool. @returns the exit code */
export type Tool = (args: string[], terminal: Terminal) => Promise<number>

/** The arguments are wrong in a way that Node's parser doesn't report. */
export class UsageError extends Error {}

/** The policy or the settings can't be used; the message says what to change. */
export class ConfigError extends Error {}

/** The path of the policy file: `POLICY_FILE`, or the default. */
export function policyFile(env: Env): string {
  return env.POLICY_FILE?.trim() || './policy.yaml'
}

/** The ledger's address: `DATABASE_URL`, or the default. */
export function databaseUrl(env: Env): string {
  return env.DATABASE_URL?.trim() || 'file:./data/ledger.sqlite'
}

/** Whether a SQLite ledger's file does not exist yet: opening it would make one. @throws LedgerSetupError */
export function isMissing(url: string): boolean {
  return url.startsWith('file:') && !existsSync(sqlitePath(url))
}

/** The user who runs this. A container may run it under a number without a user, and pausing must still work there. */
export function systemUser(read: () => { username: string } = userInfo): string {
  try {
    return read().username
  } catch {
    return `uid:${process.getuid?.()}`
  }
}

/** A system error's code in brackets, to follow what failed; empty if it has none. */
export function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}

/** Reads the policy file. @throws ConfigError if the file can't be used */
export function readPolicy(file: string, env: Env): Policy {
  let text: string
  try {
    text = readText(file)
  } catch (error) {
    const isGiven = file !== policyFile(env)
    throw new ConfigError(
      isGiven
        ? `${shownPath(file)} can't be read${codeIn(error)}: name another file`
        : linesOf([policyUnread(file, error, 'en')]),
    )
  }
  // The ids matter only when a request is sent.
  const parsed = parsePolicy(text, { mchid: 'configured', appid: 'configured' })
  if (!parsed.ok) throw new ConfigError(formatMistakes(file, parsed.mistakes, 'en'))
  return parsed.policy
}

/**
 * Prints the usage if no verb or an unknown one was given; it is an answer only if the user asked for it.
 * @returns the exit code
 */
export function endWithUsage(terminal: Terminal, verb: string | undefined, usage: string): number {
  const isAsked = verb === undefined || ['help', '--help', '-h'].includes(verb)
  return end(terminal, isAsked ? 0 : EXIT.usage, isAsked ? usage : `There is no "${verb}".\n\n${usage}`)
}

/** Reads the arguments of one verb of a tool whose verbs share flags. @throws UsageError for another verb's flag */
export function argumentsOfVerb<F extends ParseArgsOptionsConfig>(
  args: string[],
  { verb, takes, flags }: { verb: string | undefined; takes: readonly (keyof F)[]; flags: F },
) {
  const read = parseArgs({ args, allowPositionals: true, options: flags })
  const foreign = Object.keys(read.values).find((flag) => !takes.includes(flag))
  if (foreign) throw new UsageError(`${verb} takes no --${foreign}`)
  return read
}

/**
 * Ends on an error: wrong arguments, wrong configuration, or otherwise the
 * ledger, whose drivers' errors have many names.
 * @returns the exit code
 */
export function endBy(terminal: Terminal, error: unknown): number {
  const { message, code = '' } = error as { message?: string; code?: string }
  const isUsage = error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS_')
  if (isUsage) return end(terminal, EXIT.usage, `${message}\n--help lists the arguments\n`)
  const isConfig = error instanceof ConfigError
  // If every address of a server refuses, the error has only a code.
  return end(
    terminal,
    isConfig ? EXIT.config : (exitCodeOf(error, ledgerErrorCodes) ?? EXIT.ledger),
    `${message || code || String(error)}\n`,
  )
}

/** Prints an answer or a complaint. @returns the exit code */
export function end(terminal: Terminal, code: number, text: string): number {
  const cleaned = withoutControls(text)
  if (code <= EXIT.notDone) terminal.out(cleaned)
  else terminal.err(cleaned)
  return code
}
