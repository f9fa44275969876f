import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** A file of variables that is filled step by step. */
export interface EnvFile {
  /** What it holds; empty values are left out. */
  values(): Record<string, string>
  /** Sets one variable in its place, or at the end; on disk when it returns. @param value one that `fitsEnvFile` */
  set(name: string, value: string): void
}

/** Opens `.env`, which may be missing yet: then it begins with this text. */
export function openEnvFile(path: string, template: string): EnvFile {
  let text = readIfThere(path) ?? template
  return {
    values: () =>
      Object.fromEntries(
        Object.entries(parseEnv(text)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
      ),
    set(name, value) {
      const line = `${name}=${quoted(value)}`
      // Of several lines the last one counts. Where all are commented out, the first: there its explanation stands.
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

/** Under another name first, so that what is cut off leaves the file as it was; its owner's alone, as it may hold tokens. */
export function writeOwn(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.new`
  writeFileSync(unfinished, text, { mode: 0o600 })
  chmodSync(unfinished, 0o600)
  renameSync(unfinished, path)
}

/** As Node reads them, without escapes; but `"` makes line breaks of `\n`, so it comes last. */
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
