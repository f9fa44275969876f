import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** A file of variables that is filled in step by step. */
export interface EnvFile {
  /** Its variables, without empty ones. */
  values(): Record<string, string>
  /**
   * Sets one variable in its place or at the end, and returns once it is on disk.
   * @param value one that `fitsEnvFile`
   */
  set(name: string, value: string): void
}

/** Opens `.env`; if it is missing, begins it with this template. */
export function openEnvFile(path: string, template: string): EnvFile {
  let text = readIfThere(path) ?? template
  return {
    values: () =>
      Object.fromEntries(
        Object.entries(parseEnv(text)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
      ),
    set(name, value) {
      const line = `${name}=${quoted(value)}`
      // If several lines set the variable, the last one counts. If all are commented
      // out, take the first: it has the explanation.
      const set = [...text.matchAll(new RegExp(`^ *(?:export +)?${name} *=.*$`, 'gm'))].at(-1)
      const place = set ?? new RegExp(`^# ?${name}=.*$`, 'm').exec(text)
      text = place
        ? `${text.slice(0, place.index)}${line}${text.slice(place.index + place[0].length)}`
        : `${text.replace(/\n?$/, '\n')}${line}\n`
      writeOwn(path, text)
    },
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes under another name first, so that an interruption leaves the file as it was. Only its owner
 * can read it, because it may hold tokens.
 */
export function writeOwn(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.new`
  writeFileSync(unfinished, text, { mode: 0o600 })
  chmodSync(unfinished, 0o600)
  renameSync(unfinished, path)
}

/** Node reads them without escapes, except that `"` turns `\n` into line breaks; so `"` comes last. */
const quotes = ["'", '`', '"']

/** Whether `.env` can hold a value. */
export function fitsEnvFile(value: string): boolean {
  return !/[\r\n]/.test(value) && quotes.some((quote) => !value.includes(quote))
}

function quoted(value: string): string {
  if (/^[\w./:@%+,=-]*$/.test(value)) return value
  const quote = quotes.find((one) => !value.includes(one)) ?? ''
  return quote + value + quote
}
