import { looksLikeKey, shownPath } from '../policy/text-file.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** What is wrong with one variable, and what to do. Never holds the value of a secret. */
export interface ConfigProblem {
  variable: string
  problem: string
  remedy: string
}

/** A value as it was given, before its form is checked. */
export interface Given {
  /** The variable that is set: the value may stand in another one than is read, e.g. `HTTPS_PROXY`. */
  name: string
  isSet: boolean
  /** Undefined where it is not set or could not be had. */
  text: string | undefined
  /** Why it could not be had. */
  problem?: ConfigProblem
}

/** A value as it stands in its variable; an empty one counts as not set. */
export function given(env: Env, name: string): Given {
  const text = env[name]?.trim() || undefined
  return { name, isSet: text !== undefined, text }
}

/** A value that stands in the variable itself or in the file that `NAME_FILE` names. */
export function givenOrInFile(env: Env, name: string, readFile: (path: string) => string): Given {
  const direct = given(env, name)
  const { name: inFile, text: file } = given(env, `${name}_FILE`)
  if (file === undefined) return direct
  const failed = (variable: string, problem: string, remedy: string): Given => ({
    name: inFile,
    isSet: true,
    text: undefined,
    problem: { variable, problem, remedy },
  })
  if (direct.isSet) return failed(name, `and ${inFile} are both set`, 'keep one of the two')
  if (looksLikeKey(file))
    return failed(inFile, 'holds a key, not the path of a file', `put the key into ${name}, or name its file`)
  try {
    const text = readFile(file).trim()
    if (text === '') return failed(inFile, `names an empty file: ${shownPath(file)}`, 'check the path')
    return { name: inFile, isSet: true, text }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return failed(inFile, `can't be read: ${shownPath(file)}${code}`, 'check the path and who may read it')
  }
}

/** The proxy that the variable names, or else the usual ones do: the lower case first, as curl has it. */
export function givenProxy(env: Env, name: string): Given {
  const usual = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
  const found = [name, ...usual].map((one) => given(env, one)).find(({ isSet }) => isSet)
  const isNone = found?.name === name && /^none$/i.test(found.text ?? '')
  return found && !isNone ? found : { name, isSet: false, text: undefined }
}
