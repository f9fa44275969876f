import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** A file of variables that is filled step by step. */
export interface EnvFile {
  /** What it holds; empty values are left out. */
  values(): Record<string, string>
  /** Sets one variable in its place, or at the end; on disk when it returns. */
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
      // The first line of it counts, be it commented out: there its explanation stands.
      const place = new RegExp(`^(?:# ?)?${name}=.*$`, 'm')
      text = place.test(text) ? text.replace(place, () => line) : `${text.replace(/\n?$/, '\n')}${line}\n`
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

function quoted(value: string): string {
  return /^[\w./:@%+,=-]*$/.test(value) ? value : `'${value.replaceAll("'", '')}'`
}
