import { readFileSync } from 'node:fs'

/** The app's version, from `package.json`. */
export function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}
