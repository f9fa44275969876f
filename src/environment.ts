import { readFileSync } from 'node:fs'
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
    matching(name: string, form: RegExp, problem: string, remedy: string, clean = (text: string) => text) {
      const given = required(name, remedy)
      const text = given && clean(given)
      return text === undefined || form.test(text) ? text : tell(name, problem, remedy)
    },
    oneOf(name: string, choices: readonly string[]) {
      const text = value(name)
      if (text === undefined || choices.includes(text)) return text
      return tell(name, `is ${shown(text)}`, `write one of: ${choices.join(', ')}`)
    },
    wholeNumber(name: string, min: number, max: number) {
      const text = value(name)
      if (text === undefined) return undefined
      const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
      if (number >= min && number <= max) return number
      return tell(name, `is ${shown(text)}`, `write a whole number from ${min} to ${max}`)
    },
    /** An https address, or http of this machine: anything else would send secrets in the clear. */
    address(name: string, text: string) {
      const url = URL.canParse(text) ? new URL(text) : null
      if (url?.username || url?.password) return tell(name, 'holds a user or password', 'take them out')
      if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return text
      // Its value stays unsaid, as a secret may have got here.
      return url?.protocol === 'http:'
        ? tell(name, 'is not encrypted', 'write an https address; http only for 127.0.0.1')
        : tell(name, 'is no https address', 'write it whole, beginning with https://')
    },
    /** The proxy that this variable names, or else the usual ones do: the lower case first, as curl has it. */
    proxy(name: string): WebProxy | undefined {
      const usual = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
      const from = [name, ...usual].find((one) => value(one) !== undefined)
      const text = from === undefined ? undefined : value(from)
      if (from === undefined || text === undefined || (from === name && /^none$/i.test(text)))
        return undefined
      const url = readProxyUrl(text)
      const except = value('no_proxy') ?? value('NO_PROXY')
      if (url !== null) return { url, ...(except === undefined ? {} : { except }) }
      // The usual ones are read for more than one purpose, and told once.
      if (problems.some(({ variable }) => variable === from)) return undefined
      // Its value stays unsaid: it may hold a password.
      return tell(
        from,
        'is no address of an HTTP proxy',
        `write http://host:port (https:// if the proxy itself speaks TLS), or http://user:password@host:port with characters such as @ / # in the password as %40 %2F %23${from === name ? '; or none' : `; or set ${name} to another, or to none`}`,
      )
    },
    /** A value given in the variable itself or in the file that `NAME_FILE` names; `name` is the one that is set. */
    textOrFile(name: string) {
      const file = value(`${name}_FILE`)
      const text = value(name)
      if (file === undefined) return { name, given: text !== undefined, text }
      if (text !== undefined) tell(name, `and ${name}_FILE are both set`, 'keep one of the two')
      else if (looksLikeKey(file))
        tell(
          `${name}_FILE`,
          'holds a key, not the path of a file',
          `put the key into ${name}, or name its file`,
        )
      else {
        try {
          const content = readFile(file).trim()
          if (content !== '') return { name: `${name}_FILE`, given: true, text: content }
          tell(`${name}_FILE`, `names an empty file: ${shownPath(file)}`, 'check the path')
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
          tell(
            `${name}_FILE`,
            `can't be read: ${shownPath(file)}${code}`,
            'check the path and who may read it',
          )
        }
      }
      return { name: `${name}_FILE`, given: true, text: undefined }
    },
  }
}

/** A wrong value, unless it may be a secret that got into the wrong variable. */
function shown(text: string): string {
  const isPlain = /^(?:[a-z ]{1,16}|-?[0-9.]{1,9} ?[a-z/]{0,3})$/i.test(text)
  return isPlain ? JSON.stringify(text) : 'something else, which is not shown as it may be a secret'
}

/** The path of a file, unless what stands in its place may be a secret. */
export function shownPath(text: string, instead = 'a path that is not shown, as it may be a secret'): string {
  const isPath = /^[\p{L}\p{N} ._~@:/\\-]{1,255}$/u.test(text) && /^\.{0,2}[/\\~]|\.[a-z]{2,6}$/i.test(text)
  const isSecret = looksLikeKey(text) || /xox|xapp|:\/\/|[0-9a-z+]{40}|[^/\\]{65}/i.test(text)
  return isPath && !isSecret ? text : instead
}

function looksLikeKey(text: string): boolean {
  return /-----|\bBEGIN \w|PRIVATE KEY|^MI[IE][A-Za-z0-9+/]/.test(text)
}

/** Reads a file of text as UTF-8, or as UTF-16 where it is that, as some editors of Windows save it. */
export function readText(path: string): string {
  const bytes = readFileSync(path)
  const [first, second] = bytes
  if (bytes.length % 2 === 0 && bytes.length > 1) {
    if ((first === 0xff && second === 0xfe) || second === 0)
      return bytes.toString('utf16le').replace(/^\uFEFF/, '')
    if ((first === 0xfe && second === 0xff) || first === 0)
      return bytes
        .swap16()
        .toString('utf16le')
        .replace(/^\uFEFF/, '')
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
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
