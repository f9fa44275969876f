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
  /** Takes the answer. */
  out(text: string): void
  /** Takes complaints. */
  err(text: string): void
  /** Whether the answer is read on a screen that shows colours. */
  hasColour?: boolean
  /** Asks whoever sits there; null: there are no more answers. Left out: nobody does. */
  ask?(question: string, options: { isSecret: boolean }): Promise<string | null>
  /** Where files are written; the working directory unless told. */
  folder?: string
}

/** Whether what is written there is to have colours: on a screen, unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
export function hasColour({ isTTY }: { isTTY?: boolean }, env: Env): boolean {
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return isTTY === true && !env.NO_COLOR
}

/** Runs a tool. @returns the exit code */
export type Tool = (args: string[], terminal: Terminal) => Promise<number>

/** The arguments are wrong, in a way that Node's parser does not tell. */
export class UsageError extends Error {}

/** The policy or the settings can't be used; the message says what to change. */
export class ConfigError extends Error {}

export function policyFile(env: Env): string {
  return env.POLICY_FILE?.trim() || './policy.yaml'
}

export function databaseUrl(env: Env): string {
  return env.DATABASE_URL?.trim() || 'file:./data/ledger.sqlite'
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

/** The code of a system's error, in brackets behind what failed; nothing where it has none. */
export function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}

/** @throws ConfigError when the file can't be used */
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
  // The ids only matter when something is sent.
  const parsed = parsePolicy(text, { mchid: 'configured', appid: 'configured' })
  if (!parsed.ok) throw new ConfigError(formatMistakes(file, parsed.mistakes, 'en'))
  return parsed.policy
}

/** Without a verb, or with one that the tool does not have: its usage, as an answer where that was asked for. @returns the code */
export function endWithUsage(terminal: Terminal, verb: string | undefined, usage: string): number {
  const isAsked = verb === undefined || ['help', '--help', '-h'].includes(verb)
  return end(terminal, isAsked ? 0 : EXIT.usage, isAsked ? usage : `There is no "${verb}".\n\n${usage}`)
}

/** Reads the arguments of one verb of a tool whose verbs share its flags. @throws UsageError for a flag of another one */
export function argumentsOfVerb<F extends ParseArgsOptionsConfig>(
  args: string[],
  { verb, takes, flags }: { verb: string | undefined; takes: readonly (keyof F)[]; flags: F },
) {
  const read = parseArgs({ args, allowPositionals: true, options: flags })
  const foreign = Object.keys(read.values).find((flag) => !takes.includes(flag))
  if (foreign) throw new UsageError(`${verb} takes no --${foreign}`)
  return read
}

/** What could not be done ends it: for wrong arguments, or else for the ledger, whose drivers have errors of many names. */
export function endBy(terminal: Terminal, error: unknown): number {
  const { message, code = '' } = error as { message?: string; code?: string }
  const isUsage = error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS_')
  // Where every address of a server refuses, the error has a code only.
  if (isUsage) return end(terminal, EXIT.usage, `${message}\n--help lists the arguments\n`)
  const isConfig = error instanceof ConfigError
  return end(
    terminal,
    isConfig ? EXIT.config : (exitCodeOf(error, ledgerErrorCodes) ?? EXIT.ledger),
    `${message || code || String(error)}\n`,
  )
}

/** Says an answer or a complaint. @returns the code */
export function end(terminal: Terminal, code: number, text: string): number {
  const cleaned = withoutControls(text)
  if (code <= EXIT.notDone) terminal.out(cleaned)
  else terminal.err(cleaned)
  return code
}
