import { inspect } from 'node:util'

export type Env = Readonly<Record<string, string | undefined>>

/** What is wrong with one variable, and what to do. Never holds the value of a secret. */
export interface ConfigProblem {
  variable: string
  problem: string
  remedy: string
}

/** What other machines are reached through. */
export interface WebProxy {
  url: string
  /** As `NO_PROXY` has it. */
  except?: string
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
    /** The proxy that this variable names, or else the usual ones do: the lower case first, as curl has it. */
    proxy(name: string): WebProxy | undefined {
      const usual = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
      const from = [name, ...usual].find((one) => value(one) !== undefined)
      const text = from === undefined ? undefined : value(from)
      if (from === undefined || text === undefined || (from === name && text === 'none')) return undefined
      const url = readProxyUrl(text)
      const except = value('no_proxy') ?? value('NO_PROXY')
      if (url !== null) return { url, ...(except === undefined ? {} : { except }) }
      // The usual ones are read for more than one purpose, and told once.
      if (problems.some(({ variable }) => variable === from)) return undefined
      // Its value stays unsaid: it may hold a password.
      return tell(
        from,
        'is no address of an HTTP proxy',
        `write http://host:port, or http://user:password@host:port with characters such as @ / # in the password as %40 %2F %23${from === name ? '; or none' : `; or set ${name} to another, or to none`}`,
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

/** A proxy's address, written as people write it, in whole; null where it is none. */
function readProxyUrl(text: string): string | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(whole)) return null
  const { protocol, hostname, pathname, search, hash, username, password, href } = new URL(whole)
  const isPlain =
    /^https?:$/.test(protocol) && hostname !== '' && `${search}${hash}` === '' && pathname === '/'
  return isPlain && isEncoded(username) && isEncoded(password) ? href : null
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
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
