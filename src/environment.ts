import { inspect } from 'node:util'

export type Env = Readonly<Record<string, string | undefined>>

/** What is wrong with one variable, and what to do. Never holds the value of a secret. */
export interface ConfigProblem {
  variable: string
  problem: string
  remedy: string
}

export type Reader = ReturnType<typeof createReader>

/** Reads single variables; what is wrong with them is added to `problems`, and they read as undefined. */
export function createReader(env: Env, readFile: (path: string) => string, problems: ConfigProblem[]) {
  const tell = (variable: string, problem: string, remedy: string): undefined => {
    problems.push({ variable, problem, remedy })
  }
  const value = (name: string) => env[name]?.trim() || undefined
  const required = (name: string, remedy: string) => value(name) ?? tell(name, 'is not set', remedy)
  return {
    tell,
    value,
    required,
    matching(name: string, form: RegExp, problem: string, remedy: string) {
      const text = required(name, remedy)
      return text === undefined || form.test(text) ? text : tell(name, problem, remedy)
    },
    oneOf(name: string, choices: readonly string[]) {
      const text = value(name)
      if (text === undefined || choices.includes(text)) return text
      return tell(name, `is ${JSON.stringify(text)}`, `write one of: ${choices.join(', ')}`)
    },
    wholeNumber(name: string, min: number, max: number) {
      const text = value(name)
      if (text === undefined) return undefined
      const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
      if (number >= min && number <= max) return number
      return tell(name, `is ${JSON.stringify(text)}`, `write a whole number from ${min} to ${max}`)
    },
    /** An https address, or http of this machine: anything else would send secrets in the clear. */
    address(name: string, text: string) {
      const url = URL.canParse(text) ? new URL(text) : null
      if (url?.username || url?.password) return tell(name, 'holds a user or password', 'take them out')
      if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return text
      return url?.protocol === 'http:'
        ? tell(
            name,
            `is not encrypted: ${JSON.stringify(text)}`,
            'write an https address; http only for 127.0.0.1',
          )
        : tell(
            name,
            `is no https address: ${JSON.stringify(text)}`,
            'write it whole, beginning with https://',
          )
    },
    /** A value given in the variable itself or in the file that `NAME_FILE` names. */
    textOrFile(name: string) {
      const file = value(`${name}_FILE`)
      const text = value(name)
      if (file === undefined) return { given: text !== undefined, text }
      if (text !== undefined) tell(name, `and ${name}_FILE are both set`, 'keep one of the two')
      else {
        try {
          const content = readFile(file).trim()
          if (content !== '') return { given: true, text: content }
          tell(`${name}_FILE`, `names an empty file: ${file}`, 'check the path')
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
          tell(`${name}_FILE`, `can't be read: ${file}${code}`, 'check the path and who may read it')
        }
      }
      return { given: true, text: undefined }
    },
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]+){3}$/.test(host)
}

/** The same object, printed without the values of these keys. A copy of it by spreading is printed in full. */
export function hiding<T extends object>(value: T, secrets: readonly (keyof T)[]): T {
  const shown = () =>
    Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, secrets.includes(key as keyof T) ? '[hidden]' : part]),
    )
  return Object.defineProperties(value, {
    toJSON: { value: shown },
    [inspect.custom]: { value: shown },
  })
}
