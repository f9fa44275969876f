import { looksLikeKey, shownPath } from '../policy/text-file.ts'
import type { ProblemCode, Values } from './words/index.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** What is wrong with one variable; the words and the remedy are in `words/`. Never contains the value of a secret. */
export interface ConfigProblem {
  /** The variable that is set. */
  variable: string
  /** The variable that the app reads, which determines the remedy. */
  row: string
  code: ProblemCode
  values: Values
}

/** A value as given, before its form is checked. */
export interface Given {
  /** The variable that is set. It may be another one than the app reads, e.g. `HTTPS_PROXY`. */
  name: string
  isSet: boolean
  /** Undefined if it isn't set or couldn't be read. */
  text: string | undefined
  /** Why it couldn't be read. */
  problem?: ConfigProblem
}

/** The value of a variable; an empty one counts as not set. */
export function given(env: Env, name: string): Given {
  const text = env[name]?.trim() || undefined
  return { name, isSet: text !== undefined, text }
}

/** The value of a variable, or of the file that `NAME_FILE` names. */
export function givenOrInFile(env: Env, name: string, readFile: (path: string) => string): Given {
  const direct = given(env, name)
  const { name: inFile, text: file } = given(env, `${name}_FILE`)
  if (file === undefined) return direct
  const failed = (variable: string, code: ProblemCode, values: Values): Given => ({
    name: inFile,
    isSet: true,
    text: undefined,
    problem: { variable, row: name, code, values },
  })
  if (direct.isSet) return failed(name, 'both-set', { other: inFile })
  if (looksLikeKey(file)) return failed(inFile, 'key-for-path', { variable: name })
  const path = shownPath(file, '')
  try {
    const text = readFile(file).trim()
    if (text === '') return failed(inFile, 'empty-file', { path })
    return { name: inFile, isSet: true, text }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return failed(inFile, 'unreadable-file', { path, code })
  }
}

/** The proxy that the variable names, or else one of the usual variables: lower case first, as in curl. */
export function givenProxy(env: Env, name: string): Given {
  const usual = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
  const found = [name, ...usual].map((one) => given(env, one)).find(({ isSet }) => isSet)
  const isNone = found?.name === name && /^none$/i.test(found.text ?? '')
  return found && !isNone ? found : { name, isSet: false, text: undefined }
}
